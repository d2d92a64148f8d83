"""Preparing and launching a campaign: suppliers, wording, list, launch."""

import hashlib
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID, uuid4

from django.core.files import File
from django.db import transaction
from django.utils.translation import gettext as _

from documents import storage
from portal import clock, ledger, work
from portal.access import Conflict, require
from portal.enums import ChainKind, Side
from portal.models import Organisation, User
from questionnaires.models import QuestionnaireVersion
from workflows import rules
from workflows.actions import duty_opening
from workflows.actions.policy import latest_policy
from workflows.enums import CampaignState, Stage
from workflows.models import Campaign, CampaignSlice, Case, Policy, ProhibitedList

# Crockford's base 32: no I, L, O, U, so that it can be read aloud
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
SLICE = 50


def new_reference() -> str:
    """Return a random reference such as `K7QF-3MX9`: no order, no count (README point 26).

    It is never digits alone, as the codes that people type are.
    """
    drawn = ""
    while drawn.isdigit() or not drawn:
        drawn = "".join(secrets.choice(ALPHABET) for _i in range(8))
    return f"{drawn[:4]}-{drawn[4:]}"


@dataclass(frozen=True)
class SupplierRow:
    """One line of an import, checked: ISO country, address, language as Django codes."""

    reference: str
    name: str
    name_en: str
    country: str
    registration: str
    address: str
    contact_name: str
    contact_email: str
    language: str
    zone: str


@dataclass(frozen=True)
class Imported:
    """What an import came to: `added` new suppliers, `known` ones recognised and updated."""

    added: int
    known: int
    suppliers: list[Organisation]


@transaction.atomic
def import_suppliers(*, buyer: Organisation, by: User, rows: Sequence[SupplierRow]) -> Imported:
    """Take suppliers in; recognised only within this buyer, by its reference or registration.

    Source: README point 34. No buyer learns of another.
    """
    require(rules.may_prepare(by, buyer.pk))
    known = _index(buyer)
    added, found, suppliers = 0, 0, []
    for row in rows:
        supplier = known.get(("reference", row.reference)) or known.get(
            ("registration", row.registration)
        )
        if supplier is None:
            supplier = Organisation(
                side=Side.SUPPLIER,
                buyer=buyer,
                chain=ledger.open_chain(ChainKind.ORGANISATION),
                created_at=clock.now(),
            )
            added += 1
        else:
            found += 1
        _fill(supplier, row)
        supplier.save()
        suppliers.append(supplier)
        known |= _names_of(supplier)
    ledger.record(
        "suppliers.imported",
        by=by,
        on=buyer,
        data={"added": added, "known": found, "rows": len(rows)},
    )
    return Imported(added, found, suppliers)


def _index(buyer: Organisation) -> dict[tuple[str, str], Organisation]:
    found: dict[tuple[str, str], Organisation] = {}
    for supplier in buyer.suppliers.order_by("pk"):
        found |= _names_of(supplier)
    return found


def _names_of(supplier: Organisation) -> dict[tuple[str, str], Organisation]:
    named = {
        ("reference", supplier.reference): supplier,
        ("registration", supplier.registration): supplier,
    }
    return {key: value for key, value in named.items() if key[1]}


def _fill(supplier: Organisation, row: SupplierRow) -> None:
    for name in (
        "reference", "name", "name_en", "country", "registration", "address",
        "contact_name", "contact_email", "language", "zone",
    ):  # fmt: skip
        value = getattr(row, name)
        # an empty cell never wipes what is known
        if value or supplier._state.adding:
            setattr(supplier, name, value)


@transaction.atomic
def create_campaign(  # noqa: PLR0913 - what a campaign consists of
    *,
    buyer: Organisation,
    by: User,
    name: str,
    version: QuestionnaireVersion,
    due_on: date,
    prohibited_list: ProhibitedList | None,
    policy: Policy | None = None,
) -> Campaign:
    """Open a campaign; its policy is the version chosen, else the newest in force, pinned."""
    require(rules.may_prepare(by, buyer.pk))
    policy = policy or latest_policy(buyer)
    require(rules.may_use_policy(policy, buyer.pk))
    campaign = Campaign.objects.create(
        buyer=buyer,
        name=name,
        version=version,
        policy=policy,
        prohibited_list=prohibited_list,
        due_on=due_on,
        created_by=by,
        created_at=clock.now(),
    )
    ledger.record(
        "campaign.created",
        by=by,
        on=buyer,
        data={
            "campaign": str(campaign.pk),
            "questionnaire": version.sha256,
            "policy": campaign.policy.number,
            "due": due_on.isoformat(),
        },
        words={"name": name},
    )
    return campaign


