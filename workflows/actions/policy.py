"""Changing a buyer's policy: always a new version, never retroactive, told to those concerned."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from portal import clock, ledger
from portal.access import Conflict, require
from portal.models import Organisation, User
from workflows import mail, policies, rules
from workflows.enums import CampaignState, PolicyState, Stage
from workflows.models import Campaign, Policy


def latest_policy(buyer: Organisation) -> Policy:
    """Return the buyer's newest policy in force, made with our defaults at first use."""
    rows = Policy.objects.filter(buyer=buyer, state=PolicyState.IN_FORCE)
    found = rows.order_by("-number").first()
    if found is None:
        found, _new = Policy.objects.get_or_create(
            buyer=buyer, number=1, defaults={"created_at": clock.now()}
        )
    return found


@transaction.atomic
def change_policy(
    *, buyer: Organisation, based_on: int, by: User, values: Mapping[str, Any], reason: str
) -> Policy:
    """Make a new version; one that switches B5's limbs waits for counsel's concurrence.

    `values` holds the terms by name, `based_on` the number of the version the page showed.
    Cases keep the version they were sent with. Raises Refused, or Conflict when the terms
    contradict themselves, nothing changes, a proposal waits, or somebody was faster.
    """
    require(rules.may_change_policy(by, buyer.pk))
    # one after the other: two at once would take the same number
    Organisation.objects.select_for_update(no_key=True, of=("self",)).get(pk=buyer.pk)
    before = latest_policy(buyer)
    _require_base(before, based_on)
    terms = policies.values_of(before) | dict(values)
    terms["remind_days"] = policies.in_order(terms["remind_days"])
    if wrong := policies.contradictions(terms):
        raise Conflict(" ".join(sentence for _name, sentence in wrong))
    changed = policies.changed(policies.values_of(before), terms)
    if not changed:
        raise Conflict(_("Nothing was changed, so there is no new version."))
    switches = "b5_limbs" in changed
    if switches:
        require(rules.may_switch_limbs(by, buyer.pk))
    made = Policy.objects.create(
        buyer=buyer,
        number=Policy.objects.filter(buyer=buyer).count() + 1,
        state=PolicyState.PROPOSED if switches else PolicyState.IN_FORCE,
        reason=reason,
        created_by=by,
        created_at=clock.now(),
        **terms,
    )
    _record("policy.proposed" if switches else "policy.changed", made, by, changed, reason)
    if switches:
        mail.policy_proposed(made)
    else:
        mail.policy_changed(made, by)
    return made


def _require_base(before: Policy, based_on: int) -> None:
    if Policy.objects.filter(buyer_id=before.buyer_id, state=PolicyState.PROPOSED).exists():
        raise Conflict(
            _("A version waits for counsel. It must be settled or taken back before another one.")
        )
    if before.number != based_on:
        raise Conflict(_("The policy was changed meanwhile. Please look at it as it is now."))


def _record(
    event: str, policy: Policy, by: User, changed: Mapping[str, list[Any]], words: str
) -> None:
    ledger.record(
        event,
        by=by,
        on=policy.buyer,
        data={"policy": str(policy.pk), "number": policy.number, "changed": dict(changed)},
        words={"reason": words},
    )


@transaction.atomic
def concur_policy(*, policy: Policy, by: User, note: str = "") -> Policy:
    """Concur with a proposed version: it is in force from now on, for cases sent from now on."""
    held = _settle(policy, by, PolicyState.IN_FORCE, note)
    mail.policy_changed(held, by)
    return held


@transaction.atomic
def object_to_policy(*, policy: Policy, by: User, note: str) -> Policy:
    """Object to a proposed version, with a reason; it never comes into force."""
    held = _settle(policy, by, PolicyState.OBJECTED, note)
    mail.policy_objected(held)
    return held


@transaction.atomic
def withdraw_policy(*, policy: Policy, by: User) -> Policy:
    """Take a proposal back before counsel answered."""
    return _settle(policy, by, PolicyState.WITHDRAWN, "")


EVENTS = {
    PolicyState.IN_FORCE: "policy.concurred",
    PolicyState.OBJECTED: "policy.objected",
    PolicyState.WITHDRAWN: "policy.withdrawn",
}


def _settle(policy: Policy, by: User, state: PolicyState, note: str) -> Policy:
    Organisation.objects.select_for_update(no_key=True, of=("self",)).get(pk=policy.buyer_id)
    held = Policy.objects.select_related("buyer__chain", "created_by").get(pk=policy.pk)
    rule = rules.may_withdraw_policy if state == PolicyState.WITHDRAWN else rules.may_settle_policy
    require(rule(by, held))
    before = latest_policy(held.buyer)
    held.state, held.settled_by, held.settled_at, held.settled_note = state, by, clock.now(), note
    held.save(update_fields=["state", "settled_by", "settled_at", "settled_note"])
    changed = policies.changed(policies.values_of(before), policies.values_of(held))
    _record(EVENTS[state], held, by, changed, note)
    return held


@transaction.atomic
def choose_policy(*, campaign: Campaign, by: User, policy: Policy) -> Campaign:
    """Let a campaign in preparation, and its draft cases, hold to this version.

    Raises Refused, or Conflict once it was sent or when the version is not in force.
    """
    require(rules.may_prepare(by, campaign.buyer_id))
    held = Campaign.objects.select_for_update(of=("self",)).get(pk=campaign.pk)
    if held.state != CampaignState.DRAFT:
        raise Conflict(_("This campaign was already sent; its cases keep their policy."))
    require(rules.may_use_policy(policy, held.buyer_id))
    if held.policy_id == policy.pk:
        return held
    before, held.policy = held.policy.number, policy
    held.save(update_fields=["policy"])
    held.cases.filter(stage=Stage.DRAFT).update(policy=policy)
    ledger.record(
        "campaign.policy_chosen",
        by=by,
        on=held.buyer,
        data={"campaign": str(held.pk), "before": before, "policy": policy.number},
    )
    return held
