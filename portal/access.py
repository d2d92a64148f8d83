"""Who may do what: the answers of rules, and the declared audience of views."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from django.contrib.auth.decorators import login_not_required

from portal.enums import Role


@dataclass(frozen=True)
class Verdict:
    """Whether an act is allowed; if not, a sentence for the reader.

    `late` tells the wrong moment (409) from the wrong person (403).
    """

    allowed: bool
    late: bool = False
    sentence: str = ""

    def __bool__(self) -> bool:
        return self.allowed


ALLOWED = Verdict(allowed=True)


def refused(sentence: str) -> Verdict:
    """Answer that this person may not, whatever the moment."""
    return Verdict(allowed=False, sentence=sentence)


def untimely(sentence: str) -> Verdict:
    """Answer that this person might, but not now."""
    return Verdict(allowed=False, late=True, sentence=sentence)


class Refused(Exception):
    """The wrong person: the middleware answers 403 with the sentence."""


class Conflict(Exception):
    """The wrong moment, or a lost race: the middleware answers 409 with the sentence."""


def require(verdict: Verdict) -> None:
    """Raise Refused or Conflict unless `verdict` allows."""
    if not verdict.allowed:
        raise (Conflict if verdict.late else Refused)(verdict.sentence)


View = TypeVar("View", bound=Callable)


def open_to(*roles: Role) -> Callable[[View], View]:
    """Declare who may try a view: holders of one of `roles`, or anyone signed in if none."""

    def declare(view: View) -> View:
        view.open_to = frozenset(roles)  # type: ignore[attr-defined]
        return view

    return declare


def open_to_all(view: View) -> View:
    """Declare a view open to anybody, signed in or not."""
    view.open_to = None  # type: ignore[attr-defined]
    return login_not_required(view)
