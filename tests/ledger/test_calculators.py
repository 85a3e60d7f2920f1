from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.calculators import BadDocument, eir, read_document, schedule, xirr
from ledger.faults import Fault, Faulty
from ledger.schedules import BadTerms

SCHEDULE: dict[str, Any] = {
    "drawdowns": [{"on": "2011-09-20", "amount": "100000.00"}],
    "annual_rate": "0.24",
    "day_count": "act/365f",
    "every_months": 1,
    "first_due_on": "2011-10-20",
    "instalments": 13,
    "repayment": {"kind": "fixed-principal", "amount": "5000.00"},
    "capital_holiday": 0,
}


def faults_of(calculate: Callable[[object], object], document: object) -> list[Fault]:
    with pytest.raises(Faulty) as refused:
        calculate(document)
    assert refused.value.status == 422
    return list(refused.value.faults)


def test_a_schedule_is_drawn_up_as_published() -> None:
    made = schedule(SCHEDULE)
    lines = made["instalments"]
    assert isinstance(lines, list)
    assert len(lines) == 13
    assert lines[0] == {
        "number": 1,
        "due_on": "2011-10-20",
        "principal": "5000.00",
        "interest": "1972.60",
        "payment": "6972.60",
        "balance": "95000.00",
    }
    assert made["total_interest"] == "18220.26"
    assert made["total_payment"] == "118220.26"


def test_what_a_schedule_leaves_out_has_its_usual_value() -> None:
    short = {name: SCHEDULE[name] for name in ("drawdowns", "annual_rate", "first_due_on", "instalments", "repayment")}
    assert schedule(short) == schedule(SCHEDULE)


def test_effective_interest_is_tabled_by_period() -> None:
    made = eir({"flows": [{"period": 0, "amount": "-950.00"}, {"period": 1, "amount": "1045.00"}]})
    assert made == {
        "rate": "0.100000000000",
        "periods": [{"period": 1, "opening": "950.00", "interest": "95.00", "cash": "1045.00", "closing": "0.00"}],
    }


def test_effective_interest_of_dated_flows_names_the_dates() -> None:
    made = eir({"flows": [{"on": "2011-01-01", "amount": "-950.00"}, {"on": "2012-01-01", "amount": "1045.00"}]})
    assert made["rate"] == "0.100000000000"
    assert made["periods"] == [
        {
            "period": 1,
            "on": "2012-01-01",
            "opening": "950.00",
            "interest": "95.00",
            "cash": "1045.00",
            "closing": "0.00",
        }
    ]


def test_without_an_effective_rate_the_reason_stands_there() -> None:
    made = eir({"flows": [{"period": 0, "amount": "-1.00"}]})
    assert made == {"rate": None, "reason": "all the money moves one way, and no rate balances that", "periods": []}


def test_the_spreadsheet_makers_example_gives_its_rate() -> None:
    flows = [
        {"on": "2008-01-01", "amount": "-10000"},
        {"on": "2008-03-01", "amount": "2750"},
        {"on": "2008-10-30", "amount": "4250"},
        {"on": "2009-02-15", "amount": "3250"},
        {"on": "2009-04-01", "amount": "2750"},
    ]
    assert xirr({"flows": flows}) == {"rate": "0.373362533519"}


def test_without_a_rate_there_is_null_and_a_reason() -> None:
    assert xirr({"flows": []}) == {"rate": None, "reason": "there are no flows"}


@pytest.mark.parametrize(
    ("change", "pointers"),
    [
        ({"drawdowns": []}, ["/drawdowns"]),
        ({"drawdowns": {}}, ["/drawdowns"]),
        ({"drawdowns": [{"on": "2011-09-20"}]}, ["/drawdowns/0/amount"]),
        ({"drawdowns": [{"on": "20-09-2011", "amount": 1}]}, ["/drawdowns/0/on", "/drawdowns/0/amount"]),
        ({"drawdowns": [{"on": "2011-09-20", "amount": "1", "a/b~c": 1}]}, ["/drawdowns/0/a~1b~0c"]),
        ({"annual_rate": 0.24}, ["/annual_rate"]),
        ({"annual_rate": "NaN"}, ["/annual_rate"]),
        ({"annual_rate": "-0.01"}, ["/annual_rate"]),
        ({"annual_rate": "24"}, ["/annual_rate"]),
        ({"annual_rate": "1e-2"}, ["/annual_rate"]),
        ({"day_count": "act/364"}, ["/day_count"]),
        ({"day_count": ["act/360"]}, ["/day_count"]),
        ({"every_months": "1"}, ["/every_months"]),
        ({"every_months": True}, ["/every_months"]),
        ({"every_months": 0}, ["/every_months"]),
        ({"first_due_on": "2011-02-29"}, ["/first_due_on"]),
        ({"first_due_on": "1066-10-14"}, ["/first_due_on"]),
        ({"first_due_on": "2011-09-20"}, ["/first_due_on"]),
        ({"instalments": 10**30}, ["/instalments"]),
        ({"instalments": 1.5}, ["/instalments"]),
        ({"instalments": -1, "capital_holiday": -1}, ["/instalments", "/capital_holiday"]),
        ({"repayment": {"kind": "balloon"}}, ["/repayment/kind"]),
        ({"repayment": {"kind": "fixed-principal"}}, ["/repayment/amount"]),
        ({"repayment": {"kind": "bullet", "amount": "1.00"}}, ["/repayment/amount"]),
        ({"capital_holiday": 13}, ["/capital_holiday"]),
        ({"colour": "blue"}, ["/colour"]),
    ],
)
def test_each_fault_is_named_by_its_place(change: dict[str, object], pointers: list[str]) -> None:
    found = faults_of(schedule, SCHEDULE | change)
    assert [fault.pointer for fault in found] == pointers
    for fault in found:
        assert fault.found
        assert fault.expected
        assert fault.remedy


