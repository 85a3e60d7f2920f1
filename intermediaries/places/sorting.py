"""Lines set in the order of their keys in little memory: sorted runs in a temporary file, merged as they are read."""

from __future__ import annotations

import heapq
import pickle
import tempfile
from collections.abc import Iterator
from types import TracebackType
from typing import BinaryIO, Final, NamedTuple, Self

from intermediaries.places.lines import Row

LONGEST_RUN: Final = 100_000
_PIECE: Final = 2_000


class Found(NamedTuple):
    """What a line says, with the file and the line where it stands: so it sorts by its key, then by its place."""

    key: str
    file: int
    line: int
    row: Row


class Sorter:
    """Takes lines as they come, and gives them back in order. Memory holds one run, or a piece of each."""

    def __init__(self, longest_run: int = LONGEST_RUN) -> None:
        self._longest = longest_run
        self._run: list[Found] = []
        self._runs: list[BinaryIO] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let go of the temporary files."""
        for file in self._runs:
            file.close()

    def add(self, found: Found) -> None:
        """Take a line."""
        self._run.append(found)
        if len(self._run) >= self._longest:
            self._lay_down()

    def in_order(self) -> Iterator[Found]:
        """Every line, by its key; of those with one key the first told comes first."""
        self._run.sort()
        return heapq.merge(self._run, *(self._read(file) for file in self._runs))

    def _lay_down(self) -> None:
        self._run.sort()
        file: BinaryIO = tempfile.TemporaryFile()  # noqa: SIM115 -- closed on leaving
        self._runs.append(file)
        for begins in range(0, len(self._run), _PIECE):
            pickle.dump([tuple(one) for one in self._run[begins : begins + _PIECE]], file)
        self._run = []

    @staticmethod
    def _read(file: BinaryIO) -> Iterator[Found]:
        ends = file.tell()
        file.seek(0)
        while file.tell() < ends:
            yield from map(Found._make, pickle.load(file))  # noqa: S301 -- written by us, into a file that has no name
