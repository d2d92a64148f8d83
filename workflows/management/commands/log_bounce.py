from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import OuterRef, Subquery

from portal import clock
from portal.models import OutboxMessage
from workflows import actions
from workflows.models import Case
from workflows.models.case import WITH_SUPPLIER
from workflows.queries import ASKING


class Command(BaseCommand):
    help = (
        "Logs that mail to an address came back, in every open case whose newest mail went"
        " there: reminders stop, silence does not count, and the buyer is told."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("address", help="the address that does not take our mail")
        parser.add_argument(
            "--said",
            required=True,
            help="the words of the mail server, such as: 550 5.1.1 user unknown",
        )

    def handle(self, *args: Any, address: str, said: str, **options: Any) -> None:
        address = address.strip().lower()
        newest = (
            OutboxMessage.objects.filter(
                chain_id=OuterRef("chain_id"), purpose__in=ASKING, to__iexact=address
            )
            .order_by("-written_at", "-pk")
            .values("pk")[:1]
        )
        cases = (
            Case.objects.filter(stage__in=WITH_SUPPLIER)
            .annotate(mail=Subquery(newest))
            .filter(mail__isnull=False)
        )
        found = list(cases.order_by("reference"))
        if not found:
            raise CommandError(f"No mail of an open case went to {address}.")
        came_back = actions.CameBack(at=clock.now(), said=said.strip()[:1000])
        for case in found:
            mail = OutboxMessage.objects.get(pk=case.mail)
            actions.log_bounce(case=case, mail_=mail, by="installation", came_back=came_back)
            self.stdout.write(f"{case.reference}: logged.")
