import socket
from datetime import timedelta

import pytest
from django.utils import timezone

from portal import clock, ledger, mail, tasks, work
from portal.enums import ChainKind, Delivery, Language, Queue, WorkState
from portal.models import DemoMail, OutboxMessage
from tests.factories.portal import OrganisationFactory, UserFactory
from tests.servers import free_port

pytestmark = pytest.mark.django_db

CODE = {"code": "1234-5678"}


def write(to=None, *, key="code:1", **more):
    return mail.send(
        purpose="login_code",
        key=key,
        to=to or UserFactory(),
        template="mail/sign_in_code.txt",
        context=CODE,
        **more,
    )


def test_the_first_line_is_the_subject_and_the_rest_the_body():
    message = write()

    assert message.subject == "Your code for Extricate"
    assert "1234-5678" in message.body
    assert not message.body.startswith("Your code")


def test_a_mail_planned_twice_is_one_mail():
    first, second = write(), write(key="code:1")

    assert first.pk == second.pk
    assert OutboxMessage.objects.count() == 1


def test_the_language_is_the_recipients_unless_told_otherwise():
    chinese = UserFactory(language=Language.ZH)

    assert write(chinese).language == "zh-hans"
    assert write(chinese, key="code:2", language=Language.EN).language == "en"


def test_the_sender_is_the_buyers_where_it_set_one(settings):
    settings.SENDER_ADDRESS = "no-reply@installation.example"
    named = OrganisationFactory(
        service_name="Quellen", sender_name="Einkauf 采购", sender_address="q@buyer.example"
    )

    assert mail.sender_of(None) == settings.DEFAULT_FROM_EMAIL
    assert mail.sender_of(OrganisationFactory()) == "Extricate <no-reply@installation.example>"
    assert mail.sender_of(named).endswith("<q@buyer.example>")


def test_a_service_name_with_line_breaks_breaks_no_header():
    buyer = OrganisationFactory(service_name="Quellen\r\nBcc: eve@example.com")

    assert "\n" not in write(buyer=buyer).subject


def test_a_sender_with_line_breaks_is_never_sent(mailbox):
    message = write()
    OutboxMessage.objects.update(sender="x\r\nBcc: eve@example.com <a@example.com>")

    tasks.deliver.call(str(message.pk))

    message.refresh_from_db()
    assert mailbox.mails == []
    assert message.work_state == WorkState.PENDING
    assert message.last_error.startswith("ValueError: Invalid address")


def test_an_accepted_mail_is_done_and_says_so_in_its_chain(mailbox):
    chain = ledger.open_chain(ChainKind.CASE)
    message = write(chain=chain)

    tasks.deliver.call(str(message.pk))

    message.refresh_from_db()
    assert (message.work_state, message.delivery) == (WorkState.DONE, Delivery.ACCEPTED)
    assert message.accepted_at is not None
    assert message.handed_over_at is not None
    assert "1234-5678" in message.body
    [sent] = mailbox.mails
    assert sent["To"] == message.to
    assert sent["Auto-Submitted"] == "auto-generated"
    assert sent["Message-ID"] == tasks.message_id(message)
    [entry] = chain.entries.all()
    assert entry.event == "mail.accepted"
    assert message.to not in entry.body
    assert ledger.verify(chain).is_intact


def test_chinese_arrives_as_written(mailbox):
    message = write(UserFactory(name="刘𠮷"), language=Language.ZH, buyer=None)
    OutboxMessage.objects.update(subject="您的验证码 𠮷", body="请输入 𠮷\n")

    tasks.deliver.call(str(message.pk))

    [sent] = mailbox.mails
    assert sent["Subject"] == "您的验证码 𠮷"
    assert sent.get_content().strip() == "请输入 𠮷"


def test_a_secret_is_wiped_once_accepted(mailbox):
    message = write(is_secret=True)

    tasks.deliver.call(str(message.pk))

    message.refresh_from_db()
    assert message.body == ""
    assert "1234-5678" in mailbox.mails[0].get_content()


