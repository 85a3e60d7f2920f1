"""A bank from nothing: the handbook's path from an empty folder to the first pound drawn, at the keyboard alone."""

from __future__ import annotations

from pathlib import Path

from tests.journeys.programs import Keyboard, Said

MAYA, TOBY = "maya@bank.example", "toby@bank.example"


def done(said: Said) -> Said:
    assert said.code == 0, said.err
    return said


def test_a_new_bank_can_lend(tmp_path: Path) -> None:
    operator = Keyboard(tmp_path, f"sqlite:///{tmp_path}/bank.db")
    done(operator.bank("init"))
    for person in (MAYA, TOBY):
        done(operator.here("person", "add", "A manager (invented)", person, "--role", "fund-manager"))
    maya, toby = operator.as_(MAYA), operator.as_(TOBY)
    rate = done(
        maya.here("inflow", "reserve", "--rate", "0.6", "--from", "2011-03-28", "--basis", "a test", "--format", "json")
    )
    assert maya.here("inflow", "reserve", "--approve", rate.json["id"]).code == 1
    done(toby.here("inflow", "reserve", "--approve", rate.json["id"]))
    came = ("--participant", "A bank (invented)", "--received-on", "2012-02-08", "--consented-on", "2012-02-01")
    done(maya.here("inflow", "record", *came, "--amount", "1000000.00"))
    done(maya.here("inflow", "distribute", "--amount", "400000.00", "--on", "2012-03-01"))
    done(maya.here("inflow", "apportion", "--financial-year", "2011/12", "--on", "2012-03-01"))
    done(maya.here("inflow", "pay-england", "--amount", "335600.00", "--on", "2012-03-02"))

    lender = done(
        maya.here("intermediary", "register", "A lender (invented)", "--kind", "social-bank", "--format", "json")
    )
    terms = (
        *("--intermediary", lender.json["id"], "--product", "senior-loan", "--amount", "300000.00", "--rate", "0.05"),
        *("--available-from", "2012-03-01", "--available-until", "2099-12-31", "--matures-on", "2099-12-31"),
        *("--purpose", "Loans", "--additionality", "Nobody else lends there"),
    )
    facility = done(maya.here("allocation", "propose", *terms, "--format", "json")).json["id"]
    early = toby.here("allocation", "approve", facility)
    assert early.code == 1
    assert "headroom" in early.err
    done(maya.here("capital", "subscribe-a", "--amount", "335600.00", "--on", "2012-03-05"))
    done(toby.here("allocation", "approve", facility))
    done(maya.here("allocation", "sign", facility))
    today = done(maya.here("treasury", "headroom", "--format", "json")).json
    assert (today["cash"], today["undrawn_commitments"], today["headroom"]) == ("335600.00", "300000.00", "35600.00")
    drawn = done(
        maya.here("allocation", "draw", facility, "--amount", "1000.00", "--on", today["as_at"], "--format", "json")
    )
    assert drawn.json["figures"]["outstanding"] == "1000.00"
    assert done(operator.bank("ledger", "verify", "--format", "json")).json["holds"] is True
