"""Every component on one page, to look at and to take pictures of."""

from __future__ import annotations

from flask import Blueprint

from flowbuilder import clock
from flowbuilder.store.accounts import Role
from flowbuilder.web.forms import Form
from flowbuilder.web.policy import allow
from flowbuilder.web.render import render, toast

bp = Blueprint("patterns", __name__)


@bp.get("/-/patterns")
@allow(Role.VIEWER)
def index() -> str:
    form = Form({"broken": "1234"})
    form.refuse("broken", "malformed", "Write the number with its country, such as +49 30 1234567.")
    return render("patterns/index.html", form=form, moment=clock.now())


@bp.get("/-/patterns/toast")
@allow(Role.VIEWER)
def sample_toast() -> object:
    return toast("", "Everything is saved.", "success")
