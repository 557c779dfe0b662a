"""Members of a workspace: inviting, roles, removing. A workspace always keeps an administrator."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session, joinedload, scoped_session

from flowbuilder import clock
from flowbuilder.errors import Conflict, Invalid, NotFound
from flowbuilder.services import transaction
from flowbuilder.services.accounts import audit, signin
from flowbuilder.store import db, new_id
from flowbuilder.store.accounts import Membership, Role, User, UserSession, Workspace
from flowbuilder.store.handovers import Team, TeamMember

INVITED_FOR = timedelta(hours=72)
RESET_FOR = timedelta(hours=1)
WORKSPACE_NAME_MAX = 120


@dataclass(frozen=True, slots=True)
class Invited:
    """The new member, and the token of the link that lets them in; empty when they have a password already."""

    user_id: str
    email: str
    token: str


def members(workspace_id: str) -> list[Membership]:
    query = select(Membership).join(User).where(Membership.workspace_id == workspace_id).options(joinedload(Membership.user))
    return list(db.session.scalars(query.order_by(func.lower(User.name), User.email)))


def invite(workspace_id: str, *, email: str, name: str, role: Role, user_id: str | None) -> Invited:
    """Make somebody a member. People who are known elsewhere keep their password: a link would open more than this workspace."""
    email = email.strip().casefold()
    with transaction() as session:
        user = session.scalar(select(User).where(User.email == email))
        if user and session.get(Membership, (workspace_id, user.id)):
            raise Conflict(f"{email} is a member already. Change the role in the list instead.")
        is_known = user is not None
        if user is None:
            user = User(id=new_id("usr"), email=email, name=name.strip(), created_at=clock.now())
            session.add(user)
            session.flush()
        session.add(Membership(workspace_id=workspace_id, user_id=user.id, role=role))
        audit.record(session, workspace_id, user_id, "person.invited", user.id, f"Invited {email} as {role}.")
        token = "" if is_known else signin.issue_link(session, user.id, INVITED_FOR)
        return Invited(user.id, email, token)


def add_from_console(email: str, *, role: str, name: str = "") -> str:
    """Make somebody a member of the oldest workspace, or of a first one; the path of the link that lets them in."""
    workspace_id = db.session.scalar(select(Workspace.id).order_by(Workspace.created_at).limit(1))
    if workspace_id is None:
        workspace_id = _first_workspace(Role(role))
    invited = invite(workspace_id, email=email, name=name, role=Role(role), user_id=None)
    if not invited.token:
        raise Conflict(f"{invited.email} has an account already and is a member now; the password stays as it is.")
    return signin.path_of_link(invited.token)


def add_workspace(name: str, email: str) -> str:
    """A workspace more, with its first administrator; the path of the link that lets them in, empty when they have a password already."""
    clean = " ".join(name.split())
    if not 0 < len(clean) <= WORKSPACE_NAME_MAX:
        raise Invalid(f"Give the workspace a name of at most {WORKSPACE_NAME_MAX} characters.")
    if db.session.scalar(select(Workspace.id).where(func.lower(Workspace.name) == clean.lower())):
        raise Conflict(f"There is a workspace “{clean}” already. Choose another name, or add people to it under Workspace > People.")
    invited = invite(_make_workspace(clean), email=email, name="", role=Role.ADMIN, user_id=None)
    return signin.path_of_link(invited.token) if invited.token else ""


def _first_workspace(role: Role) -> str:
    if role is not Role.ADMIN:
        raise Conflict("There is no workspace yet, and the first person in it must be an administrator. Add them with --role admin.")
    return _make_workspace("Workspace")


def _make_workspace(name: str) -> str:
    with transaction() as session:
        workspace = Workspace(id=new_id("wsp"), name=name, created_at=clock.now())
        session.add(workspace)
        return workspace.id


def new_link(workspace_id: str, member_id: str, *, user_id: str) -> Invited:
    """A link for a member who lost the old one or the password. The old password and all sessions end."""
    with transaction() as session:
        member = _member(session, workspace_id, member_id)
        if session.scalar(select(func.count()).select_from(Membership).where(Membership.user_id == member_id)) > 1:
            raise Conflict(f"{member.user.email} belongs to other workspaces too, so that a link from here would open those as well.")
        session.execute(update(User).where(User.id == member_id).values(password_hash=""))
        session.execute(delete(UserSession).where(UserSession.user_id == member_id))
        audit.record(session, workspace_id, user_id, "person.link_made", member_id, f"Made a sign-in link for {member.user.email}.")
        return Invited(member_id, member.user.email, signin.issue_link(session, member_id, RESET_FOR))


def change_role(workspace_id: str, member_id: str, role: Role, *, user_id: str) -> None:
    with transaction() as session:
        member = _member(session, workspace_id, member_id)
        if member.role == role:
            return
        if role is not Role.ADMIN:
            _keep_an_admin(session, workspace_id, member)
        audit.record(session, workspace_id, user_id, "person.role_changed", member_id, f"{member.user.email}: {member.role} became {role}.")
        member.role = role


def remove(workspace_id: str, member_id: str, *, user_id: str) -> None:
    """End a membership; what the person made stays."""
    with transaction() as session:
        member = _member(session, workspace_id, member_id)
        _keep_an_admin(session, workspace_id, member)
        audit.record(session, workspace_id, user_id, "person.removed", member_id, f"Removed {member.user.email}.")
        session.execute(delete(UserSession).where(UserSession.user_id == member_id, UserSession.workspace_id == workspace_id))
        of_workspace = select(Team.id).where(Team.workspace_id == workspace_id)
        session.execute(delete(TeamMember).where(TeamMember.user_id == member_id, TeamMember.team_id.in_(of_workspace)))
        session.delete(member)


def rename(user_id: str, workspace_id: str, name: str) -> None:
    with transaction() as session:
        session.execute(update(User).where(User.id == user_id).values(name=name))
        audit.record(session, workspace_id, user_id, "person.renamed", user_id, f"Is now called {name}.")


def workspaces_of(user_id: str) -> list[Membership]:
    query = select(Membership).join(Workspace).where(Membership.user_id == user_id).options(joinedload(Membership.workspace))
    return list(db.session.scalars(query.order_by(func.lower(Workspace.name))))


def enter(user_id: str, session_id: str, workspace_id: str) -> None:
    """Turn this session to another of the person's workspaces."""
    with transaction() as session:
        if session.get(Membership, (workspace_id, user_id)) is None:
            raise NotFound()
        session.execute(
            update(UserSession).where(UserSession.id == session_id, UserSession.user_id == user_id).values(workspace_id=workspace_id)
        )


def _member(session: Session | scoped_session[Session], workspace_id: str, member_id: str) -> Membership:
    """The membership, its workspace locked: two administrators who remove each other take turns."""
    session.execute(select(Workspace.id).where(Workspace.id == workspace_id).with_for_update())
    member = session.get(Membership, (workspace_id, member_id), options=[joinedload(Membership.user)])
    if member is None:
        raise NotFound("This person is no member of the workspace any more.")
    return member


def _keep_an_admin(session: Session | scoped_session[Session], workspace_id: str, leaving: Membership) -> None:
    if leaving.role != Role.ADMIN:
        return
    query = select(func.count()).select_from(Membership).join(User)
    others = query.where(
        Membership.workspace_id == workspace_id,
        Membership.role == Role.ADMIN,
        Membership.user_id != leaving.user_id,
        User.disabled_at.is_(None),
    )
    if not session.scalar(others):
        raise Conflict("This is the only administrator. Make somebody else an administrator first.")
