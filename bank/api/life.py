"""`/v1/enquiries` and what is beside the money of `/v1/allocations/{id}`: conditions, covenants, amendments, course."""

from __future__ import annotations

from typing import Annotated

from fastapi import status
from pydantic import Field

from bank.allocations.life import commands
from bank.allocations.life.commands import LapseRun
from bank.allocations.life.course import CourseView
from bank.allocations.life.course import course as course_of
from bank.allocations.life.enquiries import queries as asked
from bank.allocations.life.enquiries.queries import EnquiryView
from bank.allocations.life.evidence import commands as shown
from bank.allocations.life.evidence import queries as policies
from bank.allocations.life.evidence.queries import EvidencePolicyView
from bank.allocations.life.queries import CovenantView
from bank.allocations.queries import FacilityView
from bank.api.door import (
    ActKey,
    BankStaff,
    FundManager,
    In,
    Known,
    ManagerOrIntermediary,
    TrusteeOrManager,
    TwoTimes,
    example,
    router,
)
from bank.api.fields import Day, Number
from bank.approvals.queries import RequestView
from ledger.money import Money
from ledger.store.work import View

routes = router("", "life")

Words = Annotated[str, Field(min_length=1, max_length=1000)]
Evidence = Annotated[str, Field(max_length=1000)]


class LapsesIn(In):
    """The day before which availability ended."""

    model_config = example(on="2012-07-02")

    on: Day


class EnquiryIn(In):
    """Somebody asked for wholesale finance."""

    model_config = example(
        name="A lender in two counties", product="senior-loan", amount="2000000.00", on="2012-01-09", summary="To lend"
    )

    name: Annotated[str, Field(min_length=1, max_length=300)]
    product: str
    amount: Money
    on: Day
    summary: Words
    intermediary: str = ""
    evidence: Evidence = ""


class StepIn(In):
    """A step of an enquiry: screened, due-diligence, declined or withdrawn."""

    model_config = example(step="screened", on="2012-01-16", reason="Fits the purpose", evidence="Screening note")

    step: str
    on: Day
    reason: Words
    evidence: Evidence = ""


class HeadsIn(In):
    """Heads of terms, with the conditions precedent."""

    model_config = example(on="2012-03-05", conditions=["The charge is registered"])

    on: Day
    conditions: Annotated[tuple[str, ...], Field(strict=False)] = ()
    evidence: Evidence = ""
    note: Evidence = ""


class ConditionIn(In):
    """A condition precedent."""

    model_config = example(text="The charge is registered", on="2012-03-05")

    text: Words
    on: Day


class SatisfiedIn(In):
    """On what evidence a condition is satisfied."""

    model_config = example(on="2012-03-12", evidence="The register of charges")

    on: Day
    evidence: Words


class DescriptionIn(In):
    """What sort of risk a facility is, and what match it takes."""

    model_config = example(on="2012-01-20", region="North West", secured=True, match_at_drawdown="1")

    on: Day
    region: str | None = None
    secured: bool | None = None
    first_loss: bool | None = None
    match_at_signing: Number | None = None
    match_at_drawdown: Number | None = None
    evidence: Evidence = ""
    reason: Evidence = ""


class EvidencePolicyIn(In):
    """A step that takes evidence from a day on, or takes none any more."""

    model_config = example(step="signed", wanted=True, from_on="2012-04-04", basis="Scheme of delegation")

    step: str
    wanted: bool
    from_on: Day
    basis: Words


class EvidencePolicies(View):
    """Every policy on evidence."""

    items: list[EvidencePolicyView]


class AmendmentIn(In):
    """Other terms from a day on."""

    model_config = example(
        effective_on="2013-12-02", available_until="2014-12-31", words="A year longer to draw", reason="Slow pipeline"
    )

    effective_on: Day
    words: Words
    reason: Words
    available_until: Day | None = None
    matures_on: Day | None = None
    match_at_drawdown: Number | None = None
    evidence: Evidence = ""


class WaiverIn(In):
    """A condition, or a failed covenant test, to be waived."""

    model_config = example(of="cnd_leik34my2ikjux6i", from_on="2012-03-12", reason="Registered within the month")

    of: str
    from_on: Day
    reason: Words


class CovenantIn(In):
    """What is to be kept."""

    model_config = example(name="Cash over six months' costs", sense="at-least", threshold="1", from_on="2012-03-31")

    name: Words
    sense: str
    threshold: Number
    from_on: Day


class TestIn(In):
    """What a test of a covenant found."""

    model_config = example(on="2012-06-30", value="1.2", evidence="Management accounts")

    on: Day
    value: Number
    evidence: Words


class CoInvestmentIn(In):
    """What a named co-investor committed, or paid, beside us."""

    model_config = example(investor="A foundation", amount="250000.00", on="2012-03-12", drawn=False)

    investor: Words
    amount: Money
    on: Day
    drawn: bool = False


@routes.post("/lapses", status_code=status.HTTP_201_CREATED)
def lapse(desk: FundManager, lapsed: LapsesIn, key: ActKey) -> LapseRun:
    """Enter what has lapsed wherever availability, as extended, has ended before a day."""
    return commands.lapse_due(desk, on=lapsed.on, key=key)


