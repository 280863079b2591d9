"""What a reader sees after a crash, a lost answer or a bad minute of Slack's: one message, finished."""

import pytest

from adapters.platforms.slack.askers import Askers
from bots.drafts import Draft, Place
from bots.errors import MessageNotEditable
from bots.messages import Conversation, IncomingMessage, Sender
from tests.integration.slack.asked import Asked, final, growing, question
from tests.integration.slack.workspace import ALICE_DM, GENERAL, buttons_of, markdown_of, small_print

pytestmark = pytest.mark.redis
BEGUN = Draft(place=Place(position=0), buttons=("stop",), revision=2)


@pytest.mark.parametrize("kind", ["drop_after", "hang_after"])
async def test_a_post_whose_answer_was_lost_is_found_again(unknown: Asked, workspace, make_writer, kind):
    await workspace.fault("chat.postMessage", kind, seconds=0.1)
    await unknown.write(make_writer().post, final("The answer."))

    assert await unknown.shown() == ["The answer."]


async def test_a_worker_that_died_between_post_and_save_leaves_one_message(
    unknown: Asked, workspace, make_writer
):
    await workspace.fault("chat.postMessage", "drop_after")
    await unknown.once(make_writer().edit, growing("The ans\n", 3))
    await unknown.write(make_writer().edit, final("The ans\nwer."), fence=2)

    assert await unknown.shown() == ["The ans\nwer."]


async def test_a_worker_that_died_between_stream_and_save_leaves_one_message(
    asked: Asked, workspace, make_writer
):
    await workspace.fault("chat.startStream", "drop_after")
    await asked.once(make_writer().edit, growing("The ans\n", 3))
    await asked.write(make_writer().edit, final("The ans\nwer."), fence=2)

    assert await asked.shown() == ["The ans\nwer."]
    [message] = await workspace.replies(asked.message.message_id)
    assert message["stream"] is None


async def test_a_stream_found_again_is_not_taken_from_another_reply(
    asked: Asked, workspace, make_writer, redis
):
    thread = asked.message.message_id
    ts = await workspace.ask("and this?", GENERAL)
    neighbour = question(ts, GENERAL).model_copy(update={"conversation": asked.place})
    await Askers(redis).remember(neighbour)
    other = Asked(workspace, neighbour)
    await other.write(make_writer().edit, growing("Another answer\n", 3))
    await workspace.fault("chat.startStream", "error", error="internal_error")
    await asked.once(make_writer().edit, growing("The ans\n", 3))
    await asked.write(make_writer().edit, final("The ans\nwer."), fence=2)

    assert sorted(await workspace.texts(thread)) == ["Another answer\n", "The ans\nwer."]


async def test_a_worker_that_died_mid_stream_is_followed_in_the_same_message(
    asked: Asked, workspace, make_writer
):
    first = make_writer()
    await asked.write(first.edit, growing("One\n", 3))
    await workspace.fault("chat.appendStream", "drop_after")
    await asked.once(first.edit, growing("One\ntwo\n", 4))
    second = make_writer()
    await asked.write(second.post, BEGUN, fence=2)
    await asked.write(second.edit, growing("One\ntwo\nthree\n", 5), fence=2)
    await asked.write(second.edit, final("One\ntwo\nthree\nfour."), fence=2)

    assert await asked.shown() == ["One\ntwo\nthree\nfour."]


async def test_a_worker_that_died_before_the_final_edit_leaves_it_to_the_next(
    asked: Asked, workspace, make_writer
):
    first = make_writer()
    await asked.write(first.edit, growing("One\n", 3))
    await asked.write(make_writer().edit, final("One\ntwo."), fence=2)

    [message] = await workspace.replies(asked.message.message_id)
    assert (markdown_of(message), "glimmer:regenerate" in buttons_of(message)) == ("One\ntwo.", True)


async def test_a_final_edit_that_stands_is_not_made_again(asked: Asked, workspace, make_writer):
    first = make_writer()
    await asked.write(first.edit, growing("One\n", 3))
    await asked.write(first.edit, final("One\ntwo."))
    before = len(await workspace.calls())
    await asked.write(make_writer().edit, final("One\ntwo.", 120), fence=2)

    assert len(await workspace.calls()) == before


@pytest.mark.parametrize("method", ["chat.stopStream", "chat.appendStream"])
@pytest.mark.parametrize("kind", ["drop_after", "http_error"])
async def test_a_stream_whose_answers_are_lost_ends_whole(asked: Asked, workspace, make_writer, method, kind):
    writer = make_writer()
    await asked.write(writer.edit, growing("One\n", 3))
    await workspace.fault(method, kind)
    await asked.once(writer.edit, growing("One\ntwo\n", 4))
    await asked.write(writer.edit, final("One\ntwo\nthree."))

    assert await asked.shown() == ["One\ntwo\nthree."]


