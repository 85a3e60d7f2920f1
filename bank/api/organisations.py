"""`/v1/organisations`: those finally helped, found through any of their identifiers, with what makes them eligible."""

from __future__ import annotations

from typing import Annotated

from fastapi import status
from pydantic import Field

from bank.api.door import ActKey, FundManager, In, TrusteeOrManager, TwoTimes, example, router
from bank.api.fields import Day
from intermediaries.frontline import commands, queries
from intermediaries.frontline.queries import OrganisationView

routes = router("/organisations", "organisations")

_Words = Annotated[str, Field(min_length=1, max_length=4000)]


class JoinIn(In):
    """Another organisation that was found to be this one, and what shows it."""

    model_config = example(absorbed="org_aaaaaaaaaaaaaaaa", reason="Companies House lists its charity number")

    absorbed: str
    reason: _Words


class GovernanceIn(In):
    """What was found in an organisation's own constitution."""

    model_config = example(passed=True, evidence="Articles 3, 7 and 41, read on 14 May 2012")

    passed: bool
    evidence: _Words


class LockIn(In):
    """What locks an organisation's assets from a day on."""

    model_config = example(kind="articles", from_on="2009-11-02", evidence="Article 41, special resolution filed")

    kind: Annotated[str, Field(max_length=40)]
    from_on: Day
    evidence: _Words


@routes.get("/{organisation}")
def organisation(desk: TrusteeOrManager, organisation: str, times: TwoTimes) -> OrganisationView:
    """One organisation, by its id or any identifier, such as GB-CHC-1164883."""
    with desk.reading() as session:
        return queries.organisation_named(session, organisation, times.known(session).instant, times.as_at(session))


@routes.post("/{organisation}/joins", status_code=status.HTTP_201_CREATED)
def join(desk: FundManager, organisation: str, given: JoinIn, key: ActKey) -> OrganisationView:
    """Record that another organisation is this one: whatever was said of it is said of this one."""
    return commands.join_organisations(desk, kept=organisation, absorbed=given.absorbed, reason=given.reason, key=key)


@routes.post("/{organisation}/governance-tests", status_code=status.HTTP_201_CREATED)
def decide(desk: FundManager, organisation: str, given: GovernanceIn, key: ActKey) -> OrganisationView:
    """Record whether its own constitution makes it a social body, where its form does not."""
    return commands.decide_governance_test(
        desk, organisation_id=organisation, passed=given.passed, evidence=given.evidence, key=key
    )


@routes.post("/{organisation}/asset-locks", status_code=status.HTTP_201_CREATED)
def lock(desk: FundManager, organisation: str, given: LockIn, key: ActKey) -> OrganisationView:
    """Record what locks its assets from a day on, where form and registers do not tell."""
    return commands.record_asset_lock(
        desk,
        organisation_id=organisation,
        kind=given.kind,
        from_on=given.from_on,
        evidence=given.evidence,
        key=key,
    )
