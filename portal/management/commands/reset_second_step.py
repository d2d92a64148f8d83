"""Removes a lost second step from the operator's shell."""

from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser

from portal.actions import factors
from portal.models import User

LEAST_WORDS = 10


class Command(BaseCommand):
    help = (
        "Removes passkeys, authenticator app and recovery codes of one person and ends its"
        " sessions: where a buyer has no second administrator, or the person serves several"
        " buyers. Make sure first who is asking; the reason stands in the record."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="the person's mail address")
        parser.add_argument("--reason", required=True, help="how you made sure who is asking")

    def handle(self, *args: Any, **options: Any) -> None:
        person = User.objects.filter(email=options["email"].strip().lower()).first()
        if person is None:
            raise CommandError("Nobody has this address.")
        if len(options["reason"].strip()) < LEAST_WORDS:
            raise CommandError("Say how you made sure who is asking, in ten characters or more.")
        factors.reset_by_operator(person=person, reason=options["reason"])
        self.stdout.write(f"The second step of {person.email} is removed, and it was told.")
