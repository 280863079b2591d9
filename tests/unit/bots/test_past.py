"""What is sent of a thread's past, and what is left out."""

from bots.errors import ModelUnavailable, PromptRefused, PromptTooLong
from bots.models import ModelSpec
from bots.past import Past
from bots.ports import TranscriptEntry
from bots.prompt_building import LEFT_OUT, SYSTEM, build_prompt
from tests.fakes.jobs import make_job

SMALL = ModelSpec(
    name="small",
    inputs=frozenset({"text"}),
    context_tokens=2000,
    max_output_tokens=500,
    default_output_tokens=500,
    concurrency=(1, 1, 1, 1),
)


def exchange(name: str, words: str = "Yes.") -> tuple[TranscriptEntry, ...]:
    return (
        TranscriptEntry(role="user", text=f"Question {name}?", exchange_id=name),
        TranscriptEntry(role="assistant", text=words, exchange_id=name),
    )


def sent(*recent: TranscriptEntry) -> list[tuple[str, str]]:
    prompt = build_prompt(make_job(text="And now?"), SMALL, "main", recent, {})
    return [(turn.role, turn.text) for turn in prompt.turns]


def test_a_short_past_is_sent_whole():
    turns = sent(*exchange("one"), *exchange("two"))

    assert [text for _, text in turns] == [
        SYSTEM, "Question one?", "Yes.", "Question two?", "Yes.", "And now?"
    ]  # fmt: skip


def test_of_a_long_past_the_first_question_and_the_newest_turns_are_kept():
    long = [turn for number in range(20) for turn in exchange(str(number), "word " * 100)]

    turns = sent(*long)

    assert turns[0] == ("system", SYSTEM)
    assert turns[1:3] == [("user", "Question 0?"), ("assistant", LEFT_OUT)]
    assert turns[-1] == ("user", "And now?")
    assert turns[-3][1] == "Question 19?"
    assert "Question 1?" not in [text for _, text in turns]
    assert [role for role, _ in turns[1:]] == ["user", "assistant"] * ((len(turns) - 2) // 2) + ["user"]


def test_a_first_question_that_is_itself_long_is_not_kept_at_the_newest_turns_expense():
    start = TranscriptEntry(role="user", text="word " * 600)
    rest = [turn for number in range(10) for turn in exchange(str(number), "word " * 50)]

    turns = sent(start, *rest)

    assert turns[1][1] != start.text
    assert turns[-3][1] == "Question 9?"


def test_a_refused_history_loses_its_newest_exchange_first_and_then_everything():
    past = Past((*exchange("one"), *exchange("two")))

    assert past.narrow(PromptRefused("history"))
    assert (past.turns, past.refused_ids) == (exchange("one"), ["two"])
    assert past.narrow(PromptRefused("history"))
    assert (past.turns, past.refused_ids) == ((), ["two", "one"])
    assert not past.narrow(PromptRefused("history"))


def test_a_past_that_is_only_too_long_is_left_out_but_not_forgotten():
    past = Past(exchange("one"))

    assert past.narrow(PromptTooLong())
    assert (past.turns, past.refused_ids) == ((), [])


def test_a_refused_question_or_a_service_that_is_away_is_not_the_pasts_fault():
    past = Past(exchange("one"))

    assert not past.narrow(PromptRefused("user"))
    assert not past.narrow(ModelUnavailable())
    assert past.turns == exchange("one")
