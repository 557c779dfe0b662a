"""Pages of conversations: the list with its filters, and one conversation told as chat, answers, path and steps."""

from __future__ import annotations

from datetime import timedelta

import pytest
from bs4 import BeautifulSoup

from flowbuilder import clock
from flowbuilder.core.run import Input, InputKind
from flowbuilder.services import transaction
from flowbuilder.services.conversations import turns
from flowbuilder.store import db, new_id
from flowbuilder.store.accounts import Line
from flowbuilder.store.conversations import Contact, Conversation
from flowbuilder.store.flows import FlowDraft, FlowVersion
from flowbuilder.store.outbound import TemplateMessage
from flowbuilder.store.received import ReceivedFile
from flowbuilder.store.sending import Message

HTMX = {"HX-Request": "true"}
CONTENT = {
    "name": "Welcome", "category": "MARKETING", "language": "en_US", "kind": "TEXT", "conversation": "FLOW",
    "body": "Hi {{first_name}}, a *question*?", "variables": [{"name": "first_name", "example": "Ann"}],
    "continue_option": "Go on", "finish_option": "No thanks",
}  # fmt: skip
DOCUMENT = {
    "schema": 1, "name": "Colours", "settings": {"exit_word": "EXIT", "expires_after": 86400, "reprompt": "Please choose."},
    "nodes": [
        {"id": "n1", "kind": "you_send_it", "data": {"template": None}},
        {
            "id": "n2", "kind": "answer_options",
            "data": {
                "style": "buttons", "text": "Which colour?", "variable": "colour", "tries": 2, "retry_text": "Tap one of the buttons.",
                "options": [{"id": "red", "title": "Red"}, {"id": "blue", "title": "Blue"}],
            },
        },
        {"id": "n3", "kind": "finish", "data": {"outcome": "success", "text": "Thank you for {{colour}}!"}},
        {"id": "n4", "kind": "finish", "data": {"outcome": "neutral", "text": "Bye."}},
    ],
    "edges": [
        {"source": "n1", "port": "continue", "target": "n2"}, {"source": "n2", "port": "red", "target": "n3"},
        {"source": "n2", "port": "blue", "target": "n3"}, {"source": "n2", "port": "otherwise", "target": "n4"},
    ],
    "layout": {},
}  # fmt: skip


def _words(node) -> str:
    return " ".join(node.get_text(" ").split())


@pytest.fixture
def version(workspace) -> FlowVersion:
    now = clock.now()
    flow = FlowDraft(
        id=new_id("flw"), workspace_id=workspace.id, name="Colours", document=DOCUMENT, published=1, created_at=now, updated_at=now
    )
    db.session.add(flow)
    db.session.flush()
    row = FlowVersion(id=new_id("ver"), flow_id=flow.id, number=1, document=DOCUMENT, digest="x", created_at=now)
    db.session.add(row)
    db.session.commit()
    return row


@pytest.fixture
def conversation(workspace, line, version):
    """Begin a conversation with somebody, and let them say things."""

    def of(name: str = "Zoë", phone: str = "+4915123456789", *said: Input) -> Conversation:
        now = clock.now()
        opener = _opened(workspace, line, version, name, phone)
        contact = Contact(id=new_id("con"), workspace_id=workspace.id, wa_id=phone[1:], phone=phone, name=name, created_at=now)
        with transaction() as session:
            session.add(contact)
            session.flush()
            row = turns.begin(session, contact, opener, now)
            for answer in said:
                content = (
                    {"kind": "tap", "id": answer.option, "title": answer.title} if answer.option else {"kind": "text", "body": answer.text}
                )
                session.add(_message(line, phone, "in", "received", content, conversation_id=row.id))
                turns.take(session, row, answer, now)
        return row

    return of


