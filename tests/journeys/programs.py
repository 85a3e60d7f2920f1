"""The real program, started as a person would start it."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bank.cli import main
from tests import forks

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


def _at_work(words: Sequence[str], folder: Path, environment: Mapping[str, str], heard: Sequence[Path]) -> None:
    """What a process that was forked does: it runs the program in a folder, and what it says goes into files."""
    for stream, file in zip((1, 2), heard, strict=True):
        os.dup2(os.open(file, os.O_WRONLY | os.O_CREAT), stream)
    os.chdir(folder)
    _change_environment(environment)
    sys.argv = [str(_PROGRAM), *words]
    main()


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

    def beside(self, *words: str) -> Said:
        """The same in a process of its own, which is forked and not started: where many are at work at once."""
        with tempfile.TemporaryDirectory() as kept:
            heard = [Path(kept, name) for name in ("out", "err")]
            process = forks.context().Process(target=_at_work, args=(words, self.folder, self._environment, heard))
            process.start()
            process.join(120)
            process.kill()  # nothing is left of one that hangs; one that has ended does not mind
            process.join()
            return Said(process.exitcode or 0, *(each.read_text("utf-8") for each in heard))

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
