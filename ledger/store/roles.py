"""The role the application works under on PostgreSQL: it adds rows, changes what a model lets change, and no more.

The tables belong to another role, which makes and upgrades them and is not used otherwise. What the application's role
is refused here no guard needs to refuse; the guards are for whoever owns the tables.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sqlalchemy import MetaData, Table, text

from ledger.refusals import Refusal
from ledger.store.database import Database


class NotForThisDatabase(Refusal):
    """SQLite has no roles."""

    slug = "database-has-no-roles"
    status = 422


def grant_application(database: Database, role: str, metadata: MetaData) -> None:
    """Give a role exactly what the application needs in this database, and take everything else from it and from all.

    Run by the owner of the tables, again after each upgrade. The role must be there and have no power of its own:
    refused (`NotForThisDatabase`) on SQLite and for a role that is a superuser, owns the tables or may bypass them.
    """
    statements = statements_for(database, role, metadata)
    with database.engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def statements_for(database: Database, role: str, metadata: MetaData) -> list[str]:
    """The statements that `grant_application` would run, to be read first or run by hand; it refuses the same."""
    if database.dialect != "postgresql":
        raise NotForThisDatabase("SQLite has no roles: its connections are confined by the program itself")
    with database.engine.connect() as connection:
        found = connection.execute(
            text(
                "SELECT rolsuper OR rolbypassrls OR rolcreaterole OR rolreplication OR pg_has_role(:role, "
                "(SELECT relowner FROM pg_class WHERE oid = 'entry'::regclass), 'MEMBER') AS mighty, "
                "current_database() AS name, current_schema() AS schema FROM pg_roles WHERE rolname = :role"
            ),
            {"role": role},
        ).first()
    if found is None or found.mighty:
        what = "is not there" if found is None else "has powers that no grant could take from it"
        raise NotForThisDatabase(
            f"The role {role!r} {what}: make it with CREATE ROLE {_quoted(role)} LOGIN, and nothing more", role=role
        )
    return grants(role, metadata, database=found.name, schema=found.schema)


def grants(role: str, metadata: MetaData, *, database: str, schema: str) -> list[str]:
    """What a role is given and what is taken from it, in a database and a schema of these names."""
    who, inside, where = _quoted(role), _quoted(schema), _quoted(database)
    return [
        f"REVOKE ALL ON DATABASE {where} FROM PUBLIC, {who}",
        f"GRANT CONNECT ON DATABASE {where} TO {who}",
        f"REVOKE ALL ON SCHEMA {inside} FROM PUBLIC, {who}",
        f"GRANT USAGE ON SCHEMA {inside} TO {who}",
        f"REVOKE ALL ON ALL TABLES IN SCHEMA {inside} FROM PUBLIC, {who}",
        f"REVOKE ALL ON ALL SEQUENCES IN SCHEMA {inside} FROM PUBLIC, {who}",
        f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA {inside} TO {who}",
        f"GRANT SELECT ON {inside}.alembic_version TO {who}",
        *(
            statement
            for table in metadata.sorted_tables
            for statement in _grants_on(table, f"{inside}.{_quoted(table.name)}", who)
        ),
    ]


def _grants_on(table: Table, named: str, who: str) -> Iterator[str]:
    """A row lock takes the right to change something: a table that is only `held` gets it on columns guards keep."""
    yield f"GRANT SELECT, INSERT ON {named} TO {who}"
    if changes := sorted({*table.info.get("changes", ()), *table.info.get("held", ())}):
        yield f"GRANT UPDATE ({_listed(changes)}) ON {named} TO {who}"
    if table.info.get("goes"):
        yield f"GRANT DELETE ON {named} TO {who}"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(_quoted(name) for name in names)


def _quoted(name: str) -> str:
    escaped = name.replace('"', '""')
    return f'"{escaped}"'