def _opened(workspace, line, version: FlowVersion, name: str, phone: str) -> Message:
    now = clock.now()
    template = TemplateMessage(
        id=new_id("out"), workspace_id=workspace.id, line_id=line.id, name="Welcome", wire_name=new_id("w"), language="en_US",
        category="MARKETING", kind="TEXT", conversation="FLOW", content=CONTENT, status="approved", created_at=now, updated_at=now,
    )  # fmt: skip
    db.session.add(template)
    db.session.flush()
    content = {"parameters": {"first_name": name}}
    opener = _message(line, phone, "out", "read", content, kind="template", template_id=template.id, version_id=version.id)
    db.session.add(opener)
    db.session.commit()
    return opener


def _message(line, phone: str, direction: str, status: str, content: dict, *, kind: str = "text", **values) -> Message:
    return Message(
        workspace_id=line.workspace_id, line_id=line.id, direction=direction, kind=kind, status=status, phone=phone,
        content=content, created_at=clock.now(), **values,
    )  # fmt: skip


GO = Input(InputKind.TAP, option="continue", title="Go on")
RED = Input(InputKind.TAP, option="n2:red", title="Red")


def _page(client, row: Conversation, **options) -> BeautifulSoup:
    return BeautifulSoup(client.get(f"/conversations/{row.id}", **options).data, "html.parser")


def test_an_empty_list_explains_itself(sign_in):
    page = BeautifulSoup(sign_in("viewer").get("/conversations").data, "html.parser")
    assert "No conversation yet" in _words(page)


def test_the_list_shows_who_which_flow_and_how_it_stands(sign_in, conversation):
    conversation("Zoë", "+4915123456789", GO, RED)
    page = BeautifulSoup(sign_in("viewer").get("/conversations").data, "html.parser")
    cells = [_words(cell) for cell in page.select("tbody tr td")]
    assert cells[:4] == ["Zoë +49 1512 3456789", "Colours version 1", "Simulator", "Finished Success"]


def test_who_left_or_what_broke_off_reads_otherwise_than_an_outcome(sign_in, conversation):
    row = conversation("Zoë", "+4915123456789", GO, Input(InputKind.TEXT, text="Exit"))
    with transaction() as session:
        session.merge(conversation("Ann", "+34612345678", GO)).status = "failed"
    pages = ("/conversations", f"/conversations/{row.id}", f"/contacts/{row.contact_id}")
    client = sign_in("viewer")
    told = [[_words(one) for one in BeautifulSoup(client.get(page).data, "html.parser").select("main .status")] for page in pages]
    assert told[:2] == [["Broke off: an error", "Left by EXIT"], ["Left by EXIT"]]
    assert "Left by EXIT" in told[2]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", {"Ann", "Zoë"}), ("status=finished", {"Zoë"}), ("status=in_progress", {"Ann"}), ("phone=0151+2345", set()),
        ("outcome=success", {"Zoë"}), ("outcome=failure", set()), ("outcome=nonsense", {"Ann", "Zoë"}),
        ("phone=%2B49+1512", {"Zoë"}), ("phone=ann", {"Ann"}), ("flow=flw_other", set()), ("line=lin_other", set()),
        ("since=2000-01-01", {"Ann", "Zoë"}), ("until=2000-01-01", set()),
        ("status=nonsense", {"Ann", "Zoë"}), ("since=nonsense", {"Ann", "Zoë"}), ("before=nonsense", {"Ann", "Zoë"}),
    ],
)  # fmt: skip
def test_the_list_is_filtered(sign_in, conversation, query, expected):
    conversation("Zoë", "+4915123456789", GO, RED)
    conversation("Ann", "+34612345678", GO)
    page = BeautifulSoup(sign_in("viewer").get(f"/conversations?{query}", headers=HTMX).data, "html.parser")
    assert {_words(link) for link in page.select("tbody .main-cell a")} == expected


def test_the_list_pages_on_without_repeating_anybody(sign_in, conversation, monkeypatch):
    from flowbuilder.web import conversations as web

    monkeypatch.setattr(web, "_ROWS", 2)
    for at in range(5):
        with clock.shifted(timedelta(seconds=at)):
            conversation(f"Person {at}", f"+3461234567{at}")
    client, address, seen = sign_in("viewer"), "/conversations", []
    while address:
        page = BeautifulSoup(client.get(address).data, "html.parser")
        seen += [_words(link) for link in page.select("tbody .main-cell a")]
        following = [link for link in page.select(".pager a") if "Next" in link.get_text()]
        address = following[0]["href"] if following else ""
    assert seen == [f"Person {at}" for at in reversed(range(5))]


