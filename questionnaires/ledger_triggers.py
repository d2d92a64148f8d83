"""Triggers that keep what was published, signed and said, on SQLite and PostgreSQL."""

from django.db import connection

TABLES = (
    "questionnaires_questionnaireversion",
    "questionnaires_submission",
    "questionnaires_comment",
)

# REPLACE on SQLite deletes first, and fires the trigger only with recursive_triggers on
SQLITE = """CREATE TRIGGER {table}_{act} BEFORE {act} ON {table} BEGIN
    SELECT RAISE(ABORT, 'written once: {table}');
END"""
REFUSES = """CREATE OR REPLACE FUNCTION questionnaires_written_once() RETURNS trigger
    LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'written once: %', TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation';
END $$"""
POSTGRESQL = """CREATE TRIGGER {table}_{act} BEFORE {act} ON {table}
    FOR EACH {each} EXECUTE FUNCTION questionnaires_written_once()"""


def install() -> None:
    """Put the triggers in place, anew; safe to repeat. Does nothing before the tables exist."""
    if not set(TABLES) <= set(connection.introspection.table_names()):
        return
    drop()
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            for table in TABLES:
                for act in ("UPDATE", "DELETE"):
                    cursor.execute(SQLITE.format(table=table, act=act))
            return
        cursor.execute(REFUSES)
        for table in TABLES:
            for act, each in (("UPDATE", "ROW"), ("DELETE", "ROW"), ("TRUNCATE", "STATEMENT")):
                cursor.execute(POSTGRESQL.format(table=table, act=act, each=each))
                # ordinary triggers do not fire under the replica role
                cursor.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_{act}")


def drop() -> None:
    """Take the triggers away: for a migration that rebuilds a table, and for test flushes."""
    with connection.cursor() as cursor:
        on_sqlite = connection.vendor == "sqlite"
        for table in TABLES:
            for act in ("UPDATE", "DELETE", "TRUNCATE"):
                where = "" if on_sqlite else f" ON {table}"
                cursor.execute(f"DROP TRIGGER IF EXISTS {table}_{act}{where}")
