"""Who may call what: every route declares it, and every kind of caller gets what was declared."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from flowbuilder.core.scope import Scope
from flowbuilder.store.accounts import Role
from flowbuilder.web.policy import Policy, allow, policy_of
from tests.web.routes import addresses

SignIn = Callable[..., FlaskClient]


def _stub_views(app: Flask) -> None:
    """Only the policy is asked, so that the matrix does nothing: each view answers 200."""
    for endpoint in list(app.view_functions):
        policy = policy_of(app, endpoint)

        def stub(**_: object) -> str:
            return "reached"

        stub.policy = policy  # type: ignore[attr-defined]
        app.view_functions[endpoint] = stub


def test_every_route_declares_who_may_call_it(app: Flask) -> None:
    silent = [endpoint for endpoint in app.view_functions if policy_of(app, endpoint) is None]

    assert silent == []


def test_only_these_routes_are_open_to_strangers(app: Flask) -> None:
    open_ones = {endpoint for endpoint in app.view_functions if policy_of(app, endpoint) == Policy(None)}

    assert {name for name in open_ones if name.split(".")[0] not in ("health", "inbound")} == {
        "root", "accounts.signin", "accounts.with_password", "accounts.link", "accounts.follow_link", "developers.openapi",
        "developers.validations_schema", "received.fetch", "joined.several",
    }  # fmt: skip


def test_only_the_webhook_of_meta_and_the_api_go_without_a_token_against_forgery(app: Flask) -> None:
    exempt = {endpoint for endpoint in app.view_functions if (policy := policy_of(app, endpoint)) and not policy.csrf}

    assert all(endpoint.startswith(("inbound.", "api.")) for endpoint in exempt)


def test_every_operation_of_the_api_declares_a_scope_and_nothing_else_does(app: Flask) -> None:
    scoped = {endpoint for endpoint in app.view_functions if (policy := policy_of(app, endpoint)) and policy.scope}

    assert scoped == {endpoint for endpoint in app.view_functions if endpoint.startswith("api.")}
    assert {rule.endpoint for rule in app.url_map.iter_rules() if rule.rule.startswith("/api/v1")} == scoped
    assert {policy_of(app, endpoint).scope for endpoint in scoped} == set(Scope)


def test_a_stranger_gets_only_what_is_open(app: Flask) -> None:
    _stub_views(app)
    client = app.test_client()

    for rule, method, path in addresses(app):
        response = client.open(path, method=method)
        if policy_of(app, rule.endpoint).scope:
            assert response.status_code == 401, f"{method} {rule}"
        elif policy_of(app, rule.endpoint).role is None:
            assert response.text == "reached", f"{method} {rule}"
        else:
            assert response.status_code == 303, f"{method} {rule}"
            assert response.location.startswith("/signin"), f"{method} {rule}"


@pytest.mark.parametrize("role", list(Role))
def test_a_role_reaches_exactly_the_routes_that_admit_it(app: Flask, sign_in: SignIn, role: Role) -> None:
    order = list(Role)
    _stub_views(app)
    client = sign_in(role)

    for rule, method, path in addresses(app):
        needed = policy_of(app, rule.endpoint).role
        if policy_of(app, rule.endpoint).scope:
            continue
        is_admitted = needed is None or order.index(role) <= order.index(needed)
        response = client.open(path, method=method)
        assert response.status_code == (200 if is_admitted else 403), f"{method} {rule} as {role}"


def test_a_route_that_declares_nothing_is_closed_even_to_administrators(app: Flask, sign_in: SignIn) -> None:
    app.add_url_rule("/forgotten", "forgotten", lambda: "reached")

    assert sign_in("admin").get("/forgotten").status_code == 403


def test_a_changed_role_counts_at_the_next_request(app: Flask, sign_in: SignIn) -> None:
    from flowbuilder.services import transaction
    from flowbuilder.store.accounts import Membership, User

    client = sign_in("admin")
    assert client.get("/people").status_code == 200
    with transaction() as session:
        user = session.query(User).filter_by(email="admin@acme.example").one()
        session.query(Membership).filter_by(user_id=user.id).update({"role": Role.VIEWER})

    assert client.get("/people").status_code == 403


def test_htmx_is_led_to_the_sign_in_page_as_a_whole(client: FlaskClient) -> None:
    response = client.get("/lines", headers={"HX-Request": "true"})

    assert response.status_code == 401
    assert response.headers["HX-Redirect"] == "/signin"


def test_signing_in_leads_back_to_where_one_wanted_to_go(client: FlaskClient) -> None:
    assert client.get("/lines?x=1").location == "/signin?next=/lines?x%3D1"


def test_a_body_beyond_what_the_route_takes_is_refused(app: Flask, sign_in: SignIn) -> None:
    app.config["WTF_CSRF_ENABLED"] = True

    response = sign_in("admin").post("/workspace", data={"name": "x" * (5 * 1024 * 1024)})

    assert response.status_code == 413


def test_a_policy_admits_the_roles_from_its_own_upwards() -> None:
    policy = Policy(Role.TESTER)

    assert [role for role in Role if policy.admits(role)] == [Role.ADMIN, Role.DESIGNER, Role.TESTER]
    assert not policy.admits(None)


def test_the_declaration_leaves_the_view_as_it_is() -> None:
    def view() -> str:
        return "as before"

    assert allow(Role.VIEWER)(view)() == "as before"
