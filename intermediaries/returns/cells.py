"""How what stands in a cell becomes a cell: blanks around it go, an empty one is none, a guard is taken off."""

from __future__ import annotations

import codecs
from functools import lru_cache
from typing import Final

from intermediaries.returns.bounds import Form, Unreadable
from intermediaries.returns.findings import unguarded
from intermediaries.returns.raw import RawCell

_BLANKS: Final = " \u00a0\t\r\n\u2002\u2003\u2007\u2009\u202f\u3000"
"""Blanks that people leave around what they type and paste, without meaning anything by them."""


_PIECE: Final = 1 << 20
_COMMON: Final = 40
"""Cells up to this length are worth remembering: codes, days and amounts."""


def written(text: str, form: Form = Form.TEXT) -> RawCell | None:
    """The cell that this text makes, or nothing. Equal short cells are one object: returns repeat themselves.

    A formula, an error and a nested value count as filled even where no text came with them.
    """
    if form is Form.TEXT:
        return _text(text) if len(text) <= _COMMON else _made_of_text(text)
    return _remembered(text, form) if len(text) <= _COMMON else _made(text, form)


def _made_of_text(text: str) -> RawCell | None:
    trimmed = text.strip(_BLANKS)
    if not trimmed:
        return None
    return RawCell(unguarded(trimmed) if trimmed[0] == "'" else trimmed, Form.TEXT)


def _made(text: str, form: Form) -> RawCell | None:
    trimmed = text.strip(_BLANKS)
    if not trimmed and form in {Form.NUMBER, Form.BARE, Form.DATE}:
        return None
    return RawCell(trimmed, form)


_text: Final = lru_cache(maxsize=8192)(_made_of_text)
_remembered: Final = lru_cache(maxsize=8192)(_made)


def refuse_other_encoding(data: bytes) -> None:
    """Refuse what `decoded` refuses, without the text of the whole file; and bytes that are no text at all."""
    if b"\0" in data[:_PIECE]:
        sample = data[:4096]
        if sample[1::2].count(0) > len(sample) // 4 or sample[::2].count(0) > len(sample) // 4:
            raise _encoding(f"The file {_wide(sample)}.", "")
        raise _encoding("The file holds zero bytes, and is no text.", "")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        decoded(data)
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for first in range(0, len(data), _PIECE):
            decoder.decode(data[first : first + _PIECE])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        decoded(data)


def _wide(sample: bytes) -> str:
    """What text is whose letters take more than a byte each."""
    if not any(sample):
        return "holds nothing but zeros"
    return "is in UTF-32" if sample.count(0) > len(sample) * 5 // 8 else "is in UTF-16"


def decoded(data: bytes) -> str:
    """The text of a file in UTF-8, with or without a byte-order mark.

    Refuses any other encoding, naming it where it shows itself, and the place of the first byte that is not UTF-8.
    """
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise _encoding("The file is in UTF-16.", "")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as wrong:
        line = data.count(b"\n", 0, wrong.start) + 1
        near = data[max(0, wrong.start - 15) : wrong.start + 16].decode("cp1252", errors="replace")
        message = f"The file is not in UTF-8: byte {wrong.start} (line {line}) cannot be read."
        raise _encoding(message, near.replace("\n", " ").replace("\r", "")) from wrong


def _encoding(message: str, near: str) -> Unreadable:
    return Unreadable(
        "wrong-encoding",
        message,
        expected="text in UTF-8",
        remedy='In Excel choose "CSV UTF-8 (comma delimited)" when saving, or send the workbook itself.',
        value=near,
    )
