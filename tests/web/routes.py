"""Every route with each of its methods, as addresses to call."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from flask import Flask
from werkzeug.routing import BaseConverter, Rule


def addresses(app: Flask, known: Mapping[str, object] | None = None) -> Iterator[tuple[Rule, str, str]]:
    """(rule, method, path); ``known`` holds values of the rules' variables, the others get one that fits and names nothing."""
    for rule in app.url_map.iter_rules():
        values = {name: (known or {}).get(name, _any(converter)) for name, converter in rule._converters.items()}
        built = rule.build(values, append_unknown=False)
        assert built is not None, f"no address for {rule}"
        for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
            yield rule, method, built[1]


def _any(converter: BaseConverter) -> object:
    if type(converter).__name__ == "AnyConverter":
        return sorted(converter.items)[0]
    return 999999 if "Integer" in type(converter).__name__ else "nobody"
