"""What is in which column: headers matched whatever their case, accents and signs, in English, Spanish and Portuguese."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from flowbuilder.core.countries import fold
from flowbuilder.core.recipients.unreadable import Unreadable

if TYPE_CHECKING:
    from flowbuilder.core.recipients.rows import Wanted

COUNTRY = "Country code"
PHONE = "Phone number"

_COUNTRY_NAMES = (
    "country code", "codigo de pais", "codigo do pais", "codigo del pais", "codigo pais", "country calling code", "calling code",
    "dialing code", "dialling code", "dial code", "country prefix", "phone country code", "indicativo", "indicativo de pais",
    "indicativo do pais", "prefijo", "prefixo", "ddi", "country", "pais", "prefix", "code", "codigo", "cod pais",
)  # fmt: skip
_PHONE_NAMES = (
    "phone number", "numero de telefono", "numero de telefone", "telefono", "telefone", "phone", "mobile number", "mobile phone",
    "mobile", "cell phone", "cellphone", "cell", "telephone number", "telephone", "tel", "whatsapp number", "whatsapp",
    "numero do telefone", "numero telefonico", "celular", "numero de celular", "numero celular", "telefono movil", "telefono celular",
    "telemovel", "movil", "numero de whatsapp", "contact number", "msisdn", "number", "numero", "to", "recipient",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Columns:
    """Positions of what is needed; ``country`` is None when each number tells its country itself."""

    headers: tuple[str, ...]
    country: int | None
    phone: int
    variables: Mapping[str, int] = field(default_factory=dict)

    def header(self, position: int | None, otherwise: str) -> str:
        return self.headers[position] if position is not None else otherwise

    def chosen(self) -> dict[str, str]:
        """For people: which of their columns is taken for what."""
        found = {PHONE: self.headers[self.phone]} | {name: self.headers[at] for name, at in self.variables.items()}
        return ({COUNTRY: self.headers[self.country]} if self.country is not None else {}) | found


def find_columns(headers: Sequence[str], wanted: Wanted) -> Columns:
    """Match ``headers``; what a person matched by hand (``wanted.mapping``) comes first."""
    folded = [fold(header) for header in headers]
    by_hand = _by_hand(folded, wanted)
    taken = set(by_hand.values())
    country = by_hand.get(COUNTRY, _first(folded, _COUNTRY_NAMES[:5], taken))
    phone = by_hand.get(PHONE, _first(folded, _PHONE_NAMES[:5], taken))
    taken |= {at for at in (country, phone) if at is not None}
    variables = {}
    for name in wanted.variables:
        at = by_hand.get(name, _first(folded, (fold(name),), taken))
        if at is not None:
            variables[name] = at
            taken.add(at)
    phone = _first(folded, _PHONE_NAMES, taken) if phone is None else phone
    country = _first(folded, _COUNTRY_NAMES, taken) if country is None else country
    missing = [PHONE] if phone is None else []
    missing += [name for name in wanted.variables if name not in variables and name not in wanted.optional]
    if missing:
        raise Unreadable("columns_missing", _missing_words(missing, headers), headers=tuple(headers))
    found = Columns(tuple(headers), country, phone, variables)  # type: ignore[arg-type]
    _refuse_doubles(folded, found)
    return found


def matched(headers: Sequence[str], wanted: Wanted) -> int:
    """How many needed columns these headers offer: tells the delimiter."""
    folded = {fold(header) for header in headers}
    names = [fold(name) for name in wanted.variables] + [fold(name) for name in wanted.mapping.values()]
    return (
        sum(name in folded for name in names)
        + any(name in folded for name in _PHONE_NAMES)
        + any(name in folded for name in _COUNTRY_NAMES)
    )


def _by_hand(folded: Sequence[str], wanted: Wanted) -> dict[str, int]:
    return {key: folded.index(fold(header)) for key, header in wanted.mapping.items() if header and fold(header) in folded}


def _first(folded: Sequence[str], names: Sequence[str], taken: set[int]) -> int | None:
    for name in names:
        for at, header in enumerate(folded):
            if header == name and at not in taken:
                return at
    return None


def _missing_words(missing: Sequence[str], headers: Sequence[str]) -> str:
    wanted = " or ".join(f"“{name}”" for name in missing)
    cure = "Rename the column, or match it" if len(missing) == 1 else "Rename the columns, or match them"
    there = ", ".join(f"“{header}”" for header in headers[:12] if header) or "none with a name"
    return f"No column is called {wanted}; the file has {there}. {cure} by hand below."


def _refuse_doubles(folded: Sequence[str], found: Columns) -> None:
    for at in (found.phone, found.country, *found.variables.values()):
        if at is not None and folded.count(folded[at]) > 1:
            second = folded.index(folded[at], folded.index(folded[at]) + 1)
            text = f"Two columns are called “{found.headers[at]}” ({folded.index(folded[at]) + 1} and {second + 1}): rename one of them."
            raise Unreadable("columns_doubled", text, headers=found.headers)
