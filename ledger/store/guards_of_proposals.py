"""What the database refuses so that a proposal comes to one end: no approval but as its outcome, no outcome of nothing.

A guard that has been part of a migration is history: it is never edited, only followed by a new one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Approving:
    """A table of proposals, the table of their approvals, and the column of the latter that names the former."""

    proposals: str
    approvals: str
    link: str


def approvals_are_outcomes(kind: Approving, dialect: str) -> list[str]:
    """Statements that refuse an approval unless the proposal's one outcome is that this person approved it."""
    name = f"{kind.approvals}_is_outcome"
    if dialect == "sqlite":
        there = (
            f"SELECT 1 FROM proposal_outcome WHERE proposal_id = NEW.{kind.link} AND decision = 'approved' "  # noqa: S608 -- names of our own tables
            "AND proposed_by = NEW.proposed_by AND decided_by = NEW.approved_by"
        )
        said = "books: an approval is the outcome of its proposal"
        return [
            (
                f"CREATE TRIGGER {name} BEFORE INSERT ON {kind.approvals} "
                f"WHEN NOT EXISTS ({there}) BEGIN SELECT RAISE(ABORT, '{said}'); END"
            )
        ]
    return [
        (
            f"CREATE TRIGGER {name} BEFORE INSERT ON {kind.approvals} "
            f"FOR EACH ROW EXECUTE FUNCTION books_approval_is_outcome('{kind.link}')"
        ),
        f"ALTER TABLE {kind.approvals} ENABLE ALWAYS TRIGGER {name}",
    ]


def outcomes_have_proposals(kinds: Iterable[Approving], dialect: str) -> list[str]:
    """Statements that refuse an outcome of what nobody proposed, or of what somebody else did; all kinds there are.

    Made anew whenever a kind is added.
    """
    there = " UNION ALL ".join(
        f"SELECT 1 FROM {kind.proposals} WHERE id = NEW.proposal_id AND proposed_by = NEW.proposed_by"  # noqa: S608 -- as above
        for kind in kinds
    )
    said = "books: an outcome is that of a proposal, and names its proposer"
    if dialect == "sqlite":
        return [
            "DROP TRIGGER IF EXISTS proposal_outcome_has_proposal",
            (
                f"CREATE TRIGGER proposal_outcome_has_proposal BEFORE INSERT ON proposal_outcome "
                f"WHEN NOT EXISTS ({there}) BEGIN SELECT RAISE(ABORT, '{said}'); END"
            ),
        ]
    return [
        f"""
        CREATE OR REPLACE FUNCTION books_outcome_has_proposal() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          IF NOT EXISTS ({there}) THEN
            RAISE EXCEPTION '{said}' USING ERRCODE = 'restrict_violation';
          END IF;
          RETURN NEW;
        END $$
        """,
        "DROP TRIGGER IF EXISTS proposal_outcome_has_proposal ON proposal_outcome",
        (
            "CREATE TRIGGER proposal_outcome_has_proposal BEFORE INSERT ON proposal_outcome "
            "FOR EACH ROW EXECUTE FUNCTION books_outcome_has_proposal()"
        ),
        "ALTER TABLE proposal_outcome ENABLE ALWAYS TRIGGER proposal_outcome_has_proposal",
    ]


def proposal_functions(dialect: str) -> list[str]:
    """The function that PostgreSQL's triggers on approvals call; SQLite writes its triggers out."""
    return [] if dialect == "sqlite" else [_PG_APPROVAL_IS_OUTCOME]


_PG_APPROVAL_IS_OUTCOME = """
    CREATE FUNCTION books_approval_is_outcome() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF NOT EXISTS (SELECT 1 FROM proposal_outcome WHERE proposal_id = to_jsonb(NEW) ->> TG_ARGV[0]
                     AND decision = 'approved' AND proposed_by = NEW.proposed_by AND decided_by = NEW.approved_by) THEN
        RAISE EXCEPTION 'books: an approval is the outcome of its proposal' USING ERRCODE = 'restrict_violation';
      END IF;
      RETURN NEW;
    END $$
"""
