"""What comes next in an exit, for each who takes part in it."""

from collections.abc import Collection, Iterator

from django.urls import reverse
from django.utils.translation import gettext as _

from portal import clock
from portal.enums import Role
from portal.models import User
from workflows import queries, rules
from workflows.enums import ExitRole, FindingState, Stage, Trading, Verb
from workflows.models import Case, ExitPlan
from workflows.queries import exits
from workflows.views.offers import Act, Next, url_of

STAGES = frozenset({Stage.EXIT_REVIEW, Stage.EXIT_APPROVAL, Stage.WINDING_DOWN, Stage.DISENGAGED})
# clauses of findings that lead to an exit; FACTS rest on no proof of the company's
FACTS = frozenset({"B2", "B3"})
GROUNDS = FACTS | {"B5"}


def _act(label: str, page: str, case: Case) -> Act:
    return Act(label, url_of(f"workflows:{page}", case))


def proposing(
    case: Case, standing: queries.Standing, clauses: Collection[str] = GROUNDS
) -> Next | None:
    """Return the exit that what is confirmed under `clauses` leads to; None if to none."""
    grave = [
        one
        for one in standing.findings
        if one.state == FindingState.CONFIRMED and one.level == "exit" and one.clause in clauses
    ]
    if not grave or standing.is_held:
        return None
    return Next(
        _("Propose an exit"),
        _("What is confirmed leads to an exit, with the company's reply before anybody decides."),
        _act(_("Propose an exit"), "case_propose_exit", case),
    )


def _propose_at_once(case: Case) -> Next:
    return Next(
        _("Propose an immediate exit"),
        _("A location is confirmed (B1). An approver and counsel then have 48 hours."),
        _act(_("Propose an immediate exit"), "case_propose_immediate_exit", case),
    )


def candidates(user: User, case: Case, standing: queries.Standing) -> Iterator[Next]:
    """Yield what this person may do next about an exit, the most pressing first."""
    if user.holds(Role.APPROVER, case.buyer_id) and _should_stop_orders(case, standing):
        yield Next(
            _("Stop new orders now"),
            _("The company's location is confirmed (B1). You may do it alone, and undo it."),
            _act(_("Say what applies to orders"), "case_trading", case),
        )
    if case.stage == Stage.REVIEW:
        yield from _in_review(user, case, standing)
    is_left = case.stage == Stage.CLEARED and case.trading != Trading.OPEN
    if is_left and user.holds(Role.APPROVER, case.buyer_id):
        yield Next(
            _("Open trade again"),
            _("The case is cleared, and trade still stands at “%(state)s”.")
            % {"state": case.get_trading_display()},
            _act(_("Say what applies to orders"), "case_trading", case),
        )
    plan = exits.plan_of(case) if case.stage in STAGES else None
    if plan is not None:
        yield from _in_exit(user, case, plan)


def _in_review(user: User, case: Case, standing: queries.Standing) -> Iterator[Next]:
    if user.holds(Role.ANALYST, case.buyer_id) and exits.location(standing) is not None:
        yield _propose_at_once(case)
    yield from _after_reentry(user, case)


def _in_exit(user: User, case: Case, plan: ExitPlan) -> Iterator[Next]:
    if user.holds(Role.ANALYST, case.buyer_id):
        yield from _for_analyst(user, case, plan)
    if case.stage == Stage.EXIT_APPROVAL:
        yield from _to_approve(user, case, plan)
    if case.stage == Stage.WINDING_DOWN:
        yield from _under_way(user, case, plan)


def _should_stop_orders(case: Case, standing: queries.Standing) -> bool:
    if case.trading != Trading.OPEN or case.stage not in {Stage.REVIEW, Stage.EXIT_APPROVAL}:
        return False
    return exits.location(standing) is not None


def _after_reentry(user: User, case: Case) -> Iterator[Next]:
    if case.proposed_by_id is None or not rules.may_concur_clear(user, case):
        return
    plan = exits.reentered(case)
    if plan is not None and exits.concurrence(case, plan) is None:
        yield Next(
            _("Concur in clearing"),
            _("Trade with this company had ended: clearing it takes counsel, too."),
            _act(_("Concur in clearing"), "case_concur_clear", case),
        )