def test_a_fault_reads_as_a_sentence() -> None:
    assert str(faults_of(schedule, SCHEDULE | {"annual_rate": 0.24})[0]) == (
        "/annual_rate: found 0.24, expected a yearly fraction as text, with at most twelve decimals; "
        "write 7.5% as 0.075, in quotes"
    )


def test_a_list_with_too_little_or_too_much_in_it_is_told_of_in_words() -> None:
    (short,) = faults_of(schedule, SCHEDULE | {"drawdowns": []})
    assert str(short) == "/drawdowns: found [], expected a list of at least 1; add what is to be in it"
    (long,) = faults_of(schedule, SCHEDULE | {"drawdowns": [{"on": "2012-01-10", "amount": "1.00"}] * 601})
    assert str(long).endswith("expected a list of at most 600; divide the calculation")


def test_all_missing_members_are_named_at_once() -> None:
    found = faults_of(schedule, {})
    assert [fault.pointer for fault in found] == [
        "/drawdowns",
        "/annual_rate",
        "/first_due_on",
        "/instalments",
        "/repayment",
    ]
    assert {fault.expected for fault in found} == {"this member"}


def test_terms_are_refused_in_the_same_form() -> None:
    with pytest.raises(BadTerms, match="leave one instalment to repay with"):
        schedule(SCHEDULE | {"capital_holiday": 13})


@pytest.mark.parametrize(
    ("flows", "pointers"),
    [
        ([{"period": 0, "on": "2011-01-01", "amount": "1"}], ["/flows/0"]),
        ([{"amount": "1"}], ["/flows/0"]),
        ([{"period": 0, "amount": "1"}, {"on": "2011-01-01", "amount": "1"}], ["/flows/1"]),
        ([{"period": -1, "amount": "1"}], ["/flows/0/period"]),
        ([{"period": 1201, "amount": "1"}], ["/flows/0/period"]),
        ([{"period": 0.5, "amount": "1"}], ["/flows/0/period"]),
        ([], ["/flows"]),
        (None, ["/flows"]),
    ],
)
def test_flows_are_timed_one_way(flows: object, pointers: list[str]) -> None:
    assert [fault.pointer for fault in faults_of(eir, {"flows": flows})] == pointers


@pytest.mark.parametrize("document", [None, [], "flows", 1, True, {"flows": "x"}, {"flows": [1]}, {"flow": []}])
@pytest.mark.parametrize("calculate", [schedule, eir, xirr])
def test_what_is_no_such_document_is_refused(calculate: Callable[[object], object], document: object) -> None:
    assert faults_of(calculate, document)


def test_too_many_flows_are_refused() -> None:
    flows = [{"on": "2011-01-01", "amount": "1"}] * 10_001
    assert [fault.pointer for fault in faults_of(xirr, {"flows": flows})] == ["/flows"]


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"nonsense",
        b'{"flows": NaN}',
        b'{"flows": -Infinity}',
        b'{"flows": [], "flows": []}',
        b"[" * 100_000,
        b"\xff\xfe\x00",
        b"PK\x03\x04",
        b" " * 4_000_001,
        b'{"a": ' + b"9" * 5_000 + b"}",
    ],
    ids=range(11),
)
def test_bytes_that_are_no_document_are_refused(raw: bytes) -> None:
    with pytest.raises(BadDocument) as refused:
        read_document(raw)
    assert len(refused.value.sentence) < 400


def test_a_document_is_read() -> None:
    assert read_document(json.dumps(SCHEDULE).encode()) == SCHEDULE


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def drawn_up_or_faults(document: object) -> object:
    try:
        return schedule(document)
    except Faulty as refused:
        return refused.faults


@given(st.sampled_from(sorted(SCHEDULE)), json_values)
def test_nothing_put_in_a_members_place_breaks_the_calculator(name: str, value: object) -> None:
    found = drawn_up_or_faults(SCHEDULE | {name: value})
    if isinstance(found, tuple):
        assert {fault.pointer.split("/")[1] for fault in found} == {name}
    else:
        assert json.dumps(found)


@given(json_values)
def test_nothing_in_place_of_a_document_breaks_a_calculator(value: object) -> None:
    for calculate in (schedule, eir, xirr):
        assert faults_of(calculate, value)
