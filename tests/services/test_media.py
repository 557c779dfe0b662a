"""Files of messages: stored once, uploaded when Meta needs them, found by their own workspace only."""

from __future__ import annotations

import io
import os
from dataclasses import replace
from datetime import timedelta

import pytest

from flowbuilder import clock
from flowbuilder.core.review import ReviewStatus
from flowbuilder.core.template import Kind
from flowbuilder.errors import Conflict, Invalid, NotFound, Unavailable
from flowbuilder.services import media, outbound
from flowbuilder.store import db
from flowbuilder.store.accounts import Line, Workspace
from flowbuilder.store.media import MediaFile, MediaUpload
from flowbuilder.store.sending import Message
from tests import worlds
from tests.fixtures.servers import Simulator
from tests.media import pdf, picture, video
from tests.services.test_outbound_simulated import READY, decided

FILES = {Kind.IMAGE: picture(), Kind.VIDEO: video(), Kind.DOCUMENT: pdf(300_000)}


def kept(workspace: Workspace, kind: Kind = Kind.IMAGE, name: str = "a.png", data: bytes = b"") -> MediaFile:
    return media.keep(workspace.id, kind, io.BytesIO(data or FILES[kind]), name, field="sample", user_id=None)


def draft(workspace: Workspace, line: Line, kind: Kind = Kind.IMAGE) -> str:
    sample = media.as_medium(kept(workspace, kind))
    return outbound.create(workspace.id, line.id, replace(READY, kind=kind, sample=sample), None).id


def test_a_file_is_kept_under_a_name_of_ours(workspace: Workspace) -> None:
    row = kept(workspace, name="../../Summer sale.png")

    assert (row.name, row.mime, row.size) == ("Summer sale.png", "image/png", len(FILES[Kind.IMAGE]))
    assert media.path_of(row.id).read_bytes() == FILES[Kind.IMAGE]
    assert media.path_of(row.id).name == row.id


def test_the_same_file_is_kept_once(workspace: Workspace) -> None:
    assert kept(workspace).id == kept(workspace).id
    assert kept(workspace).id != kept(workspace, name="b.png").id


def test_a_lying_file_leaves_nothing_behind(workspace: Workspace) -> None:
    for data in (b"<svg/>", bytes(6 * 1024 * 1024), b""):
        with pytest.raises(Invalid) as caught:
            media.keep(workspace.id, Kind.IMAGE, io.BytesIO(data), "a.png", field="sample", user_id=None)
        assert caught.value.findings[0].field == "sample"
    assert db.session.query(MediaFile).count() == 0
    assert list(media.path_of("x").parent.iterdir()) == []


def test_a_file_belongs_to_its_workspace(workspace: Workspace) -> None:
    with pytest.raises(NotFound):
        media.find("wsp_of_others", kept(workspace).id)


@pytest.mark.parametrize("kind", FILES)
def test_a_message_with_a_sample_is_approved(simulator: Simulator, workspace: Workspace, line: Line, kind: Kind) -> None:
    row = outbound.submit(workspace.id, draft(workspace, line, kind), None)
    simulator.control("clock", advance=60)

    assert decided(workspace, row).status == ReviewStatus.APPROVED
    header = simulator.control("templates")[0]["components"][0]
    assert (header["type"], header["format"]) == ("HEADER", kind)


def test_a_sample_whose_upload_breaks_is_resumed(simulator: Simulator, workspace: Workspace, line: Line) -> None:
    simulator.control("faults", rules=[{"kind": "upload_broken", "times": 2}])

    assert outbound.submit(workspace.id, draft(workspace, line, Kind.DOCUMENT), None).status == ReviewStatus.PENDING


def test_without_meta_the_message_stays_a_draft(workspace: Workspace, line: Line) -> None:
    template_id = draft(workspace, line)
    with pytest.raises(Unavailable, match="still a draft"):
        outbound.submit(workspace.id, template_id, None)
    assert outbound.find(workspace.id, template_id).status == ReviewStatus.DRAFT


