"""The one next step that a supplier's page shows."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Next:
    """The one next step; `posts` when a button does it here, else `url` leads to it."""

    title: str
    text: str
    url: str = ""
    act: str = ""
    posts: bool = False
    beside: tuple[tuple[str, str], ...] = ()  # (url, text) of what may be done instead
