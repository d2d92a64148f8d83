"""The rules in a questionnaire: XLSForm's expressions, parsed once, run as closures."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Expression:
    """A compiled rule."""

    source: str