@routes.post("/enquiries", status_code=status.HTTP_201_CREATED)
def enquire(desk: FundManager, enquiry: EnquiryIn, key: ActKey) -> EnquiryView:
    """Record an enquiry."""
    return commands.enquire(desk, **dict(enquiry), key=key)


@routes.get("/enquiries")
def enquiries(desk: TrusteeOrManager, times: TwoTimes) -> list[EnquiryView]:
    """Every enquiry, how far it came, and what was proposed from it."""
    with desk.reading() as session:
        return asked.enquiries(session, as_at=times.as_at(session), at=times.known(session))


@routes.post("/enquiries/{enquiry}/steps", status_code=status.HTTP_201_CREATED)
def step(desk: FundManager, enquiry: str, step: StepIn, key: ActKey) -> EnquiryView:
    """Take an enquiry a step on, or to its end."""
    return commands.step_enquiry(desk, enquiry=enquiry, **dict(step), key=key)


@routes.get("/evidence-policies")
def evidence_policies(desk: BankStaff, knowing: Known) -> EvidencePolicies:
    """Every policy on the evidence of a step, and what became of it."""
    with desk.reading() as session:
        return EvidencePolicies(items=policies.evidence_policies(session, at=knowing.of(session)))


@routes.post("/evidence-policies", status_code=status.HTTP_201_CREATED)
def propose_evidence_policy(desk: FundManager, policy: EvidencePolicyIn, key: ActKey) -> EvidencePolicyView:
    """Propose that a step takes evidence; another fund manager approves it."""
    return shown.propose_evidence_policy(desk, **dict(policy), key=key)


@routes.get("/allocations/{facility}/course")
def course(desk: ManagerOrIntermediary, facility: str, times: TwoTimes) -> CourseView:
    """Every step of a facility's life, and what is open on it."""
    with desk.reading() as session:
        return course_of(
            session,
            facility,
            as_at=times.as_at(session),
            at=times.known(session),
            intermediary=desk.actor.intermediary,
        )


@routes.post("/allocations/{facility}/heads-of-terms", status_code=status.HTTP_201_CREATED)
def heads(desk: FundManager, facility: str, heads: HeadsIn, key: ActKey) -> FacilityView:
    """Record heads of terms."""
    return commands.agree_heads_of_terms(desk, facility=facility, **dict(heads), key=key)


@routes.post("/allocations/{facility}/conditions", status_code=status.HTTP_201_CREATED)
def condition(desk: FundManager, facility: str, condition: ConditionIn, key: ActKey) -> FacilityView:
    """List a condition precedent."""
    return commands.list_condition(desk, facility=facility, **dict(condition), key=key)


@routes.post("/conditions/{condition}/satisfy")
def satisfy(desk: FundManager, condition: str, satisfied: SatisfiedIn, key: ActKey) -> FacilityView:
    """Record that a condition precedent is satisfied."""
    return commands.satisfy_condition(desk, condition=condition, **dict(satisfied), key=key)


@routes.post("/allocations/{facility}/description", status_code=status.HTTP_201_CREATED)
def describe(desk: FundManager, facility: str, description: DescriptionIn, key: ActKey) -> FacilityView:
    """Say what sort of risk a facility is, and what match it takes; past its proposal another decides on it."""
    return commands.describe(desk, facility=facility, **dict(description), key=key)


@routes.post("/allocations/{facility}/amendments", status_code=status.HTTP_201_CREATED)
def amend(desk: FundManager, facility: str, amendment: AmendmentIn, key: ActKey) -> RequestView:
    """Ask for other terms."""
    return commands.amend(desk, facility=facility, **dict(amendment), key=key)


@routes.post("/allocations/{facility}/waivers", status_code=status.HTTP_201_CREATED)
def waive(desk: FundManager, facility: str, waiver: WaiverIn, key: ActKey) -> RequestView:
    """Ask to waive a condition or a breach."""
    return commands.ask_waiver(desk, facility=facility, **dict(waiver), key=key)


@routes.post("/allocations/{facility}/covenants", status_code=status.HTTP_201_CREATED)
def covenant(desk: FundManager, facility: str, covenant: CovenantIn, key: ActKey) -> CovenantView:
    """Record a covenant; its id is what its tests name."""
    return commands.set_covenant(desk, facility=facility, **dict(covenant), key=key)


@routes.post("/covenants/{covenant}/tests", status_code=status.HTTP_201_CREATED)
def test(desk: FundManager, covenant: str, test: TestIn, key: ActKey) -> FacilityView:
    """Record the test of a covenant."""
    return commands.record_covenant_test(desk, covenant=covenant, **dict(test), key=key)


@routes.post("/allocations/{facility}/co-investments", status_code=status.HTTP_201_CREATED)
def co_invest(desk: FundManager, facility: str, part: CoInvestmentIn, key: ActKey) -> FacilityView:
    """Record what a named co-investor committed or paid beside us."""
    return commands.co_invest(desk, facility=facility, **dict(part), key=key)
