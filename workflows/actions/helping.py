"""A supplier asks for help: at any time, and its buyer owes an offer (clause B4)."""

from collections.abc import Collection

from portal import ledger
from portal.access import require
from portal.models import User
from questionnaires import actions as answers
from questionnaires.enums import CommentAudience
from workflows import engine, mail, queries, rules
from workflows.actions import duty_opening
from workflows.models import Case


def ask_help(*, case: Case, by: User, kinds: Collection[str], text: str) -> Case:
    """Ask the buyer for help: the words stand among the messages, each kind opens its duty."""
    with engine.locked(case) as held:
        require(rules.may_ask_help(by, held))
        if queries.is_said_again(held, by, text):
            return held
        written = answers.comment(
            response=queries.response_of(held), by=by, text=text, audience=CommentAudience.BOTH
        )
        entry = ledger.record(
            "case.help_asked",
            by=by,
            on=held,
            data={"kinds": list(kinds), "message": str(written.pk)},
        )
        duty_opening.open_help(held, kinds, text, by, key=entry.seq)
        mail.help_asked(held, entry.seq)
    return held
