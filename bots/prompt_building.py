"""From a thread's memory and a question to a prompt that fits the model."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace

from bots.errors import PromptTooLong
from bots.jobs import AnswerJob
from bots.messages import Attachment
from bots.models import ModelSpec
from bots.ports import TranscriptEntry
from bots.prompts import Prompt, Turn
from bots.read_attachments import Reading
from bots.tokens import PICTURE_TOKENS, count_tokens
from bots.wording import note

# One stable text in front of every prompt, so that the vendor's prefix cache can serve it.
SYSTEM = (
    "You are Glimmer, a helpful assistant in a team chat. Answer in the language of the question. "
    "Use Markdown where it helps the reader: short paragraphs, lists, tables, fenced code with its language. "
    "Do not mention people or groups with @, and do not pretend to have done things outside this chat."
)
LEFT_OUT = "[Some of the talk is left out here.]"
FIRST_SHARE = 4  # the first question may take one part in so many of the room
VIDEO_PICTURES = 20  # a linked video costs about as much as so many pictures
QUICK_CHARACTERS = 160  # a question this short is answered without long thought
THINKING_WORDS = ("prove", "why", "step by step", "compare", "证明", "为什么", "推导", "一步", "分析", "计算")


def wants_thinking(job: AnswerJob, spec: ModelSpec) -> bool:
    """Decide whether the model should think first; quick questions get quick answers."""
    if spec.thinking == "none":
        return False
    if spec.thinking == "always" or job.thinking == "on":
        return True
    text = job.message.text.lower()
    return job.thinking == "auto" and (
        len(text) > QUICK_CHARACTERS or any(word in text for word in THINKING_WORDS)
    )


def build_prompt(
    job: AnswerJob,
    spec: ModelSpec,
    account: str,
    recent: Sequence[TranscriptEntry],
    readings: Mapping[str, Reading],
) -> Prompt:
    """Fit the thread into the model: the question whole, the newest turns, and the first if it can be.

    ``readings`` holds what could be read, by the attachment's handle. Raises PromptTooLong if the question
    alone does not fit.
    """
    words = job.message.text.strip() or note("look_at_picture", job.language)
    question = _turn("user", words, job.message.attachments, readings)
    room = spec.context_tokens - min(spec.default_output_tokens, spec.context_tokens // 4) - _cost(question)
    room -= count_tokens(SYSTEM)
    if room < 0:
        raise PromptTooLong
    past = _past(recent, readings, spec.max_images - len(question.pictures))
    turns = (Turn("system", SYSTEM), *_fitting(past, room), question)
    return Prompt(
        account=account,
        model=spec.name,
        turns=turns,
        request_id=fingerprint(f"{job.job_id}/{job.created_at.isoformat()}"),
        user_id=fingerprint(job.user_key),
        thinking=wants_thinking(job, spec),
    )


def fingerprint(text: str) -> str:
    """Make a pseudonym of 32 characters: the vendor must not learn who asks."""
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _past(
    recent: Sequence[TranscriptEntry], readings: Mapping[str, Reading], images_left: int
) -> list[Turn]:
    """Make turns of what is remembered, with the newest pictures as far as the model takes them."""
    past: list[Turn] = []
    for entry in reversed(recent):
        turn = _turn(entry.role, entry.text, entry.attachments, readings)
        turn = replace(turn, pictures=turn.pictures[: max(0, images_left)])
        images_left -= len(turn.pictures)
        past.append(turn)
    return past[::-1]


def _fitting(past: Sequence[Turn], room: int) -> list[Turn]:
    """Keep the newest turns there is room for, and the first question, for it says what this is about."""
    head: list[Turn] = []
    if sum(map(_cost, past)) > room and past[0].role == "user":
        first = [Turn("user", past[0].text), Turn("assistant", LEFT_OUT)]
        head = first if sum(map(_cost, first)) <= room // FIRST_SHARE else []
    room -= sum(map(_cost, head))
    kept: list[Turn] = []
    for turn in reversed(past[1:] if head else past):
        room -= _cost(turn)
        if room < 0:
            break
        kept.append(turn)
    while kept and kept[-1].role != "user":
        kept.pop()  # the vendor refuses an assistant's turn right after the system's (code 1214)
    return [*head, *reversed(kept)]


def _turn(role: str, words: str, attachments: Sequence[Attachment], readings: Mapping[str, Reading]) -> Turn:
    read = [readings[one.handle] for one in attachments if one.handle in readings]
    return Turn(
        "user" if role == "user" else "assistant",
        "\n\n".join([words, *(reading.text for reading in read if reading.text)]),
        tuple(picture for reading in read for picture in reading.pictures),
        tuple(video for reading in read for video in reading.videos),
    )


def _cost(turn: Turn) -> int:
    media = len(turn.pictures) + VIDEO_PICTURES * len(turn.videos)
    return count_tokens(turn.text) + PICTURE_TOKENS * media + 8
