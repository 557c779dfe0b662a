"""Media of messages, and the resumable upload of samples for template headers."""

from __future__ import annotations

import base64
import hashlib
import secrets
from pathlib import Path
from typing import Any

from flask import Response, request, send_file

from flowbuilder.simulator.codes import GraphError
from flowbuilder.simulator.graph_api import graph, reply, unknown
from flowbuilder.simulator.graph_api.spoiling import hang_up
from flowbuilder.simulator.reviewer.refusals import fault
from flowbuilder.simulator.sending.media import KINDS, MEGABYTE
from flowbuilder.simulator.world import world

# type of a sample: (how its first bytes look: offset and sign, most bytes)
_SAMPLES: dict[str, tuple[int, bytes, int]] = {
    "image/jpeg": (0, b"\xff\xd8", 5 * MEGABYTE),
    "image/jpg": (0, b"\xff\xd8", 5 * MEGABYTE),
    "image/png": (0, b"\x89PNG\r\n\x1a\n", 5 * MEGABYTE),
    "video/mp4": (4, b"ftyp", 16 * MEGABYTE),
    "application/pdf": (0, b"%PDF", 100 * MEGABYTE),
}


def file_of(upload_id: str) -> Path:
    """Where the bytes of an upload lie; ids are made here, so they are safe names."""
    folder = world().home / "simulator-media"
    folder.mkdir(exist_ok=True)
    return folder / hashlib.sha256(upload_id.encode()).hexdigest()[:40]


@graph.post("/<int:node>/uploads")
def begin_upload(node: int) -> Response:
    if str(node) != world().settings.app_id:
        raise unknown(str(node))
    length, mime = request.values.get("file_length", ""), request.values.get("file_type", "")
    if mime not in _SAMPLES:
        raise GraphError(100, f"Param file_type must be one of {{{', '.join(sorted(_SAMPLES))}}}.")
    if not length.isdecimal() or not 0 < int(length) <= _SAMPLES[mime][2]:
        raise GraphError(100, f"Param file_length must be a number of bytes, at most {_SAMPLES[mime][2]} for {mime}.")
    upload_id = f"upload:MTphdHRhY2htZW50Oj{secrets.token_hex(12)}"
    _keep(upload_id, mime, request.values.get("file_name", ""), int(length), done=False)
    file_of(upload_id).write_bytes(b"")
    return reply({"id": f"{upload_id}?sig=AR{secrets.token_urlsafe(12)}"})


