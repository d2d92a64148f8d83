"""The acts a case page offers: the label, the page, whose it is and the rule it asks."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from django.utils.translation import gettext_noop

from portal.access import Verdict
from portal.enums import Role
from portal.models import User
from workflows import queries, rules
from workflows.enums import Verb
from workflows.models import Case
from workflows.queries import exits
from workflows.views import exit_acts


@dataclass(frozen=True)
class Kind:
    """One act: its page, whose it is, the rule it asks."""

    label: str
    page: str
    roles: frozenset[Role]
    rule: Callable[[User, Case], Verdict]
    needs_nothing_open: bool = False
    # of some stages only: said where it is open and there is ground for it, and nowhere else
    is_quiet: bool = False
    ground: Callable[[User, Case, queries.Standing], bool] | None = None

    def is_grounded(self, user: User, case: Case, standing: queries.Standing) -> bool:
        return self.ground is None or self.ground(user, case, standing)


def _kind(
    label: str,
    page: str,
    rule: Callable[[User, Case], Verdict],
    *roles: Role,
    clean: bool = False,
) -> Kind:
    return Kind(label, f"workflows:case_{page}", frozenset(roles), rule, clean)


def _quiet(
    label: str,
    page: str,
    rule: Callable[[User, Case], Verdict],
    *roles: Role,
    ground: Callable[[User, Case, queries.Standing], bool] | None = None,
) -> Kind:
    return replace(_kind(label, page, rule, *roles), is_quiet=True, ground=ground)


def _is_located(_user: User, _case: Case, standing: queries.Standing) -> bool:
    return exits.location(standing) is not None


def _is_grounded(_user: User, case: Case, standing: queries.Standing) -> bool:
    return bool(exits.grounds(case, standing))


def _has_choice(_user: User, case: Case, standing: queries.Standing) -> bool:
    return bool(exits.trading_choices(case, is_located=exits.location(standing) is not None))


def _is_asked_to(verb: Verb) -> Callable[[User, Case, queries.Standing], bool]:
    return lambda user, case, _standing: exit_acts.is_asked(user, case, verb)


A, P, C, M = Role.ANALYST, Role.APPROVER, Role.COUNSEL, Role.CAMPAIGN_MANAGER
DECIDING = (
    _kind(gettext_noop("Clear the case"), "clear", rules.may_clear, P, clean=True),
    _kind(gettext_noop("Recommend clearing"), "recommend", rules.may_recommend, A, clean=True),
    _kind(gettext_noop("Send questions back"), "query", rules.may_query, A),
    _kind(gettext_noop("Escalate"), "escalate", rules.may_escalate, A),
    _kind(
        gettext_noop("Close what limits the reply"), "constraint", rules.may_close_constraint, C
    ),
    _kind(gettext_noop("Give advice"), "advise", rules.may_advise, C),
    _kind(gettext_noop("Refer to counsel"), "refer", rules.may_refer, A, P),
    _kind(gettext_noop("Raise a finding"), "raise_finding", rules.may_raise, A),
    _kind(gettext_noop("Suspend trade"), "suspend", rules.may_suspend, P),
    _kind(gettext_noop("Resume trade"), "resume", rules.may_resume, P),
    _kind(gettext_noop("Withdraw the request"), "withdraw", rules.may_withdraw, M),
    _quiet(
        gettext_noop("Propose an exit"),
        "propose_exit",
        rules.may_propose_exit,
        A,
        P,
        ground=_is_grounded,
    ),
    _quiet(
        gettext_noop("Propose an immediate exit"),
        "propose_immediate_exit",
        rules.may_propose_immediate_exit,
        A,
        P,
        ground=_is_located,
    ),
    _quiet(gettext_noop("Present the exit plan"), "present_plan", rules.may_present_plan, A),
    _quiet(gettext_noop("Accept the reply"), "accept_reply", rules.may_accept_reply, P),
    _quiet(
        gettext_noop("Approve the exit"),
        "approve_exit",
        rules.may_approve_exit,
        P,
        C,
        ground=_is_asked_to(Verb.APPROVE_EXIT),
    ),
    _quiet(gettext_noop("Return the exit"), "return_exit", rules.may_return_exit, P, C),
    _quiet(gettext_noop("Complete the exit"), "complete_exit", rules.may_complete_exit, P),
    _quiet(
        gettext_noop("Halt the exit"),
        "halt_exit",
        rules.may_halt_exit,
        P,
        C,
        ground=_is_asked_to(Verb.HALT_EXIT),
    ),
    _quiet(gettext_noop("Open re-entry"), "open_reentry", rules.may_open_reentry, P),
    _quiet(gettext_noop("Close the case"), "close", rules.may_close, P),
)
RECORDING = (
    _kind(gettext_noop("Write to the supplier"), "message", rules.may_write_message, A),
    _kind(gettext_noop("Record a source"), "source_new", rules.may_record_source, A),
    _kind(gettext_noop("Write a plan"), "plan_draft", rules.may_draft_plan, A),
    _kind(gettext_noop("Log a call or letter"), "log_contact", rules.may_log, A),
    _kind(gettext_noop("Log proof that came by mail or post"), "log_evidence", rules.may_log, A),
    _kind(
        gettext_noop("Say what the reply amounts to"),
        "reply_code",
        rules.may_set_reply_code,
        A,
        C,
    ),
    _kind(gettext_noop("Answer the conditions"), "conditions", rules.may_work_on_conditions, A),
    _kind(gettext_noop("Read why they declined"), "reasons", rules.may_read_declined, A, P, C),
    _kind(gettext_noop("Offer confidentiality terms"), "terms", rules.may_offer_terms, A, C),
    _kind(
        gettext_noop("Log an original that was seen"), "inspection", rules.may_log_inspection, A
    ),
    _kind(gettext_noop("Change whom we write to"), "contact", rules.may_change_contact, A, M),
    _kind(
        gettext_noop("Say that no address answers"),
        "unreachable",
        rules.may_mark_unreachable,
        A,
    ),
    _quiet(gettext_noop("Write the exit plan"), "exit_plan", rules.may_save_exit_plan, A),
    _quiet(gettext_noop("Note the weekly look"), "exit_look", rules.may_wind_down, A),
    _quiet(
        gettext_noop("Say what applies to orders"),
        "trading",
        rules.may_set_trading,
        P,
        ground=_has_choice,
    ),
    _kind(
        gettext_noop("Write to a second contact"), "second_contact", rules.may_write_second, A, M
    ),
    _kind(gettext_noop("Give more time"), "more_time", rules.may_give_time, A),
    _kind(gettext_noop("Write to the signatory"), "overdue_letter", rules.may_chase, P),
    _kind(gettext_noop("Ask anew"), "renew", rules.may_renew, A),
    _kind(gettext_noop("Log a mail that came back"), "bounce", rules.may_log_bounce, A, M),
)
