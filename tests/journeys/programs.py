"""The real program, started as a person would start it."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bank.cli import main

_PROGRAM: Final = Path(sys.executable).with_name("bank")


@dataclass(frozen=True, slots=True)
class Said:
    """What a command said, and how it ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The answer as a document."""
        return json.loads(self.out)


def in_this_process(
    words: Sequence[str], folder: Path, environment: Mapping[str, str], *, together: bool = False
) -> Said:
    """What `bank` says to these words in this folder and environment, without the start of another Python.

    With `together`, what it says to either stream comes in the order in which a terminal would show it, in `out`.
    """
    said = io.StringIO()
    told = said if together else io.StringIO()
    argv, variables = sys.argv, os.environ.copy()
    sys.argv = [str(_PROGRAM), *words]
    _change_environment(environment)
    try:
        with chdir(folder), redirect_stdout(said), redirect_stderr(told):
            main()
        code: object = None
    except SystemExit as end:
        code = end.code
    finally:
        sys.argv = argv
        _change_environment(variables)
    return Said(_exit_code(code), said.getvalue(), "" if together else told.getvalue())


def _change_environment(variables: Mapping[str, str]) -> None:
    os.environ.clear()
    os.environ.update(variables)


def _exit_code(code: object) -> int:
    """What a process would end with: nothing said is 0, and words are 1."""
    if code is None:
        return 0
    return code if isinstance(code, int) else 1


@dataclass(frozen=True, slots=True)
class Keyboard:
    """Somebody at a keyboard, in a folder, working on one database."""

    folder: Path
    url: str
    person: str | None = None

    def bank(self, *words: str, standard_input: str | None = None) -> Said:
        """Run ``bank`` with these words."""
        done = subprocess.run(
            [_PROGRAM, *words],
            cwd=self.folder,
            env=self._environment,
            input=standard_input,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        return Said(done.returncode, done.stdout, done.stderr)

    def here(self, *words: str) -> Said:
        """The same in this process, for a journey of many steps: what starts a program anew is left out."""
        return in_this_process(words, self.folder, self._environment)

    def start(self, *words: str) -> subprocess.Popen[str]:
        """Begin a ``bank`` that goes on until it is stopped."""
        return subprocess.Popen(
            [_PROGRAM, *words],
            cwd=self.folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    @property
    def _environment(self) -> dict[str, str]:
        person = {"BANK_AS": self.person} if self.person else {}
        return os.environ | {"BANK_DATABASE_URL": self.url, "COLUMNS": "120", "NO_COLOR": "1"} | person

    def as_(self, person: str) -> Keyboard:
        """Somebody else at the same keyboard."""
        return Keyboard(self.folder, self.url, person)
