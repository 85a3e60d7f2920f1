"""What every notice is gathered with: the moment of knowledge, its heading, and figures with where they come from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from bank.figures.books import runs
from bank.people.queries import people
from bank.publishing.notices.rules import Subject, notice_id
from ledger import queries
from ledger.dates import Quarter
from ledger.queries import Known
from ledger.store.database import ReadSession
from ledger.store.work import Actor
from reports.figures import Figure, Provenance, Value
from reports.notices.measures import MEASURES
from reports.seal import VERSION
from reports.statements.inputs import Issue, SealHead


@dataclass(frozen=True, slots=True)
class Gathering:
    """Where a notice is gathered: a look at the books, as known when, and for whose eyes."""

    session: ReadSession
    known: Known
    viewer: Actor
    caution: str = ""
    version: int | None = VERSION
    """The version of the notices that is named in it: this one, or that of a file that is compared with it."""

    @property
    def own(self) -> str | None:
        """The one intermediary whose affairs the reader may see; None sees all."""
        return self.viewer.intermediary

    def issue(self, subject: Subject, as_at: date) -> Issue:
        """Which notice it is, of what, as at which day, anchored to the head of the journal."""
        head = queries.head(self.session, self.known)
        return Issue(
            statement=notice_id(subject, self.known.seq, self.known.instant, self.caution),
            quarter=Quarter.of(as_at),
            as_at=as_at,
            known_at=self.known.instant,
            known_seq=self.known.seq,
            head=SealHead(seq=head.seq, root=head.root, recorded_at=head.recorded_at if head.seq else None),
            caution=self.caution,
            subject=str(subject),
            version=self.version,
        )

    def source(
        self,
        formula: str,
        as_at: date,
        *,
        seqs: Sequence[int] = (),
        accounts: Sequence[str] = (),
        returns: Sequence[str] = (),
        source: Literal["ledger", "returns", "register", "calculation"] = "register",
    ) -> Provenance:
        """Where figures come from: the working in words, and the entries or returns behind them."""
        places = sorted(set(seqs))
        return Provenance(
            formula=formula,
            as_at=as_at,
            known_seq=self.known.seq,
            known_at=self.known.instant,
            source=source,
            book="bank" if accounts else "",
            accounts=tuple(accounts),
            entries=runs(places),
            entry_count=len(places),
            returns=tuple(returns),
        )

    def names(self) -> dict[str, str]:
        """The names of the bank's own people, by what they are known by."""
        return {person.id: person.name for person in people(self.session)}


def figures(values: Mapping[str, Value], source: Provenance) -> tuple[Figure, ...]:
    """Figures by the code of their measure, all from one source."""
    return tuple(Figure(measure=MEASURES[code], value=value, provenance=source) for code, value in values.items())
