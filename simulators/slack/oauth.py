"""OAuth v2: the consent page, codes, tokens, rotation with its single-use refresh tokens."""

import base64
import binascii
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from simulators.slack.seed import OTHER_TEAM
from simulators.slack.simulation import Installation, OAuthCode, Simulation
from simulators.slack.wire import Arguments, JsonObject, SlackError

CODE_SECONDS = 600.0
TOKEN_SECONDS = 43_200
MAX_ACTIVE_TOKENS = 2


def authorize(simulation: Simulation, request: Request) -> Response:
    """Agree at once for ``team`` (default: the second workspace) and send the browser back with a code."""
    query = request.query_params
    if query.get("client_id") != simulation.config.client_id:
        return PlainTextResponse("invalid_client_id", 400)
    redirect_uri = query.get("redirect_uri", "")
    allowed = simulation.config.redirect_urls
    if not redirect_uri or (allowed and not redirect_uri.startswith(allowed)):
        return PlainTextResponse("bad_redirect_uri", 400)
    state = query.get("state", "")
    if query.get("deny"):
        return RedirectResponse(
            f"{redirect_uri}?{urlencode({'error': 'access_denied', 'state': state})}", 302
        )
    scopes = tuple(scope for scope in query.get("scope", "").split(",") if scope)
    if not scopes:
        return PlainTextResponse("no_scopes", 400)
    workspace = simulation.workspaces.get(query.get("team") or OTHER_TEAM)
    if workspace is None:
        return PlainTextResponse("invalid_team", 400)
    code = f"1000.{simulation.secret()}"
    user = next(user.id for user in workspace.users.values() if not user.is_bot)
    expires_at = simulation.clock.now() + CODE_SECONDS
    simulation.oauth_codes[code] = OAuthCode(workspace.id, user, scopes, redirect_uri, expires_at)
    return RedirectResponse(f"{redirect_uri}?{urlencode({'code': code, 'state': state})}", 302)


def access(simulation: Simulation, arguments: Arguments, authorization: str) -> JsonObject:
    """Change a code, or a refresh token, for a token; raises SlackError."""
    _check_client(simulation, arguments, authorization)
    grant_type = arguments.text("grant_type") or "authorization_code"
    if grant_type == "refresh_token":
        return _refresh(simulation, arguments.text("refresh_token"))
    if grant_type != "authorization_code":
        raise SlackError(code="invalid_grant_type")
    code = simulation.oauth_codes.pop(arguments.text("code"), None)
    if code is None or code.expires_at <= simulation.clock.now():
        raise SlackError(code="invalid_code")
    if arguments.text("redirect_uri") != code.redirect_uri:
        raise SlackError(code="bad_redirect_uri")
    installation = _install(simulation, code.team, code.scopes)
    return {**_token_json(simulation, installation), "authed_user": {"id": code.user}}


def _check_client(simulation: Simulation, arguments: Arguments, authorization: str) -> None:
    client_id, client_secret = arguments.text("client_id"), arguments.text("client_secret")
    if authorization.startswith("Basic "):
        try:
            pair = base64.b64decode(authorization[6:]).decode()
        except (binascii.Error, UnicodeDecodeError) as error:
            raise SlackError(code="invalid_client_id") from error
        client_id, _, client_secret = pair.partition(":")
    if client_id != simulation.config.client_id:
        raise SlackError(code="invalid_client_id")
    if client_secret != simulation.config.client_secret:
        raise SlackError(code="bad_client_secret")


def _install(simulation: Simulation, team: str, scopes: tuple[str, ...]) -> Installation:
    rotates = simulation.config.token_rotation
    token = f"{'xoxe.xoxb-1' if rotates else 'xoxb'}-{simulation.secret()}"
    expires_at = simulation.clock.now() + TOKEN_SECONDS if rotates else None
    installation = Installation(token, "bot", team, scopes, expires_at)
    simulation.installations[token] = installation
    for old in simulation.bot_tokens(team)[:-MAX_ACTIVE_TOKENS] if rotates else []:
        old.revoked = True
    return installation


def _refresh(simulation: Simulation, refresh_token: str) -> JsonObject:
    old_token = simulation.refresh_tokens.pop(refresh_token, None)
    if old_token is None:
        raise SlackError(code="invalid_refresh_token")
    old = simulation.installations[old_token]
    return _token_json(simulation, _install(simulation, old.team, old.scopes))


def _token_json(simulation: Simulation, installation: Installation) -> JsonObject:
    workspace = simulation.workspaces[installation.team]
    shown: JsonObject = {
        "app_id": simulation.config.app_id,
        "access_token": installation.token,
        "token_type": "bot",
        "scope": ",".join(installation.scopes),
        "bot_user_id": workspace.bot_user_id,
        "team": {"id": workspace.id, "name": workspace.name},
        "enterprise": None,
        "is_enterprise_install": False,
    }
    if installation.expires_at is not None:
        refresh_token = f"xoxe-1-{simulation.secret()}"
        simulation.refresh_tokens[refresh_token] = installation.token
        shown |= {"expires_in": TOKEN_SECONDS, "refresh_token": refresh_token}
    return shown
