"""The teams of a workspace, to which flows hand conversations over."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import func, select, update
from sqlalchemy.orm import selectinload

from flowbuilder import clock
from flowbuilder.core.finding import Finding
from flowbuilder.errors import Conflict, Invalid, NotFound
from flowbuilder.services import Tx, transaction
from flowbuilder.services.accounts import audit
from flowbuilder.store import db, new_id
from flowbuilder.store.accounts import Membership
from flowbuilder.store.handovers import Handover, Team, TeamMember

MOST, LONGEST = 50, 60


def listing(workspace_id: str) -> Sequence[Team]:
    query = select(Team).where(Team.workspace_id == workspace_id).options(selectinload(Team.members))
    return db.session.scalars(query.order_by(func.lower(Team.name))).all()


def names(workspace_id: str) -> dict[str, str]:
    query = select(Team.id, Team.name).where(Team.workspace_id == workspace_id).order_by(func.lower(Team.name))
    return {id: name for id, name in db.session.execute(query)}


def known(workspace_id: str, ids: Collection[str]) -> frozenset[str]:
    """Those of these ids that are teams of the workspace."""
    wanted = select(Team.id).where(Team.workspace_id == workspace_id, Team.id.in_(ids))
    return frozenset(db.session.scalars(wanted)) if ids else frozenset()


def of_person(workspace_id: str, user_id: str) -> set[str]:
    """The ids of the teams that somebody is in."""
    mine = select(Team.id).join(TeamMember).where(Team.workspace_id == workspace_id, TeamMember.user_id == user_id)
    return set(db.session.scalars(mine))


def add(workspace_id: str, name: str, *, user_id: str | None) -> Team:
    with transaction() as session:
        _check(session, workspace_id, name := name.strip())
        if (session.scalar(select(func.count()).where(Team.workspace_id == workspace_id)) or 0) >= MOST:
            raise Conflict(f"A workspace has at most {MOST} teams. Delete one that no flow uses any more.")
        row = Team(id=new_id("tea"), workspace_id=workspace_id, name=name, created_at=clock.now())
        session.add(row)
        audit.record(session, workspace_id, user_id, "team.added", row.id, f"Added the team “{name}”")
    return row


def change(workspace_id: str, team_id: str, name: str, members: Collection[str], *, user_id: str | None) -> Team:
    """Its name, and who is in it; of those only members of the workspace."""
    with transaction() as session:
        row = _find(session, workspace_id, team_id)
        _check(session, workspace_id, name := name.strip(), but=team_id)
        wanted = select(Membership.user_id).where(Membership.workspace_id == workspace_id, Membership.user_id.in_(members))
        row.name, row.members = name, []
        session.flush()
        row.members = [TeamMember(team_id=team_id, user_id=one) for one in session.scalars(wanted)]
        audit.record(session, workspace_id, user_id, "team.changed", team_id, f"Changed the team “{name}”: {len(row.members)} in it")
    return row


def delete(workspace_id: str, team_id: str, *, user_id: str | None) -> str:
    """Its conversations lie with everybody then. The name of what is gone."""
    with transaction() as session:
        row = _find(session, workspace_id, team_id)
        name = row.name
        session.execute(update(Handover).where(Handover.workspace_id == workspace_id, Handover.team_id == team_id).values(team_id=""))
        session.delete(row)
        audit.record(session, workspace_id, user_id, "team.deleted", team_id, f"Deleted the team “{name}”")
    return name


def _find(session: Tx, workspace_id: str, team_id: str) -> Team:
    row = session.get(Team, team_id)
    if row is None or row.workspace_id != workspace_id:
        raise NotFound("This team is gone already.")
    return row


def _check(session: Tx, workspace_id: str, name: str, but: str = "") -> None:
    text = ""
    if not name:
        text = "Enter a name for the team."
    elif len(name) > LONGEST:
        text = f"Shorten the name to {LONGEST} characters; it has {len(name)}."
    elif session.scalar(select(Team.id).where(Team.workspace_id == workspace_id, func.lower(Team.name) == name.lower(), Team.id != but)):
        text = f"There is a team “{name}” already. Choose another name."
    if text:
        raise Invalid(findings=[Finding("name", text, field="name")])
