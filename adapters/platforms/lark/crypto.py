"""The proofs of a webhook: encryption and signature (event subscription docs, encryption strategy)."""

import base64
import binascii
import hashlib
import hmac

BLOCK_BYTES = 16


class Unreadable(ValueError):
    """The body was not encrypted with our key."""


def decrypt(encrypted: str, encrypt_key: str) -> bytes:
    """Decrypt AES-256-CBC under sha256 of the key, the IV in front, PKCS#7; raises Unreadable."""
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
    from cryptography.hazmat.primitives.padding import PKCS7

    key = hashlib.sha256(encrypt_key.encode()).digest()
    try:
        raw = base64.b64decode(encrypted, validate=True)
        cipher = Cipher(algorithms.AES(key), modes.CBC(raw[:BLOCK_BYTES])).decryptor()
        padded = cipher.update(raw[BLOCK_BYTES:]) + cipher.finalize()
        unpadder = PKCS7(BLOCK_BYTES * 8).unpadder()
        return unpadder.update(padded) + unpadder.finalize()
    except (binascii.Error, ValueError) as error:
        raise Unreadable from error


def is_signed(body: bytes, *, timestamp: str, nonce: str, signature: str, encrypt_key: str) -> bool:
    """Check the signature over the raw body, in a time that tells nothing."""
    wanted = hashlib.sha256(f"{timestamp}{nonce}{encrypt_key}".encode() + body).hexdigest()
    return hmac.compare_digest(wanted.encode(), signature.encode())


def is_same(secret: str, claimed: str) -> bool:
    """Compare secrets in a time that tells nothing."""
    return hmac.compare_digest(secret.encode(), claimed.encode())
