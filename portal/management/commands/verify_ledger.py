from typing import Any

from django.core.management.base import BaseCommand

from portal import ledger


class Command(BaseCommand):
    help = "Recompute every hash of the ledger; exit status 0 only when it is intact."

    def handle(self, *args: Any, **options: Any) -> None:
        report = ledger.verify()
        for line in report.warnings:
            self.stdout.write(f"warning: {line}")
        for line in report.broken:
            self.stdout.write(f"BROKEN: {line}")
        if not report.is_intact:
            raise SystemExit(1)
        self.stdout.write(f"intact: {report.entries} entries in {report.chains} chains")
