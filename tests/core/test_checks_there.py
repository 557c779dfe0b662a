"""What steps name of the workspace must be there: providers and secrets."""

from __future__ import annotations

from dataclasses import replace

from flowbuilder.core.nodes import KINDS
from tests.core.test_checks import END, START, build
from tests.core.test_checks_more import FACTS, found


def test_a_provider_must_be_there_and_offer_what_is_asked():
    asked = {"provider": "prv1", "check": "face", "text": "Show it.", "label": "Open", "after": 3600, "variable": "identity"}
    flow = build(START, ("n2", "validation", asked), END, edges="n1.continue>n2")
    assert found(flow, "gone_provider") and not found(flow, "not_offered")
    assert found(flow, "not_offered", replace(FACTS, providers={"prv1": ("document",)}))
    fine = replace(FACTS, providers={"prv1": ("document", "face")})
    assert not found(flow, "gone_provider", fine) and not found(flow, "not_offered", fine)


def test_a_provider_is_to_be_chosen_wherever_the_flow_is():
    asked = {"check": "face", "text": "Show it.", "label": "Open", "after": 3600, "variable": "identity"}
    flow = build(START, ("n2", "validation", asked), END, edges="n1.continue>n2")
    assert found(flow, "no_provider") and found(flow, "no_provider", None)


def test_a_secret_that_is_named_must_be_kept_in_the_workspace():
    keyed = KINDS["http_request"].blank() | {"headers": [{"name": "X-Key", "value": "", "secret": "shop_key"}]}
    flow = build(START, ("n2", "http_request", keyed), END, edges="n1.continue>n2")
    assert "no secret “shop_key”" in found(flow, "no_secret")[0].text
    assert not found(flow, "no_secret", replace(FACTS, secrets=frozenset({"shop_key"}))) and not found(flow, "no_secret", None)