async def test_a_429_at_the_start_steps_down_and_the_answer_comes(asked: Asked, workspace, make_writer):
    await workspace.fault("chat.startStream", "ratelimited", retry_after=30)
    writer = make_writer()
    await asked.write(writer.edit, growing("One\n", 3))
    await asked.write(writer.edit, final("One\ntwo."))

    assert await asked.shown() == ["One\ntwo."]
    assert len(await workspace.calls("chat.startStream")) == 1
    assert len(await workspace.calls("chat.postMessage")) == 1


async def test_a_429_on_the_final_edit_is_waited_out(asked: Asked, workspace, make_writer):
    writer = make_writer()
    await asked.write(writer.edit, growing("One\n", 3))
    await workspace.fault("chat.stopStream", "ratelimited", retry_after=1)
    await asked.write(writer.edit, final("One\ntwo."))

    assert await asked.shown() == ["One\ntwo."]


async def test_a_stream_that_slack_closed_of_age_is_finished_by_an_update(
    asked: Asked, workspace, make_writer
):
    writer = make_writer()
    await asked.write(writer.edit, growing("One\n", 3))
    await workspace.send("clock", advance=400.0)
    await asked.write(writer.edit, final("One\ntwo."))

    [message] = await workspace.replies(asked.message.message_id)
    assert (markdown_of(message), message["stream"]) == ("One\ntwo.", None)


async def test_an_answer_whose_message_somebody_deleted_ends_quietly(unknown: Asked, workspace, make_writer):
    writer = make_writer()
    await workspace.send("faults", method="chat.startStream", kind="error", error="feature_disabled")
    await unknown.write(writer.edit, growing("One\n", 3))
    [message] = await workspace.replies(unknown.message.message_id)
    await workspace.send("faults", method="chat.update", kind="error", error="message_not_found")
    with pytest.raises(MessageNotEditable):
        await unknown.write(writer.edit, final("One\ntwo."))
    assert markdown_of(message) == "One\n"


async def test_a_workspace_that_forbids_edits_gets_the_end_as_a_message_of_its_own(
    unknown: Asked, workspace, make_writer
):
    writer = make_writer()
    await unknown.write(writer.edit, growing("One\n", 3))
    await workspace.fault("chat.update", "error", error="edit_window_closed")
    await unknown.write(writer.edit, final("One\ntwo."))

    assert await unknown.shown() == ["One\ntwo."]


async def test_a_channel_that_lets_nobody_write_ends_the_reply(unknown: Asked, workspace, make_writer):
    await workspace.send("channels", channel=GENERAL, is_archived=True)
    with pytest.raises(MessageNotEditable):
        await unknown.write(make_writer().post, final("One."))


async def test_blocks_that_slack_refuses_give_way_to_plain_text(unknown: Asked, workspace, make_writer):
    await workspace.fault("chat.postMessage", "error", error="invalid_blocks")
    await unknown.write(make_writer().post, final("One **bold** word."))

    [message] = await workspace.replies(unknown.message.message_id)
    assert "bold" in message["visible_text"]


async def test_a_direct_message_streams_without_knowing_the_reader(workspace, make_writer):
    asked = Asked(workspace, question(await workspace.ask("what?", ALICE_DM), ALICE_DM))
    writer = make_writer()
    await asked.write(writer.edit, growing("One\n", 3))
    await asked.write(writer.edit, final("One\ntwo."))

    [message] = await workspace.replies(asked.message.message_id)
    assert (markdown_of(message), message["stream"]) == ("One\ntwo.", "completed")
    assert "AI can be wrong" in small_print(message)


async def test_a_message_without_a_thread_is_answered_in_the_channel(workspace, make_writer):
    place = Conversation(platform="slack", tenant_id="T0GLIMMER1", channel_id=GENERAL)
    message = IncomingMessage(
        message_id="1.2", conversation=place, sender=Sender(user_id="U1"), text="x",
        sent_at=question("1.2", GENERAL).sent_at,
    )  # fmt: skip
    asked = Asked(workspace, message)
    await asked.write(make_writer().post, BEGUN)
    await workspace.fault("chat.postMessage", "drop_after")
    await asked.write(make_writer().edit, final("One."))

    found = await workspace.get("messages", channel=GENERAL, author="bot")
    assert [markdown_of(one) for one in found["messages"]] == ["One."]
