from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from portal import clock
from portal.models import Organisation
from workflows.management.demo import companies, newer, story


class Command(BaseCommand):
    help = "Fill a demonstration with invented companies and histories; a second run adds nothing."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.EXTRICATE_DEMO:
            raise CommandError("This is no demonstration: set EXTRICATE_DEMO=1.")
        if Organisation.objects.filter(name=companies.BUYER).exists():
            self.stdout.write("The demonstration is there already.")
            return
        with clock.at(clock.now() + timedelta(days=story.FOUNDED - 1)):
            version = newer.publish(0)
        steps = story.tell(version)
        self.stdout.write(f"The demonstration is ready: {steps} steps were played.")
