"""Every sentence the bot says in its own name, in the user's language."""

from bots.errors import (
    AttachmentGone,
    AttachmentTooLarge,
    AttachmentUnreadable,
    AttachmentUnsupported,
    BotError,
    CommandMistaken,
    ConcurrencyExceeded,
    DailyPicturesSpent,
    DailyTokensSpent,
    EmptyQuestion,
    JobAbandoned,
    KeyRejected,
    LimitReached,
    MediaError,
    ModelAnsweredNothing,
    ModelNotFound,
    ModelOverloaded,
    ModelRejectedRequest,
    ModelStreamBroken,
    ModelTimedOut,
    ModelUnavailable,
    NoModelAble,
    OutOfMoney,
    PictureTooLarge,
    PromptRefused,
    PromptTooLong,
    QuotaExhausted,
    StoreUnavailable,
    TextTooLong,
    TooManyAttachments,
    TooManyPictures,
)
from bots.media import Unit
from bots.messages import Language

MEGABYTE = 1024 * 1024

# The most specific class that stands here speaks; {name} and {limit} are the error's own.
_SENTENCES: dict[type[BotError], tuple[str, str]] = {
    EmptyQuestion: (
        "I can't see a question. Write something or add a picture.",
        "我没有看到问题。请写几句话，或者发一张图片。",
    ),
    AttachmentTooLarge: (
        "{name} is too large: I can take files up to {limit}. Send a smaller version.",
        "{name} 太大了：文件最大 {limit}。请发一个小一点的版本。",
    ),
    PictureTooLarge: (
        "{name} has too many pixels: I can take up to {megapixels} megapixels. Send a smaller version.",
        "{name} 的像素太多：图片最多 {megapixels} 百万像素。请发一个小一点的版本。",
    ),
    TextTooLong: (
        "{name} is too long: I can read up to {limit} characters. Send the part that matters.",
        "{name} 太长了：最多 {limit} 个字符。请只发需要的部分。",
    ),
    AttachmentUnreadable: (
        "I can't open {name}: it is damaged or is not what its name says. Try exporting it again.",
        "我打不开 {name}：文件已损坏，或者内容与扩展名不符。请重新导出后再发。",
    ),
    AttachmentUnsupported: (
        "I can't read {name} yet. I take pictures, videos (MP4, MOV, MKV), PDF, docx, xlsx, pptx and text.",
        "我还读不了 {name}。目前支持图片、视频（MP4、MOV、MKV）、PDF、docx、xlsx、pptx 和纯文本文件。",
    ),
    TooManyAttachments: (
        "That is more than I can look at in one question: at most {limit} files.",
        "一次提问的文件太多了：最多 {limit} 个。",
    ),
    TooManyPictures: (
        "None of my models can look at so many pictures at once: at most {limit}. Send fewer of them.",
        "图片太多了：我的模型一次最多能看 {limit} 张。请少发几张。",
    ),
    NoModelAble: (
        "None of the models set up here can look at this. Ask whoever runs this bot to add one that can.",
        "这里配置的模型都看不了这类内容，请联系管理员添加合适的模型。",
    ),
    AttachmentGone: (
        "{name} is no longer there. Please send it again.",
        "{name} 已经不在了，请重新发送。",
    ),
    MediaError: (
        "I couldn't use {name}. Please try another file.",
        "{name} 无法使用，请换一个文件。",
    ),
    DailyTokensSpent: (
        "You have used up your {limit:,} tokens for today. Please ask again tomorrow.",
        "你今天的 {limit:,} 个 token 已经用完，请明天再来。",
    ),
    DailyPicturesSpent: (
        "That is more than your {limit} pictures for a day. Please ask for fewer, or again tomorrow.",
        "超出了你每天 {limit} 张图的额度。请少画几张，或者明天再来。",
    ),
    PromptTooLong: (
        "This is longer than the model can read at once. Shorten it, or start a new thread.",
        "内容超出了模型一次能读取的长度。请缩短一些，或者新开一个话题。",
    ),
    PromptRefused: (
        "The model's content filter declined this. Try wording it differently.",
        "模型的内容审核没有通过这条消息。请换一种说法再试。",
    ),
    ConcurrencyExceeded: (
        "Too many people are asking at once just now. Please try again in a minute.",
        "现在提问的人太多了，请过一分钟再试。",
    ),
    ModelOverloaded: (
        "The model is overloaded right now. I tried several times; please try again in a few minutes.",
        "模型现在访问量过大。我已经重试了几次，请过几分钟再试。",
    ),
    ModelUnavailable: (
        "I can't reach the model service right now. Please try again in a few minutes.",
        "现在连接不上模型服务，请过几分钟再试。",
    ),
    ModelStreamBroken: (
        "The answer broke off. Press Regenerate to ask again.",
        "回答中断了。可以点“重新生成”再问一次。",
    ),
    ModelTimedOut: (
        "The model took too long to answer. Press Regenerate to ask again.",
        "模型太久没有回应。可以点“重新生成”再问一次。",
    ),
    ModelAnsweredNothing: (
        "The model had no answer this time. Press Regenerate or put it differently.",
        "模型这次没有给出回答。可以点“重新生成”，或者换一种问法。",
    ),
    OutOfMoney: (
        "The GLM account behind this bot has no balance left. Please tell whoever runs it.",
        "机器人使用的 GLM 账户余额不足，请告诉管理员充值。",
    ),
    QuotaExhausted: (
        "The GLM account behind this bot has used up its quota for now. Please try again later.",
        "机器人使用的 GLM 账户额度已用完，请稍后再试。",
    ),
    KeyRejected: (
        "The bot's GLM API key was not accepted. Please tell whoever runs it to check the key.",
        "机器人的 GLM API Key 无效，请告诉管理员检查密钥。",
    ),
    ModelNotFound: (
        "The configured model does not exist. Please tell whoever runs this bot.",
        "配置的模型不存在，请告诉管理员。",
    ),
    ModelRejectedRequest: (
        "The model could not take this request. Try putting it differently.",
        "模型无法处理这个请求，请换一种问法。",
    ),
    StoreUnavailable: (
        "I can't take questions for a moment. Nothing was lost; please send it again shortly.",
        "暂时无法接收问题。消息没有丢失，请稍后重新发送。",
    ),
    JobAbandoned: (
        "Something kept going wrong while I worked on this. Press Regenerate to try again.",
        "处理这个问题时反复出错。可以点“重新生成”再试一次。",
    ),
    BotError: (
        "Something went wrong on my side. Press Regenerate to try again.",
        "我这边出了点问题。可以点“重新生成”再试一次。",
    ),
}

