"""A program with a token: each answer it gets is held against the document of the API."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from flowbuilder.core import contract
from flowbuilder.core.scope import Scope
from flowbuilder.services.api import tokens
from flowbuilder.store import db
from flowbuilder.store.accounts import User, Workspace


class Program:
    """Calls below /api/v1 with a token; ``gives`` names the schema that a good answer must fit."""

    def __init__(self, app: Flask, token: str) -> None:
        self._app, self.token = app, token
        rules = app.url_map.bind("localhost")
        self._rules = rules

    def __call__(self, method: str, path: str, *, key: str = "", headers: dict[str, str] | None = None, **more: Any) -> TestResponse:
        sent = {"Authorization": f"Bearer {self.token}", **(headers or {}), **({"Idempotency-Key": key} if key else {})}
        response = self._app.test_client().open(f"/api/v1{path}", method=method, headers=sent, **more)
        self._judge(method, path.partition("?")[0], response)
        return response

    def _judge(self, method: str, path: str, response: TestResponse) -> None:
        assert response.status_code < 500, response.text
        if response.status_code >= 400:
            assert response.mimetype == "application/problem+json"
            assert contract.findings("Problem", response.json) == ()
            return
        endpoint, _ = self._rules.match(f"/api/v1{path}", method)
        operation = self._app.view_functions[endpoint].operation
        assert response.status_code == operation.status
        if operation.gives:
            assert contract.findings(operation.gives, response.json) == ()


@pytest.fixture
def program(app: Flask, workspace: Workspace) -> Callable[..., Program]:
    """Call it with scopes, or with none for all of them."""

    def with_scopes(*scopes: str) -> Program:
        admin = db.session.query(User).filter_by(email="admin@acme.example").one()
        _, token = tokens.create(workspace.id, "Order system", scopes or list(Scope), 90, user_id=admin.id)
        return Program(app, token)

    return with_scopes


@pytest.fixture
def call(program: Callable[..., Program]) -> Program:
    """A program that may do everything."""
    return program()
