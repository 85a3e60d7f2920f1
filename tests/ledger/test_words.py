"""What a text may not hold that is kept and shown again, and how one that holds it is shown."""

from __future__ import annotations

import pytest

from ledger.words import UnreadableText, readable, refuse_unreadable

HIDDEN = ("\x00", "\x01", "\x1b", "\x85", "\x9b", "\r", "\ud800", "\u2028", "\u202e", "\u2066", "\uffff", "\U000e0041")
PLAIN = (
    "Tŷ Ŵyl\n\tTwo lines\r\nand a third",
    "no\N{NO-BREAK SPACE}break",
    "بنك المجتمع",
    "社会銀行",
    "\N{GRINNING FACE}",
    "1\N{SOFT HYPHEN}2",
)


@pytest.mark.parametrize("sign", HIDDEN)
def test_a_sign_that_cannot_be_seen_is_refused_wherever_it_is_told_and_shown_by_its_number(sign: str) -> None:
    text = f"Ada{sign} Smith"
    for told in ({"reason": text}, {"told": {"note": text}}, {"text": ("a", [text])}, {"told": {text: 1}}):
        with pytest.raises(UnreadableText, match=rf"U\+{ord(sign):04X}, a sign that cannot be seen"):
            refuse_unreadable(told)
    assert sign not in readable(text)
    assert readable(text).startswith("Ada\\")


@pytest.mark.parametrize("text", PLAIN)
def test_what_people_write_is_taken_as_it_is(text: str) -> None:
    refuse_unreadable({"reason": text, "amount": 5, "data": b"\x1b"})


def test_what_programs_say_of_a_file_is_left_to_their_own_rules() -> None:
    refuse_unreadable({"filename": "caf\xc3\x83\x9b.csv"})
    assert readable("Two lines\nof Tŷ\N{NO-BREAK SPACE}Ŵyl") == "Two lines\nof Tŷ\N{NO-BREAK SPACE}Ŵyl"
