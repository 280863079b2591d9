"""Composes answers: the same prompt always gets the same one, about what was asked and what was shown."""

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from simulators.glm.controls import Controls, strip_controls
from simulators.glm.pictures import Picture
from simulators.glm.prose import BROADCAST, CHINESE, ENGLISH, PROGRAMS, Phrases
from simulators.glm.scenes import Scene, scenes_of_frames
from simulators.glm.tokens import split_tokens
from simulators.glm.wire import json_text

LONG_CHARACTERS = 30_000
_TOPIC_CHARACTERS = 80
_BOX_STYLES = ("[[{}]]", "[{}]", "({})", "<{}>")
_BOX_SCALE = 1000  # grounding answers count in thousandths of the picture's sides

_CHINESE = re.compile("[\u4e00-\u9fff]")
_LATIN = re.compile("[A-Za-z]")
_PICTURE = re.compile(
    r"\b(picture|photo|image|screenshot)s?\b|图片|照片|截图|图像|图里|图中|这张图", re.IGNORECASE
)
_MAKE = re.compile(r"\b(draw|paint|generate|create|make)\b|画|生成", re.IGNORECASE)
_FIRST = re.compile(
    r"\bwhat (did|have) I (say|said|ask|asked|tell|told)\b.*\bfirst\b"
    r"|\bmy first (message|question|sentence)\b"
    r"|\bfirst (thing|message|question)\b.*\bI\b|我.{0,6}第一(句|个|条|次)|我.{0,4}最(开始|初|早)",
    re.IGNORECASE,
)
_LONG = re.compile(r"(?<!how )\blong\b|长(文|篇|答|回|信|一点|一些|的)|[很写加超要更]长", re.IGNORECASE)
_TABLE = re.compile(r"\btables?\b|表格", re.IGNORECASE)
_CODE = re.compile(r"\b(code|program|function|script|python|javascript|sql|bash)\b|代码|程序", re.IGNORECASE)
BOX = re.compile(r"\bcoordinates?\b|\bbounding box|\[\[xmin|坐标", re.IGNORECASE)


@dataclass(frozen=True)
class Question:
    """What an answer depends on; ``asked`` are all user texts in order, the last one being the question."""

    model: str
    asked: tuple[str, ...]
    pictures: tuple[Picture, ...]  # all that came, in order
    new_pictures: int  # how many came with the question itself
    controls: Controls
    wants_json: bool
    boxes: bool  # the model marks coordinates
    seed: int
    scenes: tuple[Scene, ...] = ()  # of a video that was fetched

    @property
    def text(self) -> str:
        """Give the question as a person would have written it."""
        return strip_controls(self.asked[-1])

    @property
    def phrases(self) -> Phrases:
        """Choose the asker's language; a few foreign words do not change it."""
        return phrases_for(self.text)

    @property
    def dice(self) -> random.Random:
        """Make dice that fall the same way for the same question."""
        return random.Random(
            f"{self.seed}:{self.model}:{self.asked[-1]}:{len(self.asked)}".encode("utf-8", "replace")
        )


def phrases_for(text: str) -> Phrases:
    """Choose Chinese when a good part of the letters are Chinese."""
    return CHINESE if len(_CHINESE.findall(text)) * 3 > len(_LATIN.findall(text)) else ENGLISH


def topic_of(text: str) -> str:
    """Shorten a text to one line that fits in a sentence."""
    line = " ".join(strip_controls(text).split())
    return line if len(line) <= _TOPIC_CHARACTERS else line[: _TOPIC_CHARACTERS - 1].rstrip() + "…"


def compose_reasoning(question: Question) -> str:
    """Write what the model thinks before it answers; it starts with a line break, as in life."""
    phrases, topic = question.phrases, topic_of(question.text)
    return "\n" + phrases.separator.join(sentence.replace("{topic}", topic) for sentence in phrases.thought)


def compose_answer(question: Question) -> str:
    """Write the visible answer, exact where control words ask for it."""
    controls = question.controls
    if controls.text is not None:
        return controls.text
    if controls.characters is not None:
        return _endless(question, controls.characters)[: controls.characters]
    if controls.tokens is not None:
        return "".join(split_tokens(_endless(question, 4 * controls.tokens))[: controls.tokens])
    if question.wants_json:
        return _as_json(question)
    answer = _plain_answer(question)
    if "broadcast" in controls.faults:
        answer = f"{BROADCAST}\n\n{answer}"
    # Only the four-byte emoji and the Chinese give split_utf8 something to split.
    return f"你好👋 {answer}" if "split_utf8" in controls.faults else answer


def _plain_answer(question: Question) -> str:
    if _FIRST.search(question.text):
        return _recall(question)
    if question.scenes or (question.pictures and (question.new_pictures or _PICTURE.search(question.text))):
        return _describe(question)
    if _LONG.search(question.text):
        return _endless(question, LONG_CHARACTERS)
    return _usual(question)


def _recall(question: Question) -> str:
    phrases = question.phrases
    pattern = phrases.recall if len(question.asked) > 1 else phrases.no_earlier_turn
    return pattern.replace("{topic}", strip_controls(question.asked[0]))


