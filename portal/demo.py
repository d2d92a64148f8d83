"""A demonstration keeps a copy of each mail, so that codes can still be read there."""

from collections.abc import Sequence

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from portal import clock
from portal.models import DemoMail


class DemoBackend(BaseEmailBackend):
    """Stores mails instead of sending them; used in demo mode only."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        for mail in email_messages:
            DemoMail.objects.create(
                sent_at=clock.now(),
                sender=mail.from_email,
                to=", ".join(mail.to),
                subject=str(mail.subject),
                body=str(mail.body),
            )
        return len(email_messages)
