"""The command line: help without delay, results in words, errors in one sentence."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result

from flowbuilder.cli import main
from flowbuilder.core import json_file
from flowbuilder.store import db
from flowbuilder.store.accounts import Membership, User, Workspace

EXAMPLES = sorted((Path(__file__).parent.parent / "flows_schema/examples").glob("*.json"))


@pytest.fixture
def run(tmp_path: Path, blank_database_url: str, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    monkeypatch.setenv("FLOWBUILDER_HOME", str(tmp_path))
    monkeypatch.setenv("DATABASE_URL", blank_database_url)
    monkeypatch.setenv("REDIS_URL", "unix:///nobody-listens")
    monkeypatch.delenv("PUBLIC_URL", raising=False)
    return CliRunner()


def _sentence(result: Result) -> str:
    """The one line of an error."""
    assert result.exit_code == 1
    (line,) = result.output.splitlines()
    return line


def test_help_names_every_command() -> None:
    output = CliRunner().invoke(main, ["--help"]).output
    assert all(f"  {command} " in output for command in ("up", "web", "worker", "simulator", "db", "user", "flow"))


def test_help_loads_no_server_and_no_database() -> None:
    program = "import sys; from flowbuilder import cli; print(*({'flask', 'sqlalchemy', 'granian', 'rq', 'networkx'} & set(sys.modules)))"
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    assert found == ["flask"]


@pytest.mark.database
def test_a_database_is_brought_up_to_date_once(run: CliRunner) -> None:
    assert run.invoke(main, ["db", "upgrade"]).output.endswith(" now.\n")
    assert run.invoke(main, ["db", "upgrade"]).output.endswith(" already.\n")


def test_a_database_that_does_not_answer_is_one_sentence(run: CliRunner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    assert _sentence(run.invoke(main, ["db", "upgrade"])).startswith("Error: The database does not answer")


def test_a_home_that_is_not_there_is_made(run: CliRunner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLOWBUILDER_HOME", str(tmp_path / "new" / "home"))
    monkeypatch.delenv("DATABASE_URL")
    assert run.invoke(main, ["db", "upgrade"]).exit_code == 0
    assert (tmp_path / "new/home/flowbuilder.db").exists()


def test_a_home_that_cannot_be_is_one_sentence(run: CliRunner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("FLOWBUILDER_HOME", str(tmp_path / "file" / "home"))
    assert "cannot be written" in _sentence(run.invoke(main, ["db", "upgrade"]))


def test_a_port_that_is_no_number_is_one_sentence(run: CliRunner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "eighty")
    assert _sentence(run.invoke(main, ["web"])) == "Error: PORT must be a port number from 1 to 65535, not 'eighty'."


def test_a_person_is_added_to_the_workspace_with_a_way_in(run: CliRunner) -> None:
    run.invoke(main, ["db", "upgrade"])
    _make_workspace()
    result = run.invoke(main, ["user", "add", "ann@example.com", "--role", "tester"])
    assert result.exit_code == 0, result.output
    assert result.output.startswith("http://127.0.0.1:8000/")
    with _context():
        found = db.session.execute(sa.select(User.email, Membership.role).join(Membership)).all()
    assert [tuple(row) for row in found] == [("ann@example.com", "tester")]


def test_the_first_administrator_gets_a_workspace(run: CliRunner) -> None:
    run.invoke(main, ["db", "upgrade"])
    assert run.invoke(main, ["user", "add", "ann@example.com"]).exit_code == 0
    with _context():
        assert db.session.execute(sa.select(Membership.role, Workspace.name).join(Workspace)).one() == ("admin", "Workspace")


def test_the_first_person_must_be_an_administrator(run: CliRunner) -> None:
    run.invoke(main, ["db", "upgrade"])
    refused = _sentence(run.invoke(main, ["user", "add", "ann@example.com", "--role", "tester"]))
    assert refused.startswith("Error: There is no workspace yet, and the first person in it must be an administrator.")


def test_a_workspace_is_added_beside_the_first_one(run: CliRunner) -> None:
    run.invoke(main, ["db", "upgrade"])
    known = run.invoke(main, ["user", "add", "ann@example.com"])
    assert known.exit_code == 0
    told = run.invoke(main, ["workspace", "add", "Globex", "--admin", "ann@example.com"]).output
    assert told == "ann@example.com is its administrator, and goes there on the page Account.\n"
    assert run.invoke(main, ["workspace", "add", "Initech", "--admin", "bill@example.com"]).output.startswith("http://127.0.0.1:8000/")
    twin = run.invoke(main, ["workspace", "add", "globex", "--admin", "x@example.com"])
    assert "There is a workspace “globex” already." in _sentence(twin)
    with _context():
        found = db.session.execute(sa.select(User.email, Workspace.name).join(Membership, Membership.user_id == User.id).join(Workspace))
        assert sorted(map(tuple, found)) == [
            ("ann@example.com", "Globex"), ("ann@example.com", "Workspace"), ("bill@example.com", "Initech")
        ]  # fmt: skip


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.stem)
def test_the_examples_pass_every_check(file: Path) -> None:
    result = CliRunner().invoke(main, ["flow", "check", str(file)])
    assert result.exit_code == 0 and "no check found an error" in result.output and "error  " not in result.output


def test_a_faulty_flow_is_told_step_by_step(tmp_path: Path) -> None:
    file = tmp_path / "flow.json"
    start = {"id": "n1", "kind": "you_send_it", "data": {"template": None}}
    lost = {"id": "n2", "kind": "finish", "data": {"outcome": "success"}}
    file.write_text(json.dumps({"schema": 1, "name": "Half", "settings": {}, "nodes": [start, lost], "edges": [], "layout": {}}))
    result = CliRunner().invoke(main, ["flow", "check", str(file)])
    assert result.exit_code == 1
    assert "error  n2: " in result.output


def test_a_file_that_is_no_flow_is_told(tmp_path: Path) -> None:
    file = tmp_path / "flow.json"
    file.write_text("{")
    result = CliRunner().invoke(main, ["flow", "check", str(file)])
    assert result.exit_code == 1
    assert "error  The file is not JSON" in result.output


def _context():  # noqa: ANN202
    from flowbuilder import create_app

    return create_app().app_context()


def _make_workspace() -> None:
    from flowbuilder import clock

    with _context():
        db.session.add(Workspace(id="wsp_1", name="Acme", created_at=clock.now()))
        db.session.commit()


def _file(tmp_path: Path, called: str = "flow.json", **changes: object) -> Path:
    document = json.loads(EXAMPLES[0].read_text())["flow"]
    path = tmp_path / called
    path.write_text(json.dumps({**document, **changes}))
    return path


def test_a_file_is_written_in_form_once(tmp_path: Path) -> None:
    file = _file(tmp_path)
    looked = CliRunner().invoke(main, ["flow", "format", "--check", str(file)])
    written = CliRunner().invoke(main, ["flow", "format", str(file)])

    assert (looked.exit_code, looked.output) == (1, f"{file}: is not in form\n")
    assert (written.exit_code, written.output) == (0, f"{file}: written anew\n")
    assert CliRunner().invoke(main, ["flow", "format", "--check", str(file)]).output == ""


def test_cards_are_laid_out_anew_in_files(tmp_path: Path) -> None:
    file = _file(tmp_path, layout={})
    assert CliRunner().invoke(main, ["flow", "layout", str(file)]).output == f"{file}: laid out anew\n"
    assert len(json.loads(file.read_text())["layout"]) == len(json.loads(file.read_text())["nodes"])
    assert CliRunner().invoke(main, ["flow", "layout", str(file)]).output == f"{file}: lies so already\n"


@pytest.mark.parametrize("command", ["layout", "format"])
def test_no_file_is_written_when_one_of_them_is_no_flow(tmp_path: Path, command: str) -> None:
    file, broken = _file(tmp_path, layout={}), tmp_path / "broken.json"
    broken.write_text("{")
    before = file.read_text()

    assert CliRunner().invoke(main, ["flow", command, str(file), str(broken)]).exit_code == 2
    assert file.read_text() == before


def test_two_files_are_compared_in_words(tmp_path: Path) -> None:
    file, other = _file(tmp_path), _file(tmp_path, "other.json", name="Other")
    differs = CliRunner().invoke(main, ["flow", "diff", str(file), str(other)])

    assert (differs.exit_code, differs.output.split()[0]) == (1, "settings")
    assert "The flow is called “Other”" in differs.output
    same = CliRunner().invoke(main, ["flow", "diff", str(file), str(file)])
    assert (same.exit_code, same.output) == (0, "The two flows are the same.\n")


ODD = {
    "": "The file is empty",
    "nope": "is not JSON",
    "\udcff": "not text in UTF-8",
    "[]": "This is not a flow",
    '{"schema": 1, "name": "A", "name": "B"}': "The file says “name” twice in one place",
    " " * (json_file.BYTES_MAX + 1): "larger than 8 MB",
    json.dumps({"groups": [], "edges": []}): "This is an export of Typebot. Bring it in by",
}


@pytest.mark.parametrize(
    ("command", "code"), [(["format"], 2), (["layout"], 2), (["diff", str(EXAMPLES[0])], 2), (["import", "--look"], 1)]
)
def test_a_file_that_is_no_flow_is_one_sentence_and_stays_as_it_is(tmp_path: Path, command: list[str], code: int) -> None:
    for text, sentence in ODD.items():
        file = tmp_path / "flow.json"
        file.write_bytes(raw := text.encode(errors="surrogateescape"))
        told = CliRunner().invoke(main, ["flow", *command, str(file)])
        if command[0] == "import" and "groups" in text:
            assert told.exit_code == 0
            continue

        assert (told.exit_code, told.output.count("\n")) == (code, 1)
        assert told.output.startswith(f"Error: {file}: ") and sentence in told.output
        assert file.read_bytes() == raw


@pytest.mark.database
def test_a_flow_goes_in_and_comes_out_the_same(run: CliRunner, tmp_path: Path) -> None:
    file = _file(tmp_path)
    for command in (["export", "flw_none"], ["import", str(file)], ["check", "--workspace", "Acme", str(file)]):
        assert "has no tables yet. Bring it up to date by: flowbuilder db upgrade" in _sentence(run.invoke(main, ["flow", *command]))
    run.invoke(main, ["db", "upgrade"])
    assert "There is no workspace yet" in _sentence(run.invoke(main, ["flow", "import", str(file)]))
    _make_workspace()
    run.invoke(main, ["flow", "format", str(file)])
    flow_id = run.invoke(main, ["flow", "import", str(file)]).output.split()[0]

    assert run.invoke(main, ["flow", "export", flow_id]).output == file.read_text()
    assert "written" in run.invoke(main, ["flow", "export", flow_id, "-o", str(tmp_path / "out.json")]).output
    assert (tmp_path / "out.json").read_text() == file.read_text()
    assert "no flow with the id" in _sentence(run.invoke(main, ["flow", "export", "flw_none"]))
    assert "no such version" in _sentence(run.invoke(main, ["flow", "export", flow_id, "--version", "3"]))


def test_what_becomes_of_another_builders_file_is_told_without_keeping_anything() -> None:
    file = Path(__file__).parent / "data/imports/typebot_connected.json"
    told = CliRunner().invoke(main, ["flow", "import", "--look", str(file)]).output.splitlines()

    assert told[0] == f"Flower shop  {file}"
    assert "  left out: Rose: The block “Code” (a script) has no counterpart; the conversation goes on behind it." in told
