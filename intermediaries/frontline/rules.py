"""Who may be lent dormant money, whose assets are locked, and when two filings speak of one organisation."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from intermediaries.frontline.identifiers import canonical, internal, parse, registration
from intermediaries.frontline.registers import REGISTERS
from ledger.refusals import Refusal

CHARITY_REGISTERS: Final = frozenset({"GB-CHC", "GB-SC", "GB-NIC"})
_FINGERPRINT: Final = 16


class AssetLock(StrEnum):
    """Whether what an organisation owns must stay with its social purpose."""

    LOCKED = "locked"
    UNLOCKED = "unlocked"
    NOT_KNOWN = "not-known"


class LockKind(StrEnum):
    """What locks an organisation's assets, or that nothing does, or that nobody has looked."""

    STATUTORY_CIC = "statutory-cic"
    STATUTORY_SOCIETY = "statutory-society"
    CHARITY_LAW = "charity-law"
    ARTICLES = "articles"
    NONE = "none"
    NOT_KNOWN = "not-known"

    @property
    def asset_lock(self) -> AssetLock:
        """Whether that is a lock."""
        if self is LockKind.NOT_KNOWN:
            return AssetLock.NOT_KNOWN
        return AssetLock.UNLOCKED if self is LockKind.NONE else AssetLock.LOCKED


class Basis(StrEnum):
    """Why an organisation may be lent dormant money: section 18 of the 2008 Act asks for a social body."""

    REGULATED_FORM = "regulated-form"
    GOVERNANCE_TEST = "governance-test"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class FormFacts:
    """What a legal form alone tells, by which law and from when on there has been the form; none where it is older.

    A form that tells nothing of a lock may still be locked by being a charity. `regulator` watches over the social
    purpose of all bodies of the form; where there is none, the form alone does not make a body eligible.
    """

    kind: LockKind
    regulator: str
    law: str
    since: date | None = None

    @property
    def lock(self) -> AssetLock:
        """Whether the form is a lock."""
        return self.kind.asset_lock

    @property
    def regulated(self) -> bool:
        """Whether somebody watches over the social purpose of every body of the form."""
        return bool(self.regulator)


_CHARITIES: Final = "the Charity Commission for England and Wales"
_CIC_LAW: Final = "Companies (Audit, Investigations and Community Enterprise) Act 2004, part 2; SI 2005/1788"
_CIC: Final = FormFacts(
    LockKind.STATUTORY_CIC, "the Regulator of Community Interest Companies", _CIC_LAW, date(2005, 7, 1)
)
_SOCIETIES: Final = (
    "Industrial and Provident Societies Act 1965; from 1 August 2014 the Co-operative and Community Benefit Societies "
    "Act 2014"
)
_COMPANIES: Final = "Companies Act 2006"

FORMS: Final[Mapping[str, FormFacts]] = MappingProxyType(
    {
        "CIO": FormFacts(LockKind.CHARITY_LAW, _CHARITIES, "Charities Act 2011, part 11", date(2013, 1, 2)),
        "SCIO": FormFacts(
            LockKind.CHARITY_LAW,
            "the Scottish Charity Regulator",
            "Charities and Trustee Investment (Scotland) Act 2005, chapter 7",
            date(2011, 4, 1),
        ),
        "TRUST": FormFacts(LockKind.CHARITY_LAW, _CHARITIES, "the law of charitable trusts; Charities Act 2011"),
        "CIC-CLG": _CIC,
        "CIC-CLS": _CIC,
        "BENCOM": FormFacts(
            LockKind.NOT_KNOWN, "the registrar of societies for the benefit of the community", _SOCIETIES
        ),
        "CLG": FormFacts(LockKind.NOT_KNOWN, "", _COMPANIES),
        "CLS": FormFacts(LockKind.NOT_KNOWN, "", _COMPANIES),
        "COOP": FormFacts(LockKind.NOT_KNOWN, "", _SOCIETIES),
        "IPS": FormFacts(LockKind.NOT_KNOWN, "", _SOCIETIES),
        "UNINC": FormFacts(LockKind.NOT_KNOWN, "", "no statute: its own rules"),
        "OTH": FormFacts(LockKind.NOT_KNOWN, "", "as the note of the return says"),
        "CU": FormFacts(LockKind.NONE, "", "Credit Unions Act 1979"),
        "FS": FormFacts(LockKind.NONE, "", "Friendly Societies Acts 1974 and 1992"),
        "LLP": FormFacts(LockKind.NONE, "", "Limited Liability Partnerships Act 2000", date(2001, 4, 6)),
    }
)
"""Charities and community interest companies are locked by law. A benefit society is regulated, and locked only if it
adopted the lock of SI 2006/264 or is charitable, which the form does not tell."""

