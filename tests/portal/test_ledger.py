import hashlib
import json
import threading
from datetime import timedelta

import pytest
import rfc8785
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from portal import clock, ledger, ledger_triggers
from portal.enums import Audience, ChainKind, Role
from portal.models import LedgerChain, LedgerEntry, LedgerSideValue
from tests.factories.portal import OrganisationFactory, UserFactory

pytestmark = pytest.mark.django_db

EVERYBODY = frozenset(Audience)


@pytest.fixture
def chain():
    """Five events, as they may stand in a case's chain."""
    made = ledger.open_chain(ChainKind.CASE)
    for number in range(1, 6):
        ledger.record(
            "case.noted",
            by="clock",
            on=made,
            data={"number": number},
            words={"reason": "Baumwolle"},
        )
    made.refresh_from_db()
    return made


def entries(chain):
    return list(chain.entries.order_by("seq"))


def sql(statement, *values):
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def refused(statement, *values):
    with pytest.raises(IntegrityError, match="ledger:"), transaction.atomic():
        sql(statement, *values)


@pytest.fixture
def unguarded():
    """The triggers are gone, as under the hand of somebody who owns the database."""
    connection.check_constraints()  # PostgreSQL alters no table with checks outstanding
    ledger_triggers.drop()
    yield
    connection.check_constraints()
    ledger_triggers.install()


# --- writing ---------------------------------------------------------------------------


def test_an_event_says_who_what_when_and_what_came_before(chain):
    company = OrganisationFactory()
    user = UserFactory(holds=[(Role.ANALYST, company), (Role.COUNSEL, OrganisationFactory())])

    first = ledger.record("organisation.changed", by=user, on=company, data={"changed": ["name"]})
    second = ledger.record("organisation.changed", by="installation", on=company)

    body = json.loads(first.body)
    assert body["actor"] == {"user": str(user.pk), "roles": {str(company.pk): ["ANALYST"]}}
    assert body["data"] == {"changed": ["name"]}
    assert body["prev"] == "0" * 64
    assert json.loads(second.body)["prev"] == first.hash
    assert first.hash == hashlib.sha256(first.body.encode()).hexdigest()
    company.chain.refresh_from_db()
    assert (company.chain.length, company.chain.head) == (2, second.hash)


def test_words_stand_in_the_body_as_salted_hashes_alone():
    chain = ledger.open_chain(ChainKind.CASE)

    one = ledger.record(
        "case.advised",
        by="clock",
        on=chain,
        words={"reason": "Die Baumwolle 𠮷", "empty": ""},
        counsel={"advice": "Privileged"},
    )

    assert "Baumwolle" not in one.body
    assert "Privileged" not in one.body
    stored = {side.name: (side.audience, side.value) for side in one.side_values.all()}
    assert stored == {
        "reason": (Audience.PERSONAL, "Die Baumwolle 𠮷"),
        "advice": (Audience.COUNSEL, "Privileged"),
    }
    assert ledger.verify(chain).is_intact


def test_the_same_words_twice_have_different_hashes(chain):
    hashes = {json.loads(one.body)["data"]["reason"]["sha256"] for one in entries(chain)}

    assert len(hashes) == 5


def test_readers_see_what_their_edition_may_show():
    chain = ledger.open_chain(ChainKind.CASE)
    ledger.record("x.y", by="clock", on=chain, words={"reason": "a"}, counsel={"advice": "b"})

    open_, whole = (
        ledger.events(chain, audiences=audiences)
        for audiences in (frozenset({Audience.PERSONAL}), EVERYBODY)
    )

    assert open_[0].words == {"reason": "a"}
    assert whole[0].words == {"reason": "a", "advice": "b"}


def test_reading_stops_at_the_cut(chain):
    assert [one.seq for one in ledger.events(chain, audiences=EVERYBODY, until=3)] == [1, 2, 3]


def test_there_is_one_chain_of_the_installation():
    assert ledger.installation() == ledger.installation()
    with pytest.raises(IntegrityError), transaction.atomic():
        ledger.open_chain(ChainKind.INSTALLATION)


@pytest.mark.parametrize("value", [1.5, 2**53, -(2**53), {"ключ": 1}, {1: 2}, b"x", {1, 2}])
def test_what_json_writes_in_two_ways_is_refused(value):
    with pytest.raises(TypeError):
        ledger.canonical({"value": value})


