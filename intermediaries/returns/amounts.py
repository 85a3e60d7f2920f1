"""Amounts as people write them: which amount in pounds another writing most likely means, to be told, never taken."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_AMOUNT: Final = re.compile(r"[0-9]{1,30}(?:\.[0-9]{1,2})?", re.ASCII)
_BY_THOUSANDS: Final = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]{1,2})?", re.ASCII)
_DECIMAL_COMMA: Final = re.compile(r"(?:[0-9]+|[0-9]{1,3}(?:\.[0-9]{3})+),[0-9]{1,2}", re.ASCII)
_POUNDS: Final = re.compile(r"^(?:£|gbp)|(?:£|gbp)$", re.IGNORECASE)
_NOTHING: Final = frozenset({"nil", "none", "null", "n/a", "na", "nought", "zero", "–", "—", "--", "-"})  # noqa: RUF001 -- dashes are what people write
_MINUSES: Final = "-\u2212\u2013\u2010\u2011"


def amount_meant(text: str) -> str | None:
    """The amount that a writing with other signs most likely means: separators, a pound sign, other digits.

    A comma with three digits after it stands between thousands, with one or two it stands for the point. None where
    nothing is likely, or more than one thing: 100.000 is left to whoever wrote it.
    """
    bare = _POUNDS.sub("", _plain(text)).removeprefix("+")
    if _BY_THOUSANDS.fullmatch(bare):
        return bare.replace(",", "")
    if _DECIMAL_COMMA.fullmatch(bare):
        return bare.replace(".", "").replace(",", ".")
    if bare.startswith("."):
        bare = f"0{bare}"
    bare = bare.replace("'", "").replace("\u2019", "").removesuffix(".")
    return bare if _AMOUNT.fullmatch(bare) else None


def amount_below_zero(text: str) -> str | None:
    """The amount in a writing of less than nothing that is not ours: in brackets, or a sign before or after."""
    bare = _plain(text)
    inner = _POUNDS.sub("", bare)
    if bare.startswith("(") and bare.endswith(")"):
        return amount_meant(bare[1:-1])
    for one in (bare, inner):
        if one[:1] in _MINUSES:
            return amount_meant(one[1:])
        if one[-1:] in _MINUSES:
            return amount_meant(one[:-1])
    return None


def says_nothing_moved(text: str) -> bool:
    """Whether a word or a dash stands where nothing was paid."""
    return text.strip().lower() in _NOTHING


def _plain(text: str) -> str:
    """The text without blanks, its digits the ten of ours."""
    kept = (sign for sign in text if not sign.isspace())
    return "".join(str(unicodedata.decimal(sign, sign)) for sign in kept)
