"""Calls of other programs as data: whatever a variable holds, the request keeps its shape, and any answer can be read."""

from __future__ import annotations

import json
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowbuilder.core import webcall
from flowbuilder.core.flow import Node
from flowbuilder.core.nodes import KINDS, limits
from flowbuilder.core.nodes.http_request import HttpRequest

ANYTHING = st.text(max_size=40) | st.sampled_from(('","admin":true,"x":"', "\\", '"', "1e999", "-0", "00", "{{secret}}", "\n", "😀", "}"))
DOCUMENTS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda one: st.lists(one, max_size=4) | st.dictionaries(st.sampled_from(("id", "name", "items")), one, max_size=3),
    max_leaves=8,
)


@given(ANYTHING)
def test_a_body_stays_the_json_that_was_drawn(value):
    template = '{"name": "Dear {{name}}!", "quoted \\" {{name}}": [{{name}}, {"deep": {{ name }}}]}'
    document = json.loads(webcall.fill_json(template, {"name": value}))
    assert set(document) == {"name", f'quoted " {value}'}
    assert document["name"] == f"Dear {value}!"
    bare = document[f'quoted " {value}'][0]
    assert bare == value or (isinstance(bare, int | float) and json.dumps(bare) != json.dumps(value))


@given(ANYTHING)
def test_a_value_stays_in_its_place_of_the_address(value):
    parts = urlsplit(webcall.fill_address("https://shop.example/orders/{{id}}?of={{id}}", {"id": value}))
    assert (parts.scheme, parts.netloc, parts.fragment) == ("https", "shop.example", "")
    assert parts.path.count("/") == 2
    assert unquote(parts.query) == f"of={value}"


@given(ANYTHING)
def test_a_value_begins_no_new_header(value):
    (header,) = webcall.filled(_data(headers=[{"name": "X-Name", "value": "{{n}}"}]), {"n": value})["headers"]
    assert header["value"].isprintable() and header["value"].isascii()


def test_a_secret_is_named_and_never_filled_in_by_a_text():
    asked = webcall.filled(_data(headers=[{"name": "Authorization", "value": "Bearer ", "secret": "crm"}]), {"crm": "x"})
    assert asked["headers"] == [{"name": "Authorization", "value": "Bearer ", "secret": "crm"}]


@given(st.text(max_size=30) | st.sampled_from(("id", "items[0]", "length(@)", "sum(items)", "items[*].id", "to_number(name)")), DOCUMENTS)
def test_any_answer_can_be_asked_for_any_path(path, document):
    assert len(webcall.picked(path, document)) <= webcall.VALUE_MAX


@pytest.mark.parametrize(
    ("path", "expected"),
    [("order.id", "48"), ("order.total", "12.5"), ("order.paid", "true"), ("order.note", ""), ("items[1].name", "Cup"),
     ("length(items)", "2"), ("items[*].name", '["Pot", "Cup"]'), ("nothing.there", "")],
)  # fmt: skip
def test_parts_of_an_answer_become_values(path, expected):
    document = {"order": {"id": 48, "total": 12.50, "paid": True, "note": None}, "items": [{"name": "Pot"}, {"name": "Cup"}]}
    assert webcall.picked(path, document) == expected


@pytest.mark.parametrize(
    ("change", "field"),
    [({"url": ""}, "url"), ({"url": "http://shop.example/"}, "url"), ({"url": "https://{{host}}/"}, "url"), ({"url": "{{all}}"}, "url"),
     ({"url": "https://me:pw@shop.example/"}, "url"), ({"url": "ftp://shop.example"}, "url"), ({"url": "https://[::1"}, "url"),
     ({"method": "POST", "body": '{"a": }'}, "body"), ({"headers": [{"name": "Host", "value": "x"}]}, "headers"),
     ({"headers": [{"name": "a b", "value": "x"}]}, "headers"), ({"headers": [{"name": "X-A"}]}, "headers"),
     ({"outputs": [{"variable": "id", "path": "a..b"}]}, "outputs"), ({"outputs": [{"variable": "Id", "path": "a"}]}, "outputs")],
)  # fmt: skip
def test_what_cannot_be_called_is_found(change, field):
    assert [finding.field for finding in limits(Node("n2", "http_request", _data(**change)))] == [field]


@pytest.mark.parametrize(
    "change",
    [{}, {"url": "https://shop.example/{{id}}"}, {"url": "http://127.0.0.1:9000/x"},
     {"method": "POST", "body": '{"a": {{n}}, "b": "{{m}}"}'},
     {"headers": [{"name": "Authorization", "value": "Bearer ", "secret": "crm"}]}, {"method": "GET", "body": "left over"}],
)  # fmt: skip
def test_what_can_be_called_is_in_order(change):
    assert list(limits(Node("n2", "http_request", _data(**change)))) == []


def test_only_what_is_asked_for_is_read():
    kind = KINDS["http_request"]
    assert isinstance(kind, HttpRequest)
    node = Node("n2", "http_request", _data(url="https://a.example/{{id}}", body='"{{unused}}"', headers=[{"name": "X", "value": "{{h}}"}]))
    assert kind.samples(node) == ("id", "h")


def _data(**change):
    return {"method": "GET", "url": "https://shop.example/orders", "headers": [], "body": "", "outputs": []} | change
