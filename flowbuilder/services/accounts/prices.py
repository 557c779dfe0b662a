"""The prices by which a workspace foresees what a batch costs: an example until an administrator brings a list."""

from __future__ import annotations

from sqlalchemy import select, update

from flowbuilder.core import ratecard
from flowbuilder.core.ratecard import RateCard, files
from flowbuilder.errors import Invalid
from flowbuilder.services import transaction
from flowbuilder.services.accounts import audit
from flowbuilder.store import db
from flowbuilder.store.accounts import Workspace


def of(workspace_id: str) -> RateCard:
    kept = db.session.scalar(select(Workspace.rate_card).where(Workspace.id == workspace_id))
    found = files.from_json(kept) if kept else ratecard.example()
    return found if isinstance(found, RateCard) else ratecard.example()


def replace(workspace_id: str, text: str, *, currency: str, day: str, source: str, user_id: str) -> RateCard:
    """From now on these prices count. Raises Invalid with what is wrong in which row."""
    found = files.read(text, currency=currency, day=day, source=source)
    if isinstance(found, list):
        raise Invalid(findings=found)
    _keep(workspace_id, ratecard.to_text(found), f"Prices of {found.date} for {len(found.markets)} markets", user_id)
    return found


def forget(workspace_id: str, *, user_id: str) -> None:
    """Back to the example."""
    _keep(workspace_id, "", "The example prices", user_id)


def _keep(workspace_id: str, text: str, words: str, user_id: str) -> None:
    with transaction() as session:
        session.execute(update(Workspace).where(Workspace.id == workspace_id).values(rate_card=text))
        audit.record(session, workspace_id, user_id, "prices.replaced", workspace_id, words)
