"""Found a buyer: the first company of an installation, and its administrator."""

import sys
from typing import Any
from zoneinfo import available_timezones

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email
from django.db import OperationalError, ProgrammingError

from portal.access import Conflict
from portal.actions import organisations, people
from portal.enums import Language

ASKED = {
    "name": "Name of the company: ",
    "admin_name": "Name of its first administrator: ",
    "admin_email": "Mail address of that person: ",
    "country": "Country, two letters such as DE (may be left empty): ",
    "service_name": "Name of the service as suppliers see it (may be left empty): ",
}
NEEDED = ("name", "admin_name", "admin_email")
LENGTHS = {"name": 200, "admin_name": 120, "admin_email": 254, "service_name": 60}


class Command(BaseCommand):
    help = (
        "Create a buyer and invite its first administrator by mail. Asks for what no option"
        " says; everything else is done in the portal."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--name", help="name of the company")
        parser.add_argument("--admin-name", help="name of its first administrator")
        parser.add_argument("--admin-email", help="mail address of that person")
        parser.add_argument("--country", help="two letters, such as DE")
        parser.add_argument("--service-name", help="what suppliers see instead of Extricate")
        parser.add_argument("--language", default=Language.EN, help="en or zh-hans; default en")
        parser.add_argument("--zone", default="UTC", help="time zone, such as Europe/Berlin")
        parser.add_argument(
            "--no-input", action="store_true", help="ask nothing: fail if something is missing"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        said = self._said(options)
        self._check(said)
        try:
            offer = organisations.create_buyer(
                name=said["name"],
                administrator_name=said["admin_name"],
                administrator_email=said["admin_email"],
                country=said["country"],
                service_name=said["service_name"],
                language=said["language"],
                zone=said["zone"],
                by="installation",
            )
        except Conflict as conflict:
            raise CommandError(
                f"{conflict} Nothing was changed. Its administrators invite more people in the"
                " portal, under People."
            ) from conflict
        except (OperationalError, ProgrammingError) as error:
            raise CommandError(
                "The database is not ready. Run `manage.py migrate` first, and look at"
                f" DATABASE_URL. It said: {error}"
            ) from error
        self.stdout.write(f"{offer.organisation.name} is created.")
        self.stdout.write(
            f"An invitation to {offer.user.email} is written; a worker sends it within a minute"
            " once `make run` serves the portal."
        )
        self.stdout.write(f"It leads to {people.pointer(offer)}")
        if settings.EMAIL_HOST == "localhost" and not settings.EXTRICATE_DEMO:
            self.stdout.write(
                "EMAIL_HOST is not set, so mail goes to this machine. Try it with"
                f" `manage.py send_test_mail {offer.user.email}`."
            )

    def _said(self, options: dict[str, Any]) -> dict[str, str]:
        asks = not options["no_input"] and sys.stdin.isatty()
        said = {"language": options["language"], "zone": options["zone"]}
        for key, question in ASKED.items():
            value = options[key]
            if value is None and asks:
                value = input(question)
            said[key] = " ".join((value or "").split())
        missing = [f"--{key.replace('_', '-')}" for key in NEEDED if not said[key]]
        if missing:
            raise CommandError(f"Still missing: {', '.join(missing)}.")
        return said

    def _check(self, said: dict[str, str]) -> None:
        try:
            validate_email(said["admin_email"])
        except ValidationError as error:
            raise CommandError(
                f"{said['admin_email']!r} is not a mail address, such as name@example.com."
            ) from error
        country = said["country"]
        if country and not (len(country) == 2 and country.isascii() and country.isalpha()):
            raise CommandError(
                f"--country takes two letters after ISO 3166, such as DE, not {country!r}."
            )
        if said["language"] not in Language.values:
            raise CommandError(f"--language is en or zh-hans, not {said['language']!r}.")
        if said["zone"] not in available_timezones():
            raise CommandError(f"--zone is a name such as Europe/Berlin, not {said['zone']!r}.")
        for key, most in LENGTHS.items():
            if len(said[key]) > most:
                option = key.replace("_", "-")
                raise CommandError(f"--{option} is longer than {most} characters.")
