"""The buyer's policy: its versions, a new one, counsel's concurrence."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from portal.access import open_to, require
from portal.enums import Role
from portal.http import SignedInRequest
from portal.models import Organisation
from workflows import actions, policies, rules
from workflows.enums import CampaignState, PolicyState
from workflows.forms.policies import PickPolicyForm, PolicyForm, SettleForm, summary
from workflows.models import Policy
from workflows.queries import campaigns as campaign_queries
from workflows.queries import policies as queries

READERS = (
    Role.CAMPAIGN_MANAGER,
    Role.ANALYST,
    Role.APPROVER,
    Role.COUNSEL,
    Role.ADMINISTRATOR,
)
CHANGERS = (Role.APPROVER, Role.ADMINISTRATOR)
COLOURS = {
    PolicyState.PROPOSED: "violet",
    PolicyState.OBJECTED: "red",
    PolicyState.WITHDRAWN: "none",
}


def _buyer(request: SignedInRequest, *roles: Role) -> Organisation:
    return campaign_queries.buyers(request.user, *roles)[0]


@open_to(*READERS)
@require_GET
def versions(request: SignedInRequest) -> HttpResponse:
    """All versions, the newest first, each with what it changed."""
    buyer, user = _buyer(request, *READERS), request.user
    current = actions.latest_policy(buyer)
    found = list(queries.versions(buyer))
    open_cases = queries.open_cases(buyer)
    waiting = next((one for one in found if one.state == PolicyState.PROPOSED), None)
    return render(
        request,
        "workflows/policies/policies.html",
        {
            "buyer": buyer,
            "current": current,
            "terms": _terms(current),
            "waiting": waiting,
            "may_change": rules.may_change_policy(user, buyer.pk).allowed and waiting is None,
            "may_settle": waiting and rules.may_settle_policy(user, waiting).allowed,
            "may_withdraw": waiting and rules.may_withdraw_policy(user, waiting).allowed,
            "versions": [_version(one, found, current, open_cases) for one in found],
        },
    )


def _terms(policy: Policy) -> list[dict[str, Any]]:
    values = policies.values_of(policy)
    return [
        {"label": term.label, "hint": term.hint, "value": policies.said(term.name, value)}
        for term, value in ((term, values[term.name]) for term in policies.TERMS)
    ]


def _version(
    policy: Policy, found: list[Policy], current: Policy, open_cases: dict[UUID, int]
) -> dict[str, Any]:
    is_current = policy.pk == current.pk
    state = PolicyState(policy.state)
    before = _before(policy, found)
    return {
        "policy": policy,
        "state": _("In force") if is_current else _state(state),
        "colour": "green" if is_current else COLOURS.get(state, "none"),
        "differences": policies.differences(policies.values_of(before), policies.values_of(policy))
        if before
        else [],
        "is_first": before is None,
        "open_cases": open_cases.get(policy.pk, 0),
    }


def _state(state: PolicyState) -> str:
    return _("Replaced") if state == PolicyState.IN_FORCE else str(state.label)


def _before(policy: Policy, found: list[Policy]) -> Policy | None:
    """Return the version that was in force when this one was made."""
    older = (one for one in found if one.number < policy.number)
    return next((one for one in older if one.state == PolicyState.IN_FORCE), None)


@open_to(*CHANGERS)
@require_http_methods(["GET", "POST"])
def policy_change(request: SignedInRequest) -> HttpResponseBase:
    buyer = _buyer(request, *CHANGERS)

    require(rules.may_change_policy(request.user, buyer.pk))

    current = actions.latest_policy(buyer)
    may_switch = rules.may_switch_limbs(request.user, buyer.pk).allowed
    form = PolicyForm(request.POST or None, policy=current, may_switch=may_switch)
    if form.is_valid():
        made = actions.change_policy(
            buyer=buyer,
            based_on=form.cleaned_data["number"],
            by=request.user,
            values=form.terms(form.cleaned_data),
            reason=form.cleaned_data["reason"],
        )
        if made.state == PolicyState.PROPOSED:
            messages.success(request, _("The version is proposed. Counsel is told by mail."))
        else:
            messages.success(request, _("Version %d is in force from now on.") % made.number)
        return redirect("workflows:policies")

    more = {"form": form, "current": current, "may_switch": may_switch}
    return render(request, "workflows/policies/change.html", more)


@open_to(Role.COUNSEL)
@require_http_methods(["GET", "POST"])
def policy_settle(request: SignedInRequest, policy_id: UUID) -> HttpResponseBase:
    policy = get_object_or_404(queries.readable_by(request.user), pk=policy_id)

    require(rules.may_settle_policy(request.user, policy))

    current = actions.latest_policy(policy.buyer)
    form = SettleForm(request.POST or None)
    if form.is_valid():
        note = form.cleaned_data["note"]
        if form.cleaned_data["answer"] == "concur":
            actions.concur_policy(policy=policy, by=request.user, note=note)
            messages.success(request, _("Version %d is in force from now on.") % policy.number)
        else:
            actions.object_to_policy(policy=policy, by=request.user, note=note)
            messages.success(request, _("Your objection is recorded. The proposer is told."))
        return redirect("workflows:policies")

    more = {
        "form": form,
        "policy": policy,
        "differences": policies.differences(
            policies.values_of(current), policies.values_of(policy)
        ),
    }
    return render(request, "workflows/policies/settle.html", more)


@open_to(Role.APPROVER)
@require_POST
def policy_withdraw(request: SignedInRequest, policy_id: UUID) -> HttpResponseBase:
    policy = get_object_or_404(queries.readable_by(request.user), pk=policy_id)
    actions.withdraw_policy(policy=policy, by=request.user)
    messages.success(request, _("The proposal is taken back."))
    return redirect("workflows:policies")


@open_to(Role.CAMPAIGN_MANAGER)
@require_http_methods(["GET", "POST"])
def campaign_policy(request: SignedInRequest, campaign_id: UUID) -> HttpResponseBase:
    """Choose the version a campaign in preparation holds to."""
    rows = campaign_queries.visible(request.user)
    found = get_object_or_404(rows, pk=campaign_id)

    require(rules.may_prepare(request.user, found.buyer_id))

    usable = list(queries.in_force(found.buyer))
    form = PickPolicyForm(
        request.POST or None, policies_=usable, initial={"policy": str(found.policy_id)}
    )
    if form.is_valid():
        chosen = next(one for one in usable if str(one.pk) == form.cleaned_data["policy"])
        actions.choose_policy(campaign=found, by=request.user, policy=chosen)
        messages.success(request, _("The campaign holds to version %d.") % chosen.number)
        return redirect("workflows:campaign", found.pk)

    more = {
        "campaign": found,
        "form": form,
        "is_draft": found.state == CampaignState.DRAFT,
        "summary": summary(found.policy),
    }
    return render(request, "workflows/policies/pick.html", more)
