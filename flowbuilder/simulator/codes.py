"""Meta's error codes as the simulator speaks them: HTTP status and title of each, and the two shapes they travel in."""

from __future__ import annotations

import secrets
from typing import Any

# code: (HTTP status of a synchronous answer, title)
CODES: dict[int, tuple[int, str]] = {
    0: (401, "AuthException"),
    1: (400, "API Unknown"),
    2: (503, "API Service"),
    3: (500, "API Method"),
    4: (400, "API Too Many Calls"),
    10: (403, "Permission Denied"),
    33: (400, "Parameter value is not valid"),
    100: (400, "Invalid parameter"),
    190: (401, "Error validating access token: The session is invalid."),
    200: (403, "API Permission"),
    299: (403, "API Permission"),
    368: (403, "Temporarily blocked for policies violations"),
    2200: (400, "Callback verification failed"),
    80007: (400, "Rate limit issues"),
    130403: (400, "Your business has blocked this user"),
    130429: (400, "Rate limit hit"),
    130472: (400, "User's number is part of an experiment"),
    130497: (403, "Business account is restricted from messaging users in this country."),
    131000: (500, "Something went wrong"),
    131005: (403, "Access denied"),
    131008: (400, "Required parameter is missing"),
    131009: (400, "Parameter value is not valid"),
    131016: (500, "Service unavailable"),
    131021: (400, "Recipient cannot be sender"),
    131026: (400, "Message undeliverable"),
    131030: (400, "Recipient phone number not in allowed list"),
    131031: (403, "Account has been locked"),
    131037: (400, "WhatsApp provided number needs display name approval before message can be sent"),
    131042: (400, "Business eligibility payment issue"),
    131045: (500, "Incorrect certificate"),
    131047: (400, "Re-engagement message"),
    131048: (400, "Spam rate limit hit"),
    131049: (400, "This message was not delivered to maintain healthy ecosystem engagement."),
    131050: (400, "Unable to deliver the message. This recipient has chosen to stop receiving marketing messages from your business."),
    131051: (400, "Unsupported message type"),
    131052: (400, "Media download error"),
    131053: (400, "Media upload error"),
    131055: (400, "Method not allowed"),
    131056: (400, "(Business Account, Consumer Account) pair rate limit hit"),
    131057: (500, "Account in maintenance mode"),
    131059: (400, "Invalid paging cursor"),
    131062: (400, "Business-scoped user IDs are not supported for this message"),
    131063: (400, "Marketing messages are switched off for this account"),
    131064: (400, "Sending is limited after misclassified templates"),
    132000: (400, "Number of parameters does not match the expected number of params"),
    132001: (404, "Template name does not exist in the translation"),
    132005: (400, "Translated text too long"),
    132007: (400, "Message template content policy violated"),
    132008: (400, "Parameter value is not valid"),
    132012: (400, "Parameter format does not match format in the created template"),
    132015: (400, "Template is Paused"),
    132016: (400, "Template is disabled"),
    132018: (400, "Template parameter content is not valid"),
    132068: (400, "Flow is in blocked state"),
    132069: (400, "Flow is in throttled state"),
    133000: (500, "Incomplete deregistration"),
    133004: (503, "Server temporarily unavailable"),
    133005: (400, "Two step verification PIN Mismatch"),
    133006: (400, "Phone number re-verification needed"),
    133008: (400, "Too many two step verification PIN guesses"),
    133009: (400, "Two step verification PIN guessed too fast"),
    133010: (400, "Phone number not registered"),
    133015: (400, "Please wait a few minutes before attempting to register this phone number"),
    133016: (400, "Account register deregister rate limit exceeded"),
    134011: (400, "WhatsApp Payments terms of service has not been accepted"),
    134100: (400, "Only marketing messages supported"),
    134101: (400, "Template is being synchronised"),
    134102: (500, "Template is unavailable for use"),
    135000: (400, "Generic user error"),
}
_TRANSIENT = {1, 2, 4, 131000, 131016, 131057, 133004}
HELP = "/documentation/business-messaging/whatsapp/support/error-codes"


class GraphError(Exception):
    """A refusal; raised anywhere below a Graph endpoint, it becomes that endpoint's answer."""

    def __init__(self, code: int, details: str = "", *, subcode: int | None = None, title: str = "", advice: str = "") -> None:
        super().__init__(f"{code}: {details or advice}")
        self.code, self.details, self.subcode, self.title, self.advice = code, details, subcode, title, advice

    @property
    def http(self) -> int:
        return CODES.get(self.code, (400, ""))[0]

    def body(self) -> dict[str, Any]:
        name = CODES.get(self.code, (400, "Unknown error"))[1]
        error: dict[str, Any] = {"message": f"(#{self.code}) {name}", "type": "OAuthException", "code": self.code}
        if self.subcode is not None:
            error |= {"message": name, "error_subcode": self.subcode, "is_transient": False}
            error |= {"error_user_title": self.title, "error_user_msg": self.advice}
        elif self.code in _TRANSIENT:
            error["is_transient"] = True
        if self.details:
            error["error_data"] = {"messaging_product": "whatsapp", "details": self.details}
        return {"error": error | {"fbtrace_id": trace_id()}}


def trace_id() -> str:
    return "A" + secrets.token_urlsafe(17)[:22]


# What a failed status says beside the title, where Meta words it differently.
_FAILED_DETAILS = {
    131026: "Message Undeliverable.",
    131047: "Message failed to send because more than 24 hours have passed since the customer last replied to this number.",
    131049: "In order to maintain a healthy ecosystem engagement, the message failed to be delivered.",
    131050: "Unable to deliver the message. The recipient has chosen to stop receiving marketing messages from your business.",
    131042: "Message failed to send because there were one or more errors related to your payment method.",
    132015: "Template is paused due to low quality.",
}


def status_error(code: int) -> dict[str, Any]:
    """The member of ``statuses[].errors`` for a message that failed after it was accepted."""
    title = CODES.get(code, (400, "Unknown error"))[1]
    return {"code": code, "title": title, "message": title, "error_data": {"details": _FAILED_DETAILS.get(code, title)}, "href": HELP}
