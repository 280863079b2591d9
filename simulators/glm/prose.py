"""The sentences, tables and programs that answers are put together from, in English and Chinese."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Phrases:
    """Everything said in one language; ``{...}`` marks what is filled in."""

    opening: tuple[str, ...]
    sentences: tuple[str, ...]
    points_heading: str
    points: tuple[str, ...]
    table: str
    code_introduction: str
    section: str
    closing: str
    recall: str
    no_earlier_turn: str
    earlier: str
    no_picture: str
    picture: str
    numbered_picture: str
    colours: str
    turned: str
    asked: str
    box: str
    scene: str
    thought: tuple[str, ...]
    shapes: dict[str, str]
    colour_names: dict[str, str]
    joiner: str
    separator: str  # between sentences


_COLOURS = (
    "red", "orange", "yellow", "green", "teal", "blue", "purple", "pink", "brown", "black", "white", "grey",
)  # fmt: skip

ENGLISH = Phrases(
    opening=(
        "You asked: “{topic}”. Here is a short way to look at it.",
        "About “{topic}”: there is a quick answer and a careful one, and both fit below.",
        "“{topic}” is best taken in three steps: what is given, what is wanted, what is in the way.",
    ),
    sentences=(
        "Begin with what can be observed, and write down how it was observed.",
        "A **small example** tells more than a long definition, so keep one at hand.",
        "Most of the difficulty lies in the words: two people who agree on terms seldom disagree for long.",
        "Where a number is asked for, give its unit and say how far it may be trusted.",
        "It helps to separate what is *known* from what is merely *likely*.",
        "If one part keeps failing, make it smaller until it works, then grow it again.",
        "The common mistake is to polish the first idea instead of finding a second one.",
        "What looks like a special case is often the general rule seen from the side.",
        "Costs come in three kinds: those paid once, those paid daily, and those nobody counts.",
        "A decision that is easy to reverse deserves less thought than one that is not.",
        "Ask who will read the result, and leave out what that reader cannot use.",
        "A good test is one that could have failed; the others only take time.",
        "Keep the steps in the order in which they can be checked.",
        "When two sources differ, prefer the one that says how it knows.",
    ),
    points_heading="What matters most",
    points=(
        "**Scope** – say what is *not* part of it; the rest gets easier.",
        "**Order** – do the step that can stop everything first.",
        "**Evidence** – one measurement outweighs three opinions.",
        "**Limits** – every list, file and wait has an end; choose it yourself.",
        "**Names** – call the same thing by the same word everywhere.",
        "**Time** – note when something was true, not only that it was.",
    ),
    table=(
        "| Way | Effort | Good for | Watch out for |\n|---|---:|---|---|\n"
        "| Try it once | 10 min | a first feeling | luck |\n"
        "| Measure it | 2 h | a decision | the wrong unit |\n"
        "| Build it | 3 days | daily use | the second user |\n"
        "| Buy it | 1 call | things others do better | leaving again |"
    ),
    code_introduction="A program small enough to read at once:",
    section="Part {number}: {point}",
    closing="*Composed by the GLM simulator as `{model}`.*",
    recall="The first thing you said in this conversation was: “{topic}”.",
    no_earlier_turn="This is the first thing you have said to me, as far as I can see: “{topic}”.",
    earlier="You began this conversation with “{topic}” ({count} turns ago).",
    no_picture="You speak of a picture, but **no picture reached me**; only text did.",
    picture="The picture is a {format} of **{width} × {height} px**, {shape}.",
    numbered_picture="Picture {number} is a {format} of **{width} × {height} px**, {shape}.",
    colours="Its main colours are {colours}.",
    turned="Its EXIF tag asks to be turned (orientation {orientation}); I see the pixels as stored.",
    asked="You asked about it: “{topic}”.",
    box="The largest area is at {box}.",
    scene="- **{colour}** from {begin:.1f} s to {end:.1f} s",
    thought=(
        "The user asks about “{topic}”.",
        "I should answer in the user's language and keep it short.",
        "First the main point, then a list, because lists are easy to check.",
        "I must not claim more than I can see.",
    ),
    shapes={"upright": "upright", "landscape": "landscape", "square": "square"},
    colour_names={name: name for name in _COLOURS},
    joiner=" and ",
    separator=" ",
)

CHINESE = Phrases(
    opening=(
        "你问的是：“{topic}”。先说结论，再说理由。",
        "关于“{topic}”，可以分三步来看：已知什么、想要什么、被什么挡住。",
        "“{topic}”这个问题，简短的回答和仔细的回答都写在下面。",
    ),
    sentences=(
        "先从能观察到的事情开始，并记下是怎样观察到的。",
        "一个**小例子**往往比一大段定义更清楚，手边最好留一个。",
        "多数困难出在用词上：词义一致之后，分歧通常就不多了。",
        "凡是问到数字，都要写出单位，并说明可信到什么程度。",
        "把*已经知道的*和*只是可能的*分开，会省下很多时间。",
        "如果某一部分总是失败，就把它缩小到能成功，再慢慢放大。",
        "常见的错误是反复打磨第一个想法，而不去找第二个。",
        "看起来像特例的东西，常常是从侧面看到的一般规律。",
        "成本有三种：一次付清的、每天都付的、谁也没有算过的。",
        "容易反悔的决定不必想太久，难以反悔的才值得多想。",
        "先问结果给谁看，再删掉那个人用不上的内容。",
        "好的检验是可能失败的检验，其余的只是花时间。",
        "步骤要按照可以逐一核对的顺序来排。",
        "两个来源不一致时，相信说明了依据的那一个。",
    ),
    points_heading="要点",
    points=(
        "**范围**——先说清楚什么*不*包括在内。",
        "**顺序**——能让一切停下来的那一步先做。",
        "**证据**——一次测量胜过三种意见。",
        "**上限**——列表、文件和等待都有尽头，最好自己来定。",
        "**名称**——同一件事始终用同一个词。",
        "**时间**——记下什么时候成立，而不只是成立。",
    ),
    table=(
        "| 办法 | 花费 | 适合 | 小心 |\n|---|---:|---|---|\n"
        "| 试一次 | 10 分钟 | 先有个感觉 | 运气 |\n"
        "| 测一测 | 2 小时 | 做决定 | 单位弄错 |\n"
        "| 自己做 | 3 天 | 每天使用 | 第二个用户 |\n"
        "| 买现成 | 1 通电话 | 别人更擅长的事 | 将来难以退出 |"
    ),
    code_introduction="一个一眼就能读完的程序：",
    section="第 {number} 部分：{point}",
    closing="*由 GLM 模拟器以 `{model}` 的名义生成。*",
    recall="你在这次对话里说的第一句话是：“{topic}”。",
    no_earlier_turn="就我所见，这就是你说的第一句话：“{topic}”。",
    earlier="这次对话是从“{topic}”开始的（{count} 轮之前）。",
    no_picture="你提到了图片，但**我没有收到任何图片**，只收到了文字。",
    picture="这张图片是 {format} 格式，大小为 **{width} × {height} px**，{shape}。",
    numbered_picture="第 {number} 张图片是 {format} 格式，大小为 **{width} × {height} px**，{shape}。",
    colours="主要颜色是{colours}。",
    turned="它的 EXIF 标记要求旋转（方向 {orientation}），我看到的是未旋转的像素。",
    asked="你的问题是：“{topic}”。",
    box="最大的区域在 {box}。",
    scene="- **{colour}**：{begin:.1f} 秒至 {end:.1f} 秒",
    thought=(
        "用户在问“{topic}”。",
        "应当用用户的语言回答，并且简短一些。",
        "先说要点，再列清单，因为清单容易核对。",
        "看不到的东西不能乱说。",
    ),
    shapes={"upright": "竖图", "landscape": "横图", "square": "方图"},
    colour_names=dict(
        zip(
            _COLOURS,
            ("红色", "橙色", "黄色", "绿色", "青色", "蓝色", "紫色", "粉色", "棕色", "黑色", "白色", "灰色"),
            strict=True,
        )
    ),
    joiner="和",
    separator="",
)

_JAVASCRIPT = """\
const longest = (words) =>
  words.reduce((best, word) => (word.length > best.length ? word : best), "");

console.log(longest(["fair", "line", "glimmer"]));"""

_SQL = """\
SELECT model, count(*) AS answers, avg(seconds) AS mean_seconds
FROM replies
WHERE finished
GROUP BY model
ORDER BY answers DESC;"""

_BASH = """\
for name in "$@"; do
  printf '%s\\t%s\\n' "$(wc -l < "$name")" "$name"
done | sort -rn"""

_PYTHON = """\
def longest(words: list[str]) -> str:
    if not words:
        raise ValueError("no words")
    return max(words, key=len)  # the first one wins a tie


print(longest(["fair", "line", "glimmer"]))  # glimmer"""

# Language of the fence, which is also the word looked for in the question -> program.
PROGRAMS = {"javascript": _JAVASCRIPT, "sql": _SQL, "bash": _BASH, "python": _PYTHON}

# What a careless bot would let through to everybody in the channel.
BROADCAST = (
    'Attention <!channel> <!here> <!everyone> @everyone @here @all <at user_id="all">all</at> '
    '<at id=all></at> <@U0000000001>: this mentions everybody.'
)  # fmt: skip
