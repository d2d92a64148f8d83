"""System checks: the definitions in the repository load and keep every rule."""

from collections.abc import Sequence

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error, register

from questionnaires import queries, static_checks


@register("questionnaires", deploy=True)
def definitions_are_sound(
    app_configs: Sequence[AppConfig] | None,  # noqa: ARG001 - Django's signature
    **_: object,
) -> list[CheckMessage]:
    """Only with `check --deploy`, which `make check` runs: it parses every file."""
    found: list[CheckMessage] = []
    for path in sorted(queries.DEFINITIONS.glob("*.yaml")):
        problems = static_checks.check_text(path.read_text(encoding="utf-8"))
        found += [
            Error(f"{path.name}, {problem}", id="questionnaires.E001")
            for problem in problems
            if not problem.is_warning
        ]
    return found
