"""When no answer comes: a second contact, a call, an approver's letter, a bounce; no reply."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.urls import reverse

from portal import clock, ledger
from portal.access import Conflict, Refused
from portal.enums import Role, Wording
from portal.models import OutboxMessage
from tests.factories.portal import UserFactory
from tests.sessions import sign_in
from tests.workflows import acts, world
from workflows import actions, engine, ladder, outcome, queries, reminders, rules
from workflows.enums import Channel, LetterKind, ReplyCode, RungKind, Stage, Stall
from workflows.models import Bounce, ContactLog, SentLetter

pytestmark = pytest.mark.django_db


@pytest.fixture
def made():
    return world.world()


@pytest.fixture
def case(made):
    return acts.reached(world.acknowledged_case(made))


def climbed_to(case, rung):
    """The ladder came to this rung, one after the other, each mail accepted."""
    for step in ladder.steps(case.due_at, 21, case.policy, case.place):
        if step.rung <= rung:
            with clock.at(step.at):
                reminders.climb_due()
                acts.reached(case)
    return acts.fresh(case)


def at_rung(case, rung):
    steps = ladder.steps(case.due_at, 21, case.policy, case.place)
    return clock.at(next(one.at for one in steps if one.rung == rung) + timedelta(hours=2))


def call(channel=Channel.CALL, *, is_reached=True):
    return actions.Contacted(channel, clock.now(), is_reached, "Demo call.")


# The person's rungs


def test_a_second_contact_is_brought_in_and_written_to(made, case):
    case = climbed_to(case, 3)
    with at_rung(case, 3):
        actions.write_second_contact(
            case=case, by=made.analyst, email="Second@supplier.example", name="Demo Second"
        )

    case = acts.fresh(case)
    assert case.chase == ""
    (mail,) = OutboxMessage.objects.filter(purpose="case_second_contact")
    assert mail.to == "second@supplier.example"
    assert "/invitation" in mail.body
    assert case.contact.email != mail.to
    assert case.reminders.get(rung=3).done_by == made.analyst
    assert case.chain.entries.filter(event="case.second_contact_written").count() == 1
    assert ledger.verify(case.chain).is_intact


def test_the_contacts_own_address_and_a_bad_one_are_none(made, case):
    with pytest.raises(Conflict, match="already write to"):
        actions.write_second_contact(
            case=case, by=made.analyst, email=case.contact.email, name="Demo"
        )
    with pytest.raises(ValidationError):
        actions.write_second_contact(case=case, by=made.manager, email="none", name="Demo")


def test_somebody_known_is_written_to_without_another_invitation(made, case):
    known = UserFactory(holds=(Role.SIGNATORY, case.supplier))

    actions.write_second_contact(case=case, by=made.manager, email=known.email, name="")

    (mail,) = OutboxMessage.objects.filter(purpose="case_second_contact")
    assert mail.recipient == known
    assert "/requests/" in mail.body


@pytest.mark.parametrize(
    ("contacted", "is_done"),
    [
        (call(), True),
        (call(is_reached=False), True),
        (call(Channel.LETTER), True),
        (call(Channel.LETTER, is_reached=False), False),
    ],
)
def test_a_logged_call_does_what_the_ladder_waits_for(made, case, contacted, is_done):
    case = climbed_to(case, 7)
    assert case.chase == RungKind.PHONE

    actions.log_contact(case=case, by=made.analyst, contacted=contacted)

    case = acts.fresh(case)
    assert (case.chase == "") == is_done
    assert (case.next_act_at == case.due_at) == is_done


def test_an_approver_writes_to_the_signatory_once(made, case):
    case = climbed_to(case, 14)

    with at_rung(case, 14):
        actions.chase(case=case, by=made.approver, note="Please answer.")
        with pytest.raises(Conflict, match="written already"):
            actions.chase(case=case, by=made.approver, note="Again.")

    letter = SentLetter.objects.get(case=case, kind=LetterKind.OVERDUE)
    assert "Please answer." in letter.text
    assert letter.facts["speaker"] == str(made.approver)
    assert OutboxMessage.objects.filter(purpose="case_chased").count() == 1
    assert acts.fresh(case).chase == ""


@pytest.mark.parametrize("who", ["manager", "analyst", "counsel", "administrator"])
def test_only_an_approver_writes_it(made, case, who):
    case = climbed_to(case, 14)

    with pytest.raises(Refused):
        actions.chase(case=case, by=getattr(made, who), note="")


def test_a_rung_that_has_not_come_is_no_act(made, case):
    with pytest.raises(Conflict, match="not come"):
        actions.chase(case=case, by=made.approver, note="")


# Mails that came back


def mail_of(case):
    return OutboxMessage.objects.filter(chain_id=case.chain_id, purpose="case_issued").get()


def test_a_bounce_is_logged_by_who_saw_it_and_stops_the_ladder(made, case):
    said = actions.CameBack(at=clock.now(), said="550 5.1.1 user unknown")

    bounce = actions.log_bounce(case=case, mail_=mail_of(case), by=made.analyst, came_back=said)

    assert (bounce.by, bounce.said) == (made.analyst, said.said)
    case = acts.fresh(case)
    assert (case.stall, case.stage) == (Stall.BOUNCED, Stage.ANSWERING)
    assert not queries.silence(case).accepted


@pytest.mark.parametrize("who", ["approver", "counsel", "administrator", "contact"])
def test_nobody_else_logs_a_bounce(made, case, who):
    person = case.contact if who == "contact" else getattr(made, who)
    said = actions.CameBack(at=clock.now(), said="550")

    with pytest.raises(Refused):
        actions.log_bounce(case=case, mail_=mail_of(case), by=person, came_back=said)


def test_a_mail_of_another_case_is_none(made, case):
    other = world.issued_case(made, supplier=acts.another(made))
    said = actions.CameBack(at=clock.now(), said="550")

    with pytest.raises(Conflict):
        actions.log_bounce(case=case, mail_=mail_of(other), by=made.analyst, came_back=said)


def test_the_shell_logs_what_came_back_for_an_address(made, case):
    told = StringIO()
    address = case.contact.email

    for _twice in range(2):
        call_command("log_bounce", address.upper(), said="550 user unknown", stdout=told)

    bounce = Bounce.objects.get()
    assert (bounce.case, bounce.by, bounce.said) == (case, None, "550 user unknown")
    assert acts.fresh(case).stall == Stall.BOUNCED
    assert case.reference in told.getvalue()


def test_the_shell_says_so_if_no_case_wrote_to_the_address():
    with pytest.raises(CommandError, match="No mail of an open case"):
        call_command("log_bounce", "nobody@supplier.example", said="550")


# What silence may be called


@pytest.mark.parametrize("is_reached", [True, False])
@pytest.mark.parametrize("is_called", [True, False])
@pytest.mark.parametrize("addresses", [1, 2, 3])
@pytest.mark.parametrize("accepted", [0, 2, 3, 9])
def test_no_reply_needs_three_messages_two_addresses_a_call_and_a_person_reached(
    accepted, addresses, is_called, is_reached
):
    silence = outcome.Silence(accepted, addresses, is_called, is_reached)
    wanted = accepted >= 3 and addresses >= 2 and is_called and is_reached

    assert silence.is_complete == wanted
    assert (rules.lacks(silence) == []) == wanted
    proposed = outcome.propose_silence(silence)
    if wanted:
        assert proposed == ReplyCode.NO_REPLY
    else:
        assert proposed == (None if is_reached else ReplyCode.UNREACHABLE)


def test_a_plain_relay_lets_time_run_out_but_never_proves_silence(made, case):
    second = UserFactory(holds=(Role.SIGNATORY, case.supplier))
    case = climbed_to(case, 14)
    actions.log_contact(case=case, by=made.analyst, contacted=call(is_reached=False))
    silence = queries.silence(case)
    assert silence.accepted >= 3
    assert silence.addresses == 2
    assert second is not None

    case = acts.lapsed(case)

    with pytest.raises(Conflict, match="a mail server alone proves nothing"):
        actions.set_reply_code(
            case=case, by=made.analyst, code=ReplyCode.NO_REPLY, reason="Nobody answered us."
        )
    assert queries.standing(case).proposed_code == ReplyCode.UNREACHABLE
    actions.log_contact(case=case, by=made.analyst, contacted=call(Channel.LETTER))
    assert queries.standing(case).proposed_code == ReplyCode.NO_REPLY
    with pytest.raises(Conflict, match="address is confirmed"):
        actions.set_reply_code(
            case=case, by=made.analyst, code=ReplyCode.UNREACHABLE, reason="Nobody answered us."
        )
    actions.set_reply_code(
        case=case, by=made.analyst, code=ReplyCode.NO_REPLY, reason="Nobody answered us."
    )
    assert acts.fresh(case).reply_code == ReplyCode.NO_REPLY


@pytest.mark.parametrize("code", [ReplyCode.NO_REPLY, ReplyCode.UNREACHABLE])
def test_a_reply_is_no_silence(made, code):
    case = world.submitted_case(made)

    with pytest.raises(Conflict, match="supplier replied"):
        actions.set_reply_code(case=case, by=made.analyst, code=code, reason="Demo reason.")


def test_while_our_mail_does_not_arrive_only_that_can_be_said(made, case):
    said = actions.CameBack(at=clock.now(), said="550")
    actions.log_bounce(case=case, mail_=mail_of(case), by=made.analyst, came_back=said)
    case = acts.fresh(case)

    assert queries.standing(case).proposed_code == ReplyCode.UNREACHABLE
    with pytest.raises(Conflict, match="Nothing was signed yet"):
        actions.set_reply_code(
            case=case, by=made.analyst, code=ReplyCode.DECLINES_NO_REASON, reason="Demo reason."
        )
    actions.set_reply_code(
        case=case, by=made.analyst, code=ReplyCode.UNREACHABLE, reason="Demo reason."
    )
    assert acts.fresh(case).reply_code == ReplyCode.UNREACHABLE


def test_what_was_logged_before_the_case_was_sent_anew_counts_no_more(made):
    case = world.cleared_case(made)
    ContactLog.objects.create(
        buyer=made.buyer,
        case=case,
        channel=Channel.CALL,
        is_reached=True,
        at=clock.now(),
        note="Demo",
        by=made.analyst,
        logged_at=clock.now(),
    )
    with clock.at(clock.now() + timedelta(days=30)):
        case = actions.renew(case=case, by=made.analyst, reason="Another site was found.")

        assert queries.silence(case) == outcome.Silence(0, 0, is_called=False, is_reached=False)


# Pages


def url(name, case):
    return reverse(f"workflows:{name}", args=[case.pk])


def test_the_desk_and_the_case_say_what_the_ladder_waits_for(client, made, case):
    said = {
        3: ("analyst", "Find a second contact", "Write to a second contact"),
        7: ("analyst", "Telephone", "Log a call or letter"),
        14: ("approver", "Write to the signatory", "Write to the signatory"),
    }
    for rung, (who, title, act) in said.items():
        case = climbed_to(case, rung)
        sign_in(client, getattr(made, who))
        waiting = client.get(reverse("workflows:desk"), {"view": "waiting"}).text
        page = client.get(url("case", case)).text

        assert case.reference in waiting
        assert "No answer yet" in waiting
        assert title in page
        assert act in page


def test_an_analyst_writes_to_a_second_contact_on_the_page(client, made, case):
    sign_in(client, made.analyst)
    task = engine.open_task(case)
    bad = client.post(url("case_second_contact", case), {"task": task, "email": "x", "name": "y"})
    done = client.post(
        url("case_second_contact", case),
        {"task": task, "email": "second@supplier.example", "name": "Demo Second"},
    )

    assert "Type a mail address" in bad.text
    assert 'value="x"' in bad.text
    assert done.status_code == 302
    assert OutboxMessage.objects.filter(to="second@supplier.example").exists()
    assert "Wrote to a second contact." in client.get(url("case_timeline", case)).text


def test_an_approver_reads_the_letter_and_sends_it(client, made, case):
    case = climbed_to(case, 14)
    sign_in(client, made.approver)
    with at_rung(case, 14):
        shown = client.get(url("case_overdue_letter", case))
        task = engine.open_task(case)
        changed = client.post(
            url("case_overdue_letter", case), {"task": task, "note": "Please write to me."}
        )
        seen = changed.context["form"].preview.letter.sha256
        sent = client.post(
            url("case_overdue_letter", case),
            {"task": task, "note": "Please write to me.", "seen": seen, "do": "send"},
        )

    assert "The letter, exactly as it will go" in shown.text
    assert "Please write to me." in changed.text
    assert sent.status_code == 302
    assert SentLetter.objects.get(case=case, kind=LetterKind.OVERDUE).sha256 == seen


def test_words_that_say_more_than_the_wording_are_told_at_their_field(client, made):
    case = acts.reached(world.acknowledged_case(made, wording=Wording.TRACEABILITY))
    case = climbed_to(case, 14)
    sign_in(client, made.approver)

    page = client.post(
        url("case_overdue_letter", case),
        {"task": engine.open_task(case), "note": "About cotton from Xinjiang."},
    ).text

    assert "This company reads the traceability wording." in page


def test_a_bounce_is_logged_on_the_page_and_shown(client, made, case):
    sign_in(client, made.analyst)
    mail, now = mail_of(case), clock.now()
    fields = {
        "task": engine.open_task(case),
        "mail": str(mail.pk),
        "on_day": now.day,
        "on_month": now.month,
        "on_year": now.year,
        "time": "00:00",
        "said": "550 5.1.1 user unknown",
    }
    odd = client.post(url("case_bounce", case), fields | {"time": "noon", "said": ""}).text
    ahead = client.post(url("case_bounce", case), fields | {"on_year": now.year + 1}).text
    before = client.post(url("case_bounce", case), fields | {"on_year": now.year - 1}).text
    foreign = world.issued_case(made, supplier=acts.another(made))
    strange = client.post(url("case_bounce", case), fields | {"mail": str(mail_of(foreign).pk)})
    done = client.post(url("case_bounce", case), fields)
    page = client.get(url("case", case)).text

    assert "Enter a time of day such as 14:05." in odd
    assert "Copy what the mail server said." in odd
    assert "This moment lies in the future." in ahead
    assert "The mail had not been written then." in before
    assert "Choose one of these mails." in strange.text
    assert done.status_code == 302
    assert "Came back" in page
    assert "550 5.1.1 user unknown" in page
    assert "Reach the supplier another way" in page
    assert "Mail did not arrive" in client.get(reverse("workflows:desk")).text


PAGES = {
    "case_second_contact": {"ANALYST", "CAMPAIGN_MANAGER"},
    "case_overdue_letter": {"APPROVER"},
    "case_bounce": {"ANALYST", "CAMPAIGN_MANAGER"},
}


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("name", PAGES)
def test_each_page_opens_to_its_roles_alone(client, made, case, name, role):
    case = climbed_to(case, 14)
    where = made.supplier if role in {"CONTACT", "CONTRIBUTOR", "SIGNATORY"} else made.buyer
    sign_in(client, UserFactory(holds=(role, where)))

    answer = client.get(url(name, case))

    # who comes from outside finds the cases alone that were named to it
    otherwise = 404 if role == Role.OUTSIDE_COUNSEL else 403
    assert answer.status_code == (200 if role in PAGES[name] else otherwise)
    if role == Role.COUNSEL:
        assert "Only " in answer.text


@pytest.mark.parametrize("name", PAGES)
def test_strangers_find_nothing_and_wrong_methods_are_told(client, made, case, name):
    stranger = world.world(name="Demo Stranger GmbH")
    for who in (stranger.analyst, stranger.approver):
        sign_in(client, who)
        assert client.get(url(name, case)).status_code == 404
    sign_in(client, made.analyst)
    assert client.delete(url(name, case)).status_code == 405


@pytest.mark.parametrize("name", PAGES)
def test_once_it_was_answered_nothing_is_chased(client, made, case, name):
    world.answer(case)
    case = world.submit(case)
    sign_in(client, made.approver if name == "case_overdue_letter" else made.analyst)

    assert client.get(url(name, case)).status_code == (200 if name == "case_bounce" else 409)


def test_the_rungs_stand_on_the_case_page(client, made, case):
    case = climbed_to(case, 3)
    sign_in(client, made.analyst)

    page = client.get(url("case", case)).text

    assert "Reminders, and what follows silence" in page
    assert page.count("planned") >= 2
    assert "Reminder</p>" in " ".join(page.split()).replace("Reminder </p>", "Reminder</p>")