@transaction.atomic
def add_suppliers(
    *, campaign: Campaign, by: User, suppliers: Iterable[Organisation]
) -> list[Case]:
    """Prepare a draft case for each supplier that the campaign does not hold yet.

    Raises Conflict once the campaign was launched.
    """
    require(rules.may_prepare(by, campaign.buyer_id))
    locked = Campaign.objects.select_for_update(of=("self",)).get(pk=campaign.pk)
    if locked.state != CampaignState.DRAFT:
        raise Conflict(_("This campaign was already sent. Open a new one for more suppliers."))
    there = set(locked.cases.values_list("supplier_id", flat=True))
    return [
        Case.objects.create(
            reference=new_reference(),
            buyer_id=locked.buyer_id,
            supplier=supplier,
            chain=ledger.open_chain(ChainKind.CASE),
            campaign=locked,
            policy_id=locked.policy_id,
            created_at=clock.now(),
        )
        for supplier in suppliers
        if supplier.pk not in there and supplier.buyer_id == locked.buyer_id
    ]


@transaction.atomic
def choose_wording(
    *, cases: Iterable[Case], by: User, wording: str, reason: str, note: str = ""
) -> int:
    """Record counsel's choice of wording for draft cases (domain note, section 4).

    `note` refers to the advice, never holds it; counsel alone reads it. Returns how many.
    """
    done = 0
    for case in Case.objects.select_for_update(of=("self",)).filter(
        pk__in=[one.pk for one in cases]
    ):
        require(rules.may_choose_wording(by, case))
        before = case.wording
        case.wording, case.wording_reason = wording, reason
        case.wording_by, case.wording_at = by, clock.now()
        case.save(update_fields=["wording", "wording_reason", "wording_by", "wording_at"])
        ledger.record(
            "case.wording_chosen",
            by=by,
            on=case,
            data={"before": before, "wording": wording, "reason": reason},
            counsel={"note": note},
        )
        done += 1
    return done


def upload_list(
    *, buyer: Organisation, by: User, title: str, dated_on: date, file: File
) -> ProhibitedList:
    """Keep a dated, hashed list of prohibited companies (clause B4, second sentence).

    The file is stored before the row; a row without file cannot be.
    """
    require(rules.may_upload_list(by, buyer.pk))
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    key = f"{buyer.pk}/lists/{uuid4()}"
    file.seek(0)
    storage.put("evidence", key, file)
    with transaction.atomic():
        row = ProhibitedList.objects.create(
            buyer=buyer,
            title=title,
            dated_on=dated_on,
            file_name=(file.name or "")[:200],
            stored_as=key,
            size=file.size,
            sha256=digest.hexdigest(),
            uploaded_by=by,
            uploaded_at=clock.now(),
        )
        ledger.record(
            "list.uploaded",
            by=by,
            on=buyer,
            data={"list": str(row.pk), "dated": dated_on.isoformat(), "sha256": row.sha256},
            words={"title": title},
        )
        duty_opening.list_changed(buyer, by, row.pk)
    return row


def not_ready(campaign: Campaign) -> dict[UUID, list[str]]:
    """Return what is missing, in sentences, for each draft case that cannot be sent."""
    cases = campaign.cases.filter(stage=Stage.DRAFT).select_related("supplier", "campaign")
    found = {case.pk: rules.missing_for_issue(case) for case in cases}
    return {pk: missing for pk, missing in found.items() if missing}


@transaction.atomic
def launch(*, campaign: Campaign, by: User) -> Campaign:
    """Send to every supplier, in slices that workers do; progress is read from the cases.

    Raises Refused, or Conflict when it was launched before, is empty, or is not ready.
    """
    require(rules.may_prepare(by, campaign.buyer_id))
    held = Campaign.objects.select_for_update(of=("self",)).get(pk=campaign.pk)
    if held.state != CampaignState.DRAFT:
        raise Conflict(_("This campaign was already sent."))
    if held.due_on <= clock.today():
        raise Conflict(_("The due date has passed. Choose a later one."))
    cases = list(held.cases.filter(stage=Stage.DRAFT).order_by("pk").values_list("pk", flat=True))
    if not cases:
        raise Conflict(_("There is no supplier in this campaign yet."))
    if missing := not_ready(held):
        raise Conflict(
            _("%(n)d suppliers are not ready. The readiness check says what is missing.")
            % {"n": len(missing)}
        )
    held.state, held.launched_by, held.launched_at = CampaignState.LAUNCHING, by, clock.now()
    held.save(update_fields=["state", "launched_by", "launched_at"])
    for number, first in enumerate(range(0, len(cases), SLICE), start=1):
        slice_ = CampaignSlice.objects.create(
            campaign=held, number=number, cases=[str(pk) for pk in cases[first : first + SLICE]]
        )
        work.hint(slice_)
    ledger.record(
        "campaign.launched",
        by=by,
        on=held.buyer,
        data={"campaign": str(held.pk), "cases": len(cases)},
    )
    return held
