"""Sending a letter, inside the act it tells of."""

import hashlib

import pytest

from portal import ledger
from portal.access import Conflict, Refused
from portal.enums import BUYER_ROLES, SUPPLIER_ROLES, Language, Role, Wording
from portal.models import OutboxMessage
from tests.factories.portal import OrganisationFactory, UserFactory
from tests.workflows import world
from tests.workflows.letters_said import every_fact, needed_facts
from workflows import engine, letters, rules
from workflows.actions import ask_letter, open_letter
from workflows.actions import letter as actions
from workflows.enums import LetterKind
from workflows.models import SentLetter

pytestmark = pytest.mark.django_db


@pytest.fixture
def made():
    return world.world()


def send(case, by, kind=LetterKind.SUSPENSION, *, once="1", seen="", **facts):
    with engine.locked(case) as held:
        return actions.send(
            held=held, kind=kind, by=by, facts=needed_facts(kind) | facts, once=once, seen=seen
        )


@pytest.mark.parametrize("kind", LetterKind)
def test_the_words_are_kept_and_the_event_names_their_hash(made, kind):
    case = world.issued_case(made, wording=Wording.TRACEABILITY)

    with engine.locked(case) as held:
        sent = actions.send(
            held=held, kind=kind, by=made.analyst, facts=every_fact(kind), once="1"
        )

    kept = SentLetter.objects.get()
    assert kept == sent
    assert hashlib.sha256(f"{kept.title}\n{kept.text}".encode()).hexdigest() == kept.sha256
    assert (kept.kind, kept.wording, kept.language) == (kind, "traceability", "en")
    assert (kept.buyer, kept.supplier, kept.written_by) == (
        made.buyer,
        made.supplier,
        made.analyst,
    )
    again = letters.write(kind, case, "en", letters.restored(kind, kept.facts))
    assert again.data == f"{kept.title}\n{kept.text}".encode()
    event = ledger.events(case, audiences=frozenset())[-1]
    assert event.name == "letter.sent"
    assert event.data == {
        "letter": str(kept.pk),
        "kind": kind,
        "wording": "traceability",
        "language": "en",
        "sha256": kept.sha256,
    }


def test_contact_and_signatory_get_the_words_in_a_mail_each_framed_in_their_language(made):
    case = world.acknowledged_case(made)
    case.signatory = UserFactory(language=Language.ZH)
    case.save()
    OutboxMessage.objects.all().delete()

    sent = send(case, made.analyst)

    mails = {one.recipient_id: one for one in OutboxMessage.objects.all()}
    assert set(mails) == {case.contact_id, case.signatory_id}
    for mail in mails.values():
        assert f"{sent.title}\n\n{sent.text}\n" in mail.body
        assert sent.sha256 in mail.body
        assert f"/requests/{case.pk}/" in mail.body
        assert mail.subject.startswith(sent.title)
        assert case.reference in mail.subject
        assert mail.key.startswith(sent.mail_key)
    assert "Dear" in mails[case.contact_id].body
    assert "尊敬的" in mails[case.signatory_id].body
    assert "本函使用" in mails[case.signatory_id].body


def test_the_same_act_sends_its_letter_once_and_another_act_another(made):
    case = world.issued_case(made)

    first, again = send(case, made.analyst), send(case, made.analyst)
    other = send(case, made.analyst, once="2")

    assert first == again
    assert other != first
    assert SentLetter.objects.count() == 2


def test_another_letter_than_the_one_shown_is_not_sent(made):
    case = world.issued_case(made)
    shown = letters.write(
        LetterKind.SUSPENSION, case, "en", needed_facts(LetterKind.SUSPENSION)
    ).sha256

    with pytest.raises(actions.LetterChanged):
        send(case, made.analyst, seen=shown, paused="Something else.")
    assert not SentLetter.objects.exists()
    assert not OutboxMessage.objects.filter(purpose="letter").exists()

    assert send(case, made.analyst, seen=shown).sha256 == shown


def test_typed_words_never_say_more_than_the_wording(made):
    case = world.issued_case(made, wording=Wording.TRACEABILITY)

    with pytest.raises(Conflict, match="says more than the wording"):
        send(case, made.analyst, paused="All goods with yarn from Xinjiang.")
    assert not SentLetter.objects.exists()


def test_the_clock_may_write_a_letter(made):
    case = world.issued_case(made)

    assert send(case, "clock").written_by is None


def test_a_letter_that_was_sent_never_changes(made):
    sent = send(world.issued_case(made), made.analyst)

    for act in (
        sent.save,
        sent.delete,
        SentLetter.objects.all().delete,
        lambda: SentLetter.objects.update(text="Other words"),
    ):
        with pytest.raises(TypeError, match="never changes"):
            act()
    assert SentLetter.objects.get().text == sent.text


def test_a_letter_is_seen_by_its_two_parties_alone(made):
    sent = send(world.issued_case(made), made.analyst)
    stranger = world.world(name="Demo Other GmbH")

    for person in (made.counsel, made.contact):
        assert list(SentLetter.objects.visible_to(person)) == [sent]
    for person in (stranger.counsel, stranger.contact):
        assert not SentLetter.objects.visible_to(person).exists()


@pytest.mark.parametrize("role", [*sorted(BUYER_ROLES | SUPPLIER_ROLES)])
def test_both_sides_of_a_case_read_its_letters_and_nobody_else(made, role):
    case = world.issued_case(made)
    company = made.supplier if role in SUPPLIER_ROLES else made.buyer
    person = UserFactory(holds=(role, company))
    reads = {
        Role.CONTACT,
        Role.SIGNATORY,
        Role.CAMPAIGN_MANAGER,
        Role.ANALYST,
        Role.APPROVER,
        Role.COUNSEL,
    }

    verdict = rules.may_read_letters(person, case)

    assert bool(verdict) == (role in reads)
    if not verdict:
        assert "Only the company written to" in verdict.sentence
        for act in (ask_letter, open_letter):
            with pytest.raises(Refused):
                act(case=case, letter=case.instruction, by=person)
    stranger = UserFactory(holds=(role, OrganisationFactory()))
    assert not rules.may_read_letters(stranger, case)
