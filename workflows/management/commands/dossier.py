from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from documents import actions as documents
from documents import dossier as contents
from documents.enums import DossierState, Edition
from documents.storage import read
from portal import clock
from portal.enums import WorkState
from workflows import calendar, collect
from workflows.models import Case


class Command(BaseCommand):
    help = "List the cases, or write one case's counsel edition to a file."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("case", nargs="?", help="a case's reference, such as K7QF-3MX9")
        parser.add_argument("--list", action="store_true", help="one case reference a line")
        parser.add_argument("--out", help="where to write the PDF")
        parser.add_argument("--language", default="en", choices=["en", "zh-hans"])
        parser.add_argument("--as-of", help="as it stood at the end of a day, such as 2026-05-31")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["list"]:
            for reference in Case.objects.order_by("reference").values_list(
                "reference", flat=True
            ):
                self.stdout.write(reference)
            return
        if not options["case"] or not options["out"]:
            raise CommandError("Name a case and a file: dossier CASE --out FILE. Or --list.")
        case = self._find(options["case"])
        out = Path(options["out"])
        if not out.parent.is_dir():
            raise CommandError(f"There is no folder {out.parent}.")
        as_of = self._moment(options["as_of"], case)
        content = collect.dossier(
            case, edition=Edition.COUNSEL, language=options["language"], as_of=as_of
        )
        out.write_bytes(self._written(case, content))
        self.stdout.write(f"wrote {out}")

    def _find(self, reference: str) -> Case:
        cases = Case.objects.select_related("buyer", "supplier", "chain", "policy", "response")
        case = cases.filter(reference=reference.strip().upper()).first()
        if case is None:
            raise CommandError(f"There is no case {reference}. See: dossier --list")
        return case

    def _moment(self, day: str | None, case: Case) -> datetime | None:
        if day is None:
            return None
        try:
            found = calendar.end_of(date.fromisoformat(day), case.buyer.zone)
        except ValueError as error:
            raise CommandError(f"{day} is not a day such as 2026-05-31.") from error
        if not case.created_at <= found < clock.now():
            raise CommandError("Name a past day on which the case was there.")
        return found

    def _written(self, case: Case, content: contents.Dossier) -> bytes:
        """Have the document written here and now, by the installation itself."""
        row = documents.request_dossier(
            chain=case.chain,
            buyer=case.buyer,
            supplier=case.supplier,
            content=content,
            by="installation",
        )
        if row.work_state != WorkState.DONE:
            documents.write(str(row.pk))
            row.refresh_from_db()
        if row.state != DossierState.ISSUED:
            raise CommandError(f"The document could not be written: {row.last_error}")
        with read("dossiers", row.key) as opened:
            return opened.read()
