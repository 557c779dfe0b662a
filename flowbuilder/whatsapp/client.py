"""Calls to Meta's Graph API. Every failure leaves here as one of ``whatsapp.errors``, with its verdict.

Only single calls live here; sending in bulk goes through ``whatsapp.transport``.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, BinaryIO
from urllib.parse import urlsplit

import requests
from requests.adapters import BaseAdapter, HTTPAdapter

from flowbuilder.whatsapp import answers
from flowbuilder.whatsapp.errors import MaybeSent, NotSent

TIMEOUT = (3.05, 30)
UPLOAD_TIMEOUT = (3.05, 90)
_DOWNLOAD_SECONDS = 60.0
_VERSION = "v25.0"
_IDLE = 20.0
"""Seconds after which a kept connection is not trusted: the other side may be closing it just then."""
_FIELDS = "id,name,language,status,category,correct_category,rejected_reason,quality_score,parameter_format,components"
_NUMBER_FIELDS = (
    "id,display_phone_number,verified_name,quality_rating,status,name_status,platform_type,throughput,account_mode,"
    "whatsapp_business_manager_messaging_limit"
)


@dataclass(frozen=True, slots=True)
class Accepted:
    """Meta took the message over; whether it arrives, its statuses will say."""

    wamid: str
    wa_id: str | None
    message_status: str


def graph_url(base_url: str) -> str:
    """``base_url`` with the version of the Graph API that we speak, unless it names one."""
    base_url = base_url.rstrip("/")
    return base_url if re.search(r"/v\d+\.\d+\Z", base_url) else f"{base_url}/{_VERSION}"


class _Session(requests.Session):
    """Follows no redirect, and does not even look where one leads: an address that can't be read would hide Meta's answer."""

    def get_redirect_target(self, resp: requests.Response) -> None:
        return None


class Client:
    """One line's way to Meta. Not shared between threads."""

    def __init__(
        self,
        base_url: str,
        token: str,
        phone_number_id: str,
        waba_id: str,
        app_id: str = "",
        *,
        adapter: BaseAdapter | None = None,
    ) -> None:
        self._base = graph_url(base_url)
        self._phone_number_id = phone_number_id
        self._waba_id = waba_id
        self._app_id = app_id
        self._session = _Session()
        self._session.trust_env = False
        self._session.headers["Authorization"] = f"Bearer {token}"
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, adapter or HTTPAdapter(max_retries=0))
        self._used_at = time.monotonic()

    def create_template(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Submit a template for review: ``{"id", "status", "category"}``, where status may be final at once."""
        answer = self._call("POST", f"{self._waba_id}/message_templates", json=body)
        return answers.require(answer, "id")

    def get_template(self, template_id: str) -> dict[str, Any]:
        return self._call("GET", template_id, params={"fields": _FIELDS})

    def find_template(self, name: str, language: str) -> dict[str, Any] | None:
        """The template of this name and language, if the account has one; how a lost answer is settled."""
        params = {"name": name, "fields": _FIELDS, "limit": "100"}
        found = answers.rows(self._call("GET", f"{self._waba_id}/message_templates", params=params))
        same = (row for row in found if row.get("name") == name and str(row.get("language")).replace("-", "_") == language)
        return next(same, None)

    def templates(self, after: str = "", limit: int = 100) -> tuple[list[dict[str, Any]], str, int | None]:
        """One page of the account's templates, the cursor of the next ("" after the last), and how many there are in all."""
        params = {"fields": _FIELDS, "limit": str(limit), "summary": "total_count", **({"after": after} if after else {})}
        answer = self._call("GET", f"{self._waba_id}/message_templates", params=params)
        return answers.page(answer)

    def code_texts(self, languages: str, *, has_advice: bool, minutes: int | None) -> list[dict[str, Any]]:
        """Meta's fixed words of a one-time code in each language: ``body``, ``footer``, ``buttons``, ``language``."""
        params = {"category": "AUTHENTICATION", "languages": languages, "button_types": "OTP"}
        params["add_security_recommendation"] = "true" if has_advice else "false"
        params |= {"code_expiration_minutes": str(minutes)} if minutes else {}
        return answers.rows(self._call("GET", f"{self._waba_id}/message_template_previews", params=params))

    def unpause_template(self, template_id: str) -> str:
        """End a pause before its time; why not, in Meta's words, or nothing when it is done."""
        answer = self._call("POST", f"{template_id}/unpause")
        return "" if answer.get("success") is True else str(answer.get("reason") or "Meta gave no reason.")

    def delete_template(self, name: str, template_id: str) -> None:
        """Delete one language of a template."""
        self._call("DELETE", f"{self._waba_id}/message_templates", params={"name": name, "hsm_id": template_id})

    def phone(self) -> dict[str, Any]:
        """The number's name, quality, throughput and messaging limit."""
        return self._call("GET", self._phone_number_id, params={"fields": _NUMBER_FIELDS})

    def waba(self) -> dict[str, Any]:
        return self._call("GET", self._waba_id, params={"fields": "id,name,timezone_id,message_template_namespace"})

    def subscribe(self, callback: str, verify_token: str) -> None:
        """Have this account's webhooks sent to ``callback``; Meta shakes hands with it at once."""
        body = {"override_callback_uri": callback, "verify_token": verify_token}
        self._call("POST", f"{self._waba_id}/subscribed_apps", json=body)

    def send(self, payload: Mapping[str, Any]) -> Accepted:
        """Send one message. Only a readable answer that names it counts as accepted."""
        answer = self._call("POST", f"{self._phone_number_id}/messages", json=payload)
        return Accepted(*answers.accepted(answer))

    def begin_upload(self, name: str, size: int, mime: str) -> str:
        """Announce the sample of a header; gives the address below which its bytes are sent."""
        answer = self._call("POST", f"{self._app_id}/uploads", params={"file_name": name, "file_length": size, "file_type": mime})
        return answers.require(answer, "id")["id"]

    def continue_upload(self, upload: str, offset: int, rest: BinaryIO | bytes) -> dict[str, Any]:
        """Send what is left from ``offset`` on: ``{"h": handle}`` when that was all."""
        return self._call("POST", upload, data=rest, headers={"file_offset": str(offset)}, timeout=UPLOAD_TIMEOUT)

    def upload_offset(self, upload: str) -> int:
        """How many bytes of a broken upload have arrived."""
        return int(self._call("GET", upload).get("file_offset") or 0)

    def upload_media(self, form: BinaryIO, content_type: str) -> str:
        """Hand over a file to be sent, as a whole form (``whatsapp.media``); Meta keeps it for 30 days under the id."""
        path, headers = f"{self._phone_number_id}/media", {"Content-Type": content_type}
        answer = self._call("POST", path, data=form, headers=headers, timeout=UPLOAD_TIMEOUT)
        return str(answers.require(answer, "id")["id"])

    def media(self, media_id: str) -> dict[str, Any]:
        """What is known of a file that a person sent: ``url`` (good for five minutes), ``sha256``, ``file_size``."""
        return answers.require(self._call("GET", media_id, params={"phone_number_id": self._phone_number_id}), "url")

    def download(self, url: str, out: BinaryIO, most: int) -> int:
        """Write what lies at an address that ``media`` gave, no more than ``most`` bytes and one; how many came."""
        if urlsplit(url).scheme != "https" and not self._base.startswith("http://"):
            raise NotSent("WhatsApp named an address that is not safe.")
        request, size, deadline = self._prepared(requests.Request("GET", url)), 0, time.monotonic() + _DOWNLOAD_SECONDS
        try:
            with self._session.send(request, timeout=TIMEOUT, allow_redirects=False, stream=True) as response:
                if response.status_code != HTTPStatus.OK:
                    answers.read(response.status_code, response.content, response.headers.get("Retry-After"))
                    raise MaybeSent(details=f"HTTP {response.status_code}")
                for block in response.iter_content(1 << 16):
                    size += out.write(block)
                    if size > most:
                        return size
                    if time.monotonic() > deadline:
                        raise MaybeSent(details="The file came too slowly.")
        except (requests.RequestException, ValueError, OSError) as error:
            raise answers.lost(error) from error
        return size

    def close(self) -> None:
        self._session.close()

    def _call(self, method: str, path: str, *, timeout: tuple[float, float] = TIMEOUT, **more: Any) -> dict[str, Any]:
        if time.monotonic() - self._used_at > _IDLE:
            self._session.close()
        request = self._prepared(requests.Request(method, f"{self._base}/{path}", **more))
        try:
            response = self._session.send(request, timeout=timeout, allow_redirects=False)
        except (requests.RequestException, ValueError, OSError) as error:
            raise answers.lost(error) from error
        finally:
            self._used_at = time.monotonic()
        return answers.read(response.status_code, response.content, response.headers.get("Retry-After"))

    def _prepared(self, request: requests.Request) -> requests.PreparedRequest:
        """The request as it will leave. Whatever is wrong with it shows here, before anything has left."""
        try:
            prepared = self._session.prepare_request(request)
            "".join(value for value in prepared.headers.values() if isinstance(value, str)).encode("latin-1")
        except (requests.RequestException, ValueError) as error:
            raise NotSent(details=f"{type(error).__name__}: {error}"[:500]) from error
        return prepared
