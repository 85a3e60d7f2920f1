"""The works: a statement of so many intermediaries, with so many loans beside it, and its pages by themselves."""

from __future__ import annotations

import gc
import multiprocessing
import pickle
import resource
import time
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import Any, TypeVar

from ledger.money import Money
from reports.attached import Attached, Sum, as_csv
from reports.document import Document
from reports.forms import LOANS
from reports.statements import impact, portfolio
from reports.statements.portfolio_inputs import PortfolioStatement
from reports.typeset import fonts, html, pdf
from reports.verify import verify
from tests.reports import sample

Made = TypeVar("Made")

_LOAN = {
    "intermediary": "int_harbour000000",
    "facility": "fac_harbour000000",
    "return": "ret_harbour000000",
    "quarter": "2012Q4",
    "agreed_on": "2012-02-10",
    "maturity_on": "2016-02-10",
    "status": "performing",
    "our_share": "0.5",
    "annual_rate": "0.065",
    "days_past_due": "0",
    "restructured": "no",
    "region": "E12000001",
    "legal_form": "company-limited-by-guarantee",
    "purpose": "working-capital",
    "outcome_area": "employment",
    "beneficiary_group": "long-term-unemployed",
    "committed": "75000.00",
    "repaid": "10000.00",
    "interest": "1250.00",
    "written_off": "0.00",
    "recovered": "0.00",
    "outstanding": "65000.00",
    "arrears": "0.00",
}
Rows = list[tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Cost:
    """What one case cost: seconds of the processor by step, bytes, pages, and the most memory at once in MiB."""

    compose: float
    bare: float
    whole: float
    check: float
    bytes: int
    pages: int
    peak: int


def loan_rows(count: int) -> Rows:
    """So many loans with every column of the bank's own list, coming to what the sample lent."""
    each, left = divmod(sample.path().lent.closing.pence, count)
    line = [_LOAN.get(column, "") for column in LOANS]
    drawn = LOANS.index("drawn")
    return [
        (f"lon_{number:016}", *line[1:drawn], str(Money(each + (number < left))), *line[drawn + 1 :])
        for number in range(count)
    ]


def loans_list(rows: Rows) -> Attached:
    """The loans as a statement attaches them."""
    return Attached(
        name="loans.csv",
        media="text/csv",
        description="Each onward loan",
        content=as_csv(LOANS, rows),
        sums=(Sum(column="drawn", reference="lent.closing"),),
    )


def inputs(intermediaries: int, loans: Rows) -> PortfolioStatement:
    """The sample's statement with so many facilities, each of an intermediary of its own, and their returns."""
    lines, held = sample.allocations(), sample.proof()
    places = [(number, number % len(lines)) for number in range(intermediaries)]
    return sample.portfolio(
        issue=sample.issue(attached=(loans_list(loans),)),
        allocations=tuple(
            lines[at].model_copy(
                update={"facility": f"fac_{number:04}", "intermediary": f"{lines[at].intermediary} {number}"}
            )
            for number, at in places
        ),
        proof=held.model_copy(
            update={
                "returns": tuple(
                    held.returns[at].model_copy(
                        update={"facility": f"fac_{number:04}", "intermediary": f"{lines[at].intermediary} {number}"}
                    )
                    for number, at in places
                )
            }
        ),
    )


def bare(document: Document) -> int:
    """Set the same page once with nothing of ours but its letters: no tags, no archive, no attachments. Its pages.

    Python looks for garbage as seldom meanwhile as in setting the whole: that gain is not the typesetter's to lose.
    """
    weasyprint = pdf.load()
    with pdf._seldom_tidied():  # noqa: SLF001 -- the same setting
        pages = pdf._read(weasyprint, html.tree(html.render(document, fonts.letters()))).render()  # noqa: SLF001 -- the same reading
        pages.write_pdf(BytesIO())
    return len(pages.pages)


def timed(work: Callable[[], Made]) -> tuple[Made, float]:
    """What the work made, and the seconds of the processor it took; it clears up nothing that was left before it."""
    gc.collect()
    began = time.process_time()
    made = work()
    return made, time.process_time() - began


def cost(kind: str, intermediaries: int, loans: int) -> Cost:
    """One case, as the bank does it: composed in one process, set in another that begins with the document, checked.

    What hands the document over counts too, on either side. The most memory is what both take while the pages are set,
    or what the check takes.
    """
    handed, composing, beside = apart(_compose, kind, intermediaries, loans)
    blob, by_itself, setting, pages, own = apart(_set, handed)
    checking, alone = apart(_check, blob)
    return Cost(composing, by_itself, setting, checking, len(blob), pages, max(beside + own, alone))


def apart(work: Callable[..., Made], *given: Any) -> Made:
    """What a step makes in a process of its own: nothing that another left in its memory is in its way."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(work, given)


def _compose(kind: str, intermediaries: int, loans: int) -> tuple[bytes, float, int]:
    """The document as it is handed over, the seconds it took after a small one, and the most memory meanwhile."""
    pickle.dumps(portfolio.compose(sample.empty_portfolio()), pickle.HIGHEST_PROTOCOL)
    rows = loan_rows(loans)
    handed, seconds = timed(lambda: pickle.dumps(composed(kind, intermediaries, rows), pickle.HIGHEST_PROTOCOL))
    return handed, seconds, _peak()


def _set(handed: bytes) -> tuple[bytes, float, float, int, int]:
    """The file, the bare typesetter's seconds and ours, its pages, and the most memory, warmed up by a small one."""
    pdf.render(portfolio.compose(sample.empty_portfolio()))
    document, taking = timed(lambda: pickle.loads(handed))  # noqa: S301 -- written a moment ago by ourselves
    pages, by_itself = timed(lambda: bare(document))
    blob, setting = timed(lambda: pdf.render(document))
    return blob, by_itself, taking + setting, pages, _peak()


def _check(blob: bytes) -> tuple[float, int]:
    verdict, seconds = timed(lambda: verify(blob))
    if not verdict.holds:
        raise AssertionError(f"the statement does not hold: {verdict.faults[:3]}")
    return seconds, _peak()


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def composed(kind: str, intermediaries: int, loans: Rows) -> Document:
    """The document of one case."""
    if kind == "portfolio":
        return portfolio.compose(inputs(intermediaries, loans))
    told: Any = {"issue": sample.issue(statement="sta_01impact2012q4", attached=(loans_list(loans),))}
    return impact.compose(sample.impact(**told))
