"""How the desk's views come to their case, and who may try them at all."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _

from documents.templatetags.printing import country as country_name
from portal import clock
from portal.access import Conflict
from portal.enums import Role
from portal.http import SignedInRequest
from portal.templatetags.portal import day
from workflows import calendar, engine, tables
from workflows.models import Case

DESK = (
    Role.CAMPAIGN_MANAGER,
    Role.ANALYST,
    Role.APPROVER,
    Role.COUNSEL,
    Role.OUTSIDE_COUNSEL,
)


def case_for(request: SignedInRequest, case_id: UUID) -> Case:
    """Return a case of the reader's desk with its people; Http404 for any other."""
    rows = Case.objects.on_desk_of(request.user).select_related(
        "supplier",
        "buyer",
        "chain",
        "campaign",
        "policy",
        "response",
        "contact",
        "signatory",
        "reviewer",
        "proposed_by",
        "escalated_person",
        "wording_by",
        "prohibited_list",
    )
    return get_object_or_404(rows, pk=case_id)


def require_current(case: Case, form: Any) -> None:
    """Raise Conflict if the page was shown for another step than the one open now."""
    if form.cleaned_data["task"] != engine.open_task(case):
        raise Conflict(_("This step was already taken. Please look at the case as it is now."))


def calendar_notes(countries: Iterable[str]) -> list[str]:
    """Say which of these countries' holidays are not known, or end too soon."""
    today = clock.today()
    notes = []
    for country in sorted({one for one in countries if one}):
        missing = calendar.missing_from(country, today)
        if missing is not None:
            notes.append(
                _("Holidays of %(country)s are not known from %(day)s on. Tell your operator.")
                % {"country": country_name(country), "day": day(missing)}
            )
        elif not calendar.has_table(country):
            notes.append(
                _(
                    "No holidays of %(country)s are known: Monday to Friday are taken as working"
                    " days."
                )
                % {"country": country_name(country)}
            )
    return notes


def page(case: Case, **more: Any) -> dict[str, Any]:
    """Return what every page below a case shows: whose it is, and the way back."""
    name, other = tables.names(case)
    return {"case": case, "name": name, "other_name": other, **more}


def back_to(case: Case, anchor: str = "") -> HttpResponseRedirect:
    answer = redirect("workflows:case", case.pk)
    if anchor:
        answer["Location"] += f"#{anchor}"
    return answer
