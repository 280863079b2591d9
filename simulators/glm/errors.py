"""The vendor's error answers: code, HTTP status, text ("GLM docs, error codes", and recorded answers)."""

from datetime import datetime, timedelta, timezone

from starlette.responses import Response

from simulators.glm.wire import json_bytes

BEIJING = timezone(timedelta(hours=8))
JSON_TYPE = "application/json; charset=UTF-8"
_QUOTA_HOURS = 5

# code: (HTTP status, text). The official table first, then codes only the older table or live answers show.
CODES: dict[str, tuple[int, str]] = {
    "500": (500, "内部错误"),
    "1000": (401, "身份验证失败。"),
    "1001": (401, "Header中未收到Authentication参数，无法进行身份验证。"),
    "1003": (401, "Authentication Token已过期，请重新生成/获取。"),
    "1005": (401, "已开启二次认证保护，需要二次认证登录。"),
    "1113": (429, "余额不足或无可用资源包,请充值。"),
    "1200": (500, "API 调用失败。"),
    "1210": (400, "API 调用参数有误，请检查文档。"),
    "1211": (400, "模型不存在，请检查模型代码。"),
    "1212": (400, "当前模型不支持SYNC调用方式。"),
    "1213": (400, "未正常接收到prompt参数。"),
    "1214": (400, "messages 参数非法。请检查文档。"),
    "1215": (400, "image_url与video_url不能同时设置，请检查文档。"),
    "1220": (403, "您无权访问chat.completions。"),
    "1221": (400, "API chat.completions已下线。"),
    "1222": (400, "API chat.completions不存在。"),
    "1230": (500, "API 调用流程出错。"),
    "1234": (500, "网络错误，错误id：20250101000000abcdef，请联系客服。"),
    "1261": (400, "Prompt 超长"),
    "1301": (
        400,
        "系统检测到输入或生成内容可能包含不安全或敏感内容，请您避免输入易产生敏感内容的提示语，感谢您的配合。",
    ),
    "1302": (429, "您的账户已达到速率限制，请您控制请求频率"),
    "1305": (429, "该模型当前访问量过大，请您稍后再试"),
    "1308": (429, "已达到 5 小时的使用上限。您的限额将在 {reset} 重置。"),
    "1309": (429, "您的 GLM Coding Plan 套餐已到期，暂无法使用。"),
    "1310": (429, "您已达到每周/每月使用上限，您的限额将在 {reset} 重置。"),
    "1311": (429, "当前订阅套餐暂未开放该模型权限。"),
    "1313": (429, "您的账户不符合公平使用策略，请求频率已受到限制。"),
    "1314": (429, "企业套餐已失效。"),
    "1315": (429, "该 API Key 仅限企业编程套餐场景使用。"),
    "1316": (429, "已达到 5 小时使用上限，您的限额将在 {reset} 重置。"),
    "1317": (429, "已达到 7 天使用上限，您的限额将在 {reset} 重置。"),
    "1318": (429, "已达到 5 小时使用上限，余额不足。"),
    "1319": (429, "已达到 7 天使用上限，余额不足。"),
    "1320": (429, "子账号已达到 5 小时使用上限。"),
    "1321": (429, "子账号已达到 7 天使用上限。"),
    "401": (401, "令牌已过期或验证不正确"),
    "1002": (401, "Authentication Token非法，请确认Authentication Token正确传递。"),
    "1004": (401, "通过提供的Authentication Token的验证失败。"),
    "1100": (500, "账户读写。"),
    "1110": (429, "您的账户当前处于非活动状态。请检查账户信息。"),
    "1111": (429, "您的账户不存在。"),
    "1112": (429, "您的账户已被锁定，请联系客服解锁。"),
    "1120": (500, "无法成功访问您的账户，请稍后重试。"),
    "1121": (429, "账户存在违规行为，账号已被锁定。"),
    "1231": (400, "您已有请求。"),
    "1233": (400, "任务不存在。"),
    "1300": (400, "API 调用被策略阻止。"),
    "1303": (429, "您当前使用该 API 的频率过高，请降低频率，或联系客服增加限额。"),
    "1304": (429, "该 API 已达今日调用次数限额，如有更多需求，请联系客服购买。"),
    "1312": (429, "The service may be temporarily overloaded, please try again later"),
    "1701": (400, "网络搜索并发已达上限，请稍后重试或减少并发请求。"),
    "1702": (400, "系统未找到可用的搜索引擎服务。"),
    "1703": (400, "搜索引擎未返回有效数据，请调整查询条件。"),
}

# Answers from the edge in front of the service: HTML, no code.
HTML_PAGES: dict[str, tuple[int, str]] = {
    "http_500_html": (500, "500 Internal Server Error"),
    "http_502_html": (502, "502 Bad Gateway"),
    "http_503_html": (503, "503 Service Temporarily Unavailable"),
    "http_413_html": (413, "413 Request Entity Too Large"),
}


class Refusal(Exception):
    """The service answers with an error; ``code`` is the vendor's, or one of the HTML pages."""

    def __init__(self, code: str, message: str | None = None, role: str = "user") -> None:
        super().__init__(code)
        self.code = code
        self.message = message if message is not None else message_of(code)
        self.role = role  # who wrote the refused text: user, history or assistant (1301 only)


def message_of(code: str) -> str:
    """Give the vendor's text for a code, with the time of the next refill filled in."""
    if code in HTML_PAGES:
        return HTML_PAGES[code][1]
    reset = datetime.now(BEIJING) + timedelta(hours=_QUOTA_HOURS)
    return CODES[code][1].replace("{reset}", reset.strftime("%Y-%m-%d %H:%M:%S"))


def error_body(code: str, message: str, role: str = "user") -> dict[str, object]:
    """Build the JSON body; a content refusal names whose text it was, in camelCase unlike anything else."""
    error: dict[str, object] = {"error": {"code": code, "message": message}}
    if code == "1301":
        return {"contentFilter": [{"level": 1, "role": role}], **error}
    return error


def error_response(refusal: Refusal) -> Response:
    """Turn a refusal into the HTTP answer; no Retry-After and no rate-limit headers, as in life."""
    if refusal.code in HTML_PAGES:
        status, title = HTML_PAGES[refusal.code]
        page = f"<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n"
        page += f"<center><h1>{title}</h1></center>\r\n"
        page += "<hr><center>nginx/1.21.6</center>\r\n</body>\r\n</html>\r\n"
        return Response(page, status, media_type="text/html")
    status = CODES[refusal.code][0]
    body = json_bytes(error_body(refusal.code, refusal.message, refusal.role))
    return Response(body, status, headers={"content-type": JSON_TYPE})


def parameter(name: str, detail: str) -> Refusal:
    """Refuse one parameter's value in the words the live service uses."""
    return Refusal(
        code="1210", message=f"{name} 参数非法，{detail}" if "." in name else f"{name}参数非法：{detail}"
    )


def messages_invalid() -> Refusal:
    """Refuse the order or shape of the message list."""
    return Refusal("1214")


def missing(field: str) -> Refusal:
    """Refuse a request that lacks a field."""
    return Refusal(code="1213", message=f"未正常接收到{field}参数。")
