"""A JSON Schema compiled to one yes-or-no function, for the documents that are in order, as nearly all are.

It knows the keywords that ``flows_schema`` uses and refuses others when it is compiled. It says exactly what
``jsonschema`` says (a property test compares them), some hundred times as fast; ``jsonschema`` finds the words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

Says = Callable[[Any], bool]

_NOTES = frozenset({"$schema", "$id", "title", "description"})


def compile_shape(schema: Mapping[str, Any]) -> Says:
    """The function that tells whether a value is valid. ``schema`` has no references left."""
    rules = {key: value for key, value in schema.items() if key not in _NOTES}
    says = [_KEYWORDS[key](rules.pop(key), schema) for key in tuple(_KEYWORDS) if key in rules]
    if rules := rules.keys() - _WITH_OTHERS:
        raise ValueError(f"The schema uses keywords that are not compiled: {', '.join(sorted(rules))}.")
    match says:
        case []:
            return lambda value: True
        case [one]:
            return one
        case [one, other]:
            return lambda value: one(value) and other(value)
    return _every(says)


def _every(says: Sequence[Says]) -> Says:
    def every(value: Any) -> bool:
        for say in says:  # noqa: SIM110 - A generator costs more than what it asks here.
            if not say(value):
                return False
        return True

    return every


def _is_integer(value: Any) -> bool:
    return type(value) is int or (type(value) is float and value.is_integer())


_TYPES: dict[str, Says] = {
    "string": lambda value: type(value) is str,
    "integer": _is_integer,
    "number": lambda value: type(value) in (int, float),
    "object": lambda value: type(value) is dict,
    "array": lambda value: type(value) is list,
    "null": lambda value: value is None,
}


def _type(names: str | list[str], schema: Mapping[str, Any]) -> Says:
    if isinstance(names, str):
        return _TYPES[names]
    types = [_TYPES[name] for name in names]
    return lambda value: any(is_type(value) for is_type in types)


def _object(properties: Mapping[str, Any], schema: Mapping[str, Any]) -> Says:
    """``properties`` with ``required`` and a closed ``additionalProperties``: all that an object needs, in one loop."""
    parts = {name: compile_shape(part) for name, part in properties.items()}
    required = frozenset(schema.get("required", ()))
    is_closed = schema.get("additionalProperties") is False

    def says(value: Any) -> bool:
        if type(value) is not dict:
            return True
        if not required <= value.keys():
            return False
        for name, part in value.items():
            say = parts.get(name)
            if not is_closed if say is None else say(part):
                continue
            return False
        return True

    return says


def _map(schema: Mapping[str, Any] | bool, whole: Mapping[str, Any]) -> Says:
    """``additionalProperties`` where there are no ``properties``."""
    if "properties" in whole:
        return lambda value: True
    if not isinstance(schema, Mapping):
        raise ValueError("additionalProperties without properties must be a schema.")
    say = compile_shape(schema)
    return lambda value: type(value) is not dict or all(map(say, value.values()))


def _items(schema: Mapping[str, Any], whole: Mapping[str, Any]) -> Says:
    say = compile_shape(schema)
    return lambda value: type(value) is not list or all(map(say, value))


def _property_names(schema: Mapping[str, Any], whole: Mapping[str, Any]) -> Says:
    say = compile_shape(schema)
    return lambda value: type(value) is not dict or all(map(say, value))


def _enum(values: list[Any], schema: Mapping[str, Any]) -> Says:
    if not all(isinstance(value, str) for value in values):
        raise ValueError("Only texts are compiled as enum.")
    allowed = frozenset(values)
    return lambda value: type(value) is str and value in allowed


def _const(constant: Any, schema: Mapping[str, Any]) -> Says:
    return lambda value: type(value) is not bool and value == constant


def _pattern(pattern: str, schema: Mapping[str, Any]) -> Says:
    search = re.compile(pattern).search
    return lambda value: type(value) is not str or search(value) is not None


def _all_of(schemas: list[Mapping[str, Any]], whole: Mapping[str, Any]) -> Says:
    return _every([compile_shape(schema) for schema in schemas])


def _sized(type_: type, fits: Callable[[int, int], bool]) -> Callable[[int, Mapping[str, Any]], Says]:
    return lambda limit, schema: lambda value: type(value) is not type_ or fits(len(value), limit)


def _is_number(value: Any) -> bool:
    return type(value) in (int, float)


_KEYWORDS: dict[str, Callable[[Any, Mapping[str, Any]], Says]] = {
    "type": _type,
    "const": _const,
    "enum": _enum,
    "maxLength": _sized(str, int.__le__),
    "minLength": _sized(str, int.__ge__),
    "maxItems": _sized(list, int.__le__),
    "minItems": _sized(list, int.__ge__),
    "maxProperties": _sized(dict, int.__le__),
    "minimum": lambda limit, schema: lambda value: not _is_number(value) or not value < limit,
    "maximum": lambda limit, schema: lambda value: not _is_number(value) or not value > limit,
    "pattern": _pattern,
    "properties": _object,
    "propertyNames": _property_names,
    "additionalProperties": _map,
    "items": _items,
    "allOf": _all_of,
}
_WITH_OTHERS = frozenset({"required"})