def test_the_message_id_belongs_to_the_key():
    message = write()
    same = OutboxMessage(key=message.key)

    assert tasks.message_id(message) == tasks.message_id(same)
    assert tasks.message_id(message) != tasks.message_id(OutboxMessage(key="code:2"))


def test_a_mail_that_is_done_is_not_sent_again(mailbox):
    message = write()

    tasks.deliver.call(str(message.pk))
    tasks.deliver.call(str(message.pk))

    assert len(mailbox.mails) == 1


def test_a_permanent_refusal_is_kept(mailbox):
    chain = ledger.open_chain(ChainKind.CASE)
    message = write(chain=chain)
    mailbox.refuse[message.to] = "550 no such mailbox"

    tasks.deliver.call(str(message.pk))

    message.refresh_from_db()
    assert (message.work_state, message.delivery) == (WorkState.DONE, Delivery.REFUSED)
    assert "no such mailbox" in message.answer
    assert message.accepted_at is None
    assert chain.entries.get().event == "mail.refused"


def test_a_passing_refusal_is_tried_again(mailbox):
    message = write()
    mailbox.refuse[message.to] = "451 greylisted, come again"

    tasks.deliver.call(str(message.pk))
    message.refresh_from_db()
    assert (message.work_state, message.delivery) == (WorkState.PENDING, Delivery.QUEUED)
    assert message.next_attempt_at > clock.now() + timedelta(minutes=1)
    assert "greylisted" in message.last_error

    mailbox.refuse.clear()
    with clock.at(clock.now() + timedelta(minutes=3)):
        tasks.deliver.call(str(message.pk))
    message.refresh_from_db()
    assert (message.delivery, message.attempts) == (Delivery.ACCEPTED, 2)


def test_a_dead_server_loses_nothing(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    message = write()

    tasks.deliver.call(str(message.pk))

    message.refresh_from_db()
    assert message.work_state == WorkState.PENDING
    assert "Refused" in message.last_error


def test_a_silent_server_is_given_up_on(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_TIMEOUT = 0.3
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings.EMAIL_HOST, settings.EMAIL_PORT = silent.getsockname()
        message = write()

        tasks.deliver.call(str(message.pk))

    message.refresh_from_db()
    assert message.work_state == WorkState.PENDING


def test_a_code_that_ran_out_is_dropped_and_wiped(mailbox):
    message = write(is_secret=True, expires_at=timezone.now() - timedelta(seconds=1))

    tasks.deliver.call(str(message.pk))

    message.refresh_from_db()
    assert (message.work_state, message.delivery) == (WorkState.DROPPED, Delivery.DROPPED)
    assert message.body == ""
    assert mailbox.mails == []


def test_a_code_runs_out_by_real_time_whatever_the_demonstrations_clock_says(mailbox):
    message = write(is_secret=True, expires_at=timezone.now() + timedelta(minutes=10))

    with clock.at(clock.now() + timedelta(days=3)):
        tasks.deliver.call(str(message.pk))

    assert len(mailbox.mails) == 1


def test_a_demonstration_keeps_a_copy_of_each_mail(settings):
    settings.EMAIL_BACKEND = "portal.demo.DemoBackend"
    message = write(is_secret=True)

    tasks.deliver.call(str(message.pk))

    kept = DemoMail.objects.get()
    assert "1234-5678" in kept.body
    message.refresh_from_db()
    assert message.body == ""


def test_urgent_mail_is_hinted_on_the_urgent_queue(django_capture_on_commit_callbacks):
    from django_tasks_db.models import DBTaskResult

    with django_capture_on_commit_callbacks(execute=True):
        write(queue=Queue.URGENT)

    assert DBTaskResult.objects.get().queue_name == "urgent"


def test_after_seventy_tries_a_mail_is_dead(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    message = write()
    OutboxMessage.objects.update(attempts=69)

    tasks.deliver.call(str(message.pk))

    message.refresh_from_db()
    assert message.work_state == WorkState.DEAD
    assert work.claim(OutboxMessage, message.pk) is None
