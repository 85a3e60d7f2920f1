"""What a line of a table rests on: how many of how many, and how much of the money, in words beside it."""

from __future__ import annotations

from typing import Any

from pydantic import model_validator

from ledger.store.work import View
from reports.figures import Coverage
from reports.formatting import percent


def in_words(coverage: Coverage) -> str:
    """As it is printed: "384 of 403 loans, 98.0% of £"."""
    said = f"{coverage.known} of {coverage.of} {coverage.what}"
    share = coverage.share_of_money
    return said if share is None else f"{said}, {percent(share)} of £"


class Covered(View):
    """A line with its coverage, which is put into words as the line is made."""

    coverage: Coverage
    rests_on: str = ""

    @model_validator(mode="before")
    @classmethod
    def _in_words(cls, told: Any) -> Any:
        coverage = told.get("coverage") if isinstance(told, dict) else None
        return told | {"rests_on": in_words(coverage)} if isinstance(coverage, Coverage) else told
