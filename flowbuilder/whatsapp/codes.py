"""Meta's error codes as data: what each means for people, what to do, and whether to try again.

Source: developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes (12 Dec 2025 and
11 Sep 2026). Whoever meets a new code adds one line here.
"""

from __future__ import annotations

from dataclasses import dataclass

from flowbuilder.whatsapp.errors import Verdict

_FAIL, _WAIT, _LINE, _TEMPLATE, _UNKNOWN = Verdict.FAIL, Verdict.WAIT, Verdict.STOP_LINE, Verdict.STOP_TEMPLATE, Verdict.UNKNOWN


@dataclass(frozen=True, slots=True)
class Meaning:
    """One code in words: ``text`` says what is wrong, ``advice`` what to do."""

    code: int
    text: str
    advice: str
    verdict: Verdict

    @property
    def sentence(self) -> str:
        return f"{self.text} {self.advice}".strip()


_RECONNECT = "Enter a valid access token on the page Lines; then resume what was stopped."
_PERMISSION = "Give the app the permission in Meta's business settings, then resume."
_SLOWER = "It goes on by itself, more slowly."
_UNCLEAR = "It may have gone out all the same: wait for its status before sending again."
_REPORT = "Look at the details and tell your administrator."

_TABLE: tuple[tuple[int, Verdict, str, str], ...] = (
    (0, _LINE, "Meta does not accept the access token of this line.", _RECONNECT),
    (1, _UNKNOWN, "Meta had a fault, or did not understand the request.", _UNCLEAR),
    (2, _UNKNOWN, "Meta's service is overloaded or down.", _UNCLEAR),
    (3, _LINE, "The app of this line may not do this.", _PERMISSION),
    (4, _WAIT, "The app has called Meta too often.", _SLOWER),
    (10, _LINE, "The app of this line lacks a permission.", _PERMISSION),
    (33, _LINE, "Meta does not know this phone number any more.", "Check the phone number ID on the page Lines."),
    (100, _FAIL, "Meta found a parameter of the request invalid.", _REPORT),
    (190, _LINE, "The access token of this line has expired or is not valid.", _RECONNECT),
    (368, _LINE, "Meta has restricted the account because of its policies.", "See Meta's business support, then resume."),
    (80007, _WAIT, "The WhatsApp account has called Meta too often.", _SLOWER),
    (130403, _FAIL, "Your business has blocked this person.", "Unblock them in WhatsApp Manager if that was a mistake."),
    (130429, _WAIT, "More messages a second than this line may send.", _SLOWER),
    (
        130472,
        _FAIL,
        "Meta holds marketing messages back from this person as part of an experiment.",
        "Do not repeat it; wait until they write.",
    ),
    (130497, _FAIL, "Your business may not message people in this country.", "Leave out numbers of this country."),
    (131000, _UNKNOWN, "Something went wrong at Meta.", _UNCLEAR),
    (131005, _LINE, "Access was denied to this line.", _PERMISSION),
    (131008, _FAIL, "A value that the message needs is missing.", "Fill in every customizable word."),
    (131009, _FAIL, "A value of the message is not valid.", "See the details, correct it and send again."),
    (131016, _UNKNOWN, "Meta's service is not available just now.", _UNCLEAR),
    (131021, _FAIL, "The recipient is the line itself.", "Send to another number."),
    (131026, _FAIL, "The message cannot be delivered.", "Check that the number uses WhatsApp and has a recent version of it."),
    (131030, _FAIL, "A test line may only message the numbers on its list.", "Add the number to the list in Meta's app dashboard."),
    (131031, _LINE, "The WhatsApp account is locked, or its data do not match.", "See WhatsApp Manager, then resume."),
    (131037, _LINE, "The display name of this line is not approved yet.", "Have the display name approved in WhatsApp Manager."),
    (131042, _LINE, "Meta has a problem with the payment method.", "Check the payment settings in WhatsApp Manager, then resume."),
    (131045, _LINE, "The phone number is not registered properly.", "Register the number again in WhatsApp Manager."),
    (131047, _FAIL, "The person's last message is more than 24 hours old.", "Only an approved outbound message may be sent now."),
    (131048, _WAIT, "Too many people have blocked or reported this line.", "Sending pauses; look at the quality of the line."),
    (131049, _FAIL, "Meta did not deliver it, to keep marketing messages welcome.", "Try again after 24 hours at the earliest."),
    (131050, _FAIL, "The person has stopped marketing messages from you.", "Send them no marketing until they resume it."),
    (131051, _FAIL, "This type of message is not supported.", "Use another type of message."),
    (131052, _FAIL, "The file that the person sent could not be downloaded.", "Ask them to send it again."),
    (
        131053,
        _FAIL,
        "Meta could not show the file of the message.",
        "Retry it: the file is uploaded anew. If it fails again, choose another file.",
    ),
    (131055, _FAIL, "Only marketing messages may be sent this way.", "Send it in the ordinary way."),
    (131056, _WAIT, "Too many messages to this person in a short time.", _SLOWER),
    (131057, _UNKNOWN, "The line is in maintenance for a minute.", _UNCLEAR),
    (131059, _FAIL, "The page of a list is no longer valid.", "Read the list again from its start."),
    (131062, _FAIL, "This message needs a phone number, and this person is known by a user name only.", "Ask the person for the number."),
    (131063, _LINE, "Marketing messages are switched off for this account.", "Switch them on in WhatsApp Manager."),
    (131064, _TEMPLATE, "Meta limits this account after wrongly categorised messages.", "The limit ends by itself; resume then."),
    (132000, _FAIL, "The number of values does not match the customizable words.", "Fill in exactly one value for each word."),
    (132001, _TEMPLATE, "Meta does not know this message in this language, or has not approved it.", "Refresh the outbound message."),
    (132005, _FAIL, "The filled-in text is too long.", "Use shorter values: header 60 characters, body 1,024."),
    (132007, _TEMPLATE, "The message breaks Meta's content policy.", "Read the policy, duplicate the message and change it."),
    (132008, _FAIL, "A value for a customizable word is not valid.", "Correct it and send again."),
    (132012, _FAIL, "A value does not have the form that the message needs.", "See the details, correct it and send again."),
    (132015, _TEMPLATE, "Meta has paused this message because of its quality.", "Resume when Meta has ended the pause."),
    (132016, _TEMPLATE, "Meta has disabled this message for good.", "Duplicate it, improve the text and submit the copy."),
    (132018, _FAIL, "A value has a line break, a tab or more than four spaces in a row.", "Take them out and send again."),
    (132068, _FAIL, "The WhatsApp Flow in this message is blocked.", "Correct the flow in WhatsApp Manager."),
    (132069, _WAIT, "The WhatsApp Flow in this message is being slowed down.", _SLOWER),
    (133000, _LINE, "An earlier deregistration of the number is incomplete.", "Deregister it again in WhatsApp Manager."),
    (133004, _UNKNOWN, "Meta's registration server is not available.", _UNCLEAR),
    (133005, _LINE, "The two-step PIN is wrong.", "Enter the right PIN in WhatsApp Manager."),
    (133006, _LINE, "The phone number must be verified first.", "Verify it in WhatsApp Manager."),
    (133008, _LINE, "The two-step PIN was guessed too often.", "Wait as long as Meta says."),
    (133009, _LINE, "The two-step PIN was entered too fast.", "Wait as long as Meta says."),
    (133010, _LINE, "The phone number is not registered with WhatsApp.", "Register it in WhatsApp Manager, then resume."),
    (133015, _LINE, "The phone number was deleted a moment ago.", "Wait five minutes, then register it again."),
    (133016, _LINE, "The number was registered too often.", "Wait 72 hours."),
    (134011, _LINE, "The terms of payment are not accepted.", "Accept them in WhatsApp Manager."),
    (134100, _FAIL, "Only marketing messages may be sent this way.", "Send it in the ordinary way."),
    (134101, _WAIT, "Meta is still preparing this message.", "It takes about ten minutes."),
    (134102, _FAIL, "This message is not available to be sent this way.", _REPORT),
    (135000, _FAIL, "Meta refused the request without saying why.", _REPORT),
)