@graph.post("/upload:<rest>")
def continue_upload(rest: str) -> Response:
    upload_id = f"upload:{rest}"
    row = _upload(upload_id)
    offset, path = request.headers.get("file_offset", "0"), file_of(upload_id)
    if not offset.isdecimal() or int(offset) != path.stat().st_size:
        raise GraphError(100, f"file_offset must be {path.stat().st_size}.")
    rule = world().faults.strike("upload_broken", row["name"], "")
    data = request.get_data()
    with path.open("ab") as file:
        file.write(data[: len(data) // 2] if rule else data)
    if rule:
        return hang_up(b"")
    if path.stat().st_size > row["size"]:
        raise GraphError(100, "More bytes were sent than file_length announced.")
    if path.stat().st_size < row["size"]:
        return reply({"id": upload_id, "file_offset": path.stat().st_size})
    _check_looks(row["mime"], path)
    handle = f"4::{base64.b64encode(row['mime'].encode()).decode()}:ARb{secrets.token_urlsafe(24)}:e:1:{upload_id.removeprefix('upload:')}"
    with world().store.write() as conn:
        conn.execute("UPDATE upload SET done = 1 WHERE id = ?", (upload_id,))
    return reply({"h": handle})


def _check_looks(mime: str, path: Path) -> None:
    """Whether the bytes begin as files of this type do."""
    at, sign, _ = _SAMPLES.get(mime, (0, b"", 0))
    with path.open("rb") as file:
        head = file.read(at + len(sign))
    if head[at:] != sign:
        path.unlink()
        raise GraphError(100, f"The file does not look like {mime}.")


@graph.get("/upload:<rest>")
def read_upload(rest: str) -> Response:
    upload_id = f"upload:{rest}"
    _upload(upload_id)
    return reply({"id": upload_id, "file_offset": file_of(upload_id).stat().st_size})


def check_samples(components: list[dict[str, Any]]) -> None:
    """A media header names an upload that was finished and is of its format; raises Meta's refusal."""
    for part in components:
        if part.get("type") != "HEADER" or part.get("format") not in _FORMATS:
            continue
        handles = (part.get("example") or {}).get("header_handle") or []
        for handle in handles:
            if str(handle).startswith("https://scontent."):
                continue  # what a GET of the template gave: an edit may send it back
            row = sample_of(str(handle))
            if row is None:
                raise fault(2388043, "The sample of the header is not a finished upload.")
            if row["mime"] not in _FORMATS[part["format"]]:
                raise fault(2388047, f"The sample of the header is {row['mime']}, which does not fit the format {part['format']}.")


_FORMATS = {"IMAGE": {"image/jpeg", "image/jpg", "image/png"}, "VIDEO": {"video/mp4"}, "DOCUMENT": {"application/pdf"}}


def sample_of(handle: str) -> Any:
    """The finished upload that a handle names, if there is one."""
    upload_id = "upload:" + handle.rsplit(":", 1)[-1]
    return world().store.row("SELECT id, mime, name FROM upload WHERE id = ? AND done = 1", (upload_id,))


def _upload(upload_id: str) -> dict:
    row = world().store.row("SELECT * FROM upload WHERE id = ?", (upload_id,))
    if row is None:
        raise unknown(upload_id)
    return row


@graph.post("/<int:node>/media")
def upload_media(node: int) -> Response:
    if str(node) != world().settings.number_id:
        raise unknown(str(node))
    if request.form.get("messaging_product") != "whatsapp":
        raise GraphError(100, "(#100) The parameter messaging_product is required.")
    file = request.files.get("file")
    if file is None:
        raise GraphError(100, "(#100) The parameter file is required.")
    mime, data = (request.form.get("type") or file.mimetype).lower(), file.read()
    kind = next((name for name, (types, _) in KINDS.items() if mime.split(";")[0].strip() in types), "document")
    if not data or len(data) > KINDS[kind][1]:
        raise GraphError(100, f"Param file must hold from 1 to {KINDS[kind][1]} bytes for type {mime}.")
    return reply({"id": take_in(mime, file.filename or "", data)})


def take_in(mime: str, name: str, data: bytes) -> str:
    """Keep a whole file; gives its id."""
    media_id = str(1_000_000_000_000_000 + secrets.randbelow(9 * 10**14) + 10**14)
    file_of(media_id).write_bytes(data)
    _check_looks(mime, file_of(media_id))
    _keep(media_id, mime, name, len(data), done=True, sha256=hashlib.sha256(data).hexdigest())
    return media_id


def read_media(media_id: str) -> Response:
    row = world().store.row("SELECT * FROM upload WHERE id = ? AND done = 1", (media_id,))
    if row is None:
        raise unknown(media_id)
    url = address(request.host_url, media_id, world().clock.now())
    answer = {"messaging_product": "whatsapp", "url": url, "mime_type": row["mime"], "sha256": row["sha256"], "file_size": row["size"]}
    return reply(answer | {"id": media_id})


def address(host: str, media_id: str, now: float) -> str:
    """Where the bytes are to be had for five minutes."""
    return f"{host}media-file/{media_id}?ext={int(now) + 300}"


def delete_media(media_id: str) -> Response:
    with world().store.write() as conn:
        if not conn.execute("DELETE FROM upload WHERE id = ?", (media_id,)).rowcount:
            raise unknown(media_id)
    file_of(media_id).unlink(missing_ok=True)
    return reply({"success": True})


@graph.get("/media-file/<int:media_id>")
def download_media(media_id: int) -> Response:
    """The bytes; the address lives five minutes and wants the token."""
    row = world().store.row("SELECT mime FROM upload WHERE id = ? AND done = 1", (str(media_id),))
    until = request.args.get("ext", "0")
    if row is None or not until.isdecimal() or int(until) < world().clock.now():
        raise unknown(str(media_id))
    return send_file(file_of(str(media_id)), mimetype=row["mime"])


def _keep(upload_id: str, mime: str, name: str, size: int, *, done: bool, sha256: str = "") -> None:
    with world().store.write() as conn:
        conn.execute(
            "INSERT INTO upload (id, mime, name, size, sha256, done, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (upload_id, mime, name, size, sha256, int(done), world().clock.now()),
        )
