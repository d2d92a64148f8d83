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
from workflows import collect, engine, queries, rules
from workflows.models import Case, ProhibitedList

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
            ledger.record("case.acknowledged", by=by, on=held)
        answers.begin(response=queries.response_of(held))
    return held


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
    return request_dossier(
        chain=case.chain,
        buyer=case.buyer,
        supplier=case.supplier,
        content=collect.instruction(case),
        by=by,
    )


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