def test_an_act_that_fails_leaves_no_event(chain):
    def act():
        with transaction.atomic():
            ledger.record("case.cleared", by="clock", on=chain)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        act()

    assert chain.entries.count() == 5
    assert ledger.verify(chain).is_intact


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-ledger.SAFE_INTEGER, ledger.SAFE_INTEGER)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(max_codepoint=127), max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(VALUES)
def test_our_canonical_form_is_that_of_the_standard(value):
    assert ledger.canonical(value) == rfc8785.dumps(value)


# --- triggers --------------------------------------------------------------------------


def test_all_triggers_are_there():
    assert ledger_triggers.missing() == set()


def test_a_dropped_trigger_is_missed(unguarded):
    assert "ledger_entry_stays" in ledger_triggers.missing()


@pytest.mark.parametrize("column", ["body", "event", "prev", "hash"])
def test_no_column_of_an_entry_changes(chain, column):
    refused(f"UPDATE portal_ledgerentry SET {column} = 'x' WHERE seq = 3")  # noqa: S608


def test_no_entry_changes_place_or_time(chain):
    refused("UPDATE portal_ledgerentry SET seq = 9 WHERE seq = 5")
    refused("UPDATE portal_ledgerentry SET at = %s WHERE seq = 5", clock.now())


def test_no_entry_is_deleted(chain):
    refused("DELETE FROM portal_ledgerentry WHERE seq = 5")
    refused("DELETE FROM portal_ledgerentry")


def test_no_chain_is_deleted(chain):
    refused("DELETE FROM portal_ledgerchain WHERE length = 5")


def test_no_head_moves_by_itself(chain):
    refused("UPDATE portal_ledgerchain SET length = length + 1 WHERE length = 5")
    refused(
        "UPDATE portal_ledgerchain SET length = 4, head = %s WHERE length = 5",
        entries(chain)[3].hash,
    )
    refused("UPDATE portal_ledgerchain SET head = 'x' WHERE length = 5")
    refused("UPDATE portal_ledgerchain SET kind = 'ORGANISATION' WHERE length = 5")


def insert(chain, *, seq, prev, body="{}", digest=None):
    LedgerEntry.objects.create(
        chain=chain,
        seq=seq,
        event="x.y",
        at=clock.now(),
        body=body,
        prev=prev,
        hash=hashlib.sha256(body.encode()).hexdigest() if digest is None else digest,
    )


@pytest.mark.parametrize("fault", ["gap", "fork", "wrong hash", "wrong prev"])
def test_no_entry_enters_out_of_order(chain, fault):
    right = {"seq": 6, "prev": chain.head}
    wrong = {
        "gap": {"seq": 7},
        "fork": {"seq": 5, "prev": entries(chain)[3].hash},
        "wrong hash": {"digest": "0" * 64},
        "wrong prev": {"prev": "1" * 64},
    }

    with pytest.raises(IntegrityError), transaction.atomic():
        insert(chain, **(right | wrong[fault]))


def test_an_entry_in_its_place_moves_the_head(chain):
    insert(chain, seq=6, prev=chain.head)

    chain.refresh_from_db()
    assert chain.length == 6


@pytest.mark.skipif(connection.vendor != "sqlite", reason="SQLite's own way to overwrite")
def test_no_insert_replaces_an_entry(chain):
    one = entries(chain)[2]
    values = (one.pk, one.chain_id.hex, 3, "x", one.at, "{}", one.prev, one.hash)

    refused(
        "INSERT OR REPLACE INTO portal_ledgerentry"
        " (id, chain_id, seq, event, at, body, prev, hash)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
        *values,
    )


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no TRUNCATE")
def test_no_table_is_truncated(chain):
    connection.check_constraints()  # PostgreSQL truncates no table with checks outstanding
    refused("TRUNCATE portal_ledgerentry CASCADE")


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no roles")
def test_the_replica_role_does_not_pass_either(chain):
    sql("SET LOCAL session_replication_role = replica")

    refused("UPDATE portal_ledgerentry SET body = 'x' WHERE seq = 3")


# --- what an owner of the database did is found at the row -------------------------------


def found(chain):
    report = ledger.verify(chain)
    assert not report.is_intact
    assert len(report.broken) == 1
    return report.broken[0]


def test_an_untouched_chain_is_intact(chain):
    report = ledger.verify(chain)

    assert report.is_intact
    assert (report.chains, report.entries, report.warnings) == (1, 5, [])


def test_a_changed_text_is_found(chain, unguarded):
    one = entries(chain)[2]
    sql(
        "UPDATE portal_ledgerentry SET body = %s WHERE id = %s",
        one.body.replace("3", "4", 1),
        one.pk,
    )

    assert "entry 3 (case.noted): its text was changed" in found(chain)


