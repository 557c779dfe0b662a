"""What steps do beyond the engine: other flows, openings by a phrase, proofs, files. On a real database, with a stand-in for Meta."""

from __future__ import annotations

import io
from typing import Any

import pytest

from flowbuilder.core.flow import Flow
from flowbuilder.core.medium import Kind
from flowbuilder.errors import Invalid
from flowbuilder.services import flows, media
from flowbuilder.services.contacts import erasure
from flowbuilder.services.conversations import authorizations, pages
from flowbuilder.services.flows import openings, trials
from flowbuilder.services.inbound import apply, intake
from flowbuilder.store import db
from flowbuilder.store.accounts import Line, TestPhone
from flowbuilder.store.conversations import Authorization, Conversation, ConversationEvent
from flowbuilder.store.flows import FlowDraft
from flowbuilder.store.sending import Message
from tests import worlds
from tests.media import picture
from tests.stub import Stub

pytestmark = pytest.mark.database

_WA_ID = "4915112345678"
_END = ("end", "finish", {"outcome": "success"})


def _opening(*phrases: str, **more: Any) -> tuple[str, str, dict[str, Any]]:
    return "n1", "user_sends_it", {"phrases": [{"id": f"p{at}", "text": text} for at, text in enumerate(phrases)]} | more


def _says(line: Line, wamid: str, body: str, **more: Any) -> None:
    said = worlds.said_to_us(wamid, wa_id=_WA_ID, text={"body": body}, **more)
    intake.receive(line.id, said, worlds.signed(said))
    apply.run()
    db.session.rollback()


def _said(meta: Stub) -> list[str]:
    return [sent["text"]["body"] for sent in meta.seen if sent["type"] == "text"]


def _greeting(at: Line, *phrases: str, text: str = "Hello!", **more: Any) -> Any:
    steps = (_opening(*phrases, **more), ("n2", "message", {"text": text}), _END)
    return worlds.published(at, worlds.flow(*steps, edges=(("n1", "next", "n2"), ("n2", "next", "end")), name=text))


def test_a_phrase_starts_the_live_flow_whatever_its_case_and_accents(here: Line, meta: Stub) -> None:
    _greeting(here, "¡Quiero mi Pedído!")
    _says(here, "w1", "quiero mi pedido")
    assert _said(meta) == ["Hello!"]
    conversation = db.session.query(Conversation).one()
    assert (conversation.status, conversation.opened_by) == ("finished", None)
    assert db.session.query(Message).filter_by(direction="in").one().conversation_id == conversation.id


def test_other_words_start_nothing(here: Line, meta: Stub) -> None:
    _greeting(here, "order")
    _says(here, "w1", "my order, please")
    assert db.session.query(Conversation).count() == 0


def test_a_flow_that_was_deleted_or_not_published_is_not_started(here: Line, meta: Stub) -> None:
    first, second = _greeting(here, "order"), _greeting(here, "hello")
    first.flow.deleted_at, second.flow.published = first.created_at, None
    db.session.commit()
    _says(here, "w1", "order")
    _says(here, "w2", "hello")
    assert db.session.query(Conversation).count() == 0


def test_who_is_in_a_conversation_answers_it_instead(here: Line, meta: Stub) -> None:
    question = {"text": "Your name?", "answer": "text", "variable": "name", "tries": 1, "retry_text": ""}
    steps = (_opening("order"), ("n2", "open_question", question), ("n3", "finish", {"outcome": "success", "text": "Thanks, {{name}}"}))
    edges = (("n1", "next", "n2"), ("n2", "answered", "n3"), ("n2", "otherwise", "n3"))
    worlds.published(here, worlds.flow(*steps, edges=edges))
    _says(here, "w1", "order")
    _says(here, "w2", "Order")
    assert _said(meta) == ["Your name?", "Thanks, Order"]
    assert db.session.query(Conversation).count() == 1


def test_a_phrase_of_one_line_is_heard_there_alone_and_comes_first(here: Line, meta: Stub) -> None:
    _greeting(here, "order", text="Everywhere")
    _greeting(here, "order", text="Elsewhere", line="lin_other")
    _greeting(here, "order", text="Here", line=here.id)
    _says(here, "w1", "order")
    assert _said(meta) == ["Here"]


def test_an_old_message_starts_nothing_and_is_listed_as_missed(here: Line, meta: Stub) -> None:
    _greeting(here, "order")
    _says(here, "w1", "order", ago=3600)
    assert db.session.query(Conversation).count() == 0
    assert db.session.query(Message).one().missed_at is not None


def test_a_phrase_that_starts_another_live_flow_on_the_same_line_is_a_finding(here: Line) -> None:
    _greeting(here, "Order!", text="First", line="lin_a")

    def codes(line: dict[str, str]) -> list[str]:
        end = ("end", "finish", {"outcome": "success", "text": "It is on its way."})
        flow = Flow.from_json(worlds.flow(_opening("order", **line), end, edges=(("n1", "next", "end"),)))
        return [finding.code for finding in flows.findings_of(flow, here.workspace_id, id="")]

    assert codes({}) == ["phrase_taken"]
    assert codes({"line": "lin_a"}) == ["phrase_taken"]
    assert codes({"line": "lin_b"}) == []