def _describe(question: Question) -> str:
    phrases = question.phrases
    shown = question.pictures[-question.new_pictures :] if question.new_pictures else question.pictures
    scenes = question.scenes or scenes_of_frames(question.asked[-1], shown)
    asked = phrases.asked.replace("{topic}", topic_of(question.text))
    if scenes:
        return "\n".join(_scene_lines(scenes, phrases)) + "\n\n" + asked
    lines = [_describe_one(picture, phrases, number, len(shown)) for number, picture in enumerate(shown, 1)]
    text = "\n\n".join(lines) if len(lines) == 1 else "\n".join(f"- {line}" for line in lines)
    if BOX.search(question.text):
        text += _boxes(question, shown)
    return text + "\n\n" + asked


def _scene_lines(scenes: Sequence[Scene], phrases: Phrases) -> Iterator[str]:
    for scene in scenes:
        colour = phrases.colour_names.get(scene.colour, scene.colour)
        yield phrases.scene.format(colour=colour, begin=scene.begin_s, end=scene.end_s)


def _boxes(question: Question, shown: Sequence[Picture]) -> str:
    """Name every drawn shape with its true box, in one of the bracket styles that have been seen."""
    phrases, dice = question.phrases, question.dice
    style = "[[{}]]" if "[[" in question.text else dice.choice(_BOX_STYLES)
    shapes = [shape for picture in shown for shape in picture.shapes]
    if shapes:
        names = [f"{shape.colour} {shape.form}" for shape in shapes]
        boxes = [_marked(style.format(",".join(map(str, shape.box))), question) for shape in shapes]
        return "\n\n" + "\n".join(f"- {name}: {box}" for name, box in zip(names, boxes, strict=True))
    if not question.boxes:
        return ""
    left, top = dice.randint(20, 300), dice.randint(20, 300)
    corner = (dice.randint(500, _BOX_SCALE), dice.randint(500, _BOX_SCALE))
    box = _marked(f"[[{left},{top},{corner[0]},{corner[1]}]]", question)
    return "\n\n" + phrases.box.replace("{box}", box)


def _marked(box: str, question: Question) -> str:
    return f"<|begin_of_box|>{box}<|end_of_box|>" if question.boxes else box


def _describe_one(picture: Picture, phrases: Phrases, number: int, total: int) -> str:
    pattern = phrases.picture if total == 1 else phrases.numbered_picture
    sentences = [
        pattern.format(
            number=number,
            format=picture.format,
            width=picture.width,
            height=picture.height,
            shape=phrases.shapes[picture.shape],
        )
    ]
    if picture.colours:
        names = [f"**{phrases.colour_names[name]}**" for name in picture.colours]
        sentences.append(phrases.colours.replace("{colours}", phrases.joiner.join(names)))
    if picture.exif_orientation != 1:
        sentences.append(phrases.turned.format(orientation=picture.exif_orientation))
    return phrases.separator.join(sentences)


def _usual(question: Question) -> str:
    phrases, dice, text = question.phrases, question.dice, question.text
    topic = topic_of(text)
    parts = [dice.choice(phrases.opening).replace("{topic}", topic)]
    if _PICTURE.search(text) and not _MAKE.search(text):
        parts.insert(0, phrases.no_picture)
    if len(question.asked) > 1:
        count = len(question.asked) - 1
        earlier = phrases.earlier.replace("{topic}", topic_of(question.asked[0]))
        parts.append(earlier.replace("{count}", str(count)))
    parts.append(_paragraph(phrases, dice))
    parts.append(f"### {phrases.points_heading}\n\n{_points(phrases, dice)}")
    if _TABLE.search(text):
        parts.append(phrases.table)
    if _CODE.search(text):
        parts.append(_program(phrases, text))
    if dice.random() < 0.5:
        parts.append(f"> {dice.choice(phrases.sentences)}")
    parts.append(_paragraph(phrases, dice))
    parts.append(phrases.closing.replace("{model}", question.model))
    return "\n\n".join(parts)


def _endless(question: Question, characters: int) -> str:
    """Write sections until there are at least this many characters, and end with a whole one."""
    phrases, dice = question.phrases, question.dice
    parts = [dice.choice(phrases.opening).replace("{topic}", topic_of(question.text))]
    length, number = len(parts[0]), 0
    while length < characters:
        number += 1
        point = dice.choice(phrases.points).split("**")[1]
        body = [f"## {phrases.section.format(number=number, point=point)}", _paragraph(phrases, dice)]
        extras = (
            _points(phrases, dice),
            phrases.table,
            _program(phrases, question.text),
            _paragraph(phrases, dice),
        )
        body.append(extras[number % len(extras)])
        section = "\n\n".join(body)
        parts.append(section)
        length += len(section) + 2
    return "\n\n".join(parts)


def _paragraph(phrases: Phrases, dice: random.Random) -> str:
    return phrases.separator.join(dice.sample(phrases.sentences, 4))


def _points(phrases: Phrases, dice: random.Random) -> str:
    chosen: Sequence[str] = dice.sample(phrases.points, 4)
    marker: Literal["1.", "-"] = dice.choice(("1.", "-"))
    if marker == "-":
        return "\n".join(f"- {point}" for point in chosen)
    return "\n".join(f"{number}. {point}" for number, point in enumerate(chosen, 1))


def _program(phrases: Phrases, text: str) -> str:
    name = next((name for name in PROGRAMS if name in text.lower()), "python")
    return f"{phrases.code_introduction}\n\n```{name}\n{PROGRAMS[name]}\n```"


def _as_json(question: Question) -> str:
    phrases, dice = question.phrases, question.dice
    points = [point.replace("**", "").replace("*", "") for point in dice.sample(phrases.points, 3)]
    return json_text({"question": question.text, "answer": dice.choice(phrases.sentences), "points": points})
