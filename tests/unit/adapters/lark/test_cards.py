"""A card's layout, and the one call that turns one layout into another."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.platforms.lark.cards import CardFace, Json, card, elements, summary
from adapters.platforms.lark.cards_changes import TextGrown, changes
from adapters.platforms.lark.faces import faces_of, thinking_of
from adapters.platforms.lark.replies import ReplyState
from bots.drafts import Draft, Place, ShownPicture
from simulators.lark.card_json import check
from simulators.lark.card_markdown import Surroundings

STRICT = Surroundings(has_image=lambda key: key == "img_1", has_person=lambda _: False, table_limit=3)
PICTURE = ShownPicture(handle="img_1", alt="a <at id=all></at> cat" * 20)
HINT = "<at id=all></at> stopped"
FACES = [
    CardFace("r", "en"),
    CardFace("r", "zh", place=Place(position=3, seconds=12.4), buttons=("stop",)),
    CardFace("r", "en", thinking="hm", buttons=("stop",)),
    CardFace("r", "en", thinking="hm", answer="yes", buttons=("stop",)),
    CardFace("r", "en", answer="yes", notice=HINT, is_final=True, model="glm-4.6", seconds=3.21),
    CardFace(
        "r", "zh", pictures=(PICTURE,), has_picture_buttons=True, buttons=("regenerate", "like", "dislike"),
        is_final=True,
    ),
]  # fmt: skip


def ids(face: CardFace) -> list[str]:
    return [element.element_id for element in elements(face)]


def shown(face: CardFace):
    return tuple(element.shown() for element in elements(face))


def test_every_card_is_one_that_lark_accepts():
    for face in FACES:
        for is_streaming in (True, False):
            findings = check(card(face, is_streaming=is_streaming), STRICT)
            assert findings.notified == []


def test_a_card_says_what_is_going_on_until_there_is_something_to_see():
    assert [ids(face)[0] for face in FACES] == ["status", "status", "think", "think", "md", "picture1"]
    assert "排在第 3 位，约 12 秒" in json.dumps(elements(FACES[1])[0].json, ensure_ascii=False)


def test_a_finished_card_has_a_summary_and_its_model_with_the_seconds():
    assert card(FACES[4], is_streaming=False)["config"]["summary"] == {"content": "yes"}
    assert "glm-4.6 · 3.2 s" in json.dumps(card(FACES[4], is_streaming=False), ensure_ascii=False)
    assert "summary" not in card(FACES[3], is_streaming=True)["config"]


def test_a_button_carries_an_object_with_its_action_and_reply():
    row = elements(FACES[5])[-1].json
    values = [column["elements"][0]["behaviors"][0]["value"] for column in row["columns"]]
    assert values[0] == {"action": "regenerate", "reply": "r", "value": ""}
    assert [value["action"] for value in values] == [
        "regenerate",
        "vary",
        "resize",
        "resize",
        "resize",
        "like",
        "dislike",
    ]
    assert values[3]["value"] == "1344x768"


def test_nothing_differs_between_equal_faces():
    for face in FACES:
        assert changes(shown(face), elements(face)) == []


def test_a_text_that_grows_is_typed():
    before = CardFace("r", "en", thinking="hm", answer="ye", buttons=("stop",))
    assert changes(shown(before), elements(FACES[3])) == TextGrown("md", "yes")
    before = CardFace("r", "en", thinking="h", buttons=("stop",))
    assert changes(shown(before), elements(FACES[2])) == TextGrown("think_md", "hm")


def test_any_face_becomes_any_other_in_one_batch():
    for before in FACES:
        for after in FACES:
            difference = changes(shown(before), elements(after))
            if isinstance(difference, list):
                assert applied(ids(before), difference) == ids(after)


def applied(names: list[str], actions: list[Json]) -> list[str]:
    """Apply a batch to a card as far as its root elements are concerned."""
    names = list(names)
    for action in actions:
        params = action["params"]
        if action["action"] == "delete_elements":
            for name in params["element_ids"]:
                names.remove(name)
        elif action["action"] == "add_elements":
            at = names.index(params["target_element_id"]) + (params["type"] == "insert_after")
            names[at:at] = [element["element_id"] for element in params["elements"]]
        else:
            assert params["element_id"] in names
            assert params["element"]["element_id"] == params["element_id"]
        assert names
    return names


def test_thinking_is_cut_where_it_would_fill_the_card():
    cut = thinking_of("长长的思考\n" * 2000, is_whole=True)
    assert len(cut.encode()) <= 4010
    assert cut.endswith("\n…")
    assert thinking_of("short", is_whole=True) == "short"
    assert thinking_of("```\n" + "code\n" * 3000, is_whole=False).endswith("\n```\n…")


HOSTILE = st.lists(
    st.tuples(
        st.sampled_from([*'<>&:![]()`|-"\\#$\n 中', "https://", "| a |\n|---|\n", "[a](https://b/中)"]),
        st.integers(1, 3000),
    ),
    max_size=8,
).map(lambda runs: "".join(sign * times for sign, times in runs))


@given(HOSTILE, HOSTILE, st.booleans())
@settings(max_examples=120, deadline=None)
def test_no_answer_and_no_thinking_make_a_card_that_lark_refuses(markdown, reasoning, is_final):
    draft = Draft(
        markdown=markdown, reasoning=reasoning, is_final=is_final, notice=markdown, model="glm-4.6",
        buttons=("regenerate", "like", "dislike"),
    )  # fmt: skip
    reply_id = "lark:2ed263bf32cf1651:oc_a0553eda9014c201e6969b478895c230:om_dc13264520392913993dd051dba21dcf"
    for face in faces_of(draft, reply_id, ReplyState(), now=0.0, default="en"):
        assert check(card(face, is_streaming=not is_final), STRICT).notified == []


def test_a_summary_is_one_short_line():
    face = CardFace("r", "en", answer="one\n\ntwo &#60; " + "x" * 300)
    assert summary(face).startswith("one two < xxx")
    assert len(summary(face)) == 100


@pytest.mark.parametrize(("is_illustrated", "offers_sizes"), [(True, False), (False, True)])
def test_only_a_painting_can_be_painted_in_another_size(is_illustrated, offers_sizes):
    draft = Draft(
        markdown="The cat: [[1,2,30,40]]",
        pictures=(ShownPicture(handle="img_1", alt="the cat"),),
        is_illustrated=is_illustrated,
        is_final=True,
        buttons=("regenerate",),
    )
    [face] = faces_of(draft, "r", ReplyState(), now=0.0, default="en")
    assert face.has_picture_buttons is offers_sizes
