"""The README and the handbook are true: what they tell a reader to type works, and no command is left out."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import fields
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import typer.main

from bank.allocations.life.rules import ENDS
from bank.allocations.rules import PRODUCTS
from bank.cli import program
from bank.settings import PREFIX, Settings
from intermediaries.outcomes.codes import CODE_LISTS
from intermediaries.returns.layout import COLUMNS
from tests.house.documents import DOCUMENTS, HANDBOOK, comes_to, shown_in
from tests.house.tree import ROOT, shown
from tests.journeys.programs import in_this_process

_BIN = Path(sys.executable).parent
_COMMANDS_S = 120
_THE_SHELLS_OWN = re.compile(r"[^\w\s.,:/@='\"()-]")
_KEPT = re.compile(r"(.*) > ([\w.-]+)")
_READ = re.compile(r"\"\$\(cat ([\w./-]+)\)\"")


def _leaves(command: Any, path: str) -> Iterator[str]:
    children = getattr(command, "commands", {})
    if not children:
        yield path
    for name, child in children.items():
        if not child.hidden:
            yield from _leaves(child, f"{path} {name}")


def _handbook() -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in HANDBOOK.glob("*.md"))


class Reader:
    """Somebody who follows a document from its top: types each line, in one place, in one sitting."""

    def __init__(self, place: Path, *, newcomer: bool) -> None:
        """A newcomer's lines all go to a shell, and each starts a program, as on the reader's own machine."""
        self._place = place
        self._newcomer = newcomer
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("BANK_")},
            "PATH": f"{_BIN}{os.pathsep}{os.environ['PATH']}",
            "COLUMNS": "120",
            "NO_COLOR": "1",
        }
        self._last: dict[str, str] = {}

    def types(self, line: str) -> tuple[int, str]:
        """The exit code and what was printed. What a line exports holds for the lines after it.

        An identifier that ends in an ellipsis, such as ``fac_…``, is the last of its kind that was printed.
        """
        typed = re.sub(r"\b([a-z]{3})_…", lambda found: self._last[found[1]], line)
        command, kept = found.groups() if (found := _KEPT.fullmatch(typed)) else (typed, None)
        alone = command.startswith("bank ") and not _THE_SHELLS_OWN.search(_READ.sub("", command))
        code, printed = self._says_here(command, kept) if alone and not self._newcomer else self._says_to_a_shell(typed)
        self._last.update((found[1], found[0]) for found in re.finditer(r"\b([a-z]{3})_[a-z2-7]{16}\b", printed))
        return code, printed

    def _says_here(self, typed: str, kept: str | None) -> tuple[int, str]:
        """A line that is one command and its words: starting Python takes long, and a shell would only split it.

        It would also put in what a file holds, and put what is said into a file.
        """
        words = shlex.split(_READ.sub(lambda file: shlex.quote(self._reads(file[1])), typed))[1:]
        said = in_this_process(words, self._place, self._environment, together=kept is None)
        if kept is None:
            return said.code, said.out
        (self._place / kept).write_text(said.out, encoding="utf-8", newline="")
        return said.code, said.err

    def _reads(self, file: str) -> str:
        return (self._place / file).read_text(encoding="utf-8").rstrip("\n")

    def _says_to_a_shell(self, typed: str) -> tuple[int, str]:
        kept = self._place / ".environment"
        ran = subprocess.run(
            ["sh", "-c", f"{typed}\ncode=$?; env -0 > {kept}; exit $code"],
            cwd=self._place,
            env=self._environment,
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=_COMMANDS_S,
        )
        self._environment = dict(each.split("=", 1) for each in kept.read_text().split("\0") if "=" in each)
        return ran.returncode, ran.stdout


@pytest.mark.parametrize("document", [path for path in DOCUMENTS if shown_in(path)], ids=lambda path: path.name)
def test_what_a_document_tells_a_reader_to_type_does_what_it_says(document: Path, demo: Path, tmp_path: Path) -> None:
    """Each document is followed from the top, in a place where the demo has just been built."""
    shutil.copytree(demo, tmp_path / "demo")
    reader = Reader(tmp_path, newcomer=document in {ROOT / "README.md", HANDBOOK / "start.md"})
    for step in shown_in(document):
        code, printed = reader.types(step.command)
        told = f"{document.name} says: {step.command}\nwhich ended with {code} and printed:\n{printed}"
        assert code == int(step.refused), told
        assert comes_to(step.printed, printed), f"{told}\nbut is shown to print:\n{step.printed}"


def test_a_document_shows_all_that_is_printed_unless_an_ellipsis_stands_for_it() -> None:
    printed = "On   Debit\n1st   1000\n"
    assert comes_to("On Debit\n1st 1000", printed)
    assert comes_to("…1st 1000", printed)
    assert comes_to("…", printed)
    assert not comes_to("On Debit", printed)
    assert not comes_to("1st 1000", printed)
    assert not comes_to("", printed)


@pytest.mark.parametrize("product", PRODUCTS)
def test_one_facility_of_each_product_is_walked_from_its_enquiry_to_its_end(product: str) -> None:
    lines = shown_in(HANDBOOK / "products.md")
    asked = [at for at, line in enumerate(lines) if "bank life enquire" in line.command]
    walks = [lines[at:until] for at, until in pairwise([*asked, len(lines)])]
    walk = next(each for each in walks if f"--product {product}" in each[0].command)
    typed = " ".join(line.command for line in walk)
    begins = ("screened", "due-diligence", "--enquiry enq_…", "approve", "life heads", "sign", "satisfy")
    assert [word for word in begins if word not in typed] == []
    journal, course = next(pair for pair in pairwise(walk) if "allocation journal" in pair[0].command)
    assert "2014-01-06 approved" in " ".join(journal.printed.split())
    ended = re.match(r"…Stage (\S+)", course.printed)
    assert ended is not None
    assert ended[1] in ENDS
    assert f"Step {ended[1]}" in " ".join(course.printed.split())


@pytest.mark.parametrize("command", sorted(_leaves(typer.main.get_command(program()), "bank")))
def test_every_command_is_in_the_handbook(command: str) -> None:
    assert re.search(rf"\b{re.escape(command)}\b(?! [a-z]+ --help)", _handbook())


def test_the_readme_has_one_line_to_see_it_and_one_to_prove_it() -> None:
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    assert len([line for line in lines if line.startswith("sh -ec ") and ".venv/bin/bank demo" in line]) == 1
    assert len([line for line in lines if line.startswith("sh -ec ") and ".venv/bin/pytest" in line]) == 1


def test_the_build_machine_runs_the_readmes_own_test_line() -> None:
    """It reads the line from the README and holds none of its own, so the two cannot differ."""
    program = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "grep -F '.venv/bin/pytest' README.md" in program
    assert "pip install" not in program


def test_no_link_between_documents_is_broken() -> None:
    broken = [
        f"{shown(path)}: {target}"
        for path in [*DOCUMENTS, *ROOT.glob("*/README.md"), *HANDBOOK.glob("decisions/*.md")]
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8"))
        if not (path.parent / target).exists()
    ]
    assert broken == []


def test_every_chapter_is_found_from_the_first() -> None:
    start = (HANDBOOK / "start.md").read_text(encoding="utf-8")
    assert [path.name for path in HANDBOOK.glob("*.md") if path.name not in start and path.stem != "start"] == []


def test_the_handbook_explains_every_column_and_code_of_the_return() -> None:
    chapter = (HANDBOOK / "submitting.md").read_text(encoding="utf-8")
    explained = re.findall(r"^\| `([a-z_]+)` \|.*\| (.+) \| `.*` \|$", chapter, re.MULTILINE)
    assert explained == [(column.name, column.help) for column in COLUMNS]
    for name in {column.codes for column in COLUMNS if column.codes}:
        listed = re.search(rf"^\* `{name}`: (.+)$", chapter, re.MULTILINE)
        assert listed is not None, name
        assert re.findall(r"`([^`]+)`", listed[1]) == [code.code for code in CODE_LISTS[name].codes]


def test_the_handbook_explains_every_setting() -> None:
    chapter = (HANDBOOK / "operating.md").read_text(encoding="utf-8")
    wanted = {f"{PREFIX}{field.name.upper()}": str(field.default) for field in fields(Settings)}
    assert dict(re.findall(rf"^\| `({PREFIX}[A-Z_]+)` \| `([^`]*)` \|", chapter, re.MULTILINE)) == wanted


def test_every_promise_of_the_readme_names_a_test_that_is_there() -> None:
    promised = re.findall(
        r"^\| .+ \| `(tests/[^`]+)::(test_[^`]+)` \|$", (ROOT / "README.md").read_text(), re.MULTILINE
    )
    assert len(promised) >= 10
    assert [f"{path}::{name}" for path, name in promised if f"def {name}(" not in (ROOT / path).read_text()] == []