def test_the_chat_has_both_sides_with_buttons_and_ticks(sign_in, conversation):
    page = _page(sign_in("viewer"), conversation("Zoë", "+4915123456789", GO, RED))
    said = [
        ("ours" if "is-ours" in part["class"] else "theirs", _words(part.select_one(".said-bubble > p"))) for part in page.select(".said")
    ]
    assert said[0] == ("ours", "Hi Zoë, a question ?")
    assert sorted(said[1:]) == [("ours", "Thank you for Red!"), ("ours", "Which colour?"), ("theirs", "Go on"), ("theirs", "Red")]
    assert [_words(option) for option in page.select_one(".said-options").select("li")] == ["Go on", "No thanks"]
    assert page.select_one(".tick.is-read")["title"] == "Read"


def test_a_message_that_waited_stands_at_the_moment_when_it_was_sent(sign_in, conversation):
    row = conversation("Zoë", "+4915123456789", GO)
    opener = db.session.scalars(db.select(Message).filter_by(kind="template")).one()
    opener.created_at -= timedelta(hours=5)
    opener.accepted_at = opener.created_at + timedelta(hours=2)
    db.session.commit()

    assert _page(sign_in("viewer"), row).select_one(".said time")["datetime"] == opener.accepted_at.isoformat()


def test_the_answers_are_listed(sign_in, conversation):
    page = _page(sign_in("viewer"), conversation("Zoë", "+4915123456789", GO, RED))
    answers = {_words(row.th): _words(row.td) for row in page.select(".answers tbody tr")}
    assert (answers["colour"], answers["first_name"]) == ("Red", "Zoë")
    assert "exit_word" not in answers


def test_an_answer_that_is_a_file_reads_as_the_file_and_the_outcome_is_told(sign_in, conversation):
    row = conversation("Zoë", "+4915123456789", GO, RED)
    said = _message(db.session.get(Line, row.line_id), "+4915123456789", "in", "received", {"kind": "media", "type": "image"}, kind="media")
    said.conversation_id = row.id
    address = "https://flows.example/files/rcv_1?until=1796281713&signature=e7345e"
    with transaction() as session:
        session.add(said)
        session.flush()
        session.add(
            ReceivedFile(
                id="rcv_1", workspace_id=row.workspace_id, line_id=row.line_id, message_id=said.id, meta_id="9", kind="image",
                name="photo.jpg", size=240_000, status="here", mime="image/jpeg", due_at=clock.now(), created_at=clock.now(),
            )
        )  # fmt: skip
        row = session.merge(row)
        row.state = {**row.state, "variables": {"photo": address, "other": address.replace("rcv_1", "rcv_2"), "empty": ""}}
    page = _page(sign_in("viewer"), row)
    answers = {_words(one.th): one.td for one in page.select(".answers tbody tr")}
    assert answers["photo"].a["href"] == "/received/rcv_1" and _words(answers["photo"]).startswith("photo.jpg · 2")
    assert _words(answers["other"]) == address.replace("rcv_1", "rcv_2") and _words(answers["empty"]) == "–"
    assert [_words(one) for one in page.select(".conversation-status .status")] == ["Finished", "Success"]


def test_the_path_taken_is_lit_on_the_drawing(sign_in, conversation):
    page = _page(sign_in("viewer"), conversation("Zoë", "+4915123456789", GO, RED))
    assert {card["data-id"] for card in page.select("#path .is-lit")} == {"n1", "n2", "n3"}
    assert page.select_one("#path [data-drawing]")["data-lit"] == '[["n1", "continue"], ["n2", "red"]]'
    assert [button["data-zoom"] for button in page.select("#path [data-zoom]")] == ["out", "in", "fit"], "as on the canvas"
    assert _words(page.select_one(".path-words")).startswith("It began at You send it and ended at Finish")
    assert [button["data-look"] for button in page.select("#path [data-way] [data-look]")] == ["n1", "n3"]