def test_a_flow_does_not_take_its_own_phrase(here: Line) -> None:
    version = _greeting(here, "order")
    assert openings.taken(here.workspace_id, version.flow_id, Flow.from_json(version.document)) == {}


def test_a_flow_that_a_phrase_starts_is_published_once_more_with_the_same_phrase(here: Line) -> None:
    document = worlds.flow(_opening("order"), _END, edges=(("n1", "next", "end"),))
    draft = flows.drafts.create_from(here.workspace_id, document, None)
    assert flows.publish(here.workspace_id, draft.id, None).number == 1
    flows.change(here.workspace_id, draft.id, {"kind": "change", "node": "end", "data": {"text": "Bye"}}, None)
    assert flows.publish(here.workspace_id, draft.id, None).number == 2


def test_what_the_other_flow_needs_must_have_a_value_or_be_handed_over(here: Line) -> None:
    other = _greeting(here, "second", text="Now {{topic}}")

    def codes(*values: dict[str, str]) -> list[str]:
        steps = (_opening("first"), ("n2", "go_to_flow", {"flow": other.flow_id, "values": list(values)}))
        flow = Flow.from_json(worlds.flow(*steps, edges=(("n1", "next", "n2"),)))
        return [finding.code for finding in flows.findings_of(flow, here.workspace_id, id="")]

    assert codes() == ["not_assigned"]
    assert codes({"id": "v", "variable": "topic", "value": "shoes"}) == []


def test_a_file_of_another_workspace_is_a_finding(here: Line) -> None:
    shown = {"type": "image", "text": "", "medium": {"kind": "IMAGE", "file": "med_elsewhere"}}
    steps = (_opening("order"), ("n2", "message", shown), _END)
    flow = Flow.from_json(worlds.flow(*steps, edges=(("n1", "next", "n2"), ("n2", "next", "end"))))
    assert [finding.code for finding in flows.findings_of(flow, here.workspace_id, id="")] == ["no_file"]


def test_a_conversation_goes_on_in_another_flow_in_the_same_turn(here: Line, meta: Stub) -> None:
    second = _greeting(here, "second", text="Now {{topic}} for {{contact.name}}")
    over = {"flow": second.flow_id, "values": [{"id": "v", "variable": "topic", "value": "shoes"}]}
    first = worlds.published(here, worlds.flow(_opening("first"), ("n2", "go_to_flow", over), edges=(("n1", "next", "n2"),), name="First"))
    _says(here, "w1", "first")
    conversation = db.session.query(Conversation).one()
    assert _said(meta) == ["Now shoes for Ann"]
    assert (conversation.status, conversation.flow_id, conversation.version_id) == ("finished", second.flow_id, second.id)
    legs = pages.legs(conversation)
    assert [leg.version.id for leg in legs] == [first.id, second.id]
    assert [leg.journey.nodes for leg in legs] == [("n1", "n2"), ("n1", "n2", "end")]
    assert {event.turn for event in db.session.query(ConversationEvent)} == {1}


def test_a_flow_that_is_not_published_any_more_fails_the_conversation(here: Line, meta: Stub) -> None:
    over = {"flow": "flw_gone", "values": []}
    worlds.published(here, worlds.flow(_opening("first"), ("n2", "go_to_flow", over), edges=(("n1", "next", "n2"),)))
    _says(here, "w1", "first")
    conversation = db.session.query(Conversation).one()
    assert conversation.status == "failed"
    assert "not published any more" in pages.legs(conversation)[0].journey.visits[-1].notes[0]


def _asks_for_data(line: Line) -> None:
    asked = {
        "text": "May we?",
        "policy": "https://example.com/p",
        "accepted": "Yes",
        "declined": "No",
        "tries": 2,
        "retry_text": "Please tap.",
    }
    steps = (_opening("data"), ("n2", "data_authorization", asked), _END)
    worlds.published(line, worlds.flow(*steps, edges=(("n1", "next", "n2"), ("n2", "accepted", "end"), ("n2", "declined", "end"))))


def test_an_authorization_keeps_who_answered_when_and_to_which_wording(here: Line, meta: Stub) -> None:
    _asks_for_data(here)
    _says(here, "w1", "data")
    _says(here, "w2", "yes")
    proof = db.session.query(Authorization).one()
    conversation = db.session.query(Conversation).one()
    assert (proof.answer, proof.contact_id, proof.version_id) == ("accepted", conversation.contact_id, conversation.version_id)
    assert proof.wording == {"text": "May we?", "policy": "https://example.com/p", "accepted": "Yes", "declined": "No"}
    assert proof.digest == authorizations.digest(proof.wording)
    assert authorizations.of_contact(conversation.contact_id) == authorizations.of_conversation(conversation.id) == [proof]


def test_declining_is_kept_and_no_answer_at_all_is_not(here: Line, meta: Stub) -> None:
    _asks_for_data(here)
    for wamid, words in (("w1", "data"), ("w2", "no"), ("w3", "data"), ("w4", "hm"), ("w5", "hm")):
        _says(here, wamid, words)
    assert [proof.answer for proof in db.session.query(Authorization)] == ["declined"]


