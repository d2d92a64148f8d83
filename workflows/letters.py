"""The words of the instruction, by wording and language; kept to the letter once sent."""

import hashlib
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from portal.enums import Wording
from workflows.models import Case


@dataclass(frozen=True)
class Letter:
    """A title and paragraphs parted by empty lines; a line that begins with `# ` is a heading.

    `sha256` is that of title, newline and text, in hex.
    """

    title: str
    text: str

    @property
    def sha256(self) -> str:
        return hashlib.sha256(f"{self.title}\n{self.text}".encode()).hexdigest()


def instruction(case: Case, language: str, *, due_on: date | None = None) -> Letter:
    """Write what a supplier is instructed, in the case's wording.

    `due_on` is by default the day of `case.due_at` in the supplier's zone.

    Clause B4, first and second sentence, and B3, second sentence, in explicit wording; in
    traceability wording the same is asked neutrally and no clause is named (domain note, 4).
    """
    with translation.override(language):
        title = (
            _("Instruction on sourcing")
            if case.wording == Wording.EXPLICIT
            else _("Request for supply-chain information")
        )
        text = render_to_string(
            f"workflows/letters/instruction_{case.wording}.txt",
            {
                "case": case,
                "due_on": due_on or _due_on(case),
                "buyer": case.buyer,
                "supplier": case.supplier,
                "list": case.prohibited_list,
            },
        )
    return Letter(title, "\n\n".join(" ".join(p.split()) for p in text.strip().split("\n\n")))


def _due_on(case: Case) -> date | None:
    if case.due_at is None:
        return None
    return case.due_at.astimezone(ZoneInfo(case.supplier.zone)).date()
