"""How organisations are named across registers: reading an org-id, faulting it with a remedy, and ranking several."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from intermediaries.frontline.registers import ENDED, OUR_PREFIX, REGISTERS, Register, is_nought
from ledger.refusals import Malformed

_LONGEST: Final = 120
_COMPANY_LENGTH: Final = 8
_BY_CAPITALS: Final = {prefix.upper(): register for prefix, register in REGISTERS.items()}
_LONGEST_FIRST: Final = "|".join(map(re.escape, sorted(_BY_CAPITALS, key=len, reverse=True)))
_ANY_REGISTER: Final = re.compile(rf"({_LONGEST_FIRST})-", re.ASCII | re.IGNORECASE)
_SOCIETIES: Final = {
    "GB-MPR": re.compile(r"(?:IP|RS|SP)?0*([0-9]{1,6})([A-Z]{0,2})", re.ASCII),
    "GB-COH": re.compile(r"(?:IP|RS|SP)0*([0-9]{1,6})([A-Z]{0,2})", re.ASCII),
}
_SCOTTISH: Final = re.compile(r"(?<=[0-9])R\(S\)$", re.ASCII)
"""How a society of Scotland writes its number; other registers write the same letters without brackets."""
_NO_NUMBER: Final = frozenset({"NA", "N/A", "NONE", "TBC", "UNKNOWN", "?", "-", "0"})


class BadIdentifier(Malformed):
    """Text that is not an identifier of an organisation."""

    slug = "bad-identifier"


@dataclass(frozen=True, slots=True)
class Identifier:
    """One identifier taken apart: the register and the number in it, both in their canonical writing."""

    register: Register
    number: str

    def __str__(self) -> str:
        return f"{self.register.prefix}-{self.number}"


def canonical(org_id: str) -> str:
    """The one writing under which an identifier is kept: capitals, no spaces, company numbers filled to eight places.

    Refuses an identifier that has a problem, with the sentence of `problems_with`.
    """
    return str(parse(org_id))


@lru_cache(maxsize=10_000)
def parse(org_id: str) -> Identifier:
    """Take an identifier apart; refuses one that has a problem, with its remedy."""
    problem = problems_with(org_id)
    taken = _taken_apart(org_id)
    if problem is not None or taken is None:
        raise BadIdentifier(problem or "this is not an identifier", found=org_id[:_LONGEST])
    return taken


def problems_with(org_id: str) -> str | None:
    """What is wrong with an identifier and how to mend it, as one sentence; None when nothing is.

    Only the shape is judged: whether the number was ever issued is for its register to say. Capitals and spaces
    around are not faults. Rules and their trial on real identifiers: the org-id register and the 360Giving checks.
    """
    shown = repr(org_id if len(org_id) <= _LONGEST else org_id[: _LONGEST - 3] + "...")
    if len(org_id) > _LONGEST or any(not letter.isprintable() for letter in org_id):
        return f"{shown} is too long or holds signs that cannot be printed: write one identifier, like GB-CHC-1164883"
    if not org_id.strip():
        return "the identifier is empty: write one like GB-CHC-1164883, or leave the whole cell empty for a group"
    taken = _taken_apart(org_id)
    if taken is None:
        return _without_register(org_id.strip(), shown)
    if taken.register.passes(taken.number) and taken.number.upper() not in _NO_NUMBER:
        return None
    if taken.number.upper() in _NO_NUMBER or is_nought(taken.number):
        return f"{shown} gives no number: leave it out, and give the identifiers that the organisation does have"
    return _misfiled(taken) or (
        f"{shown} is not a number of {taken.register.name}: those are {taken.register.looks_like}"
    )


def is_charity_as_company(org_id: str) -> bool:
    """Whether what is filed as a company's number can be none, and has the shape of a charity's.

    Six or seven digits may also be a company's that lost the noughts before it: `problems_with` names both.
    """
    taken = _taken_apart(org_id)
    if taken is None or taken.register.prefix != "GB-COH" or taken.register.passes(taken.number):
        return False
    return REGISTERS["GB-CHC"].passes(taken.number)


def best(org_ids: Iterable[str]) -> str | None:
    """The identifier that names a body known by several: company before charity before mutual before the rest.

    Among equals the alphabetically first, so that the order in a file does not matter. None when there is none.
    """
    ranked = sorted((parsed.register.rank, str(parsed)) for parsed in map(parse, org_ids))
    return ranked[0][1] if ranked else None


def registration(org_id: str) -> str:
    """One name for one registration, however registers write it: two identifiers that agree here are the same.

    Companies House lists a registered society of the Mutuals Public Register under RS and its number, or, for an old
    society, under IP, and in Scotland under SP: a borrower filed under either is one borrower.
    """
    taken = parse(org_id)
    numbers = _SOCIETIES.get(taken.register.prefix)
    society = numbers.fullmatch(taken.number) if numbers else None
    return f"GB-MPR-{society[1]}{society[2]}" if society else str(taken)


def internal(local: str) -> str:
    """The identifier that the bank itself gives to a group in no register, from the group's own id with us."""
    return canonical(f"{OUR_PREFIX}-{local}")