TABLE: dict[int, Meaning] = {code: Meaning(code, text, advice, verdict) for code, verdict, text, advice in _TABLE}


PERSONS_LIMIT = 131049
"""Meta keeps promotions from people who got enough of them lately; within 24 hours it does so again (page support/error-codes)."""
_MAY_HEAL_LATER = {PERSONS_LIMIT, 131053}
HEALING = tuple(code for code, known in TABLE.items() if known.verdict is not _FAIL or code in _MAY_HEAL_LATER)
"""Failures whose cause may be gone at another time: faults of Meta, limits, accounts and messages that were held back."""


def meaning(code: int) -> Meaning:
    """What code ``code`` means; an unknown one says so and is final."""
    known = TABLE.get(code)
    if known:
        return known
    if 200 <= code <= 299:
        return Meaning(code, "The app of this line lacks a permission.", _PERMISSION, _LINE)
    return Meaning(code, f"Meta refused this with code {code}, which is not known here.", "Look the code up at Meta.", _FAIL)


def verdict(code: int, http_status: int, is_transient: bool = False) -> Verdict:
    """What to do after a refusal with this code: known codes by the table, others by what HTTP and Meta say beside it."""
    if code in TABLE or 200 <= code <= 299:
        return meaning(code).verdict
    if http_status >= 500:
        return _UNKNOWN
    return _WAIT if is_transient or http_status == 429 else _FAIL
