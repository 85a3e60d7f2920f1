"""`/v1/trace/{id}`: a receipt followed forward to the front line, or a borrower's loans back to the receipts."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from bank.api.door import TrusteeOrManager, TwoTimes, router
from bank.lineage.queries import look_through
from bank.lineage.views import Backward, Forward

routes = router("/trace", "lineage")


@routes.get("/{name}")
def trace(
    desk: TrusteeOrManager, name: str, times: TwoTimes
) -> Annotated[Forward | Backward, Field(discriminator="direction")]:
    """Where every penny of a receipt is, or whose money is in a loan, an organisation or a facility."""
    with desk.reading() as session:
        return look_through(session, name, as_at=times.as_at(session), at=times.known(session))
