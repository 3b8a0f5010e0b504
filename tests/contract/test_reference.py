"""The documentation says of tasks, errors and settings what the code says."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from pydantic import ValidationError

from config.described import described_settings
from queues.job_error import Code
from tasks.catalogue import CATALOGUE, by_name
from tasks.declaration import Declaration
from workers import reference
from workers.reference.error_codes import code_meanings
from workers.reference.fields import Fields
from workers.reference.tasks_page import example_request, typescript_call

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"

each_task = pytest.mark.parametrize("declaration", CATALOGUE, ids=by_name())


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with pages that people wrote, before anything was generated."""
    shutil.copytree(EXAMPLES, tmp_path / "examples")
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/wire.md").write_text("Codes:\n<!-- errors -->\n<!-- /errors -->\nThe end.\n")
    (tmp_path / "README.md").write_text("Tasks:\n<!-- tasks -->\nold\n<!-- /tasks -->\nThe end.\n")
    return tmp_path


def test_the_checked_in_pages_are_up_to_date() -> None:
    """Whoever changes a task, a code or a setting changes the pages with it: `fleet contract`."""
    assert reference.differences(ROOT) == []


def test_what_was_written_has_no_differences(repository: Path) -> None:
    """`write` and `differences` agree."""
    reference.write(repository)

    assert reference.differences(repository) == []


def test_each_kind_of_difference_is_found(repository: Path) -> None:
    """A missing page, an edited one and an edited passage are each named."""
    reference.write(repository)
    (repository / "docs/settings.md").unlink()
    (repository / "docs/tasks.md").write_text("")
    readme = repository / "README.md"
    readme.write_text(readme.read_text().replace("<!-- /tasks -->", "mine\n<!-- /tasks -->"))

    assert reference.differences(repository) == ["README.md", "docs/settings.md", "docs/tasks.md"]


def test_what_people_wrote_around_a_passage_stays(repository: Path) -> None:
    """Only what stands between the marks is replaced."""
    reference.write(repository)
    readme = (repository / "README.md").read_text()

    assert readme.startswith("Tasks:\n<!-- tasks -->\n| task |")
    assert readme.endswith("|\n<!-- /tasks -->\nThe end.\n")
    assert "old" not in readme


def test_a_page_without_marks_is_left_alone(repository: Path) -> None:
    """No passage is put where nobody asked for one."""
    (repository / "README.md").write_text("# A fleet\n")

    reference.write(repository)

    assert (repository / "README.md").read_text() == "# A fleet\n"


@each_task
def test_every_field_has_a_meaning(declaration: Declaration) -> None:
    """A reader of the page is told what each field is, variants of unions included."""
    fields = Fields(declaration.schema["$defs"])
    types = {
        name
        for kind in (declaration.request, declaration.result)
        for name in (kind.__name__, *fields.variants_in(kind.__name__))
    }

    assert [
        f"{name}: {field.path}" for name in types for field in fields.of(name) if not field.meaning
    ] == []


@each_task
def test_every_task_has_an_example(declaration: Declaration) -> None:
    """What the page shows as a request is one, as strictly read as on the wire."""
    example = example_request(declaration, EXAMPLES)

    assert declaration.request.model_validate_json(example)


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.json")), ids=lambda path: path.stem)
def test_every_example_is_a_request(path: Path) -> None:
    """No file among the examples would be refused by every task."""
    text = path.read_text(encoding="utf-8")

    assert [each.name for each in CATALOGUE if _takes(each, text)] != []


@each_task
def test_the_call_exists_in_the_client(declaration: Declaration) -> None:
    """The TypeScript line of the page names a method of the generated client."""
    client = (ROOT / "clients/typescript/src/generated/tasks.ts").read_text()
    domain, _, verb = typescript_call(declaration).partition(".")

    assert f"readonly {domain} = {{" in client
    assert re.search(rf"    {verb}: \(\s*request: {declaration.request.__name__}\b", client)


def test_every_code_has_a_meaning() -> None:
    """Each code of an error is explained where it is declared."""
    assert code_meanings().keys() == set(Code)


def test_every_setting_has_a_meaning() -> None:
    """Whoever sets a variable is told what it does."""
    assert [
        setting.variable
        for group in described_settings()
        for setting in group.settings
        if not setting.meaning
    ] == []


def _takes(declaration: Declaration, text: str) -> bool:
    try:
        declaration.request.model_validate_json(text)
    except ValidationError:
        return False
    return True
