"""Text that a program has spoilt on its way: what it was before, where that can be told."""

from __future__ import annotations

import re
from contextlib import suppress
from html import unescape
from typing import Final

_TRACE: Final = re.compile("[\u00c2-\u00c5\u00e2][^\x00-\x7f\u2019]")
"""What the bytes of a letter of names here, or of a quotation mark, a dash or a pound sign, look like elsewhere."""
_OURS: Final = re.compile("[\\x00-\\x7f\u00a0\u00a3\u00c0-\u017f\u2010-\u20ac]*")
_OF_A_SHEET: Final = re.compile(r"_x([0-9A-Fa-f]{4})_", re.ASCII)
"""How a workbook holds signs that XML cannot: a return between lines is _x000D_."""
_OF_A_PAGE: Final = re.compile(r"&(?:amp|lt|gt|quot|apos|nbsp|pound|#[0-9]{1,6});", re.ASCII)


def before_it_was_garbled(text: str) -> str:
    """What a text was before a program took its UTF-8 for another encoding, or left signs as they stand in web pages.

    Two letters may stand side by side in a name, so a trace is only what ends in a sign that is no letter, as é does.
    """
    found = _OF_A_PAGE.sub(lambda match: unescape(match[0]), text)
    if _OF_A_SHEET.search(found):
        found = " ".join(_OF_A_SHEET.sub(lambda match: chr(int(match[1], 16)), found).split())
    if all(trace[-1].isalpha() for trace in _TRACE.findall(found)):
        return found
    with suppress(UnicodeError):
        meant = found.encode("cp1252").decode("utf-8")
        if _OURS.fullmatch(meant):
            return meant
    return found


_JOINING: Final = r"\u0620-\u074a\u0900-\u0dff\u1780-\u17ff\u1820-\u18aa"
"""Arabic and Syriac, the scripts of India and Sri Lanka, Khmer and Mongolian."""
_JOINERS: Final = re.compile(rf"(?<=[{_JOINING}])[\u200c\u200d](?=[{_JOINING}])")


def without_joiners(text: str) -> str:
    """Text without the signs that join two letters, or keep them apart, in scripts that are spelled with them.

    They cannot be seen, and belong to the name there (Unicode Standard Annex 31, section 2.3); anywhere else they stay.
    """
    return text if text.isascii() else _JOINERS.sub("", text)
