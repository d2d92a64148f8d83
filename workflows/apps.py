from django.apps import AppConfig


class WorkflowsConfig(AppConfig):
    name = "workflows"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from workflows import checks, flows  # noqa: F401 - registers checks and flows
        from workflows.flows import attestation_v1  # noqa: F401 - rows name its nodes
