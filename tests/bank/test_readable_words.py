"""Whatever people tell is read by people: signs that cannot be seen pass no door, and do nothing on a terminal."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bank.allocations.commands import approve
from ledger.store import work
from ledger.words import UnreadableText
from tests.bank.small_bank import SmallBank
from tests.journeys.programs import in_this_process

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
HOSTILE = "Loans\x1b]0;owned\x07\x1b[2K to charities\nState  signed"


def test_what_cannot_be_read_is_refused_of_every_act(small_bank: SmallBank) -> None:
    small_bank.capital("500000.00")
    lender = small_bank.lender()
    for told in ({"purpose": HOSTILE}, {"additionality": "No other\u202e lender"}, {"purpose": "Loans\U000e0041"}):
        with pytest.raises(UnreadableText, match="a sign that cannot be seen"):
            small_bank.proposed(lender, **told)
    made = small_bank.proposed(lender, purpose="Loans to charities,\nand to Tŷ Ŵyl")
    reasons: tuple[dict[str, Any], ...] = ({"note": "As\x01 asked"}, {"evidence": "Minute\uffff 4"})
    for why in reasons:
        with pytest.raises(UnreadableText):
            approve(small_bank.tom, facility=made.id, key=small_bank.key(), **why)


def test_what_was_kept_before_does_nothing_on_a_terminal(
    small_bank: SmallBank, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_bank.capital("500000.00")
    with monkeypatch.context() as before:
        before.setattr(work, "refuse_unreadable", lambda _: None)
        made = small_bank.proposed(small_bank.lender(), purpose=HOSTILE).id

    def shown(*words: str) -> str:
        said = in_this_process(("--database", database_url, *words), tmp_path, {})
        assert said.code == 0, said.err
        return said.out

    told = shown("allocation", "show", made)
    assert "\x1b" not in told
    assert "\x07" not in told
    assert r"\x1b]0;owned\x07\x1b[2K to charities" in told
    assert not any(line.startswith("State  signed") for line in told.splitlines())
    assert "\\u001b]0;owned" in shown("allocation", "show", made, "--format", "json")
