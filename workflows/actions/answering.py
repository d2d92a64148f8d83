"""What the supplier does beside the steps of the flow: opens the form late, takes its copies."""

import re
from pathlib import Path
from typing import cast

from django.core.files import File
from django.utils.translation import gettext as _

from documents import storage
from documents.actions import request_dossier
from documents.models import Dossier
from portal import clock, ledger
from portal.access import Conflict, require
from portal.models import User
from questionnaires import actions as answers
from questionnaires.models import Submission
from workflows import collect, engine, letters, queries, rules
from workflows.actions import letter as sending
from workflows.enums import LetterKind
from workflows.models import Case, Instruction, ProhibitedList, SentLetter

ENDING = re.compile(r"\.[a-z0-9]{2,5}")


def acknowledge_late(*, case: Case, by: User) -> Case:
    """Confirm receipt after time ran out unread: the form opens, the stage stays.

    A late answer is accepted (domain note, section 8). Harmless twice; raises Refused, Conflict.
    """
    with engine.locked(case) as held:
        require(rules.may_acknowledge_late(by, held))
        if held.acknowledged_at is None:
            held.acknowledged_at = clock.now()
            held.save(update_fields=["acknowledged_at"])
            entry = ledger.record("case.acknowledged", by=by, on=held)
            confirm_receipt(held, by, entry.seq)
        answers.begin(response=queries.response_of(held))
    return held


def confirm_receipt(held: Case, by: User, once: object) -> SentLetter:
    """Confirm to a supplier in a letter that it has the request; agrees to nothing."""
    at = held.acknowledged_at
    is_in_time = at is not None and held.due_at is not None and at <= held.due_at
    return sending.send(
        held=held,
        kind=LetterKind.ACKNOWLEDGEMENT,
        by=by,
        facts={
            "received_at": at,
            "answers": by.name,
            "due_on": letters.day_of(held.due_at, held) if is_in_time else None,
        },
        once=once,
    )


def open_list(*, case: Case, by: User) -> tuple[File, str]:
    """Open the list of companies that belongs to the instruction, and say how it is named.

    Clause B4, second sentence; explicit wording only: the list names the law. The caller
    closes the file. Raises Refused, Conflict.
    """
    require(rules.may_open_list(by, case))
    listed = cast("ProhibitedList", case.prohibited_list)  # the rule saw to it
    try:
        opened = storage.read("evidence", listed.stored_as)
    except FileNotFoundError as error:
        raise Conflict(_("The storage does not hold this file. Tell your operator.")) from error
    try:
        ledger.record("case.list_opened", by=by, on=case, data={"sha256": listed.sha256})
    except Exception:
        opened.close()
        raise
    ending = Path(listed.file_name).suffix.lower()
    name = f"{case.reference}-companies-{listed.dated_on:%Y-%m-%d}"
    return opened, name + (ending if ENDING.fullmatch(ending) else "")


def ask_instruction(*, case: Case, by: User) -> Dossier:
    """Have the instruction written as a PDF, or return the one that says the same.

    Raises Refused.
    """
    require(rules.may_take_copy(by, case))
    return ask_letter(case=case, letter=queries.instruction_words(case), by=by)


def ask_letter(*, case: Case, letter: Instruction | SentLetter, by: User) -> Dossier:
    """Have a letter written as a PDF, or return the one that is there. Raises Refused."""
    require(rules.may_read_letters(by, case))
    there = queries.copy_of(case, letter)
    if there is not None and not there.has_failed and isinstance(letter, SentLetter):
        return there
    return request_dossier(
        chain=case.chain,
        buyer=case.buyer,
        supplier=case.supplier,
        content=collect.letter(case, letter),
        by=by,
    )


def open_letter(*, case: Case, letter: Instruction | SentLetter, by: User) -> bytes:
    """Return the exact bytes of a letter: title, newline and text; no ledger entry, no bytes.

    Raises Refused, or Conflict if what is kept does not bear its hash.
    """
    require(rules.may_read_letters(by, case))
    kept = letters.Letter(letter.title, letter.text)
    if kept.sha256 != letter.sha256:
        raise Conflict(_("What is kept of this letter was damaged. Tell your operator."))
    ledger.record(
        "letter.downloaded",
        by=by,
        on=case,
        data={"kind": str(letter.kind), "sha256": letter.sha256},
    )
    return kept.data


def ask_receipt(*, case: Case, submission: Submission, by: User) -> Dossier:
    """Have a receipt written again that could not be. Raises Refused."""
    require(rules.may_take_copy(by, case))
    return request_dossier(
        chain=case.chain,
        buyer=case.buyer,
        supplier=case.supplier,
        content=collect.receipt(case, submission),
        by=by,
    )
