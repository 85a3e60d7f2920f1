"""Who may be lent dormant money, whose assets are locked, and when two filings speak of one organisation."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from intermediaries.frontline.identifiers import canonical, internal, parse, registration
from ledger.refusals import Refusal

CHARITY_REGISTERS: Final = frozenset({"GB-CHC", "GB-SC", "GB-NIC"})
_FINGERPRINT: Final = 16


class AssetLock(StrEnum):
    """Whether what an organisation owns must stay with its social purpose."""

    LOCKED = "locked"
    UNLOCKED = "unlocked"
    NOT_KNOWN = "not-known"


class Basis(StrEnum):
    """Why an organisation may be lent dormant money: section 18 of the 2008 Act asks for a social body."""

    REGULATED_FORM = "regulated-form"
    GOVERNANCE_TEST = "governance-test"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class FormFacts:
    """What a legal form alone tells. A form that tells nothing of a lock may still be locked by being a charity."""

    lock: AssetLock
    regulated: bool


_CHARITABLE: Final = FormFacts(AssetLock.LOCKED, regulated=True)
_COMMUNITY: Final = FormFacts(AssetLock.NOT_KNOWN, regulated=True)
_MEMBERS: Final = FormFacts(AssetLock.UNLOCKED, regulated=False)
_OPEN: Final = FormFacts(AssetLock.NOT_KNOWN, regulated=False)

FORMS: Final[Mapping[str, FormFacts]] = MappingProxyType(
    {
        "CIO": _CHARITABLE,
        "SCIO": _CHARITABLE,
        "TRUST": _CHARITABLE,
        "CIC-CLG": _CHARITABLE,
        "CIC-CLS": _CHARITABLE,
        "BENCOM": _COMMUNITY,
        "CLG": _OPEN,
        "CLS": _OPEN,
        "COOP": _OPEN,
        "IPS": _OPEN,
        "UNINC": _OPEN,
        "OTH": _OPEN,
        "CU": _MEMBERS,
        "FS": _MEMBERS,
        "LLP": _MEMBERS,
    }
)
"""Charities and community interest companies are locked by law. A benefit society is regulated, and locked only if it
adopted the lock of the 2006 regulations or is charitable, which the form does not tell."""


class TwoOrganisations(Refusal):
    """One filing names what we hold as two different organisations."""

    slug = "two-organisations"
    status = 409


@dataclass(frozen=True, slots=True)
class Filing:
    """What a return says of a borrower: its name, its form, the identifiers given, and which intermediary says it."""

    name: str
    legal_form: str
    identifiers: tuple[str, ...]
    told_by: str


def asset_lock(legal_form: str, identifiers: Iterable[str]) -> AssetLock:
    """Whether an organisation's assets are locked, from its form and its registers; a charity's always are."""
    if is_charity(identifiers):
        return AssetLock.LOCKED
    return FORMS.get(legal_form, _OPEN).lock


def basis_of(legal_form: str, identifiers: Iterable[str]) -> Basis:
    """Whether form or register alone makes an organisation eligible; if not, its governance has to be tested."""
    regulated = FORMS.get(legal_form, _OPEN).regulated or is_charity(identifiers)
    return Basis.REGULATED_FORM if regulated else Basis.UNDECIDED


def is_charity(identifiers: Iterable[str]) -> bool:
    """Whether one of the identifiers is of a charity register."""
    return any(parse(org_id).register.prefix in CHARITY_REGISTERS for org_id in identifiers)


def known_by(filing: Filing) -> dict[str, str]:
    """The identifiers to look a borrower up by: the canonical writing of each, by its registration.

    A group in no register is known within the intermediary that lends to it, by its name: groups of like name under
    two intermediaries are not taken for one.
    """
    given = {registration(org_id): canonical(org_id) for org_id in filing.identifiers}
    if given:
        return given
    named = f"{filing.told_by}\n{' '.join(filing.name.casefold().split())}"
    own = internal(hashlib.sha256(named.encode()).hexdigest()[:_FINGERPRINT])
    return {own: own}


def matched(filing: Filing, held: Mapping[str, str]) -> str | None:
    """The organisation that holds any of the filing's registrations; None for a newcomer.

    `held` maps registrations to organisations. Refuses a filing that names two organisations: either it is wrong, or
    the two are one body and must be joined first.
    """
    found = {held[mark]: mark for mark in known_by(filing) if mark in held}
    if len(found) > 1:
        shown = " and ".join(sorted(found.values()))
        raise TwoOrganisations(
            f"{filing.name} is filed under {shown}, which we hold as different organisations: "
            "correct the identifiers, or have a fund manager join the two if they are one body",
            organisations=sorted(found),
            identifiers=sorted(found.values()),
        )
    return next(iter(found), None)
