"""The registers in which organisations of the United Kingdom are numbered, and what a number of each looks like."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

OUR_PREFIX: Final = "BSB-ORG"
"""Prefix of the identifiers the bank gives to groups that are in no register."""

_MIN_COMPANY_DIGITS: Final = 3


@dataclass(frozen=True, slots=True)
class Register:
    """One register: its org-id prefix, its name, its numbers in words, and the test that a number passes.

    `rank` orders the identifiers of one body: the lowest names it. Companies come before charities, because one
    company has one number for ever while a charity may be registered anew, and both before the rest.
    """

    prefix: str
    name: str
    looks_like: str
    passes: Callable[[str], bool]
    rank: int
    capitals: bool = True


def _shaped(pattern: str) -> Callable[[str], bool]:
    compiled = re.compile(pattern, re.ASCII)
    return lambda number: compiled.fullmatch(number) is not None


_NOUGHT: Final = re.compile(r"[A-Z]{0,3}0[0-]*[A-Z]{0,2}", re.ASCII)


def is_nought(number: str) -> bool:
    """Whether a number has digits and all of them are nought, whatever letters stand around them."""
    return _NOUGHT.fullmatch(number) is not None


def _counted(pattern: str) -> Callable[[str], bool]:
    """The numbers of a register that counts its bodies, from one on: of these none is nought.

    So the registrar of companies numbers them (Companies Act 2006, s.1066: sequences of figures or letters), and so do
    the registers of charities, societies, landlords, schools and churches. Codes that are no count are left alone.
    """
    shaped = _shaped(pattern)
    return lambda number: shaped(number) and not is_nought(number)


_EIGHT: Final = _counted(r"[A-Z0-9]{8}")


def _company(number: str) -> bool:
    """Eight letters and digits. Tighter published rules turn away registered societies and incorporated charities."""
    if re.fullmatch(r"[A-QS-Z][0-9]{7}", number):  # of one letter there is R alone; O and I are typed for 0 and 1
        return False
    return _EIGHT(number) and sum(letter.isdigit() for letter in number) >= _MIN_COMPANY_DIGITS


def _legal_entity(number: str) -> bool:
    """An ISO 17442 code: eighteen letters or digits and two check digits that leave one on division by 97."""
    if not _shaped(r"[A-Z0-9]{18}[0-9]{2}")(number):
        return False
    return int("".join(str(int(letter, 36)) for letter in number)) % 97 == 1


_TABLE: Final = (
    Register("GB-COH", "Companies House", "eight letters and digits, like 09506232 or RS007783", _company, 10),
    Register(
        "GB-CHC",
        "the Charity Commission for England and Wales",
        "six or seven digits, like 1164883",
        _shaped(r"[1-9][0-9]{5,6}(-[0-9]{1,4})?"),
        20,
    ),
    Register(
        "GB-SC", "the Scottish Charity Register", "SC0 and five digits, as SC042386", _counted(r"SC0[0-9]{5}"), 21
    ),
    Register(
        "GB-NIC", "the Charity Commission for Northern Ireland", "six digits, like 100019", _shaped(r"1[0-9]{5}"), 22
    ),
    Register(
        "GB-MPR",
        "the Mutuals Public Register",
        "digits with letters before or after, like 235C, IP031455 or, in Scotland, 2237R(S)",
        _counted(r"[A-Z]{0,3}[0-9]{1,6}[A-Z]{0,2}"),
        30,
    ),
    Register(
        "GB-SHPE",
        "the register of social housing providers in England",
        "letters and four digits, like LH4401",
        _counted(r"[A-Z]{0,3}[0-9]{4}"),
        40,
    ),
    Register("GB-REV", "HM Revenue and Customs", "letters and digits, like X6243", _counted(r"[A-Z]{1,2}[0-9]+"), 41),
    Register(
        "GB-CASC",
        "the list of community amateur sports clubs",
        "letters and digits, like df679063",
        _shaped(r"[A-Za-z0-9]{4,12}"),
        42,
        capitals=False,
    ),
    Register("GB-EDU", "the register of schools", "six digits, like 125554", _counted(r"[0-9]{6}"), 43),
    Register("GB-WALEDU", "the Welsh register of schools", "seven digits, like 6602130", _counted(r"[0-9]{7}"), 43),
    Register("GB-SCOTEDU", "the Scottish register of schools", "seven digits, like 8212627", _counted(r"[0-9]{7}"), 43),
    Register(
        "GB-IRN", "the register of schools in Northern Ireland", "like 542-0059", _counted(r"[0-9]{3}-[0-9]{4}"), 43
    ),
    Register(
        "GB-UKPRN", "the register of learning providers", "eight digits, like 10000346", _shaped(r"1[0-9]{7}"), 44
    ),
    Register("GB-HESA", "the higher education statistics agency", "four digits, like 0177", _counted(r"[0-9]{4}"), 45),
    Register("GB-NHS", "the list of NHS bodies", "letters and digits, like RAX", _shaped(r"[A-Z0-9]{3,9}"), 46),
    Register("GB-COE", "the list of Church of England churches", "six digits, like 608393", _counted(r"[0-9]{6}"), 47),
    Register("GB-LAE", "the English local authorities", "three letters, like BAS", _shaped(r"[A-Z]{3}"), 50),
    Register("GB-LAS", "the Scottish local authorities", "three letters, like ZET", _shaped(r"[A-Z]{3}"), 50),
    Register("GB-PLA", "the Welsh local authorities", "three letters, like AGY", _shaped(r"[A-Z]{3}"), 50),
    Register("GB-LANI", "the local authorities of Northern Ireland", "like ANN", _shaped(r"[A-Z]{3}"), 50),
    Register("GB-GOV", "the government departments", "one to four digits, like 9", _counted(r"[0-9]{1,4}"), 51),
    Register("GB-COA", "the chart of accounts of government", "letters and digits", _shaped(r"[A-Z0-9]{1,20}"), 52),
    Register(
        "GB-SRS",
        "the Supplier Registration Service",
        "a domain, / and eight signs, like sid4gov.cabinetoffice.gov.uk/tBq37PN7",
        _shaped(r"[a-z0-9.-]+\.gov\.uk/[A-Za-z0-9]{4,12}"),
        53,
        capitals=False,
    ),
    Register("GB-GOR", "the register of government organisations", "like OT1211", _counted(r"[A-Z]{1,3}[0-9]+"), 51),
    Register("XI-LEI", "the legal entity identifiers", "twenty letters and digits", _legal_entity, 60),
    Register(
        "XI-GRID",
        "the research organisations (GRID)",
        "like grid.5292.c",
        _shaped(r"grid\.[0-9]+\.[0-9a-f]{1,3}"),
        61,
        capitals=False,
    ),
    Register(
        "XI-ROR", "the research organisations (ROR)", "like 02e2c7k09", _shaped(r"0[a-z0-9]{8}"), 61, capitals=False
    ),
    Register(
        "360G",
        "a grant-maker's own list",
        "as 360G-ptc-123",
        lambda own: bool(own.strip("-")),
        90,
        capitals=False,
    ),
    Register(
        OUR_PREFIX,
        "the bank's list of unregistered groups",
        "as the bank gave it",
        _shaped(r"[A-Za-z0-9_-]{1,60}"),
        95,
        capitals=False,
    ),
)

ENDED: Final[Mapping[str, str]] = MappingProxyType({"GB-GOVUK": "GB-GOR"})
"""Lists that the org-id register keeps no more, and of which no number stands, with the one that took their place."""
REGISTERS: Final[Mapping[str, Register]] = MappingProxyType({register.prefix: register for register in _TABLE})
"""Every register that a return may name, by its org-id prefix."""
