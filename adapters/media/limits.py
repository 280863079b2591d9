"""How large a picture may come in and go out."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PictureLimits:
    """Walls for one picture; the sent ones are the GLM docs' (image_url: 5 MB, 6000 x 6000 pixels)."""

    max_received_bytes: int = 20_000_000
    # A decoded pixel takes 3 or 4 bytes whatever the file's size, so the header is judged before decoding.
    max_received_pixels: int = 100_000_000
    max_sent_bytes: int = 5_000_000
    max_sent_side: int = 6000  # pixels
