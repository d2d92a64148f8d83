from io import StringIO
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from portal.models import Organisation
from questionnaires.models import QuestionnaireVersion
from workflows.management.demo import companies, story


class Command(BaseCommand):
    help = "Fill a demonstration with invented companies and histories; a second run adds nothing."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.EXTRICATE_DEMO:
            raise CommandError("This is no demonstration: set EXTRICATE_DEMO=1.")
        if Organisation.objects.filter(name=companies.BUYER).exists():
            self.stdout.write("The demonstration is there already.")
            return
        # warnings are for the authors of questionnaires, not for who looks at a demonstration
        call_command("publish_questionnaires", stdout=StringIO(), stderr=StringIO())
        version = QuestionnaireVersion.objects.order_by("-published_at").first()
        if version is None:
            raise CommandError("No questionnaire could be published.")
        steps = story.tell(version)
        self.stdout.write(f"The demonstration is ready: {steps} steps were played.")
