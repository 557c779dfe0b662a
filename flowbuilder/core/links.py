"""Addresses that people are sent to: whether they can be, and how values get into them."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote, urlsplit

from flowbuilder.core.variables import fill, names_in


def filled_link(url: str, values: Mapping[str, str]) -> str:
    """An address with values in it: none of them can lead to another place than the designer wrote."""
    return fill(url.strip(), {name: quote(values.get(name, ""), safe="") for name in names_in(url)})


def link_problem(url: str, *, with_variables: bool) -> str:
    """What is wrong with an address, as a sentence; empty when nothing is."""
    try:
        scheme, place, *_ = urlsplit(url)
    except ValueError:
        scheme, place = "", ""
    if scheme not in ("https", "http") or "." not in place.strip(".") or any(sign.isspace() for sign in fill(url, {})):
        return "the link must be a whole address, such as https://example.com/page."
    if names_in(url) and not with_variables:
        return "the link cannot hold variables. Write the whole address."
    if "{" in place:
        return "the link must begin with a fixed address; variables can stand behind it, as in https://example.com/{{order}}."
    return ""
