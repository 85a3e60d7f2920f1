"""What a check of a statement found, all of it: by the file alone, beside other files, and by the books if any."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import typer

from bank.cli.answers import Format, as_csv, print_json
from bank.cli.desk import Station, desk
from ledger.refusals import Malformed, Refusal

if TYPE_CHECKING:
    from bank.publishing.agreement import AgreementView, Difference
    from ledger.notes import VerifierKey
    from reports.verify import Verdict

_BROKEN: Final = "a file that does not hold by itself is not compared with any books"


@dataclass(frozen=True, slots=True)
class Compared:
    """What the books say of a file: how far it agrees with them, or why the two could not be compared."""

    books: str
    """Which books: their URL, without who opens them."""
    agreement: AgreementView | None = None
    why_not: str = ""
    journal: str | None = None
    """How these books stand to those that the file was drawn from, where that kept the two from being compared."""

    @property
    def holds(self) -> bool:
        """Whether the file says what the books say, is the one that was issued from them, and the books hold."""
        told = self.agreement
        return told is not None and told.agrees and told.filed and not told.books_fault


@dataclass(frozen=True, slots=True)
class Found:
    """All that one check found."""

    file: Path
    verdict: Verdict
    trusted: bool | None
    """Whether a certificate that was given vouches for the seal; None where none was given."""
    against: Mapping[Path, tuple[str, ...]]
    """By each other file: what keeps it from being of one history with this one."""
    compared: Compared | None = None
    """None where no database was named."""

    @property
    def holds(self) -> bool:
        """Whether nothing at all was found against the file."""
        return self.verdict.holds and not any(self.against.values()) and (self.compared is None or self.compared.holds)


def found_in(
    context: typer.Context, file: Path, *, trust: Sequence[Path], against: Sequence[Path], keys: Sequence[VerifierKey]
) -> Found:
    """Check a file by itself, beside others, and by the books of a database that was named."""
    from reports.verify import verify  # noqa: PLC0415 -- only a check waits for what reads a PDF

    content, trusted = read(file), [_certificate(one) for one in trust]
    verdict = verify(content, trusted=trusted, keys=keys)
    station: Station = context.obj
    return Found(
        file=file,
        verdict=verdict,
        trusted=None if not trusted else verdict.seal is not None and verdict.seal.issued_by(trusted),
        against={one: _apart(verdict, verify(read(one), trusted=trusted, keys=keys)) for one in against},
        compared=_compared(context, verdict, content) if station.named else None,
    )


def tell(found: Found, form: Format) -> None:
    """Print what was found: as JSON one object that always has every part, as CSV a finding a line, or in sentences."""
    if form is Format.JSON:
        print_json(as_json(found))
        return
    if form is Format.CSV:
        sys.stdout.write(as_csv(list(findings(found)) or [_finding("none")]))
        return
    for line in sentences(found):
        sys.stdout.write(f"{line}\n")


def as_json(found: Found) -> dict[str, Any]:
    """Every part, whatever was found: what was not looked for or not there is null."""
    verdict, compared = found.verdict, found.compared
    seal, books = verdict.seal, verdict.books
    told = None if compared is None or compared.agreement is None else compared.agreement.model_dump(mode="json")
    return {
        "holds": verdict.holds,
        "faults": list(verdict.faults),
        "statement": verdict.statement,
        "kind": verdict.kind or None,
        "form": verdict.form or None,
        "withheld": list(verdict.withheld),
        "quarter": verdict.quarter and str(verdict.quarter),
        "known_at": verdict.known_at and verdict.known_at.isoformat(),
        "known_seq": verdict.known_seq,
        "figures_checked": verdict.figures_checked,
        "seal_seq": verdict.seal_seq,
        "seal_root": verdict.seal_root,
        "checkpoint_key": books and books.signer,
        "checkpoint_key_given": books and books.given,
        "against": {str(one): list(faults) for one, faults in found.against.items()},
        "sealed_by": seal and seal.signer,
        "certificate_sha256": seal and seal.certificate_sha256,
        "certificate_trusted": found.trusted,
        "stamped_at": seal and seal.stamped_at and seal.stamped_at.isoformat(),
        "books": compared and compared.books,
        "not_compared": compared and (compared.why_not or None),
        "journal": compared and (compared.agreement.journal if compared.agreement else compared.journal),
        **{name: told and told[name] for name in _OF_THE_AGREEMENT},
    }


_OF_THE_AGREEMENT: Final = (
    *("agrees", "filed", "compared", "differences"),
    *("compared_by", "composed_by", "version", "not_judged", "kept", "shared_entries"),
    "replaced_by",
    *("books_fault", "books_fault_seq"),
)


def findings(found: Found) -> Iterator[dict[str, str]]:
    """Everything that was found against the file or could not be judged, a line each, for a spreadsheet."""
    yield from (_finding("fault", why=fault) for fault in found.verdict.faults)
    yield from (_finding("against", str(one), why=why) for one, faults in found.against.items() for why in faults)
    if found.compared is None:
        return
    if found.compared.agreement is None:
        yield _finding("not compared", found.compared.books, why=found.compared.why_not)
        return
    told = found.compared.agreement
    for one in told.differences:
        yield _finding("difference", one.where, one.stated or "", one.in_books or "")
    yield from (_finding("not judged", one.where, why=one.why) for one in told.not_judged)
    if not told.filed:
        yield _finding("not as issued", found.compared.books, why=" ".join(_of_the_register(told)))


def _finding(finding: str, where: str = "", stated: str = "", in_books: str = "", why: str = "") -> dict[str, str]:
    return {"finding": finding, "where": where, "stated": stated, "in_books": in_books, "why": why}


def sentences(found: Found) -> Iterator[str]:
    """What was found, a sentence a line."""
    verdict = found.verdict
    yield from verdict.faults
    told = "holds" if verdict.holds else "does NOT hold"
    what = f"{found.file}, a notice ({verdict.kind})," if verdict.statement.startswith("not_") else f"{found.file}"
    yield f"{what} {told}: {verdict.figures_checked} figures checked from the file alone."
    yield from _of_the_form(verdict)
    yield from _of_the_seal(found)
    if verdict.seal_root:
        yield f"Head of the books: {verdict.seal_seq} entries, root {verdict.seal_root}"
    if verdict.books is not None:
        yield verdict.books.told()
        if verdict.books.signer:
            yield "That vouches for the entries, not for the figures drawn from them: a seal does, or the books do."
    for other, faults in found.against.items():
        yield from (f"Against {other}: {fault}" for fault in faults)
        if not faults:
            yield f"Its books and those of {other} are one history: one begins with the other."
    if found.compared is not None:
        yield from of_the_books(found.compared)


_FORMS: Final = {
    "trustees": "It is the trustees' form: each loan is in it, and nobody's name.",
    "whole": "It is the WHOLE form, which names every borrower: it is for fund managers and auditors alone.",
    "public": "It is the form for the public: borrowers are told of in groups alone.",
}

_UNTOLD: Final = "By its own word its form is that called {form}; no list of loans is in it by which to tell."


def _of_the_form(verdict: Verdict) -> Iterator[str]:
    """Of a file that holds, for then the columns of its list of loans are those of the form; else it only says so."""
    from reports.forms import LIST  # noqa: PLC0415 -- only a check waits for it

    if verdict.holds and not verdict.statement.startswith("not_"):
        yield _FORMS[verdict.form] if LIST in verdict.files else _UNTOLD.format(form=verdict.form)
        yield from (f"{said[:1].upper()}{said[1:]}." for said in verdict.withheld)


def read(file: Path) -> bytes:
    """The bytes of a file. Refuses one that cannot be read."""
    try:
        return file.read_bytes()
    except OSError as fault:
        raise Malformed(f"{file} cannot be read: {fault.strerror}") from fault


def _certificate(file: Path) -> bytes:
    """A file of certificates. Refuses one that holds none, for it would vouch for nothing and say nothing of it."""
    from reports.seal_check import holds_certificates  # noqa: PLC0415 -- only who gives a certificate waits for it

    text = read(file)
    if not holds_certificates(text):
        raise Malformed(f"{file} holds no certificate in PEM, which begins with -----BEGIN CERTIFICATE-----")
    return text


def _apart(verdict: Verdict, other: Verdict) -> tuple[str, ...]:
    """What keeps another statement from being of one history with this: nothing where it is."""
    from reports.heads import contradiction  # noqa: PLC0415 -- as above

    if other.faults:
        return other.faults
    found = contradiction(verdict.books, other.books)
    return (found,) if found else ()


def _compared(context: typer.Context, verdict: Verdict, content: bytes) -> Compared:
    from bank.publishing.notices.queries import agreement_of_file  # noqa: PLC0415 -- as above

    station: Station = context.obj
    books = station.url.split("@")[-1]
    if not verdict.holds:
        return Compared(books, why_not=_BROKEN)
    try:
        with desk(context) as here:
            return Compared(books, agreement_of_file(here, content))
    except Refusal as refused:
        journal = refused.facts.get("journal")
        return Compared(books, why_not=refused.sentence, journal=journal if isinstance(journal, str) else None)


def _of_the_seal(found: Found) -> Iterator[str]:
    seal = found.verdict.seal
    if seal is None:
        if found.verdict.holds:
            yield (
                "It is not sealed: nothing in it shows who issued it, nor that its words and pages are as issued. Its "
                "figures agree with each other; the books tell the rest (--database)."
            )
        return
    yield f"Sealed as a whole by {seal.signer}, certificate SHA-256 {seal.certificate_sha256}"
    if found.trusted is None:
        yield "Whether that certificate is the bank's, the file cannot say: give the one you know (--trust)."
    else:
        yield f"{'A' if found.trusted else 'NO'} certificate that you gave vouches for it."
    if seal.stamped_at is not None:
        yield f"Its seal was seen by {seal.stamped_by} at {seal.stamped_at.isoformat()}"


def of_the_books(compared: Compared) -> Iterator[str]:
    """What the books say of a file, a sentence a line, and how that was found."""
    found = compared.agreement
    if found is None:
        yield f"Not compared with the books at {compared.books}: {compared.why_not}"
        return
    for one in found.differences[:_MOST_NAMED]:
        yield f"{one.where}: {_against(one)}"
    if len(found.differences) > _MOST_NAMED:
        yield f"And {len(found.differences) - _MOST_NAMED} more; {_ALL_OF_IT}."
    yield (
        f"The {_what_agrees(found)} with the "
        f"{'entries of the ' if found.compared_by == _ENTRIES else ''}books at {compared.books} as known at "
        f"{found.known_at}: {found.compared} values compared."
    )
    yield from _how(found)
    yield from _of_the_register(found)
    if found.replaced_by:
        yield f"A later statement of its quarter is filed, which knew more and replaces it: {found.replaced_by}."
    if found.books_fault:
        from bank.publishing.origin import told_fault  # noqa: PLC0415 -- as above

        fault = told_fault(found.books_fault, found.books_fault_seq)
        yield f"{fault}. `bank ledger verify` says the same; the handbook says what to do then."


def _what(found: AgreementView) -> str:
    return "notice" if found.statement.startswith("not_") else "statement"


def _what_agrees(found: AgreementView) -> str:
    """Of a notice of another version only the figures: no words of it are kept to be held against."""
    if _what(found) == "notice" and found.compared_by == "figures":
        return f"figures of the notice {'agree' if found.agrees else 'do NOT agree'}"
    return f"{_what(found)} {'agrees' if found.agrees else 'does NOT agree'}"


def _against(one: Difference) -> str:
    return f"the document says {one.stated or 'nothing'}, the books {one.in_books or 'nothing'}"


def _of_the_register(found: AgreementView) -> Iterator[str]:
    """Whether this very file was issued from these books, and which of the two was changed where they differ."""
    if found.compared_by == _ENTRIES:
        yield (
            "Whether this very file was issued cannot be told: such books keep no statements. Compare it with the "
            "bank's own database."
        )
    elif _what(found) == "notice" and not found.filed and found.composed_by != found.version:
        yield (
            "Whether this very file was given from these books cannot be told: notices are not kept, and another "
            "version makes other pages. Ask for it again."
        )
    elif found.kept == "same" and found.agrees:
        yield "This file is, byte for byte, the one that was issued from these books."
    elif found.kept in {"same", "altered"}:
        yield from _books_changed(found)
    elif found.kept == "resealed":
        yield "This file is NOT the one that was issued from these books: its pages are, and its seal is another."
    else:
        kept = (
            "another file is filed under its identifier" if found.kept == "other" else "none of its identifier is filed"
        )
        told = "they do not give it" if _what(found) == "notice" else kept
        yield f"This file is NOT the one that was issued from these books: {told}."


def _books_changed(found: AgreementView) -> Iterator[str]:
    """That the books were changed since a file was issued from them, what differs first, and what to do."""
    if found.kept == "same":
        yield (
            "By their register this file is, byte for byte, the one that was issued, and they say otherwise now: it is "
            "the BOOKS that were changed since. Only if their register was changed too may it be the file: its seal "
            "tells, under the bank's own certificate (--trust)."
        )
    else:
        yield (
            "This file was issued from these books, and what their register keeps of it (the file, its digests, its "
            "line in the trail) does not agree with itself any more: it is the BOOKS that were changed since."
        )
    if found.journal != "same":
        first = f"; the first {found.shared_entries} are, as it proves" if found.shared_entries else ""
        yield f"Their entries are not those of the head printed in it{first}."
    if found.differences:
        first_of_all = found.differences[0]
        yield f"What differs first: {first_of_all.where}: {_against(first_of_all)}."
    if found.books_fault:
        return
    if found.journal != "same":
        yield (
            "Every entry of theirs holds by itself: so their seals were made anew, or they were continued twice. Run "
            "`bank ledger verify` with a checkpoint that was kept elsewhere."
        )
    elif found.differences:
        yield (
            "Every entry that it knew is as it was, and every entry holds (`bank ledger verify` says the same): so a "
            "record beside the entries was changed, such as a facility, a return, a loan or a name."
        )


def _how(found: AgreementView) -> Iterator[str]:
    """Which of the two was done: composed anew and compared whole, or each figure for itself; and what neither told."""
    named = found.composed_by is not None
    composed = f"version {found.composed_by} of the statements" if named else f"a version of the statements {_UNNAMED}"
    if found.compared_by == _ENTRIES:
        yield (
            "How: these books hold entries only, as an export rebuilds them: no facilities, returns or loans. So what "
            "is a sum of entries (movements and balances of money, the bank's accounts, trial balances), and the head, "
            f"was worked out again and compared. {len(found.not_judged)} figures and tables rest on more and could not "
            f"be checked; {_ALL_OF_IT}."
        )
        return
    if found.compared_by == "whole":
        again = "" if found.composed_by == found.version else f", which {composed} composed,"
        yield f"How: all its data{again} were composed anew from the books and compared whole."
        return
    yield (
        f"How: {composed} composed it, and this is version {found.version}, which composes others. "
        "So it was not composed anew: each figure that it states was worked out from the books, as of its day and as "
        "known at its moment, and compared. " + (_OTHER_WORDS if _what(found) == "notice" else _SAME_WORDS)
    )
    for one in found.not_judged[:_MOST_NAMED]:
        yield f"Not judged: {one.where}: {one.why}."
    if len(found.not_judged) > _MOST_NAMED:
        yield f"Not judged: {len(found.not_judged) - _MOST_NAMED} more; {_ALL_OF_IT}."


_SAME_WORDS: Final = "Its words are those that were filed: the file's digest is the one kept."
_OTHER_WORDS: Final = (
    "What it leaves out of what the books give counts as a difference. Where the words of its tables are not this "
    "version's they are named, and not judged; its sentences are not compared at all: no notice is kept."
)
_MOST_NAMED: Final = 20
_ALL_OF_IT: Final = "--format json or csv names all"
_ENTRIES: Final = "entries"
_UNNAMED: Final = "that did not name itself"
