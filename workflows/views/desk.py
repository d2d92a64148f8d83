"""The desk: every case this person works on, in one table."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from portal import clock
from portal.access import open_to
from portal.enums import CASE_ROLES
from portal.http import SignedInRequest
from workflows import calendar, queries, tables
from workflows.forms.desk import DeskForm
from workflows.views.found import DESK, calendar_notes

COLUMNS = ("supplier", "stage", "due", "sent")


@open_to(*DESK)
@require_GET
def desk(request: SignedInRequest) -> HttpResponse:
    form = DeskForm(request.GET or None, stages=tables.STAGES)
    # a filter that cannot be read filters nothing, and says why beside its field
    said = form.cleaned_data if form.is_valid() or form.is_bound else {}
    wanted = _wanted(request, said)

    table = tables.desk(request.user, wanted)

    kept = {name: said.get(name, "") for name in ("words", "campaign", "stage")}
    is_filtered = any(kept.values())
    return render(
        request,
        "workflows/desk/desk.html",
        {
            "form": form,
            "calendar_notes": calendar_notes(calendar.holes(clock.today())),
            "table": table,
            "wanted": wanted,
            "is_filtered": is_filtered,
            "views": [{**one, "url": _url(kept, wanted, view=one["key"])} for one in table.views],
            "columns": {key: _column(kept, wanted, key) for key in COLUMNS},
            "previous_url": table.previous and _url(kept, wanted, before=table.previous),
            "next_url": table.next and _url(kept, wanted, after=table.next),
            "unfiltered_url": _url({}, wanted),
            "duties_count": queries.count_mine(request.user, request.user.organisation_ids()[0]),
            "sees_duties": request.user.holds_somewhere(CASE_ROLES),
            "several_buyers": len(request.user.organisation_ids()[0]) > 1,
        },
    )


def _wanted(request: SignedInRequest, said: dict[str, Any]) -> tables.Wanted:
    given = request.GET
    sort = given.get("sort", "")
    view = given.get("view", "")
    return tables.Wanted(
        view=view if view in tables.VIEWS else "open",
        stage=said.get("stage", ""),
        words=said.get("words", ""),
        campaign=said.get("campaign", ""),
        sort=sort.removeprefix("-") if sort.removeprefix("-") in tables.SORTS else "due",
        descending=sort.startswith("-"),
        after=given.get("after", ""),
        before=given.get("before", ""),
    )


def _url(kept: dict[str, str], wanted: tables.Wanted, **changed: str) -> str:
    """Return an address of the desk that keeps what was asked for, but for what changed."""
    sort = ("-" if wanted.descending else "") + wanted.sort
    asked = {"view": wanted.view, **kept, "sort": sort, **changed}
    usual = {"view": "open", "sort": "due"}
    return "?" + urlencode({k: v for k, v in asked.items() if v and usual.get(k) != v})


def _column(kept: dict[str, str], wanted: tables.Wanted, key: str) -> dict[str, str]:
    is_this = wanted.sort == key
    falls = is_this and not wanted.descending
    order = ("descending" if wanted.descending else "ascending") if is_this else "none"
    return {"url": _url(kept, wanted, sort=f"-{key}" if falls else key), "order": order}
