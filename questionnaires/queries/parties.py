"""Companies named so far: what was said once is proposed everywhere else."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from questionnaires.definition import Party
from questionnaires.queries.drafts import Draft

PARTS = ("country", "province", "name", "name_en", "code", "address")


@dataclass(frozen=True)
class Named:
    """A company of this response: `key` is its prefix and, in a table, its row."""

    key: str
    label: str
    columns: Mapping[str, str]  # by part


def named_parties(draft: Draft) -> list[Named]:
    """Companies with a name and a country, each once, in the order they came up."""
    found: dict[tuple[str, str], Named] = {}
    for party in draft.questionnaire.parties:
        for row, answers in _pages(draft, party):
            columns = {
                part: answers[party.key(part)]
                for part in PARTS
                if isinstance(answers.get(party.key(part)), str)
                and _path(party, row, part) in draft.visible
            }
            if "name" not in columns or "country" not in columns:
                continue
            key = f"{party.prefix}:{row}" if row else party.prefix
            label = " · ".join(filter(None, [columns["name"], columns.get("address", "")]))
            same = (columns["name"], columns.get("address", ""))
            found.setdefault(same, Named(key, label, columns))
    return list(found.values())


def _pages(draft: Draft, party: Party) -> Iterable[tuple[str, Mapping[str, Any]]]:
    stored = draft.answers[party.section]
    if not party.table:
        yield "", stored["answers"]
    for row in stored.get("rows", ()):
        yield row["id"], row["answers"]


def _path(party: Party, row: str, part: str) -> str:
    key = party.key(part)
    return f"{party.table}[{row}].{key}" if party.table else key