def test_a_changed_text_with_its_hash_recomputed_is_found_at_the_next(chain, unguarded):
    one = entries(chain)[2]
    body = one.body.replace('"number":3', '"number":4')
    digest = hashlib.sha256(body.encode()).hexdigest()
    sql("UPDATE portal_ledgerentry SET body = %s, hash = %s WHERE id = %s", body, digest, one.pk)

    assert "entry 4 (case.noted): it does not follow" in found(chain)


@pytest.mark.parametrize("column", ["event", "at"])
def test_a_column_that_differs_from_the_text_is_found(chain, unguarded, column):
    value = "case.cleared" if column == "event" else clock.now() - timedelta(days=900)
    pk = entries(chain)[1].pk
    sql(f"UPDATE portal_ledgerentry SET {column} = %s WHERE id = %s", value, pk)  # noqa: S608

    assert "entry 2 (" in found(chain)


def test_a_missing_entry_is_found(chain, unguarded):
    one = entries(chain)[1]
    one.side_values.all().delete()
    sql("DELETE FROM portal_ledgerentry WHERE id = %s", one.pk)

    assert "entry 2 is missing" in found(chain)


def test_swapped_entries_are_found(chain, unguarded):
    second, third = entries(chain)[1:3]
    sql("UPDATE portal_ledgerentry SET seq = 99 WHERE id = %s", second.pk)
    sql("UPDATE portal_ledgerentry SET seq = 2 WHERE id = %s", third.pk)
    sql("UPDATE portal_ledgerentry SET seq = 3 WHERE id = %s", second.pk)

    assert "entry 2 (case.noted): it does not follow" in found(chain)


def test_a_cut_tail_is_found(chain, unguarded):
    last = entries(chain)[-1]
    last.side_values.all().delete()
    sql("DELETE FROM portal_ledgerentry WHERE id = %s", last.pk)

    assert "entry 5: missing, the head says 5 entries" in found(chain)


def test_an_entry_moved_to_another_chain_is_found(chain, unguarded):
    other = ledger.open_chain(ChainKind.CASE)
    LedgerEntry.objects.filter(pk=entries(chain)[0].pk).update(chain=other)
    LedgerChain.objects.filter(pk=other.pk).update(length=1, head=entries(other)[0].hash)

    assert "its text and its columns differ" in found(other)
    assert "entry 1 is missing" in found(chain)


def test_a_changed_word_is_found(chain):
    LedgerSideValue.objects.filter(entry__seq=4).update(value="Leinen")

    assert "entry 4 (case.noted): its value 'reason' was changed" in found(chain)


def test_an_added_word_is_found(chain):
    LedgerSideValue.objects.create(
        entry=entries(chain)[0], name="extra", audience=Audience.PERSONAL, salt="x", value="y"
    )

    assert "entry 1 (case.noted): its value 'extra' was changed" in found(chain)


def test_an_erased_word_leaves_the_chain_intact(chain):
    LedgerSideValue.objects.all().delete()

    assert ledger.verify(chain).is_intact


def test_a_clock_that_went_back_is_a_warning(chain):
    with clock.at(clock.now() - timedelta(days=2)):
        ledger.record("case.noted", by="clock", on=chain)

    report = ledger.verify(chain)
    assert report.is_intact
    assert report.warnings == [f"chain {chain.pk}, entry 6: the clock went back"]


# --- the command -----------------------------------------------------------------------


def test_the_command_says_intact(chain, capsys):
    call_command("verify_ledger")

    assert "intact: 5 entries in 1 chains" in capsys.readouterr().out


def test_the_command_names_the_broken_event_and_fails(chain, capsys):
    LedgerSideValue.objects.filter(entry__seq=2).update(value="Leinen")
    with clock.at(clock.now() - timedelta(days=2)):
        ledger.record("case.noted", by="clock", on=ledger.open_chain(ChainKind.CASE))

    with pytest.raises(SystemExit) as left:
        call_command("verify_ledger")

    assert left.value.code == 1
    said = capsys.readouterr().out
    assert f"BROKEN: chain {chain.pk}, entry 2" in said


# --- races -----------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_eight_writers_make_one_unbroken_chain():
    chain = ledger.open_chain(ChainKind.CASE)
    barrier = threading.Barrier(8)

    def write():
        try:
            barrier.wait(10)
            for _one in range(5):
                ledger.record("case.noted", by="clock", on=chain)
        finally:
            connection.close()

    threads = [threading.Thread(target=write) for _one in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    chain.refresh_from_db()
    assert chain.length == 40
    assert ledger.verify(chain).is_intact