def _taken_apart(org_id: str) -> Identifier | None:
    text = org_id.strip()
    found = _ANY_REGISTER.match(text)
    if found is None:
        return None
    register = _BY_CAPITALS[found[1].upper()]
    return Identifier(register, _written(register, text[found.end() :].strip()))


def _written(register: Register, number: str) -> str:
    if not register.capitals:
        return number
    written = re.sub(r"\s+", "", number).upper()
    return _SCOTTISH.sub("RS", written) if register.prefix == "GB-MPR" else written


def _without_register(text: str, shown: str) -> str:
    for prefix, after in ENDED.items():
        if text.upper().startswith(f"{prefix}-"):
            return f"{shown} is of a list that is kept no more: write its number of {after}, or of another register"
    hyphened = re.sub(r"[\s_:/.\u2010-\u2014]+", "-", text)
    if hyphened != text and (found := _taken_apart(hyphened)) is not None and problems_with(hyphened) is None:
        return f"{shown} has other signs between register and number than hyphens: write {found}"
    bare = re.sub(r"\s+", "", text).upper()
    ways = [prefix for prefix in ("GB-SC", "GB-CHC", "GB-COH") if REGISTERS[prefix].passes(bare)]
    if ways:
        told = " or ".join(f"{prefix}-{bare} if it is {_kind(prefix)}" for prefix in ways)
        return f"{shown} does not say which register it is of: write {told}"
    known = ", ".join(list(REGISTERS)[:5])
    return f"{shown} does not start with a register we know: write the register and the number, such as {known}, then -"


def _misfiled(taken: Identifier) -> str | None:
    """The likely meanings of a number that does not fit the register it is filed under."""
    ways = [f"{prefix}-{number} if it is {_kind(prefix)}" for prefix, number in _meanings(taken)]
    if not ways:
        return None
    fault = f"{taken} is not a number of {taken.register.name} ({taken.register.looks_like})"
    return f"{fault}: write {' or '.join(ways)}"


def _meanings(taken: Identifier) -> list[tuple[str, str]]:
    prefix, number = taken.register.prefix, taken.number
    if prefix == "GB-SC" and re.fullmatch(r"0?[0-9]{5}", number):
        return [("GB-SC", f"SC{number.zfill(6)}")]
    if prefix == "GB-NIC" and number.startswith("NIC"):
        return [("GB-NIC", number.removeprefix("NIC"))]
    if (
        prefix == "GB-CHC"
        and number.isdigit()
        and len(number) < _COMPANY_LENGTH
        and REGISTERS["GB-CHC"].passes(number.lstrip("0"))
    ):
        return [("GB-CHC", number.lstrip("0"))]
    meanings = [(other, number) for other in ("GB-CHC", "GB-SC", "GB-COH") if REGISTERS[other].passes(number)]
    if prefix == "GB-COH" and number.isdigit() and len(number) < _COMPANY_LENGTH:
        return [("GB-COH", number.zfill(_COMPANY_LENGTH)), *meanings]
    return meanings


def _kind(prefix: str) -> str:
    return {
        "GB-COH": "a company number",
        "GB-CHC": "a charity number of England and Wales",
        "GB-SC": "a Scottish charity number",
        "GB-NIC": "a charity number of Northern Ireland",
    }[prefix]
