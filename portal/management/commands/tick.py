import time
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from portal import ticks


class Command(BaseCommand):
    help = "Do what time demands: deadlines, waiting work, heartbeat."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--every", type=int, default=0, help="repeat each N seconds")

    def handle(self, *args: Any, every: int, **options: Any) -> None:
        while True:
            failed = ticks.run()
            if failed:
                self.stderr.write("failed: " + ", ".join(failed))
            if not every:
                raise SystemExit(1 if failed else 0)
            time.sleep(every)
