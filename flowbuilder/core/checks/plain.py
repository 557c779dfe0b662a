"""What a secret looks like that somebody wrote in plain.

The forms are those that the issuers document: Meta (access tokens, developers.facebook.com/docs/facebook-login/guides/access-tokens),
AWS (unique identifiers, docs.aws.amazon.com/IAM), GitHub (token formats, docs.github.com), GitLab (token prefixes, docs.gitlab.com),
Slack (token types, api.slack.com), Stripe (docs.stripe.com/keys), SendGrid (docs.sendgrid.com), OpenAI (platform.openai.com),
Google (cloud.google.com/docs/authentication/api-keys), JWT (RFC 7519), PEM (RFC 7468), HTTP credentials (RFC 6750, 7617, 3986 3.2.1).
"""

from __future__ import annotations

import re
from typing import Any

_FORMS = {
    "an access token of Meta": r"\bEAA[A-Za-z0-9]{30,}",
    "an access key of AWS": r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b",
    "a token of GitHub": r"\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_\w{22,})",
    "a token of GitLab": r"\bglpat-[\w-]{20,}",
    "a token of Slack": r"\bxox[abeprs]-[\w-]{10,}",
    "a key of Stripe": r"\b[sr]k_(?:live|test)_[A-Za-z0-9]{16,}",
    "a key of SendGrid": r"\bSG\.[\w-]{16,}\.[\w-]{16,}",
    "a key of OpenAI": r"\bsk-[\w-]{20,}",
    "a key of Google": r"\bAIza[\w-]{35}",
    "a token of FlowBuilder": r"\bwfd_[A-Za-z0-9]{20,}",
    "a signed token (JWT)": r"\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,}",
    "a private key": r"-----BEGIN [A-Z ]*PRIVATE KEY-----",
    "a name with its password": r"://[^/\s:@{}]+:[^/\s:@{}]+@",
    "credentials": r"\b(?:[Bb]earer|[Bb]asic)\s+(?=[^\s{}]*\d)[\w.~+/=-]{16,}",
    "a key in an address": r"[?&](?i:api_?key|access_token|auth_token|token|secret|client_secret|password)=[^&\s{}]{8,}",
}
SHORTEST = 14
_FORM = re.compile("|".join(f"({form})" for form in _FORMS.values()))
_LONG = 16
_HINT = re.compile(r"-----BEGIN|[?&]\w+=|://[^/\s]+@")
_TELLING = (
    r"(?:[\w-]*[-_])?(?:authorization|token)|\w*(?:access|auth|bearer|refresh|session)token"
    r"|[\w-]*(?:(?:api|access|private|subscription)[-_]?key|secret|passwor[dt]|passwd|passphrase|contrase[ñn]a|senha)"
)
_NAME = re.compile(rf"(?i){_TELLING}|(?:[\w-]*[-_])?(?:auth|cookie)")
_PAIR = re.compile(rf'(?i)"({_TELLING})"\s*:\s*"([^"\\]*)"')
_LITERAL = re.compile(r"(?:[A-Za-z]+ )?[^\s{}]{6,}")


def secret_in(value: Any) -> str:
    """What kind of secret stands somewhere in a step's data; empty when none does."""
    kind = type(value)
    if kind is str:
        if '":' in value or '" :' in value:
            for name, given in _PAIR.findall(value):
                if _LITERAL.fullmatch(given.strip()):
                    return f"the value of {name} in plain"
        if len(value) >= SHORTEST and _may_hold_one(value) and (found := _FORM.search(value)):
            return list(_FORMS)[found.lastindex - 1]
        return ""
    if kind is dict:
        name, given = value.get("name"), value.get("value")
        if isinstance(name, str) and isinstance(given, str) and _NAME.fullmatch(name) and _LITERAL.fullmatch(given.strip()):
            return f"the value of {name} in plain"
        value = value.values()
    elif kind is not list:
        return ""
    for part in value:
        if found := secret_in(part):
            return found
    return ""


def _may_hold_one(text: str) -> bool:
    """Found out in a fraction of the time that the forms take: nearly no text does."""
    return max(map(len, text.replace("{", " ").replace("}", " ").split()), default=0) >= _LONG or _HINT.search(text) is not None