def test_each_step_tells_what_was_heard_retried_and_set(sign_in, conversation):
    wrong = Input(InputKind.TEXT, text="green")
    page = _page(sign_in("viewer"), conversation("Zoë", "+4915123456789", GO, wrong, RED))
    visits = [_words(visit) for visit in page.select(".visit")]
    assert len(visits) == 3
    assert "Heard: Go on" in visits[0]
    assert all(part in visits[1] for part in ("Heard: green", "(try 1 of 2)", "Heard: Red", "colour = Red"))
    assert "The conversation ended: success." in visits[2]


def test_a_running_conversation_asks_again_and_brings_the_drawing_only_when_somebody_moved(sign_in, conversation):
    row, client = conversation("Zoë", "+4915123456789", GO), sign_in("viewer")
    pulse = _page(client, row).select_one("#pulse")
    assert pulse["hx-trigger"] == "every 1s"
    still = BeautifulSoup(client.get(pulse["hx-get"], headers=HTMX).data, "html.parser")
    assert [part["hx-target"] for part in still.select("hx-partial")] == ["#chat", "#facts", "#steps"]
    moved = BeautifulSoup(client.get(f"/conversations/{row.id}?turn=0", headers=HTMX).data, "html.parser")
    assert moved.select_one('hx-partial[hx-target="#path"] [data-drawing]')


def test_the_page_of_the_message_that_opened_it_follows_it_to_its_outcome(sign_in, conversation):
    row, client = conversation("Zoë", "+4915123456789", GO), sign_in("tester")

    def told() -> tuple[str, str | None, dict[str, bool]]:
        page = BeautifulSoup(client.get(f"/messages/{row.opened_by}").data, "html.parser")
        buttons = {_words(one): "btn-primary" in one["class"] for one in page.select("#progress .btn")}
        return _words(page.select_one(".message-note")), page.select_one("#progress").get("hx-trigger"), buttons

    words, every, buttons = told()
    assert words.startswith("In progress") and "Now at Answer options “Which colour?”" in words and every == "every 1s"
    assert buttons["Open the conversation"] is False
    with transaction() as session:
        turns.take(session, session.merge(row), RED, clock.now())
    words, every, buttons = told()
    assert words.startswith("Finished Success The conversation is over. It ended at Finish") and every is None
    assert buttons["Open the conversation"] is True and list(buttons.values()).count(True) == 1


def test_what_people_write_is_only_text(sign_in, conversation):
    evil = Input(InputKind.TEXT, text='<img src=x onerror=alert(1)><b hx-get="/x">')
    page = _page(sign_in("viewer"), conversation("<script>x</script>", "+4915123456789", GO, evil))
    assert page.select("img, .chat script, [hx-get='/x']") == []


def test_another_workspaces_conversation_does_not_exist(sign_in, conversation, app):
    assert sign_in("viewer").get("/conversations/cnv_elsewhere").status_code == 404


@pytest.mark.parametrize("kind", ["IMAGE", "VIDEO", "DOCUMENT"])
def test_the_picture_video_or_document_of_the_first_message_is_seen(sign_in, conversation, kind):
    row = conversation("Zoë", "+4915123456789", GO)
    opener = db.session.get(Message, row.opened_by)
    opener.content = {**opener.content, "medium": {"kind": kind, "file": "med_1", "name": "Menu", "size": 2048}}
    template = db.session.get(TemplateMessage, opener.template_id)
    template.kind, template.content = kind, {**CONTENT, "kind": kind}
    db.session.commit()

    shown = _page(sign_in("viewer"), row).select_one(".said-bubble")
    seen = shown.select_one({"IMAGE": "img[src]", "VIDEO": "video[src]", "DOCUMENT": "a[href]"}[kind])
    assert (seen.get("src") or seen["href"]) == "/media/med_1"
    assert "Menu" in (seen.get("alt") or seen.get("aria-label") or _words(seen))
