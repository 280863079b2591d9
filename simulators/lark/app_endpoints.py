"""Endpoints about the app itself: token, long connection, bot info, chats."""

from starlette.responses import JSONResponse, Response

from simulators.lark.api import Call, Endpoint, refusal_response
from simulators.lark.errors import Refused
from simulators.lark.fields import Json
from simulators.lark.tenant import Tenant


def _token(tenant: Tenant, call: Call) -> Response:
    app_id, secret = call.body.get("app_id"), call.body.get("app_secret")
    if not isinstance(app_id, str) or not isinstance(secret, str) or not app_id or not secret:
        raise Refused(10003, "invalid param")
    if (app_id, secret) != (tenant.config.app_id, tenant.config.app_secret):
        raise Refused(10014, "app secret invalid")
    token, expire = tenant.tokens.issue()
    return JSONResponse({"code": 0, "msg": "ok", "tenant_access_token": token, "expire": expire})


def _long_connection(tenant: Tenant, call: Call) -> Response:
    """Invite a client; refusals are HTTP 200 with a code here."""
    app_id, secret = call.body.get("AppID"), call.body.get("AppSecret")
    if not app_id or not secret:
        refusal = Refused(1000040344, "no credential")
    elif (app_id, secret) != (tenant.config.app_id, tenant.config.app_secret):
        refusal = Refused(514, "auth failed")
    elif tenant.config.mode != "websocket":
        refusal = Refused(403, "forbidden")
    elif len(tenant.long_connections.open) >= tenant.config.connection_limit:
        refusal = Refused(1000040350, "exceed connection limit")
    else:
        data: Json = {
            "URL": tenant.long_connections.invite(call.host),
            "ClientConfig": tenant.long_connections.client_config(),
        }
        return JSONResponse({"code": 0, "msg": "ok", "data": data})
    tenant.records.violate(tenant.clock.now(), "ws.endpoint", refusal.code, refusal.message)
    refusal.http_status = 200
    return refusal_response(refusal)


def _bot_info(tenant: Tenant, _call: Call) -> Response:
    bot: Json = {
        "activate_status": 2,
        "app_name": tenant.config.bot_name,
        "avatar_url": "",
        "ip_white_list": [],
        "open_id": tenant.chats.bot_open_id,
    }
    return JSONResponse({"code": 0, "msg": "ok", "bot": bot})


def _chat(tenant: Tenant, call: Call) -> Json:
    if not (chat := tenant.chats.chats.get(call.path["chat_id"])):
        raise Refused(232009, "Chat has been dissolved.")
    if not chat.has_bot:
        raise Refused(230002, "The bot can not be outside the group.")
    return chat.view()


ENDPOINTS = (
    Endpoint("token", "POST", "/open-apis/auth/v3/tenant_access_token/internal", _token, is_open=True),
    Endpoint("ws.endpoint", "POST", "/callback/ws/endpoint", _long_connection, is_open=True),
    Endpoint("bot.info", "GET", "/open-apis/bot/v3/info", _bot_info),
    Endpoint("chat.get", "GET", "/open-apis/im/v1/chats/{chat_id}", _chat, ("im:chat", "im:chat:readonly")),
)
