"""The next acts around sources, plans and suspensions: for analyst and approver."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal import clock
from portal.models import User
from workflows import queries, rules
from workflows.enums import FindingState, Level, Stage
from workflows.models import Case, Finding
from workflows.views.offers import Act, Next, url_of


def is_asked(finding: Finding) -> bool:
    """Whether a question about a finding from elsewhere waits for the supplier's reply."""
    return finding.is_outside and any(
        one.replied_at is None and one.due_at > clock.now() for one in finding.inquiries.all()
    )


def _is_unasked(finding: Finding) -> bool:
    if not finding.is_outside:
        return False
    wanted = FindingState.CONFIRMED if finding.clause == "B1" else FindingState.OPEN
    return finding.state == wanted and not finding.inquiries.all()


def for_analyst(
    user: User, case: Case, standing: queries.Standing, remedy: queries.Remedy
) -> Iterator[Next]:
    """Hear the supplier first, then read what it showed, then see to the plan."""
    if rules.may_ask_supplier(user, case):
        for finding in standing.unresolved:
            if _is_unasked(finding):
                yield Next(
                    _("Ask the supplier about it"),
                    _("A finding from elsewhere is not confirmed before the supplier was heard."),
                    Act(
                        _("Ask the supplier"),
                        reverse("workflows:case_ask_supplier", args=[case.pk, finding.pk]),
                    )
                    if finding.clause != "B1"
                    else Act(
                        _("Hear the supplier afterwards"),
                        reverse("workflows:case_ask_supplier", args=[case.pk, finding.pk]),
                    ),
                )
    if case.stage == Stage.REVIEW and remedy.reported:
        yield Next(
            _("Judge what was shown for the plan"),
            ngettext(
                "%(n)d step is reported and not judged yet.",
                "%(n)d steps are reported and not judged yet.",
                len(remedy.reported),
            )
            % {"n": len(remedy.reported)},
            Act(
                _("Judge the step"),
                reverse("workflows:case_milestone", args=[case.pk, remedy.reported[0].pk]),
            ),
        )
    if rules.may_draft_plan(user, case):
        yield from _planning(case, standing, remedy)


def _planning(case: Case, standing: queries.Standing, remedy: queries.Remedy) -> Iterator[Next]:
    write = Act(_("Write the plan"), url_of("workflows:case_plan_draft", case))
    if remedy.waits_for_supplier:
        text = _("Its signatory has not accepted version %(n)d yet.") % {
            "n": remedy.version.number if remedy.version else 0
        }
        if remedy.remarks:
            yield Next(_("Read what the supplier says of the plan"), text, write)
        else:
            yield Next(_("The supplier reads the plan"), text)
    elif remedy.plan is not None and remedy.version is None:
        yield Next(_("Show the plan"), _("It is drafted; the supplier has not seen it."), write)
    elif remedy.is_agreed and remedy.open_steps and not remedy.goes_on and not remedy.reported:
        yield Next(
            _("Change the plan, or say how to go on"),
            _("A step's day has passed. Write a new version, or put the case before a colleague."),
            write,
        )
    elif remedy.plan is None and _may_be_remedied(standing):
        yield Next(
            _("Write a plan"),
            _("What is confirmed can be put right: agree steps and dates with the supplier."),
            write,
        )


def _may_be_remedied(standing: queries.Standing) -> bool:
    """Whether all that stands confirmed may be put right by a plan, and all else is judged."""
    confirmed = [one for one in standing.blocking if one.state == FindingState.CONFIRMED]
    return (
        bool(confirmed)
        and len(confirmed) == len(standing.blocking)
        and all(one.level in {Level.REMEDIATE, Level.FOLLOW_UP} for one in confirmed)
        and not standing.is_held
    )


def for_approver(
    user: User, case: Case, standing: queries.Standing, remedy: queries.Remedy
) -> Iterator[Next]:
    """Agree what was accepted, let it go on, look at a pause again, lift the presumption."""
    if case.stage == Stage.SUSPENDED and remedy.suspension is not None:
        yield _paused(case, remedy)
    if rules.may_agree_plan(user, case) and remedy.is_accepted:
        if not remedy.is_agreed:
            yield Next(
                _("Agree the plan"),
                _("The supplier's signatory accepted it. With your agreement it begins."),
                Act(_("Read and agree the plan"), url_of("workflows:case_plan_agree", case)),
            )
        elif remedy.goes_on:
            yield Next(
                _("Let the plan go on"),
                _("What was reported is judged, and the next step lies ahead."),
                Act(_("Let it go on"), url_of("workflows:case_plan_continue", case)),
            )
    if rules.may_lift_presumption(user, case) and not standing.blocking:
        yield Next(
            _("Decide on the presumption"),
            _("What raised it is settled. It stands until you lift it upon evidence."),
            Act(_("Lift the presumption"), url_of("workflows:case_lift_presumption", case)),
        )


def _paused(case: Case, remedy: queries.Remedy) -> Next:
    pause = remedy.suspension
    if pause is not None and clock.now() >= pause.most_at:
        return Next(
            _("End the suspension"),
            _("It has lasted 90 working days: resume trade, or propose an exit."),
            Act(_("Resume trade"), url_of("workflows:case_resume", case)),
        )
    return Next(
        _("Look at the suspension again"),
        _("Resume trade if what is needed was shown, or say why the pause stays."),
        Act(_("Look at it again"), url_of("workflows:case_suspension", case)),
    )
