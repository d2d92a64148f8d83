"""What is wrong with a definition, and where."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault. Line and column count from 1 in the file; 0 where there is no file.

    `place` is dotted: `questions.<key>.relevant`, `sections.<key>.title`,
    `choices.<list>.<code>.label`, `findings.<key>.when`. A warning doesn't stop publishing.
    """

    line: int
    column: int
    place: str
    text: str
    is_warning: bool = False

    def __str__(self) -> str:
        kind = "warning: " if self.is_warning else ""
        return f"line {self.line}, column {self.column}, {self.place}: {kind}{self.text}"


class DefinitionError(ValueError):
    """A definition that cannot be used; `problems` says why, in the order of the file."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems
