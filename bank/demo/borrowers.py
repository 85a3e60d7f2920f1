"""Invented borrowers in real places: every name made up, every number beyond what its register has ever issued."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from bank.demo.chance import below, happens, one_of, weighted
from bank.demo.words import CAUSES, FIRST, FORMS, GROUPS, OUTCOMES, SECOND, SUFFIX
from intermediaries.places.areas import IMD_2010, VANGUARD
from intermediaries.places.gazetteer import Neighbourhood, shipped

_CIO_YEAR: Final = 2013
_NATIONS: Final = (("England", 84), ("Wales", 5), ("Scotland", 8), ("Northern Ireland", 3))
"""Where borrowers are, about as the 2011 Order apportions."""
_DRAW_TO_THE_POOREST: Final = (9, 8, 7, 5, 4, 3, 3, 2, 2, 1)
"""How often a borrower is in each decile, the most deprived first."""
_PLACES_WRITTEN: Final = (("lsoa", 60), ("postcode", 25), ("local_authority", 15))


@dataclass(frozen=True, slots=True)
class Borrower:
    """One invented organisation in a real place. `place` is the column of the return that names it, with its text."""

    key: str
    name: str
    legal_form: str
    identifiers: tuple[str, ...]
    outcome_area: str
    beneficiary_group: str
    place: tuple[str, str]
    place_basis: str
    lsoa: str
    turnover_pounds: int
    employees: str


def borrower(key: str, number: int, year: int, settled: str | None = None) -> Borrower:
    """The borrower of a key. `number` is unlike any other's; `year` is when it first borrows; `settled` fixes where.

    `settled` is the code of an authority, or None for anywhere.
    """
    home = _home(key, settled)
    nation = shipped().authorities[home.authority].nation
    outcome = weighted(OUTCOMES, key, "outcome")
    form = weighted(FORMS[nation], key, "form")
    form = "CLG" if form == "CIO" and year < _CIO_YEAR else form
    return Borrower(
        key=key,
        name=f"{_word(number)} {one_of(CAUSES[outcome], key, 'cause')}{SUFFIX[form]}",
        legal_form=form,
        identifiers=_identifiers(form, nation, number, charitable=happens(55, key, "charity")),
        outcome_area=outcome,
        beneficiary_group=weighted(GROUPS[outcome], key, "group"),
        place=_place(key, home),
        place_basis=weighted((("delivery", 6), ("registered-office", 3), ("beneficiary", 2)), key, "basis"),
        lsoa=home.lsoa,
        turnover_pounds=1000 * (18 + below(90, key, "turnover") * (1 + below(12, key, "scale"))),
        employees=f"{1 + below(40, key, 'staff')}.{one_of(('0', '5'), key, 'half')}",
    )


def _word(number: int) -> str:
    """A made-up place name, a different one for every number."""
    count = len(FIRST)
    return f"{FIRST[number % count]}{SECOND[(number // count + 3 * number) % len(SECOND)]}"


def _identifiers(form: str, nation: str, number: int, *, charitable: bool) -> tuple[str, ...]:
    """Numbers of the right shape that nobody has: the registers stand far below what these begin with."""
    charity = {
        "Scotland": f"GB-SC-SC0{99000 + number:05d}",
        "Northern Ireland": f"GB-NIC-{199000 + number}",
    }.get(nation, f"GB-CHC-{9900000 + number}")
    start = {"Scotland": "SC99", "Northern Ireland": "NI99"}.get(nation, "9900")
    company = f"GB-COH-{start}{number:04d}"
    if form in {"CIO", "SCIO", "TRUST"}:
        return (charity,)
    if form in {"BENCOM", "COOP"}:
        society = f"GB-MPR-99{number:04d}"
        return (society, f"GB-COH-RS99{number:04d}") if charitable else (society,)
    if form == "UNINC":
        return (charity,) if charitable else ()
    return (company, charity) if charitable and form == "CLG" else (company,)


def _home(key: str, settled: str | None) -> Neighbourhood:
    by_place = _neighbourhoods()
    if settled is not None:
        return one_of(by_place[settled], key, "home")
    nation = weighted(_NATIONS, key, "nation")
    if nation != "England":
        return one_of(by_place[nation], key, "home")
    deciles = [(str(decile), weight) for decile, weight in enumerate(_DRAW_TO_THE_POOREST, 1)]
    return one_of(by_place[f"decile {weighted(deciles, key, 'decile')}"], key, "home")


@cache
def _neighbourhoods() -> dict[str, Sequence[Neighbourhood]]:
    """The shipped neighbourhoods by vanguard authority, by nation outside England, and by decile of 2010 within it."""
    found: dict[str, list[Neighbourhood]] = {}
    for area in shipped().neighbourhoods.values():
        authority = shipped().authorities[area.authority]
        decile = area.deciles.get(IMD_2010.name)
        if authority.code in VANGUARD:
            found.setdefault(authority.code, []).append(area)
        elif authority.nation != "England":
            found.setdefault(authority.nation, []).append(area)
        elif decile is not None:
            found.setdefault(f"decile {decile}", []).append(area)
    return {place: tuple(areas) for place, areas in found.items()}


def _place(key: str, home: Neighbourhood) -> tuple[str, str]:
    written = weighted(_PLACES_WRITTEN, key, "written")
    if written == "postcode" and (postcode := _postcodes().get(home.lsoa)):
        return "postcode", postcode
    return ("local_authority", home.authority) if written == "local_authority" else ("lsoa", home.lsoa)


@cache
def _postcodes() -> dict[str, str]:
    return {lsoa: postcode for postcode, lsoa in shipped().postcodes.items()}
