"""The real program, started as a person would start it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any


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
        program = Path(sys.executable).with_name("bank")
        environment = os.environ | {"BANK_DATABASE_URL": self.url, "COLUMNS": "120", "NO_COLOR": "1"}
        if self.person:
            environment |= {"BANK_AS": self.person}
        done = subprocess.run(
            [program, *words],
            cwd=self.folder,
            env=environment,
            input=standard_input,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        return Said(done.returncode, done.stdout, done.stderr)

    def as_(self, person: str) -> Keyboard:
        """Somebody else at the same keyboard."""
        return Keyboard(self.folder, self.url, person)