_NOTES: dict[str, tuple[str, str]] = {
    "busy": (
        "The model is busy; I keep my place at the head of the line and try again.",
        "模型现在很忙；我排在最前面，马上重试。",
    ),
    "forgotten": (
        "Forgotten: I no longer know what was said in this thread before.",
        "已忘记：我不再记得这个话题里之前说过的内容。",
    ),
    "forget_where": (
        "Mention me with `/glm forget` in the thread I am to forget.",
        "请在要我忘记的话题里 @我 并写上 `/glm forget`。",
    ),
    "stopped": ("Stopped.", "已停止。"),
    "length": ("The answer reached its length limit.", "回答达到了长度上限。"),
    "look_at_picture": ("What is in this picture?", "这张图片里有什么？"),
    "too_large": (
        "{name} is too large. Send a smaller version.",
        "{name} 太大了，请发一个小一点的版本。",
    ),
    "the_file": ("The file", "文件"),
    "see_picture": ("(shown as a picture)", "（见图片）"),
    "marked": ("The picture with what was found marked: {labels}", "标出所找到内容的图片：{labels}"),
}


def sentence_for(error: BotError, language: Language) -> str:
    """Say in one clear sentence what happened and what the user can do."""
    if isinstance(error, CommandMistaken):
        return error.detail
    pair = next(_SENTENCES[kind] for kind in type(error).__mro__ if kind in _SENTENCES)
    sentence = pair[0] if language == "en" else pair[1]
    if isinstance(error, LimitReached):
        return sentence.format(limit=error.limit)
    if isinstance(error, MediaError):
        if isinstance(error, AttachmentTooLarge) and not error.limit:
            sentence = note("too_large", language)
        name = error.name or note("the_file", language)
        megapixels = error.limit // 1_000_000
        return sentence.format(name=name, limit=_limit(error.limit), megapixels=megapixels)
    return sentence


def _limit(limit: int) -> str:
    return f"{limit // MEGABYTE} MB" if limit >= MEGABYTE else f"{limit:,}"


def note(name: str, language: Language) -> str:
    """Say one of the small fixed phrases."""
    english, chinese = _NOTES[name]
    return english if language == "en" else chinese


_UNITS = {
    "page": ("pages", "页"),
    "slide": ("slides", "张幻灯片"),
    "sheet": ("sheets", "张工作表"),
    "part": ("parts", "部分"),
}


def partly_read(name: str, unit: Unit, read: int, total: int, language: Language) -> str:
    """Tell the user that a file was too long, or in parts unreadable."""
    english, chinese = _UNITS[unit]
    if language == "zh":
        return f"{name} 共 {total} {chinese}，我只读了其中 {read} {chinese}。"
    return f"I read {read} of the {total} {english} of {name}."
