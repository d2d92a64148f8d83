"""Triggers that let the ledger only grow, on SQLite and PostgreSQL (documents note, section 1)."""

from django.db import connection

NAMES = (
    "ledger_entry_fits",
    "ledger_entry_moves_head",
    "ledger_entry_stays",
    "ledger_entry_is_kept",
    "ledger_chain_moves_by_one",
    "ledger_chain_is_kept",
)

SQLITE = (
    """CREATE TRIGGER ledger_entry_fits BEFORE INSERT ON portal_ledgerentry BEGIN
        SELECT RAISE(ABORT, 'ledger: this number is used')
            WHERE EXISTS (SELECT 1 FROM portal_ledgerentry WHERE id = NEW.id);
        SELECT RAISE(ABORT, 'ledger: broken chain')
            WHERE NOT EXISTS (SELECT 1 FROM portal_ledgerchain WHERE id = NEW.chain_id
                AND length + 1 = NEW.seq AND head = NEW.prev);
        SELECT RAISE(ABORT, 'ledger: wrong hash') WHERE NEW.hash IS NOT SHA256(NEW.body);
    END""",
    """CREATE TRIGGER ledger_entry_moves_head AFTER INSERT ON portal_ledgerentry BEGIN
        UPDATE portal_ledgerchain SET length = NEW.seq, head = NEW.hash WHERE id = NEW.chain_id;
    END""",
    """CREATE TRIGGER ledger_entry_stays BEFORE UPDATE ON portal_ledgerentry BEGIN
        SELECT RAISE(ABORT, 'ledger: an entry never changes');
    END""",
    """CREATE TRIGGER ledger_entry_is_kept BEFORE DELETE ON portal_ledgerentry BEGIN
        SELECT RAISE(ABORT, 'ledger: an entry is never deleted');
    END""",
    """CREATE TRIGGER ledger_chain_moves_by_one BEFORE UPDATE ON portal_ledgerchain BEGIN
        SELECT RAISE(ABORT, 'ledger: the head moves only with an entry')
            WHERE NEW.id IS NOT OLD.id OR NEW.kind IS NOT OLD.kind
            OR NEW.length IS NOT OLD.length + 1
            OR NOT EXISTS (SELECT 1 FROM portal_ledgerentry WHERE chain_id = OLD.id
                AND seq = NEW.length AND hash = NEW.head);
    END""",
    """CREATE TRIGGER ledger_chain_is_kept BEFORE DELETE ON portal_ledgerchain BEGIN
        SELECT RAISE(ABORT, 'ledger: a chain is never deleted');
    END""",
)

POSTGRESQL = (
    """CREATE OR REPLACE FUNCTION ledger_entry_fits() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE found record;
    BEGIN
        SELECT length, head INTO found FROM portal_ledgerchain
            WHERE id = NEW.chain_id FOR NO KEY UPDATE;
        IF found IS NULL OR found.length + 1 <> NEW.seq OR found.head <> NEW.prev THEN
            RAISE EXCEPTION 'ledger: broken chain'
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        IF NEW.hash <> encode(sha256(convert_to(NEW.body, 'UTF8')), 'hex') THEN
            RAISE EXCEPTION 'ledger: wrong hash'
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END $$""",
    """CREATE OR REPLACE FUNCTION ledger_entry_moves_head() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        UPDATE portal_ledgerchain SET length = NEW.seq, head = NEW.hash WHERE id = NEW.chain_id;
        RETURN NULL;
    END $$""",
    """CREATE OR REPLACE FUNCTION ledger_refuses() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'ledger: what was recorded stays'
            USING ERRCODE = 'integrity_constraint_violation';
    END $$""",
    """CREATE OR REPLACE FUNCTION ledger_chain_moves_by_one() RETURNS trigger
        LANGUAGE plpgsql AS $$
    BEGIN
        IF NEW.id <> OLD.id OR NEW.kind <> OLD.kind OR NEW.length <> OLD.length + 1
            OR NOT EXISTS (SELECT 1 FROM portal_ledgerentry WHERE chain_id = OLD.id
                AND seq = NEW.length AND hash = NEW.head) THEN
            RAISE EXCEPTION 'ledger: the head moves only with an entry'
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END $$""",
    """CREATE TRIGGER ledger_entry_fits BEFORE INSERT ON portal_ledgerentry
        FOR EACH ROW EXECUTE FUNCTION ledger_entry_fits()""",
    """CREATE TRIGGER ledger_entry_moves_head AFTER INSERT ON portal_ledgerentry
        FOR EACH ROW EXECUTE FUNCTION ledger_entry_moves_head()""",
    """CREATE TRIGGER ledger_entry_stays BEFORE UPDATE OR DELETE ON portal_ledgerentry
        FOR EACH ROW EXECUTE FUNCTION ledger_refuses()""",
    """CREATE TRIGGER ledger_entry_is_kept BEFORE TRUNCATE ON portal_ledgerentry
        FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuses()""",
    """CREATE TRIGGER ledger_chain_moves_by_one BEFORE UPDATE ON portal_ledgerchain
        FOR EACH ROW EXECUTE FUNCTION ledger_chain_moves_by_one()""",
    """CREATE TRIGGER ledger_chain_is_kept BEFORE DELETE ON portal_ledgerchain
        FOR EACH ROW EXECUTE FUNCTION ledger_refuses()""",
    """CREATE TRIGGER ledger_chain_is_kept_whole BEFORE TRUNCATE ON portal_ledgerchain
        FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuses()""",
)

ENTRY = "portal_ledgerentry"
CHAIN = "portal_ledgerchain"
POSTGRESQL_TRIGGERS = {name: CHAIN if "_chain_" in name else ENTRY for name in NAMES} | {
    "ledger_chain_is_kept_whole": CHAIN
}


def install() -> None:
    """Put the triggers in place, anew; safe to repeat. Does nothing before the tables exist."""
    if not {ENTRY, CHAIN} <= set(connection.introspection.table_names()):
        return
    drop()
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            for statement in SQLITE:
                cursor.execute(statement)
            return
        for statement in POSTGRESQL:
            cursor.execute(statement)
        for name, table in POSTGRESQL_TRIGGERS.items():
            # ordinary triggers do not fire under the replica role
            cursor.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}")


def drop() -> None:
    """Take the triggers away: for a migration that rebuilds the table, and for test flushes."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            for name in NAMES:
                cursor.execute(f"DROP TRIGGER IF EXISTS {name}")
            return
        for name, table in POSTGRESQL_TRIGGERS.items():
            cursor.execute(f"DROP TRIGGER IF EXISTS {name} ON {table}")


def missing() -> set[str]:
    """Names of triggers that should be there and are not: part of readiness."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            wanted = set(NAMES)
        else:
            cursor.execute("SELECT tgname FROM pg_trigger WHERE tgenabled = 'A'")
            wanted = set(POSTGRESQL_TRIGGERS)
        return wanted - {name for (name,) in cursor.fetchall()}