def test_a_sample_is_uploaded_for_one_submission_only(simulator: Simulator, workspace: Workspace, line: Line) -> None:
    template_id = draft(workspace, line)
    outbound.submit(workspace.id, template_id, None)

    with pytest.raises(Conflict):
        outbound.submit(workspace.id, template_id, None)


def test_a_message_without_its_sample_is_not_submitted(workspace: Workspace, line: Line) -> None:
    row = outbound.create(workspace.id, line.id, replace(READY, kind=Kind.VIDEO, sample=media.as_medium(kept(workspace))), None)
    with pytest.raises(Invalid) as caught:
        outbound.submit(workspace.id, row.id, None)
    assert [finding.code for finding in caught.value.findings] == ["missing_sample"]


def test_a_copy_has_the_sample(workspace: Workspace, line: Line) -> None:
    template_id = draft(workspace, line)
    copy = outbound.duplicate(workspace.id, template_id, None)

    assert copy.content["sample"] == outbound.find(workspace.id, template_id).content["sample"]


def test_a_file_is_uploaded_once_and_again_before_it_lapses(simulator: Simulator, workspace: Workspace, line: Line) -> None:
    row = kept(workspace)
    first = media.uploaded(line, row.id)
    assert media.uploaded(line, row.id).meta_id == first.meta_id

    db.session.get_one(MediaUpload, (line.id, row.id)).uploaded_at = clock.now() - timedelta(days=26)
    db.session.commit()
    assert media.uploaded(line, row.id).meta_id != first.meta_id


def _aged(row: MediaFile) -> str:
    """It was given two days ago."""
    row.created_at = clock.now() - timedelta(days=2)
    db.session.commit()
    os.utime(media.path_of(row.id), (row.created_at.timestamp(),) * 2)
    return row.id


def _left() -> set[str]:
    media.remove_left()
    db.session.rollback()
    rows = {row.id for row in db.session.query(MediaFile)}
    assert rows == {path.name for path in media.path_of("x").parent.iterdir()}
    return rows


@pytest.mark.database
def test_the_file_of_a_replaced_or_deleted_draft_is_removed_after_a_day(workspace: Workspace, line: Line) -> None:
    draft_id = draft(workspace, line)
    first = _aged(db.session.query(MediaFile).one())
    assert _left() == {first}

    young = kept(workspace, name="other.png")
    content = replace(READY, kind=Kind.IMAGE, sample=media.as_medium(young))
    outbound.save(workspace.id, draft_id, line.id, content, None)
    assert _left() == {young.id}

    outbound.delete(workspace.id, draft_id, None)
    assert _left() == {young.id}
    _aged(young)
    assert _left() == set()


@pytest.mark.database
def test_what_a_message_or_a_batch_shows_is_kept(workspace: Workspace, line: Line) -> None:
    template, shown = worlds.template(line), [kept(workspace, name=f"{name}.png") for name in ("waiting", "batch", "sent", "gone")]
    waiting, of_batch, sent, gone = (_aged(row) for row in shown)
    batch = worlds.batch(line, template, 1)
    batch.plan = {**batch.plan, "medium": {"kind": "IMAGE", "file": of_batch}}
    message = Message(
        workspace_id=workspace.id, line_id=line.id, direction="out", kind="template", status="queued", phone="+4915112345678",
        template_id=template.id, content={"medium": {"kind": "IMAGE", "file": waiting}}, created_at=clock.now(),
    )  # fmt: skip
    db.session.add_all([message, MediaUpload(line_id=line.id, media_id=sent, meta_id="1", uploaded_at=clock.now())])
    db.session.commit()

    assert _left() == {waiting, of_batch, sent}
    assert not media.path_of(gone).exists()


def test_what_an_upload_that_broke_off_left_is_removed(workspace: Workspace) -> None:
    part = media.path_of("med_1").with_suffix(".part")
    part.parent.mkdir(parents=True, exist_ok=True)
    part.write_bytes(b"half")
    media.remove_left()
    assert part.exists()

    os.utime(part, (1, 1))
    assert _left() == set()


def test_a_file_that_is_given_again_counts_as_new(workspace: Workspace) -> None:
    old = _aged(kept(workspace))

    assert kept(workspace).id == old
    assert _left() == {old}
