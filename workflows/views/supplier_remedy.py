"""The one next step of a supplier that was asked a question, has a plan, or whose orders pause."""

from django.urls import reverse
from django.utils.translation import gettext as _

from portal.templatetags.portal import day
from workflows import queries
from workflows.enums import Stage
from workflows.models import Case, Inquiry
from workflows.views.supplier_steps import Next


def reply(case: Case, inquiry: Inquiry) -> Next:
    """A question waits for the company's reply."""
    return Next(
        _("Reply to a question"),
        _(
            "%(buyer)s asks you about a matter before it comes to any view. Please reply by"
            " %(day)s, in your own words; a later reply is read as well."
        )
        % {"buyer": case.buyer.name, "day": day(inquiry.due_at, case.supplier.zone)},
        url=reverse("workflows:request_question", args=[case.pk, inquiry.pk]),
        act=_("Read the question and reply"),
    )


def plan(case: Case, remedy: queries.Remedy) -> Next | None:
    """What the company does next about its plan, or knows of its orders."""
    url = reverse("workflows:request_plan", args=[case.pk])
    if case.stage == Stage.REMEDIATION:
        return _carry_out(case, remedy, url)
    if case.stage in {Stage.REVIEW, Stage.SUSPENDED} and remedy.waits_for_supplier:
        return Next(
            _("Read the plan"),
            _(
                "%(buyer)s proposes a plan with steps and dates. Say what should be different, or"
                " have your signatory accept it. Nothing is agreed before both sides have."
            )
            % {"buyer": case.buyer.name},
            url=url,
            act=_("Read the plan"),
        )
    if case.stage == Stage.SUSPENDED:
        return _paused(case)
    return None


def _carry_out(case: Case, remedy: queries.Remedy, url: str) -> Next:
    step = next(iter(remedy.open_steps), None)
    if step is None:
        return Next(_("Your plan"), _("You need do nothing until you hear from us."), url=url)
    return Next(
        _("Next step: %(step)s") % {"step": step.title},
        _("By %(day)s. Add the documents that show it, then report it.")
        % {"day": day(step.due_at, case.supplier.zone)},
        url=url,
        act=_("Open your plan"),
    )


def _paused(case: Case) -> Next:
    return Next(
        _("Orders are paused"),
        _(
            "The letter says what is paused and what would end it. Show what is needed, or write"
            " to us; a named person at %(buyer)s looks at it again."
        )
        % {"buyer": case.buyer.name},
        url=reverse("workflows:request_message", args=[case.pk]),
        act=_("Write to us"),
    )
