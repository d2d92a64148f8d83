"""Send one mail at once, past the outbox, and say what the server answered."""

import smtplib
import socket
import ssl
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email
from django.utils import timezone

# the first kind that fits speaks
WHY: tuple[tuple[type[Exception], str], ...] = (
    (
        smtplib.SMTPAuthenticationError,
        "name or password is wrong, see EMAIL_USER and EMAIL_PASSWORD. It answered: {answer}",
    ),
    (
        smtplib.SMTPNotSupportedError,
        "the server does not offer what EMAIL_STARTTLS or EMAIL_USER asks. {answer}",
    ),
    (
        smtplib.SMTPSenderRefused,
        "the server does not send for this sender, see SENDER_ADDRESS. It answered: {answer}",
    ),
    (smtplib.SMTPRecipientsRefused, "the server refused the recipient. It answered: {answer}"),
    (smtplib.SMTPResponseException, "the server refused the mail. It answered: {answer}"),
    (
        smtplib.SMTPServerDisconnected,
        "the server hung up: see EMAIL_TLS (usual port 465) and EMAIL_STARTTLS (587).",
    ),
    (
        ssl.SSLError,
        "no secure connection, see EMAIL_TLS, EMAIL_STARTTLS and EMAIL_HOST. It said: {answer}",
    ),
    (
        TimeoutError,
        "no answer within {seconds} seconds: a firewall, or a wrong EMAIL_PORT.",
    ),
    (socket.gaierror, "no such machine: see EMAIL_HOST."),
    (ConnectionRefusedError, "nobody listens there: see EMAIL_HOST and EMAIL_PORT."),
)


class Command(BaseCommand):
    help = "Send a test mail at once and say in a sentence what the mail server answered."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("address", help="to whom")

    def handle(self, *args: Any, address: str, **options: Any) -> None:
        try:
            validate_email(address)
        except ValidationError as error:
            raise CommandError(
                f"{address!r} is not a mail address, such as name@example.com."
            ) from error
        connection = get_connection()
        place = f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"
        try:
            answer = _send(connection, _mail(address, connection))
        except Exception as error:
            # whatever it is, the reader gets a sentence; the cause stays for --traceback
            raise CommandError(f"Not sent through {place}: {_why(error)}") from error
        if settings.EXTRICATE_DEMO:
            self.stdout.write(
                "A demonstration sends nothing: the mail stands in its list of mails."
            )
            return
        if answer is None:
            self.stdout.write(f"Handed over for {address}; this backend gives no answer.")
            return
        self.stdout.write(f"{place} took the mail for {address} and answered: {answer}")
        self.stdout.write("Taken is not read: look whether it arrived, and not among spam.")


def _mail(address: str, connection: BaseEmailBackend) -> EmailMessage:
    return EmailMessage(
        subject=f"Test mail of {settings.SERVICE_NAME}",
        body=(
            f"Sent by hand on {timezone.now():%Y-%m-%d %H:%M} UTC from {settings.BASE_URL}.\n"
            "If you read this, mail works.\n"
        ),
        to=[address],
        headers={"Auto-Submitted": "auto-generated"},
        connection=connection,
    )


def _send(connection: BaseEmailBackend, mail: EmailMessage) -> str | None:
    """Send; return what an SMTP server answered to the mail, None for other backends."""
    connection.open()
    server = getattr(connection, "connection", None)
    heard: list[str] = []
    if isinstance(server, smtplib.SMTP):
        # the library keeps the server's answer to itself
        server.data = _listening(server.data, heard)  # type: ignore[assignment, method-assign]
    try:
        mail.send()
    finally:
        connection.close()
    return heard[-1] if heard else None


def _listening(
    hand_over: Callable[[Any], tuple[int, bytes]], heard: list[str]
) -> Callable[[Any], tuple[int, bytes]]:
    def data(msg: Any) -> tuple[int, bytes]:
        code, words = hand_over(msg)
        heard.append(f"{code} {words.decode(errors='replace')}")
        return code, words

    return data


def _why(error: Exception) -> str:
    for kind, sentence in WHY:
        if isinstance(error, kind):
            return sentence.format(answer=_said(error), seconds=settings.EMAIL_TIMEOUT)
    return f"{type(error).__name__}: {error}"


def _said(error: Exception) -> str:
    code: int
    words: bytes | str
    match error:
        case smtplib.SMTPRecipientsRefused():
            code, words = next(iter(error.recipients.values()))
        case smtplib.SMTPResponseException():
            code, words = error.smtp_code, error.smtp_error
        case ssl.SSLError():
            return getattr(error, "reason", "") or str(error)
        case _:
            return str(error)
    text = words.decode(errors="replace") if isinstance(words, bytes) else words
    return f"{code} {text}"
