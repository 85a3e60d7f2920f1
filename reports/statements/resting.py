"""What sentences on lending rest on: how many of the quarter's returns are accepted, and how many loans they tell of.

Onward lending is known from returns alone. While one is not in, nought is what is known of it and not what it is, and
a sum may be less than there is: then the sentence says so, with how much of the whole it rests on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from reports.document import Said
from reports.statements.telling import Bundle, Part, plural


@dataclass(frozen=True, slots=True)
class Rests:
    """What stands behind a sentence in brackets, where it does not rest on everything: as a template, with its parts.

    A template with `behind` in it is told with `parts` besides its own.
    """

    behind: str = ""
    parts: Mapping[str, Part] = field(default_factory=dict)

    def __bool__(self) -> bool:
        """Whether something is lacking."""
        return bool(self.behind)


NOTHING_LACKS: Final = Rests()


def lacking(bundle: Bundle) -> int:
    """How many returns for the quarter are not accepted: missing, not due yet, or not looked at."""
    if not {"returns", "checks"} <= bundle.tables.keys():
        return 0
    asked, accepted = bundle.worth(_ASKED), bundle.worth(_ACCEPTED)
    return asked - accepted if isinstance(asked, int) and isinstance(accepted, int) else 0


_ASKED: Final = "rows returns"
_ACCEPTED: Final = "checks.all.ties"
"""Each accepted return is tied, and nothing else is."""


def returns_behind(bundle: Bundle) -> Rests:
    """How many of the quarter's returns lending to date is known from; nothing where it is from all."""
    return _bracketed(of_returns(bundle))


def loans_behind(bundle: Bundle, *, alone: bool = False) -> Rests:
    """The same, and of how many of the loans outstanding the quarter's returns tell; nothing where it is of all.

    `alone` where how many returns there are is said beside it.
    """
    return _bracketed(*([] if alone else [of_returns(bundle)]), _of_loans(bundle))


def _bracketed(*some: Rests) -> Rests:
    told = [one for one in some if one]
    if not told:
        return NOTHING_LACKS
    parts = {name: part for one in told for name, part in one.parts.items()}
    return Rests(f" ({', '.join(one.behind for one in told)})", parts)


def of_returns(bundle: Bundle) -> Rests:
    """The same without its brackets."""
    if lacking(bundle) <= 0:
        return NOTHING_LACKS
    noun = plural(bundle.worth(_ASKED), "return", "returns")
    return Rests(
        f"from {{accepted}} of {{asked}} {noun}", {"accepted": (_ACCEPTED, "count"), "asked": (_ASKED, "count")}
    )


def _of_loans(bundle: Bundle) -> Rests:
    coverage = bundle.tables.get("coverage")
    row = next((row for row in coverage.rows if row.key == "arrears"), None) if coverage else None
    if row is None:
        return NOTHING_LACKS
    known, of = (f"coverage.arrears.{name}" for name in ("known", "of"))
    if bundle.worth(known) == bundle.worth(of):
        return NOTHING_LACKS
    noun = plural(bundle.worth(of), "loan", "loans")
    return Rests(f"for {{told}} of {{loans}} {noun}", {"told": (known, "count"), "loans": (of, "count")})


def none_lent(bundle: Bundle, when: str = "") -> Said:
    """That none of the bank's money is at the front line, or none that is known of while a return is not in."""
    rests = returns_behind(bundle)
    verb = "is known to have been" if rests else "had been" if when else "has been"
    return bundle.tell(f"None of the bank's money {verb} lent on{when}{rests.behind}", **rests.parts)
