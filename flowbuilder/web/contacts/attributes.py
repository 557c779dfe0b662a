"""The attributes of one contact, changed by hand."""

from __future__ import annotations

from flask import Response, flash, g, request, url_for

from flowbuilder.core.attributes import LONGEST, name_for, named_wrong
from flowbuilder.core.variables import as_variable, is_attribute
from flowbuilder.errors import Invalid
from flowbuilder.services.contacts import attributes, consent
from flowbuilder.store.accounts import Role
from flowbuilder.web.contacts.blueprint import bp
from flowbuilder.web.contacts.pages import page
from flowbuilder.web.forms import Form
from flowbuilder.web.policy import allow
from flowbuilder.web.render import go

_FIELD = "attribute-"


@bp.post("/contacts/<contact_id>/attributes", endpoint="attributes")
@allow(Role.TESTER)
def change(contact_id: str) -> tuple[str, int] | Response:
    form, contact = Form(request.form), consent.find(g.workspace_id, contact_id)
    changes = {name.removeprefix(_FIELD): str(value).strip() for name, value in form.values.items() if name.startswith(_FIELD)}
    new = _new(form)
    try:
        form.check()
        attributes.set_by_hand(contact, changes | new, user_id=g.user_id)
    except Invalid as error:
        for finding in error.findings if not form.findings else ():
            form.refuse("new_value" if finding.field in new else _FIELD + finding.field, finding.code, finding.text)
        return page(contact, form), 422
    flash("Attributes saved.", "success")
    return go(url_for("contacts.show", contact_id=contact_id, _anchor="attributes"))


def _new(form: Form) -> dict[str, str]:
    """The attribute that is added, if any; its name may be given in words."""
    words, value = str(form.value("new_name")).strip(), form.text("new_value", "the value", required=False, longest=LONGEST)
    name = words if is_attribute(as_variable(words)) else name_for(words)
    if (words or value) and not name:
        form.refuse("new_name", "malformed", named_wrong(words))
    elif name and not value:
        form.refuse("new_value", "missing", "Enter its value; an attribute without one is not kept.")
    return {name: value} if name else {}