def _for_analyst(user: User, case: Case, plan: ExitPlan) -> Iterator[Next]:
    said = exits.replies(plan)
    if unanswered := [one for one in said if one.answered_at is None]:
        yield Next(
            _("Answer the reply"),
            _("The company replied. It is answered in writing before anybody decides."),
            Act(_("Answer the reply"), _page("case_exit_answer", case, unanswered[0].pk)),
        )
    if case.stage == Stage.WINDING_DOWN:
        yield _wind_down(case, plan)
    elif case.stage == Stage.DISENGAGED:
        yield from _look_at_effects(case, plan)
    elif rules.may_save_exit_plan(user, case):
        yield from _write(case, plan, said)


def _page(name: str, case: Case, part: object) -> str:
    return reverse(f"workflows:{name}", args=[case.pk, part])


def _write(case: Case, plan: ExitPlan, said: list) -> Iterator[Next]:
    write = _act(_("Write the exit plan"), "case_exit_plan", case)
    if lacks := plan.lacks():
        yield Next(
            _("Write the exit plan"),
            _("Points still missing: %d. It can be saved at any time.") % len(lacks),
            write,
        )
    elif case.stage == Stage.EXIT_REVIEW:
        if waits := exits.why_not_presented(case, plan, said, clock.now()):
            yield Next(_("Wait for the reply"), " ".join(waits))
        else:
            yield Next(
                _("Present the exit plan"),
                _("It is complete, and the reply is answered or its time is over."),
                _act(_("Present the exit plan"), "case_present_plan", case),
            )


def _wind_down(case: Case, plan: ExitPlan) -> Next:
    missing = exits.open_points(plan)
    return Next(
        _("Wind trade down"),
        _("Points of the checklist still open: %d. Somebody looks once a week.") % len(missing),
        _act(_("Note the weekly look"), "case_exit_look", case),
    )


def _look_at_effects(case: Case, plan: ExitPlan) -> Iterator[Next]:
    following = exits.next_review(plan)
    if following is None or exits.first_day_of(following, case) > clock.today(case.buyer.zone):
        return
    yield Next(
        _("Look at the effects"),
        _("%(n)d months have passed since trade ended.") % {"n": following.months},
        Act(_("Write down the effects"), _page("case_exit_review", case, following.months)),
    )


def _to_approve(user: User, case: Case, plan: ExitPlan) -> Iterator[Next]:
    if not rules.may_approve_exit(user, case):
        return
    given = exits.consents(plan, Verb.APPROVE_EXIT)
    if not _may_agree(user, case, plan, given):
        return
    text = (
        _("%(name)s agreed already. Yours is the second word, and carries it out.")
        % {"name": given[0].by}
        if given
        else _("An approver and counsel both agree, or either returns it.")
    )
    yield Next(
        _("Decide on the exit"), text, _act(_("Approve the exit"), "case_approve_exit", case)
    )


def is_asked(user: User, case: Case, verb: Verb) -> bool:
    """Tell whether this person's word on a step that takes two people is still awaited."""
    plan = exits.plan_of(case)
    return plan is not None and _may_agree(user, case, plan, exits.consents(plan, verb))


def _may_agree(user: User, case: Case, plan: ExitPlan, given: list) -> bool:
    return any(
        rules.may_consent(user, case, role=role, plan=plan, given=given)
        for role in ExitRole
        if rules.holds(user, case, role)
    )


def _under_way(user: User, case: Case, plan: ExitPlan) -> Iterator[Next]:
    given = exits.consents(plan, Verb.HALT_EXIT)
    if given and rules.may_halt_exit(user, case) and _may_agree(user, case, plan, given):
        yield Next(
            _("Decide whether to halt the exit"),
            _("%(name)s would halt it. It takes an approver and counsel.") % {"name": given[0].by},
            _act(_("Halt the exit"), "case_halt_exit", case),
        )
    if rules.may_complete_exit(user, case) and not exits.why_not_complete(case, plan, clock.now()):
        yield Next(
            _("Complete the exit"),
            _("Everything on the checklist is met."),
            _act(_("Complete the exit"), "case_complete_exit", case),
        )
