"""Signatures and patience of outgoing webhooks."""

from __future__ import annotations

import base64
import hashlib
import hmac

from hypothesis import given
from hypothesis import strategies as st

from flowbuilder.core.happening import GROUPS, Happening, named, sign, wait_after

# The example of the Standard Webhooks specification, reckoned there with its own library.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def test_the_example_of_the_specification_has_the_signature_that_it_names() -> None:
    signed = sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}', [SECRET])

    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@given(st.binary(max_size=200), st.integers(0, 2**40))
def test_a_receiver_reckons_the_same(body: bytes, timestamp: int) -> None:
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    expected = base64.b64encode(hmac.new(key, f"evt_1.{timestamp}.".encode() + body, hashlib.sha256).digest()).decode()

    assert sign("evt_1", timestamp, body, [SECRET, "other"]).split(" ")[0] == f"v1,{expected}"


def test_tries_last_for_a_day_and_no_longer() -> None:
    waits = [wait for failures in range(1, 20) if (wait := wait_after(failures))]

    assert waits == sorted(waits)
    assert 23 * 3600 < sum(waits) <= 24.5 * 3600


def test_every_event_is_in_one_group_and_named_by_its_status() -> None:
    assert [kind for kinds in GROUPS.values() for kind in kinds] == list(Happening)
    assert named("batch", "finished") is Happening.BATCH_FINISHED
    assert named("batch", "reading") is None
