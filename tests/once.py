"""What one process of a run makes and all others take: a statement is typeset in two seconds, and read in none."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from filelock import FileLock


def made_once(kept: Path, make: Callable[[], bytes]) -> bytes:
    """The bytes kept in a file of the run's directory; made and put there by whoever asks first."""
    with FileLock(kept.with_name(f"{kept.name}.lock")):
        if not kept.exists():
            draft = kept.with_name(f"{kept.name}.draft")
            draft.write_bytes(make())
            draft.rename(kept)  # what was begun and not ended is not taken for it
    return kept.read_bytes()
