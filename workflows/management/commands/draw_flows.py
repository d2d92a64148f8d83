from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import translation

from workflows import chart
from workflows.flows.attestation_v1 import AttestationV1
from workflows.flows.exit_v1 import ExitV1

FLOWS = (AttestationV1, ExitV1)
LANGUAGES = ("en", "zh-hans")


class Command(BaseCommand):
    help = "Draw each flow into docs/flows, from the flow itself."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="fail if a picture is not up to date"
        )

    def handle(self, *args: Any, check: bool, **options: Any) -> None:
        folder = Path(settings.BASE_DIR) / "docs" / "flows"
        stale = []
        for flow in FLOWS:
            for language in LANGUAGES:
                with translation.override(language):
                    drawn = chart.draw(flow)
                path = folder / f"{chart.version_of(flow)}.{language}.svg"
                if check and (not path.exists() or path.read_text() != drawn):
                    stale.append(path.name)
                if not check:
                    folder.mkdir(parents=True, exist_ok=True)
                    path.write_text(drawn)
        if stale:
            raise CommandError(f"out of date: {', '.join(stale)}. Run: make charts")
        self.stdout.write("flows are up to date" if check else f"drawn into {folder}")
