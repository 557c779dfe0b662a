"""What a node of RapidPro does, action by action, as steps of ours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flowbuilder.core.imports.building import Builder
from flowbuilder.core.imports.rapidpro_texts import Texts
from flowbuilder.core.imports.steps import MEDIA, go_to, hand_over, request, show
from flowbuilder.core.message import cut

At = tuple[float, float]

_WITHOUT = {
    "add_contact_groups": "adding to groups", "remove_contact_groups": "removing from groups", "add_contact_urn": "adding an address",
    "set_contact_name": "naming the contact", "set_contact_language": "the contact's language", "set_contact_status": "blocking a contact",
    "set_contact_timezone": "the contact's time zone", "set_contact_channel": "the contact's channel", "send_email": "sending an e-mail",
    "add_input_labels": "labels", "start_session": "starting others in a flow", "send_broadcast": "messages to others",
    "transfer_airtime": "airtime", "call_classifier": "a classifier", "call_llm": "a language model",
    "request_optin": "asking for an opt-in", "play_audio": "playing a sound",
}  # fmt: skip


class Actions:
    """``taken`` are the messages whose words a question says."""

    def __init__(self, builder: Builder, texts: Texts, taken: set[str]) -> None:
        self.builder, self.texts, self.taken = builder, texts, taken
        self.calls: list[str] = []

    def steps(self, action: Mapping[str, Any], at: At) -> list[str]:
        match action.get("type"):
            case "send_msg" | "say_msg":
                return self._say(action, at)
            case "set_run_result" | "set_contact_field" | "set_run_local":
                return [self._set(action, at)]
            case "enter_flow":
                return [go_to(self.builder, action["uuid"], at, str((action.get("flow") or {}).get("name") or ""))]
            case "call_webhook" | "call_resthook":
                return [self._call(action, at)]
            case "open_ticket":
                return [self._hand_over(action, at)]
        kind = action.get("type")
        what = _WITHOUT.get(str(kind), f"the action “{kind}”" if kind else "an action without a type")
        self.builder.left_out(about(action), f"There is no counterpart for {what}.")
        return []

    def give_outputs(self) -> None:
        """Each call keeps what texts say of a web answer: in RapidPro that is always the last one's."""
        outputs = [{"variable": variable, "path": path} for path, variable in self.texts.outputs.items() if len(path) <= 200]
        for id in self.calls:
            self.builder.extend(id, outputs=outputs[:30])
        if outputs and not self.calls:
            names = ", ".join(self.texts.outputs.values())
            self.builder.changed("The flow", f"Its texts speak of a web answer that is not called for in this flow: {names}.")

    def _say(self, action: Mapping[str, Any], at: At) -> list[str]:
        """The text, or what is shown with the text as its caption; each further file is a message of its own."""
        is_taken = action["uuid"] in self.taken
        text = "" if is_taken else self.texts.names(str(action.get("text") or ""))
        where, steps = about(action), list[str]()
        for number, attachment in enumerate(action.get("attachments") or ()):
            kind, _, address = str(attachment).partition(":")
            id, place = f"{action['uuid']}{f'-{number}' if number else ''}", (at[0], at[1] + 200 * len(steps))
            if medium := MEDIA.get("document" if kind.startswith("application") else kind.partition("/")[0]):
                steps.append(show(self.builder, id, place, medium, self.texts.names(address), where, text))
                text = ""
            else:
                self.builder.left_out(where, f"A message cannot have a file of the kind “{kind}”. It was {address or attachment}.")
        if not is_taken and (text or not steps):
            steps.append(self.builder.add(f"{action['uuid']}{'-text' if steps else ''}", "message", at, text=text))
        if template := action.get("template") or (action.get("templating") or {}).get("template"):
            name = template.get("name") or "without a name"
            self.builder.changed(
                where, f"It was sent as the outbound message “{name}” where it had to be. To do so here, use Outbound message."
            )
        if action.get("quick_replies") and not is_taken:
            self.builder.left_out(where, "Its quick replies: nothing waited for them. Use Answer options for a question with buttons.")
        return steps

    def _set(self, action: Mapping[str, Any], at: At) -> str:
        key = (action.get("field") or {}).get("key")
        variable = self.texts.field(str(key)) if key else self.texts.variable(str(action.get("name") or action.get("local") or ""))
        value, type = self.texts.names(str(action.get("value") or "")), "text"
        if action.get("operation") == "increment":
            type, value = "number", f"{{{{{variable}}}}} + {value or 1}"
        elif action.get("operation") == "clear":
            value = ""
        return self.builder.add(action["uuid"], "set_variable", at, variable=variable, type=type, value=value)

    def _call(self, action: Mapping[str, Any], at: At) -> str:
        where, headers = "HTTP request", action.get("headers") or {}
        pairs = headers.items() if isinstance(headers, dict) else [(one.get("key") or one.get("name"), one.get("value")) for one in headers]
        if action["type"] == "call_resthook":
            name = action.get("resthook") or "without a name"
            self.builder.to_do(where, f"It called whoever listens to “{name}”. Enter the address that is called.")
        id = request(
            self.builder,
            action["uuid"],
            at,
            method=str(action.get("method") or "POST"),
            url=self.texts.names(str(action.get("url") or "")),
            headers=[(str(name or ""), self.texts.names(str(value or ""))) for name, value in pairs],
            body=self.texts.names(str(action.get("body") or "")),
        )
        self.calls.append(id)
        return id

    def _hand_over(self, action: Mapping[str, Any], at: At) -> str:
        note = "\n".join(self.texts.names(str(action[key])) for key in ("subject", "body", "note") if action.get(key))
        for_whom = [str(one.get("name") or one.get("email") or "") for key in ("topic", "assignee", "ticketer") if (one := action.get(key))]
        return hand_over(self.builder, action["uuid"], at, note, ", ".join(filter(None, for_whom)))


def about(action: Mapping[str, Any]) -> str:
    """What an action is called in the report: its own words, or those of what it is about."""
    named = [one.get("name") for key in ("groups", "labels") for one in action.get(key) or () if isinstance(one, dict)]
    named += [(action.get(key) or {}).get("name") for key in ("flow", "field", "channel", "optin")]
    words = action.get("text") or action.get("name") or action.get("subject") or ", ".join(str(one) for one in named if one)
    return cut(" ".join(str(words).split()), 60) or "A step"
