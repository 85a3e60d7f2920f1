"""The real program, started as a person would start it."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
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
        said, told = io.StringIO(), io.StringIO()
        before = sys.argv, os.environ.copy()
        sys.argv = [str(_PROGRAM), *words]
        os.environ.update(self._environment)
        try:
            with chdir(self.folder), redirect_stdout(said), redirect_stderr(told):
                main()
            code: object = 0
        except SystemExit as end:
            code = end.code
        finally:
            sys.argv = before[0]
            os.environ.clear()
            os.environ.update(before[1])
        return Said(code if isinstance(code, int) else 0, said.getvalue(), told.getvalue())

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
