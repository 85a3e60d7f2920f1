"""Which letters a text may hold that people are to read, and how one is shown that holds others all the same."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Final

from ledger.refusals import Malformed

_NONCHARACTERS: Final = "\ufdd0-\ufdef" + "".join(
    f"{chr(plane << 16 | 0xFFFE)}{chr(plane << 16 | 0xFFFF)}" for plane in range(17)
)
_UNREADABLE: Final = re.compile(
    # Controls but for a tab and the end of a line, which prose may have; halves of letters; ends of lines by another
    # name; what turns the direction of reading round; tags, which print as nothing; and what will never be a letter.
    "[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f-\\x9f\ud800-\udfff\u2028\u2029\u202a-\u202e\u2066-\u2069"
    f"\U000e0000-\U000e007f{_NONCHARACTERS}]|\\r(?!\\n)"
)
_SHOWN: Final = "\n\t\N{ZERO WIDTH JOINER}\N{ZERO WIDTH NON-JOINER}"
"""What is no letter, and belongs to the writing of some text all the same."""
_NOT_READ: Final = frozenset({"key", "filename", "content_type"})
"""Arguments that a program wrote and nobody reads as prose: each has rules of its own."""


class UnreadableText(Malformed):
    """A text holds a sign that cannot be seen, and that changes how the text around it is read or shown."""

    slug = "unreadable-text"


def refuse_unreadable(told: Mapping[str, object]) -> None:
    """Pass when every text among the arguments of an act can be read as it stands: whatever is kept is shown again.

    Refuses control characters (a tab and the end of a line are none here), halves of surrogate pairs, noncharacters,
    overrides of the direction of reading, and tags.
    """
    for name, value in told.items():
        if name in _NOT_READ:
            continue
        for text in _texts(value):
            found = _UNREADABLE.search(text)
            if found is not None:
                sign = f"U+{ord(found[0]):04X}"
                raise UnreadableText(
                    f"The {name.replace('_', ' ')} holds {sign}, a sign that cannot be seen and changes how the rest "
                    f"reads: type it anew instead of pasting it",
                    sign=sign,
                )


def readable(text: str) -> str:
    """A text for a terminal: what is not printed stands there by its number, so that it can do nothing."""
    return (
        text if text.isprintable() else "".join(letter if _is_shown(letter) else _by_number(letter) for letter in text)
    )


def _is_shown(letter: str) -> bool:
    return letter.isprintable() or letter in _SHOWN or unicodedata.category(letter) == "Zs"


def _by_number(letter: str) -> str:
    return letter.encode("unicode_escape").decode("ascii")


def _texts(value: object) -> Iterator[str]:
    """Every text in a value, also in what lies within it."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _texts(name)
            yield from _texts(inner)
    elif isinstance(value, (list, tuple, set, frozenset)):
        for inner in value:
            yield from _texts(inner)
    elif hasattr(value, "model_dump"):  # a record of a door; what checks them is not loaded to say one word
        yield from _texts(vars(value))
