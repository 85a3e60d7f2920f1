"""The attached lists line by line: by which columns a line is known, so that what differs is told by name."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterable
from typing import Final

BLOCK: Final = ("measure", "outcome_area", "region")
_LISTED: Final = (("loan",), BLOCK, ("facility",))
"""By which columns a line of an attached list is known; the first that are all there."""

Lines = dict[tuple[str, ...], dict[str, str]]


def read(content: bytes) -> tuple[list[str], list[dict[str, str]]]:
    """The columns of a list, and its lines."""
    reader = csv.DictReader(io.StringIO(content.decode(), newline=""), strict=True)
    return list(reader.fieldnames or ()), list(reader)


def key_of(columns: Collection[str]) -> tuple[str, ...] | None:
    """By which of these columns a line is known; None of a list that is not one of ours."""
    return next((some for some in _LISTED if {*some} <= {*columns}), None)


def by_key(rows: Iterable[dict[str, str]], key: tuple[str, ...]) -> Lines:
    """The lines by what they are known by."""
    return {tuple(row[name] for name in key): row for row in rows}
