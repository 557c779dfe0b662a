"""Which person a browser is: Flask-Login over session rows, so that deleting the row signs the browser out."""

from __future__ import annotations

from flask import Flask, request, session
from flask_login import LoginManager, login_user, logout_user

from flowbuilder.services.accounts import sessions
from flowbuilder.services.accounts.sessions import Person


class SignedIn:
    """A person as Flask-Login wants one; its id is that of the session row, not of the user."""

    is_authenticated = is_active = True
    is_anonymous = False

    def __init__(self, person: Person) -> None:
        self._person = person

    def get_id(self) -> str:
        return self._person.session_id

    def __getattr__(self, name: str) -> object:
        return getattr(self._person, name)


def init_app(app: Flask) -> None:
    manager = LoginManager()
    manager.session_protection = None
    manager.init_app(app, add_context_processor=False)

    @manager.user_loader
    def load(session_id: str) -> SignedIn | None:
        person = sessions.find(session_id)
        return SignedIn(person) if person else None


def begin(person: Person) -> None:
    """Sign this browser in. What the old cookie held, its CSRF token too, ends here."""
    session.clear()
    session.permanent = True
    login_user(SignedIn(person))


def end() -> None:
    logout_user()
    session.clear()


def caller() -> tuple[str, str]:
    """Address and browser of the request, for the list of sessions and the throttle."""
    return request.remote_addr or "", request.user_agent.string[:255]
