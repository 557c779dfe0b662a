"""The first start: a demo workspace on the simulator's line, and a link that lets its administrator in."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select, update

from flowbuilder import clock
from flowbuilder.config import Config
from flowbuilder.core.validations import CHECKS
from flowbuilder.services import transaction
from flowbuilder.services.accounts import keys, lines, mail, providers, signin
from flowbuilder.store import db, new_id
from flowbuilder.store.accounts import Line, Membership, Role, User, Workspace
from flowbuilder.store.validations import Provider

ADMIN = "admin@example.com"
_LINK_FOR = timedelta(days=1)


def first_start(config: Config) -> str:
    """Make what is missing, and return the path of a one-time link for its administrator; "" once there is a password."""
    if db.session.scalar(select(Workspace.id).limit(1)) is None:
        _make_demo()
    _follow_simulator(config)
    waiting = (
        select(Membership.user_id)
        .join(User)
        .where(Membership.role == Role.ADMIN, User.email == ADMIN, User.password_hash == "", User.disabled_at.is_(None))
    )
    user_id = db.session.scalar(waiting.limit(1))
    if user_id is None:
        return ""
    with transaction() as session:
        token = signin.issue_link(session, user_id, _LINK_FOR)
    return signin.path_of_link(token)


def subscribe_simulator() -> None:
    """Have the simulator send its events to us, and ask it once what its line may do; called when both are up, may be called again."""
    for line in db.session.scalars(select(Line).where(Line.is_simulator)).all():
        lines.client(line).subscribe(lines.webhook_url(line), lines.verify_token(line))
        if line.checked_at is None:
            lines.check(line.workspace_id, line.id, user_id=None)


def _make_demo() -> None:
    with transaction() as session:
        if session.scalar(select(Workspace.id).limit(1)):
            return
        now = clock.now()
        workspace = Workspace(id=new_id("wsp"), name="Demo", created_at=now)
        admin = User(id=new_id("usr"), email=ADMIN, name="Admin", created_at=now)
        session.add_all([workspace, admin])
        session.flush()
        session.add(Membership(workspace_id=workspace.id, user_id=admin.id, role=Role.ADMIN))


def _follow_simulator(config: Config) -> None:
    """The oldest workspace has the simulator's line and mailbox; addresses and secrets are those of this start."""
    workspace_id = db.session.scalar(select(Workspace.id).order_by(Workspace.created_at).limit(1))
    line = db.session.scalar(select(Line).where(Line.is_simulator, Line.workspace_id == workspace_id))
    if line is None:
        secrets = keys.simulator_secrets(config.home)
        lines.add(workspace_id, _simulator_details(config, secrets), user_id=None, is_simulator=True)
    elif line.base_url != config.simulator_url:
        with transaction() as session:
            session.execute(update(Line).where(Line.id == line.id).values(base_url=config.simulator_url))
    mail.follow_simulator(workspace_id)
    _follow_provider(config, workspace_id)


def _follow_provider(config: Config, workspace_id: str) -> None:
    """The simulator plays a provider of validations, too; one that was deleted is not made again."""
    provider = db.session.scalar(select(Provider).where(Provider.is_simulator, Provider.workspace_id == workspace_id))
    url = f"{config.simulator_url}/provider"
    if provider is None:
        secret = keys.provider_secret(config.home)
        details = providers.Details(name="Simulator", base_url=url, secret=secret, checks=tuple(CHECKS))
        providers.add(workspace_id, details, user_id=None, is_simulator=True)
    elif provider.base_url != url:
        with transaction() as session:
            session.execute(update(Provider).where(Provider.id == provider.id).values(base_url=url))


def _simulator_details(config: Config, secrets: dict[str, str]) -> lines.LineDetails:
    return lines.LineDetails(
        name="Simulator",
        display_number="+1 555-010-0001",
        phone_number_id="3000000000000001",
        waba_id="2000000000000001",
        app_id="1000000000000001",
        base_url=config.simulator_url,
        **secrets,
    )
