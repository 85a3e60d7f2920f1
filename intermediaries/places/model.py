"""The tables of places: each load of a public file with its source and seal, and what its lines say."""

from __future__ import annotations

import hashlib
from datetime import date, datetime
from typing import Final

from sqlalchemy import CheckConstraint, ForeignKey, Integer, SmallInteger, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ledger.store.columns import Base, InstantType

NO_FILE: Final = hashlib.sha256().hexdigest()
"""The seal of nothing, which no file has that was ever loaded."""


class PlaceLoad(Base):
    """One edition of one kind of public data, as it was loaded. Another stands beside it, and takes nothing away.

    `number` is what its rows are known by: there are millions of them, and it is short. `edition` is a name that no
    other load of the kind has; what a correction is the edition of stands in `PlaceCorrection`. `columns` are those
    read by another heading than the usual, nothing where there were none, and None of a load that never said.
    """

    __tablename__ = "place_load"
    __table_args__ = (UniqueConstraint("id"), UniqueConstraint("kind", "edition"))

    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    id: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(20))
    edition: Mapped[str] = mapped_column(String(60))
    nation: Mapped[str | None] = mapped_column(String(40))
    lsoa_vintage: Mapped[int | None] = mapped_column(SmallInteger)
    published_on: Mapped[date]
    sha256: Mapped[str] = mapped_column(String(64))
    source: Mapped[str] = mapped_column(Text)
    licence: Mapped[str] = mapped_column(Text)
    columns: Mapped[str | None] = mapped_column(Text)
    loaded_at: Mapped[datetime] = mapped_column(InstantType)
    loaded_by: Mapped[str] = mapped_column(String(80))


class PlaceCorrection(Base):
    """A load that stands in the place of another of the same edition, from its own instant on; the other stays.

    A load is corrected once; what corrected it may be corrected in its turn. `edition` is the one that both are of.
    What is withdrawn is corrected by a load of no file: it has the seal of nothing (`NO_FILE`).
    """

    __tablename__ = "place_correction"
    __table_args__ = (UniqueConstraint("corrects"), CheckConstraint("load > corrects", name="later"))

    load: Mapped[int] = mapped_column(ForeignKey("place_load.number"), primary_key=True, autoincrement=False)
    corrects: Mapped[int] = mapped_column(ForeignKey("place_load.number"))
    edition: Mapped[str] = mapped_column(String(60))
    reason: Mapped[str] = mapped_column(Text)


class PlaceFile(Base):
    """One file of a load: its seal, the lines taken, those of them that say nothing, and those not of its kind."""

    __tablename__ = "place_file"

    load: Mapped[int] = mapped_column(ForeignKey("place_load.number"), primary_key=True)
    position: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    sha256: Mapped[str] = mapped_column(String(64))
    rows: Mapped[int] = mapped_column(Integer)
    blank: Mapped[int] = mapped_column(Integer)
    passed_over: Mapped[int] = mapped_column(Integer)


class PlacePostcode(Base):
    """The LSOA a postcode is allocated to; none for one that lies in no LSOA, such as those of the Channel Islands."""

    __tablename__ = "place_postcode"
    __table_args__ = ({"sqlite_with_rowid": False},)

    postcode: Mapped[str] = mapped_column(String(8), primary_key=True)
    load: Mapped[int] = mapped_column(ForeignKey("place_load.number"), primary_key=True)
    lsoa: Mapped[str | None] = mapped_column(String(9))


class PlaceDecile(Base):
    """The tenth that an index publishes for an LSOA, 1 the most deprived; none where its line is left blank."""

    __tablename__ = "place_decile"
    __table_args__ = ({"sqlite_with_rowid": False},)

    lsoa: Mapped[str] = mapped_column(String(9), primary_key=True)
    load: Mapped[int] = mapped_column(ForeignKey("place_load.number"), primary_key=True)
    decile: Mapped[int | None] = mapped_column(SmallInteger)


class PlaceRurality(Base):
    """The class of an LSOA of England or Wales in the rural-urban classification, as published: its code and title."""

    __tablename__ = "place_rurality"
    __table_args__ = ({"sqlite_with_rowid": False},)

    lsoa: Mapped[str] = mapped_column(String(9), primary_key=True)
    load: Mapped[int] = mapped_column(ForeignKey("place_load.number"), primary_key=True)
    code: Mapped[str] = mapped_column(String(2))
    title: Mapped[str] = mapped_column(String(80))


class PlaceArea(Base):
    """The ward, authority and region that an LSOA lies in."""

    __tablename__ = "place_area"
    __table_args__ = ({"sqlite_with_rowid": False},)

    lsoa: Mapped[str] = mapped_column(String(9), primary_key=True)
    load: Mapped[int] = mapped_column(ForeignKey("place_load.number"), primary_key=True)
    ward: Mapped[str | None] = mapped_column(String(9))
    authority: Mapped[str] = mapped_column(String(9))
    authority_name: Mapped[str | None] = mapped_column(String(120))
    region: Mapped[str | None] = mapped_column(String(9))


class PlaceAuthority(Base):
    """A local authority with the days its code was in force; `valid_to` is the first day without it."""

    __tablename__ = "place_authority"
    __table_args__ = ({"sqlite_with_rowid": False},)

    code: Mapped[str] = mapped_column(String(9), primary_key=True)
    load: Mapped[int] = mapped_column(ForeignKey("place_load.number"), primary_key=True)
    register_code: Mapped[str | None] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(120))
    nation: Mapped[str] = mapped_column(String(40))
    region: Mapped[str | None] = mapped_column(String(9))
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    replaced_by: Mapped[str | None] = mapped_column(String(80))
