"""Files on their way to Meta, and from it: the sample of a header, resumed where it broke off, what is sent, and what people sent.

Unlike a message, an upload that arrives twice harms nobody: so it is tried again whatever became of its answer.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
import time
from typing import BinaryIO

from flowbuilder.whatsapp.client import Client
from flowbuilder.whatsapp.errors import BadFile, CloudError, MaybeSent, Verdict, WireError

_PAUSES = (0.2, 1.0, 3.0)


def sample_handle(meta: Client, file: BinaryIO, *, size: int, mime: str, name: str) -> str:
    """Upload a sample; gives the handle that a template's header names. Goes on where a broken upload stopped."""
    upload = meta.begin_upload(_ascii(name), size, mime)
    offset, broken = 0, 0
    while True:
        try:
            file.seek(offset)
            answer = meta.continue_upload(upload, offset, file if offset < size else b"")
            if answer.get("h"):
                return str(answer["h"])
            offset = _further(offset, int(answer.get("file_offset") or 0))
        except WireError as error:
            if not _is_worth_another(error) or broken == len(_PAUSES):
                raise
            time.sleep(_PAUSES[broken])
            broken += 1
            offset = meta.upload_offset(upload)


def media_id(meta: Client, file: BinaryIO, *, size: int, mime: str, name: str) -> str:
    """Upload a file that messages will show; gives the id that they name."""
    for pause in (*_PAUSES[:2], None):
        try:
            form = _Form(file, size, mime, _ascii(name))
            return meta.upload_media(form, form.content_type)
        except WireError as error:
            if pause is None or not _is_worth_another(error):
                raise
            time.sleep(pause)
    raise AssertionError("the last try returns or raises")


def fetch(meta: Client, media_id: str, out: BinaryIO, most: int) -> int:
    """Write down a file that a person sent, if it has at most ``most`` bytes; gives its size. Raises BadFile for what came wrong."""
    known = meta.media(media_id)
    size = int(known.get("file_size") or 0)
    if size <= most:
        size = meta.download(str(known["url"]), out, most)
    if size > most:
        raise BadFile(f"it has more than {most >> 20} MB.", is_final=True)
    _check(out, str(known.get("sha256") or ""))
    return size


def _check(file: BinaryIO, sha256: str) -> None:
    """Whether the bytes are those that Meta spoke of; it writes the digest in hexadecimal or in base64."""
    digest = hashlib.sha256()
    file.seek(0)
    while block := file.read(1 << 20):
        digest.update(block)
    if sha256 and sha256.lower() != digest.hexdigest() and sha256 != base64.b64encode(digest.digest()).decode():
        raise BadFile("it arrived damaged.")


def _is_worth_another(error: WireError) -> bool:
    return not isinstance(error, CloudError) or error.verdict in (Verdict.UNKNOWN, Verdict.RETRY)


def _further(before: int, now: int) -> int:
    if now <= before:
        raise MaybeSent(details=f"The upload stays at byte {before}.")
    return now


def _ascii(name: str) -> str:
    """A name that fits into every header; what people see of it travels elsewhere."""
    plain = "".join(c if c.isascii() and c.isprintable() and c not in '"\\' else "_" for c in name)
    return plain[-100:] or "file"


class _Form:
    """A multipart form around a file, read piece by piece: a document of 100 MB is never in memory as a whole."""

    def __init__(self, file: BinaryIO, size: int, mime: str, name: str) -> None:
        boundary = secrets.token_hex(16)
        self.content_type = f"multipart/form-data; boundary={boundary}"
        parts = [("messaging_product", "whatsapp"), ("type", mime)]
        head = "".join(f'--{boundary}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n' for key, value in parts)
        head += f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\nContent-Type: {mime}\r\n\r\n'
        self._before, self._after = head.encode(), f"\r\n--{boundary}--\r\n".encode()
        self._file, self._size = file, size
        file.seek(0)

    def __len__(self) -> int:
        return len(self._before) + self._size + len(self._after)

    def read(self, count: int = -1) -> bytes:
        if self._before:
            piece, self._before = self._before, b""
            return piece
        if piece := self._file.read(count):
            return piece
        piece, self._after = self._after, b""
        return piece

    def __iter__(self) -> _Form:
        return self

    def __next__(self) -> bytes:
        if piece := self.read(1 << 16):
            return piece
        raise StopIteration
