"""Help, and what a person may set."""

import pytest

from bots.glm_command import answer_glm
from bots.messages import Language
from bots.preferences import Preferences

MODELS = ("glm-4.7-flash", "glm-4.5-flash")
HAD = Preferences(model="glm-4.5-flash", thinking="on", language="en")


def change(text: str) -> Preferences:
    answer = answer_glm(text, "en", HAD, MODELS)
    assert answer is not None
    assert answer.changed is not None
    return answer.changed


@pytest.mark.parametrize("text", ["glm model x", "what is /glm?", "/glmodel", "", "/imagine a fox"])
def test_what_is_no_command_is_not_taken_for_one(text: str):
    assert answer_glm(text, "en", HAD, MODELS) is None


@pytest.mark.parametrize(
    "text", ["/glm model glm-4.7-flash", "／glm 模型 GLM-4.7-FLASH", "/GLM Model  glm-4.7-flash"]
)
def test_a_model_is_chosen_and_the_rest_stays(text: str):
    assert change(text) == HAD.model_copy(update={"model": "glm-4.7-flash"})


@pytest.mark.parametrize("value", ["auto", "default", "默认", "自动"])
def test_the_choice_of_a_model_can_be_taken_back(value: str):
    assert change(f"/glm model {value}").model == ""


@pytest.mark.parametrize(("language", "beginning"), [("en", "I don't have"), ("zh", "没有这个模型")])
def test_a_model_that_is_not_there_is_refused_with_those_that_are(language: Language, beginning: str):
    answer = answer_glm("/glm model gpt-9", language, HAD, MODELS)

    assert answer is not None
    assert answer.changed is None
    assert answer.sentence.startswith(beginning)
    assert all(model in answer.sentence for model in MODELS)
    assert "gpt-9" not in answer.sentence


@pytest.mark.parametrize(
    ("text", "thinking"),
    [
        ("/glm thinking off", "off"),
        ("/glm 思考 关", "off"),
        ("/glm thinking on", "on"),
        ("/glm 思考 开", "on"),
        ("/glm thinking auto", "auto"),
        ("/glm 思考 自动", "auto"),
    ],
)
def test_thinking_is_set_in_both_languages(text: str, thinking: str):
    assert change(text) == HAD.model_copy(update={"thinking": thinking})


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("/glm language zh", "zh"),
        ("/glm 语言 中文", "zh"),
        ("/glm language EN", "en"),
        ("/glm language auto", None),
    ],
)
def test_the_language_is_set_in_both_languages(text: str, language: Language | None):
    assert change(text) == HAD.model_copy(update={"language": language})


@pytest.mark.parametrize(("language", "beginning"), [("en", "Saved. "), ("zh", "已保存。")])
def test_a_change_is_confirmed_with_what_holds_now(language: Language, beginning: str):
    answer = answer_glm("/glm thinking off", language, HAD, MODELS)

    assert answer is not None
    assert answer.sentence.startswith(beginning)
    assert "`off`" in answer.sentence
    assert "`glm-4.5-flash`" in answer.sentence


@pytest.mark.parametrize(
    "text", ["/glm", "/glm help", "/glm thinking loudly", "/glm language fr", "/glm 帮助"]
)
@pytest.mark.parametrize(("language", "heading"), [("en", "**What I can do**"), ("zh", "**我能做什么**")])
def test_anything_else_is_answered_with_help_and_changes_nothing(text: str, language: Language, heading: str):
    answer = answer_glm(text, language, HAD, MODELS)

    assert answer is not None
    assert answer.changed is None
    assert answer.sentence.startswith(heading)
    assert all(part in answer.sentence for part in ("/imagine", "/ask", "/glm model", *MODELS))
