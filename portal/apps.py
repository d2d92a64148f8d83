from django.apps import AppConfig
from django.db.models.signals import post_migrate


def _install_ledger_triggers(**_: object) -> None:
    from portal import ledger_triggers

    ledger_triggers.install()


class PortalConfig(AppConfig):
    name = "portal"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from portal import checks  # noqa: F401 - registers the system checks

        post_migrate.connect(_install_ledger_triggers, sender=self)
