from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from questionnaires import actions, loader, queries, static_checks


class Command(BaseCommand):
    help = "Publish the questionnaires of the repository, or the files named, for all buyers."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="*", type=Path, help="definitions in YAML")

    def handle(self, *args: Any, **options: Any) -> None:
        for path in options["files"] or sorted(queries.DEFINITIONS.glob("*.yaml")):
            self._publish(path)

    def _publish(self, path: Path) -> None:
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"{path}: {error}") from error
        problems = static_checks.check_text(text)
        for problem in problems:
            self.stderr.write(f"{path.name}, {problem}")
        if not all(problem.is_warning for problem in problems):
            raise CommandError(f"{path.name} was not published.")
        questionnaire = loader.load(text)
        try:
            version, is_new = actions.publish(questionnaire=questionnaire, by="installation")
        except actions.AlreadyPublished as error:
            raise CommandError(
                f"{path.name}: other content is published as {error}. Give it a new version."
            ) from error
        said = "published" if is_new else "is published already"
        self.stdout.write(f"{version} {said}, sha256 {version.sha256}")
