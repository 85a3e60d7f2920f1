"""The statements about facilities' lives that nearly every act asks: each made once, and told its values when asked."""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, or_, select

from bank.allocations.life.model import (
    ConditionSatisfied,
    Covenant,
    CovenantTest,
    FacilityAmendment,
    FacilityCondition,
    FacilityProfile,
)
from bank.allocations.model import Facility
from bank.allocations.products.model import ProductTerms
from bank.allocations.products.registry import CONTINGENT
from bank.approvals.model import ApprovalOutcome
from bank.approvals.rules import APPROVED
from ledger.store.listed import Form, is_listed


@cache
def conditions_of_one() -> Select[FacilityCondition, ConditionSatisfied]:
    """The conditions of the facility told, listed by a day and recorded by an instant, each with what satisfied it."""
    return (
        select(FacilityCondition, ConditionSatisfied)
        .outerjoin(ConditionSatisfied, ConditionSatisfied.condition_id == FacilityCondition.id)
        .where(
            FacilityCondition.facility_id == bindparam("facility"),
            FacilityCondition.recorded_at <= bindparam("instant"),
            FacilityCondition.listed_on <= bindparam("day"),
        )
        .order_by(FacilityCondition.recorded_at, FacilityCondition.id)
    )


@cache
def profiles_listed(form: Form, *, then: bool) -> Select[FacilityProfile]:
    """The profiles of the facilities told, in the order recorded; by an instant where one is told."""
    query = select(FacilityProfile).where(is_listed(FacilityProfile.facility_id, form, "facilities"))
    query = query.where(FacilityProfile.recorded_at <= bindparam("instant")) if then else query
    return query.order_by(FacilityProfile.facility_id, FacilityProfile.number)


@cache
def available_no_more() -> Select[Facility]:
    """The facilities recorded by an instant whose last day to draw, as agreed or as asked to be, is before a day."""
    shorter = select(FacilityAmendment.facility_id).where(FacilityAmendment.available_until < bindparam("day"))
    return (
        select(Facility)
        .where(
            or_(Facility.available_until < bindparam("day"), Facility.id.in_(shorter)),
            Facility.recorded_at <= bindparam("instant"),
        )
        .order_by(Facility.id)
    )


@cache
def guarantees_over() -> Select[Facility, Any]:
    """The guarantees recorded by an instant whose last day is before a day, each with the terms of its product."""
    shorter = select(FacilityAmendment.facility_id).where(FacilityAmendment.matures_on < bindparam("day"))
    return (
        select(Facility, ProductTerms.told)
        .outerjoin(ProductTerms, ProductTerms.facility_id == Facility.id)
        .where(
            Facility.product.in_(CONTINGENT),
            or_(Facility.matures_on < bindparam("day"), Facility.id.in_(shorter)),
            Facility.recorded_at <= bindparam("instant"),
        )
        .order_by(Facility.id)
    )


@cache
def amendments_agreed(form: Form) -> Select[FacilityAmendment]:
    """The amendments of the facilities told that were agreed to by an instant, in the order they take effect."""
    return (
        select(FacilityAmendment)
        .join(ApprovalOutcome, ApprovalOutcome.request_id == FacilityAmendment.request_id)
        .where(
            is_listed(FacilityAmendment.facility_id, form, "facilities"),
            ApprovalOutcome.decision == APPROVED,
            ApprovalOutcome.recorded_at <= bindparam("instant"),
        )
        .order_by(FacilityAmendment.effective_on, ApprovalOutcome.recorded_at, FacilityAmendment.id)
    )


@cache
def covenants_of_one() -> Select[Covenant]:
    """The covenants of the facility told that hold by a day and were recorded by an instant."""
    return (
        select(Covenant)
        .where(
            Covenant.facility_id == bindparam("facility"),
            Covenant.recorded_at <= bindparam("instant"),
            Covenant.from_on <= bindparam("day"),
        )
        .order_by(Covenant.recorded_at, Covenant.id)
    )


@cache
def tests_listed(form: Form) -> Select[CovenantTest]:
    """The tests of the covenants told by a day, recorded by an instant, in the order made."""
    return (
        select(CovenantTest)
        .where(
            is_listed(CovenantTest.covenant_id, form, "covenants"),
            CovenantTest.tested_on <= bindparam("day"),
            CovenantTest.recorded_at <= bindparam("instant"),
        )
        .order_by(CovenantTest.tested_on, CovenantTest.number)
    )