def test_an_erased_person_leaves_the_proof_without_a_name_and_a_way_that_can_be_shown(here: Line, meta: Stub) -> None:
    _asks_for_data(here)
    second = _greeting(here, "second")
    over = {"flow": second.flow_id, "values": []}
    worlds.published(here, worlds.flow(_opening("first"), ("n2", "go_to_flow", over), edges=(("n1", "next", "n2"),)))
    for wamid, words in (("w1", "data"), ("w2", "yes"), ("w3", "first")):
        _says(here, wamid, words)
    proof = db.session.query(Authorization).one()
    erasure.erase(here.workspace_id, proof.contact_id, user_id=None)
    assert db.session.query(Authorization).count() == 1
    assert [len(pages.legs(row)) for row in db.session.query(Conversation).order_by(Conversation.started_at)] == [1, 2]


def test_a_picture_goes_out_with_its_caption_uploaded_once(here: Line, meta: Stub, monkeypatch: pytest.MonkeyPatch) -> None:
    uploads = []
    monkeypatch.setattr(media.wire, "media_id", lambda client, file, **facts: uploads.append(facts["name"]) or "900")
    row = media.keep(here.workspace_id, Kind.IMAGE, io.BytesIO(picture()), "shoes.png", field="medium", user_id=None)
    shown = {"type": "image", "text": "*Shoes* of {{contact.phone}}", "medium": {"kind": "IMAGE", "file": row.id, "name": row.name}}
    steps = (_opening("shoes"), ("n2", "message", shown), _END)
    worlds.published(here, worlds.flow(*steps, edges=(("n1", "next", "n2"), ("n2", "next", "end"))))
    _says(here, "w1", "shoes")
    _says(here, "w2", "shoes")
    sent = [one for one in meta.seen if one.get("type") == "image"]
    assert [one["image"]["caption"] for one in sent] == [f"*Shoes* of +{_WA_ID}"] * 2
    assert ([one["image"]["id"] for one in sent], uploads) == (["900", "900"], ["shoes.png"])


def test_a_link_goes_out_as_a_button_that_leads_where_the_designer_wrote(here: Line, meta: Stub) -> None:
    link = {"type": "link", "text": "Your order", "label": "Open", "url": "https://example.com/{{contact.phone}}"}
    steps = (_opening("order"), ("n2", "message", link), _END)
    worlds.published(here, worlds.flow(*steps, edges=(("n1", "next", "n2"), ("n2", "next", "end"))))
    _says(here, "w1", "order")
    action = next(one["interactive"]["action"] for one in meta.seen if one.get("type") == "interactive")
    assert action == {"name": "cta_url", "parameters": {"display_text": "Open", "url": f"https://example.com/%2B{_WA_ID}"}}


def test_a_file_that_a_step_shows_is_not_swept_away(here: Line) -> None:
    row = media.keep(here.workspace_id, Kind.IMAGE, io.BytesIO(picture()), "shoes.png", field="medium", user_id=None)
    worlds.version(here, worlds.flow(("m", "message", {"text": "", "medium": {"kind": "IMAGE", "file": row.id}}), edges=()))
    row.created_at = row.created_at.replace(year=2020)
    db.session.commit()
    media.remove_left()
    assert media.find(here.workspace_id, row.id).id == row.id


def _draft_tried(here: Line, number: str) -> FlowDraft:
    """A flow whose published version says Hello! and whose draft says Draft!, tried by a number."""
    flow = _greeting(here, "order").flow
    flow.document = {**flow.document, "nodes": [one | {"data": one["data"] | {"text": "Draft!"}} if one["id"] == "n2" else one
                                                for one in flow.document["nodes"]]}  # fmt: skip
    db.session.commit()
    trials.allow(here.workspace_id, flow.id, number, user_id=None)
    return flow


def test_a_testers_phrase_begins_the_draft_and_a_customers_the_published_version(here: Line, meta: Stub) -> None:
    db.session.add(TestPhone(workspace_id=here.workspace_id, phone=f"+{_WA_ID}"))
    db.session.commit()
    _draft_tried(here, f"+{_WA_ID}")
    _says(here, "w1", "order")
    other = worlds.said_to_us("w2", wa_id="4915112345679", text={"body": "order"})
    intake.receive(here.id, other, worlds.signed(other))
    apply.run()
    assert _said(meta) == ["Draft!", "Hello!"]
    assert [row.is_trial for row in db.session.query(Conversation).order_by(Conversation.started_at)] == [True, False]


def test_over_a_real_line_nobody_but_a_tester_tries_a_draft(here: Line, meta: Stub) -> None:
    here.is_simulator = True
    db.session.commit()
    _draft_tried(here, f"+{_WA_ID}")
    here.is_simulator = False
    db.session.commit()
    _says(here, "w1", "order")
    assert _said(meta) == ["Hello!"]
    with pytest.raises(Invalid):
        trials.allow(here.workspace_id, db.session.query(FlowDraft).one().id, f"+{_WA_ID}", user_id=None)
