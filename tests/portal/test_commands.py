import smtplib
import socket
import ssl
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from portal.management.commands import create_buyer, send_test_mail
from portal.models import Invitation, Organisation
from tests import servers

BUYER = {
    "name": "Demo Outdoor GmbH",
    "admin_name": "Demo Administrator",
    "admin_email": "admin@outdoor.example",
}


def run(name, /, *args, **options):
    out = StringIO()
    call_command(name, *args, stdout=out, **options)
    return out.getvalue()


# --- create_buyer --------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_buyer_is_created_and_the_way_in_is_printed():
    said = run("create_buyer", **BUYER, country="DE", service_name="Quellen")

    offer = Invitation.objects.get()
    assert Organisation.objects.get().service_name == "Quellen"
    assert "Demo Outdoor GmbH is created." in said
    assert f"/invitations/{offer.pk}/" in said
    assert "send_test_mail admin@outdoor.example" in said


@pytest.mark.django_db
def test_what_no_option_says_is_asked(monkeypatch):
    answers = {
        **BUYER,
        "country": "",
        "service_name": "",
    }
    questions = {text: answers[key] for key, text in create_buyer.ASKED.items()}
    monkeypatch.setattr("builtins.input", questions.pop)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)

    run("create_buyer")

    assert not questions
    assert Organisation.objects.get().name == "Demo Outdoor GmbH"


@pytest.mark.django_db
def test_a_second_time_it_says_so_in_a_sentence():
    run("create_buyer", **BUYER)

    with pytest.raises(CommandError, match="There is already a buyer named Demo Outdoor GmbH"):
        run("create_buyer", **BUYER)

    assert Organisation.objects.count() == 1


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"admin_name": None}, "Still missing: --admin-name."),
        ({"name": "  ", "admin_email": None}, "Still missing: --name, --admin-email."),
        ({"admin_email": "nobody"}, "'nobody' is not a mail address"),
        ({"country": "Germany"}, "--country takes two letters"),
        ({"language": "fr"}, "--language is en or zh-hans"),
        ({"zone": "Mars"}, "--zone is a name such as Europe/Berlin"),
        ({"service_name": "x" * 61}, "--service-name is longer than 60 characters"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(wrong, said):
    with pytest.raises(CommandError, match=said):
        run("create_buyer", **BUYER | wrong, no_input=True)


def test_a_database_that_is_not_ready_is_said_in_a_sentence(monkeypatch):
    from django.db import OperationalError

    def fails(**said):
        raise OperationalError("no such table: portal_organisation")

    monkeypatch.setattr(create_buyer.organisations, "create_buyer", fails)

    with pytest.raises(CommandError, match=r"Run `manage\.py migrate` first"):
        run("create_buyer", **BUYER)


# --- send_test_mail ------------------------------------------------------------------------


def test_the_servers_answer_is_told(mailbox):
    said = run("send_test_mail", "someone@example.com")

    assert "took the mail for someone@example.com and answered: 250" in said
    assert mailbox.mails[0]["To"] == "someone@example.com"


def test_a_refusal_is_told_in_the_servers_words(mailbox):
    mailbox.refuse["gone@example.com"] = "550 no such mailbox"

    with pytest.raises(CommandError, match=r"refused the recipient\. It answered: 550 no such"):
        run("send_test_mail", "gone@example.com")


def test_a_closed_port_is_told(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", servers.free_port()

    with pytest.raises(CommandError, match="nobody listens there"):
        run("send_test_mail", "someone@example.com")


def test_an_address_that_is_none_is_told():
    with pytest.raises(CommandError, match="'someone' is not a mail address"):
        run("send_test_mail", "someone")


def test_other_backends_and_demonstrations_are_told_apart(settings):
    assert "gives no answer" in run("send_test_mail", "someone@example.com")

    settings.EXTRICATE_DEMO = True
    assert "A demonstration sends nothing" in run("send_test_mail", "someone@example.com")


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (smtplib.SMTPAuthenticationError(535, b"bad"), "EMAIL_PASSWORD. It answered: 535 bad"),
        (smtplib.SMTPNotSupportedError("no STARTTLS"), "EMAIL_STARTTLS or EMAIL_USER asks"),
        (smtplib.SMTPSenderRefused(550, b"no", "a@b.example"), "see SENDER_ADDRESS"),
        (smtplib.SMTPDataError(554, b"spam"), "refused the mail. It answered: 554 spam"),
        (smtplib.SMTPServerDisconnected(), "the server hung up"),
        (ssl.SSLError(1, "wrong version number"), "no secure connection"),
        (TimeoutError(), "no answer within 10 seconds"),
        (socket.gaierror(), "no such machine"),
        (RuntimeError("odd"), "RuntimeError: odd"),
    ],
)
def test_each_way_to_fail_has_its_sentence(monkeypatch, error, said):
    def fails(connection, mail):
        raise error

    monkeypatch.setattr(send_test_mail, "_send", fails)

    with pytest.raises(CommandError, match=said):
        run("send_test_mail", "someone@example.com")
