from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from documents import actions as documents
from documents.enums import DossierState, Edition
from documents.storage import read
from portal.enums import WorkState
from workflows import collect
from workflows.models import Case


class Command(BaseCommand):
    help = "List the cases, or write one case's counsel edition to a file."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("case", nargs="?", help="a case's reference, such as K7QF-3MX9")
        parser.add_argument("--list", action="store_true", help="one case reference a line")
        parser.add_argument("--out", help="where to write the PDF")
        parser.add_argument("--language", default="en", choices=["en", "zh-hans"])

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
        out.write_bytes(self._written(case, options["language"]))
        self.stdout.write(f"wrote {out}")

    def _find(self, reference: str) -> Case:
        cases = Case.objects.select_related("buyer", "supplier", "chain", "policy", "response")
        case = cases.filter(reference=reference.strip().upper()).first()
        if case is None:
            raise CommandError(f"There is no case {reference}. See: dossier --list")
        return case

    def _written(self, case: Case, language: str) -> bytes:
        """Have the document written here and now, by the installation itself."""
        row = documents.request_dossier(
            chain=case.chain,
            buyer=case.buyer,
            supplier=case.supplier,
            content=collect.dossier(case, edition=Edition.COUNSEL, language=language),
            by="installation",
        )
        if row.work_state != WorkState.DONE:
            documents.write(str(row.pk))
            row.refresh_from_db()
        if row.state != DossierState.ISSUED:
            raise CommandError(f"The document could not be written: {row.last_error}")
        with read("dossiers", row.key) as opened:
            return opened.read()
