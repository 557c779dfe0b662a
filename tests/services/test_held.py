from __future__ import annotations

import pytest

from flowbuilder.core.delivery import DeliveryStatus
from flowbuilder.services.sending import fate
from flowbuilder.whatsapp.client import Accepted


@pytest.mark.parametrize(
    ("said", "words"), [("held_for_quality_assessment", "holds it back"), ("paused", "not delivered"), ("accepted", "")]
)
def test_what_meta_says_beside_taking_a_message_is_kept(said: str, words: str) -> None:
    result = fate.of_success(1, Accepted("wamid.1", "16505551234", said))
    assert result.become is DeliveryStatus.ACCEPTED
    assert words in result.text
    assert bool(words) == bool(result.text)