_OPEN: Final = FORMS["OTH"]
_FITS: Final[Mapping[LockKind, frozenset[str]]] = MappingProxyType(
    {
        LockKind.STATUTORY_CIC: frozenset({"CIC-CLG", "CIC-CLS"}),
        LockKind.STATUTORY_SOCIETY: frozenset({"BENCOM", "IPS"}),
    }
)
"""The forms that a lock made by statute is for."""


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


def lock_of(legal_form: str, identifiers: Iterable[str]) -> LockKind:
    """What locks an organisation's assets, from its form and its registers; a charity's are locked by charity law."""
    told = FORMS.get(legal_form, _OPEN).kind
    return LockKind.CHARITY_LAW if told is not LockKind.STATUTORY_CIC and is_charity(identifiers) else told


_MADE_BY_REGISTRATION: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "CIO": ("GB-CHC", "Charities Act 2011, part 11"),
        "SCIO": ("GB-SC", "Charities and Trustee Investment (Scotland) Act 2005, chapter 7"),
    }
)
"""The forms that a body has only by its entry in a register of charities, that register, and the law."""


def problem_with_registers(legal_form: str, identifiers: Iterable[str]) -> str | None:
    """Why a body of such a form cannot be in such registers alone, as one sentence; None when it can.

    A community interest company is no charity, whatever it was set up for (section 26 of the Act of 2004); a charitable
    incorporated organisation comes into being by its entry in the register of charities.
    """
    told = [parse(org_id) for org_id in identifiers]
    if legal_form in _FITS[LockKind.STATUTORY_CIC]:
        charity = next((one for one in told if one.register.prefix in CHARITY_REGISTERS), None)
        return None if charity is None else f"{charity} is the number of a charity, and no {legal_form} can be one"
    prefix, law = _MADE_BY_REGISTRATION.get(legal_form, ("", ""))
    if not prefix or any(one.register.prefix == prefix for one in told):
        return None
    return f"a {legal_form} is one by its entry with {REGISTERS[prefix].name} ({law}), and no number of it is given"


def asset_lock(legal_form: str, identifiers: Iterable[str]) -> AssetLock:
    """Whether an organisation's assets are locked, from its form and its registers."""
    return lock_of(legal_form, identifiers).asset_lock


def problem_with_lock(kind: LockKind, legal_form: str, identifiers: Iterable[str]) -> str | None:
    """Why a lock cannot be that of such an organisation, as one sentence; None when it can."""
    implied = lock_of(legal_form, identifiers)
    if implied.asset_lock is AssetLock.LOCKED and kind is not implied:
        return f"the law itself locks what it owns ({implied}), by its form and registers: nothing else can be recorded"
    if kind in _FITS and legal_form not in _FITS[kind]:
        return f"{kind} is the lock of {' and '.join(sorted(_FITS[kind]))}, and its form is {legal_form}"
    if kind is LockKind.CHARITY_LAW and implied is not kind:
        return "it has no number in a register of charities: have it told first"
    return None


def basis_of(legal_form: str, identifiers: Iterable[str]) -> Basis:
    """Whether form or register alone makes an organisation eligible; if not, its governance has to be tested."""
    regulated = FORMS.get(legal_form, _OPEN).regulated or is_charity(identifiers)
    return Basis.REGULATED_FORM if regulated else Basis.UNDECIDED


def evidence_of(legal_form: str, identifiers: Iterable[str]) -> str:
    """What shows that form or register makes an organisation eligible, in words; nothing where neither does."""
    charities = sorted(one for one in identifiers if parse(one).register.prefix in CHARITY_REGISTERS)
    if charities:
        return f"registered as {charities[0]} with {parse(charities[0]).register.name}"
    told = FORMS.get(legal_form, _OPEN)
    if not told.regulated:
        return ""
    return f"{legal_form}, watched over by {told.regulator}{f' since {told.since}' if told.since else ''}: {told.law}"


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


def matched(filing: Filing, held: Mapping[str, str], known: Iterable[str] | None = None) -> str | None:
    """The organisation that holds any of the filing's registrations; None for a newcomer.

    `held` maps registrations to organisations, and `known` are the filing's own, where they were looked up already.
    Refuses a filing that names two organisations: either it is wrong, or the two are one body and must be joined first.
    """
    found = {held[mark]: mark for mark in (known_by(filing) if known is None else known) if mark in held}
    if len(found) > 1:
        shown = " and ".join(sorted(found.values()))
        raise TwoOrganisations(
            f"{filing.name} is filed under {shown}, which we hold as different organisations: "
            "correct the identifiers, or have a fund manager join the two if they are one body",
            organisations=sorted(found),
            identifiers=sorted(found.values()),
        )
    return next(iter(found), None)
