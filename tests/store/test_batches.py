"""Loading many rows at once: what comes out is what went in, whatever signs are in it."""

from __future__ import annotations

import json

import pytest

from flowbuilder.store import batches, db
from flowbuilder.store.accounts import Line
from flowbuilder.store.sending import BatchFault, Message
from tests import worlds

pytestmark = pytest.mark.database
ODD = ["plain", "", "back\\slash", "tab\tand\nbreaks\r\n", "\\N", "quote ' and \" and %s ? :x", "Zoë 🎉"]


def test_texts_of_faults_are_loaded_as_they_are(line: Line) -> None:
    batch = worlds.batch(line, worlds.template(line), 1)
    rows = [(number, value, None if number % 2 else number) for number, value in enumerate(ODD)]
    fixed = {"batch_id": batch.id, "field": "it's", "code": "c", "text": "100 %", "cells": json.dumps(["a\\b"])}
    batches.load(db.session.connection(), BatchFault.__table__, fixed, ("row", "value", "place"), rows)
    found = db.session.query(BatchFault).order_by(BatchFault.row).all()
    assert [(fault.row, fault.value, fault.place) for fault in found] == rows
    assert {(fault.field, fault.text, tuple(fault.cells)) for fault in found} == {("it's", "100 %", ("a\\b",))}


def test_content_of_messages_is_loaded_as_it_is(line: Line) -> None:
    batch = worlds.batch(line, worlds.template(line), 1, status="draft")
    fixed = {"workspace_id": line.workspace_id, "line_id": line.id, "batch_id": batch.id, "direction": "out", "kind": "template",
             "status": "queued", "created_at": batch.created_at, "created_by": None}  # fmt: skip
    rows = [(str(number), f"+3460000{number:04}", json.dumps({"parameters": {"a": value}})) for number, value in enumerate(ODD, start=10)]
    batches.load(db.session.connection(), Message.__table__, fixed, ("number", "phone", "content"), rows)
    found = db.session.query(Message).filter(Message.batch_id == batch.id, Message.number >= 10).order_by(Message.number).all()
    assert [message.content["parameters"]["a"] for message in found] == ODD
    assert {(message.number, message.attempt, message.is_trial, message.created_at) for message in found} == {
        (number, 0, False, batch.created_at) for number in range(10, 10 + len(ODD))
    }
