"""The app that asks and keeps the answers."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


def _install_triggers(**_: object) -> None:
    from questionnaires import ledger_triggers

    ledger_triggers.install()


class QuestionnairesConfig(AppConfig):
    name = "questionnaires"

    def ready(self) -> None:
        from questionnaires import checks  # noqa: F401 - registers the system checks

        post_migrate.connect(_install_triggers, sender=self)
