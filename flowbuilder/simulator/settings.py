"""What the simulator is started with (environment) and what can be turned while it runs (knobs)."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flowbuilder.simulator.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Identity and secrets of the one business account that the simulator plays."""

    app_secret: str
    access_token: str
    provider_secret: str = ""
    review_seconds: float = 4.0
    app_id: str = "1000000000000001"
    waba_id: str = "2000000000000001"
    number_id: str = "3000000000000001"
    number: str = "15550100001"
    display_number: str = "+1 555-010-0001"
    verified_name: str = "FlowBuilder Simulator"

    @classmethod
    def from_env(cls, env: Mapping[str, str] = os.environ) -> Settings:
        """Read the settings; raises ValueError with one clear sentence."""
        for name in ("SIMULATOR_APP_SECRET", "SIMULATOR_ACCESS_TOKEN"):
            if not env.get(name):
                raise ValueError(f"Set {name}: the simulator shares it with the line that talks to it.")
        return cls(
            app_secret=env["SIMULATOR_APP_SECRET"],
            access_token=env["SIMULATOR_ACCESS_TOKEN"],
            provider_secret=env.get("SIMULATOR_PROVIDER_SECRET") or "",
            review_seconds=_seconds(env.get("SIMULATOR_REVIEW_SECONDS") or "4"),
        )


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1
    if not 0 <= value <= 172_800:
        raise ValueError(f"SIMULATOR_REVIEW_SECONDS must be a number of seconds from 0 to 172800, not {text!r}.")
    return value


# Name of each knob, with its value on first start. Every one is kept in the database once it has been turned.
KNOBS: dict[str, Any] = {
    "review_seconds": 4.0,
    "review_by_hand": False,
    "seed": 1,
    "throughput": 80,  # messages a second; 80 is STANDARD, up to 1000 is HIGH
    "pair_limit": True,
    "tier": "TIER_100K",
    "allowed_recipients": [],  # empty: everybody (a live account); else only these (a test number)
    "sent_after": 0.1,
    "delivered_after": 0.5,
    "read_after": 1.2,
    "auto_read": 1.0,  # share of delivered messages that are read without anybody opening the chat
    "outside_window": "failed",  # or "refused": how a free-form message outside the window ends
    "user_ids": True,
    "contacts_on_failed": False,
    "webhook_batch": 50,  # changes per post at most
    "clock_offset": 0.0,
}


class Knobs:
    """Values that may be turned while the simulator runs; read from memory, written through to the database."""

    def __init__(self, store: Store, first: dict[str, Any]) -> None:
        self._store = store
        self._values = {**KNOBS, **first}
        self._values.update({row["name"]: json.loads(row["value"]) for row in store.rows("SELECT name, value FROM knob")})

    def __getitem__(self, name: str) -> Any:
        return self._values[name]

    def all(self) -> dict[str, Any]:
        return dict(self._values)

    def turn(self, changes: Mapping[str, Any]) -> None:
        """Set knobs by name; raises ValueError for an unknown name or a value that does not fit."""
        clean = {name: _fitting(name, value) for name, value in changes.items()}
        with self._store.write() as conn:
            conn.executemany(
                "INSERT INTO knob (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                [(name, json.dumps(value)) for name, value in clean.items()],
            )
        self._values.update(clean)


_RANGES = {
    "review_seconds": (0, 172_800),
    "throughput": (1, 1000),
    "auto_read": (0, 1),
    "webhook_batch": (1, 1000),
    "sent_after": (0, 86_400),
    "delivered_after": (0, 86_400),
    "read_after": (0, 86_400),
}
_CHOICES = {"outside_window": ("failed", "refused"), "tier": ("TIER_250", "TIER_2K", "TIER_10K", "TIER_100K", "TIER_UNLIMITED")}


def _fitting(name: str, value: Any) -> Any:
    if name not in KNOBS:
        raise ValueError(f"There is no setting {name!r}; there are {', '.join(KNOBS)}.")
    first = KNOBS[name]
    if isinstance(first, float) and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    if type(value) is not type(first):
        raise ValueError(f"{name} must be a {type(first).__name__}, not {value!r}.")
    low, high = _RANGES.get(name, (value, value))
    if name in _RANGES and not low <= value <= high:
        raise ValueError(f"{name} must be from {low} to {high}, not {value!r}.")
    if value not in _CHOICES.get(name, (value,)):
        raise ValueError(f"{name} must be one of {', '.join(_CHOICES[name])}, not {value!r}.")
    return value
