"""The words of the instruction, by wording and language; kept to the letter once sent."""

import hashlib
from dataclasses import dataclass

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


def instruction(case: Case, language: str) -> Letter:
    """Write what a supplier is instructed, in the case's wording.

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
                "due_on": case.due_at,
                "buyer": case.buyer,
                "supplier": case.supplier,
                "list": case.prohibited_list,
            },
        )
    return Letter(title, "\n\n".join(" ".join(p.split()) for p in text.strip().split("\n\n")))
