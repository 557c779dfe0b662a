"""The OpenAPI document says what the routes do."""

from __future__ import annotations

from flask import Flask
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator

from flowbuilder.core import contract


def test_every_operation_is_in_the_document(app: Flask, client: FlaskClient) -> None:
    document = client.get("/api/openapi.json").json

    said = {operation["operationId"] for path in document["paths"].values() for operation in path.values()}
    assert said == {endpoint.removeprefix("api.") for endpoint in app.view_functions if endpoint.startswith("api.")}
    assert document["openapi"] == "3.1.0"
    assert all(operation["summary"] for path in document["paths"].values() for operation in path.values())


def test_its_schemas_are_those_that_requests_are_held_against(client: FlaskClient) -> None:
    assert client.get("/api/openapi.json").json["components"]["schemas"] == contract.schemas()


def test_every_schema_is_one_and_what_is_taken_is_closed() -> None:
    for name, schema in contract.schemas().items():
        Draft202012Validator.check_schema(schema)
        if schema.get("type") == "object":
            assert schema.get("additionalProperties") is False or "properties" not in schema, name
