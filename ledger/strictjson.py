"""JSON as we read it: UTF-8, no NaN, no member named twice, no lone surrogate, no depth without end."""

from __future__ import annotations

import json
from typing import Any, Final

MOST_DEPTH: Final = 32


class NotJson(ValueError):
    """Bytes that are not the JSON we read; the message says what was found and where."""


def read_json(raw: bytes) -> object:
    """The document in some bytes; refuses (`NotJson`) whatever two readers might understand differently."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as fault:
        raise NotJson(f"it is not UTF-8 text (byte {fault.start + 1})") from fault
    try:
        document = json.loads(text, parse_constant=_no_constant, object_pairs_hook=_members)
    except (ValueError, RecursionError) as fault:
        raise NotJson(f"it is not JSON: {fault}"[:200]) from fault
    _refuse_oddities(document, 0)
    return document


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is not a number")


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        twice = next(name for name in members if sum(1 for other, _ in pairs if other == name) > 1)
        raise ValueError(f"the member {twice!r:.60} is there twice")
    return members


def _refuse_oddities(value: object, depth: int) -> None:
    if depth > MOST_DEPTH:
        raise NotJson(f"it is nested deeper than {MOST_DEPTH} levels")
    if isinstance(value, str) and not value.isascii() and any("\ud800" <= letter <= "\udfff" for letter in value):
        raise NotJson("it holds half a character (a lone surrogate)")
    if isinstance(value, str) and any(letter < " " and letter not in "\n\t" for letter in value):
        raise NotJson("it holds a control character")
    if isinstance(value, dict):
        for name, member in value.items():
            _refuse_oddities(name, depth)
            _refuse_oddities(member, depth + 1)
    elif isinstance(value, list):
        for member in value:
            _refuse_oddities(member, depth + 1)
