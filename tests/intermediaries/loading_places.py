"""Loading public data on places as tests do it: a few lines of invented or real facts under an edition's name."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

from intermediaries.places.commands import Loaded, load_places
from intermediaries.places.gazetteer import Gazetteer
from intermediaries.places.lines import Kind
from intermediaries.places.queries import gazetteer
from intermediaries.places.reading import PlaceSource
from ledger.store.work import Desk

OGL = "Open Government Licence v3.0"


def text(content: str, name: str = "file.csv") -> PlaceSource:
    return PlaceSource(name, lambda: io.BytesIO(content.encode()))


def load(desk: Desk, *files: PlaceSource, **said: Any) -> Loaded:
    usual: dict[str, Any] = {"source": "The test", "licence": OGL}
    return load_places(desk, files, **(usual | said))


def postcodes(desk: Desk, content: str, edition: str, on: date, vintage: int = 2011) -> Loaded:
    return load(
        desk,
        text(f"pcds,lsoa\n{content}"),
        kind=Kind.POSTCODES,
        edition=edition,
        published_on=on,
        lsoa_vintage=vintage,
    )


def deciles(desk: Desk, content: str, edition: str, on: date, vintage: int = 2011) -> Loaded:
    file = text(f"lsoa,decile\n{content}")
    return load(desk, file, kind=Kind.DEPRIVATION, edition=edition, published_on=on, lsoa_vintage=vintage)


def areas(desk: Desk, content: str, edition: str, on: date, vintage: int = 2011) -> Loaded:
    file = text(f"lsoa,ward,authority,authority_name,region\n{content}")
    return load(desk, file, kind=Kind.AREAS, edition=edition, published_on=on, lsoa_vintage=vintage)


def tables(desk: Desk, *lsoas: str, of: tuple[str, ...] = ()) -> Gazetteer:
    with desk.reading() as session:
        return gazetteer(session, lsoas=lsoas, postcodes=of)
