"""What came along from an earlier version, what is new, and what stayed behind."""

from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from portal.access import open_to
from portal.http import SignedInRequest
from questionnaires import queries, rules
from questionnaires.models import Response
from questionnaires.views.finding import (
    ANSWERING,
    Page,
    page_for,
    response_for,
    successor_of,
    url_of_path,
    url_of_section,
)


@open_to(*ANSWERING)
@require_GET
def carried(request: SignedInRequest, response_id: UUID) -> HttpResponse:
    response = response_for(request, response_id)
    if not response.is_carried_over:
        raise Http404
    readable = Response.objects.visible_to(request.user).with_parties()
    before = get_object_or_404(readable, pk=response.previous_id)
    page = page_for(request, response)
    found = queries.comparison(queries.draft(before), response.version)
    is_open = bool(rules.may_edit(request.user, response))
    context = {
        "response": response,
        "before": before,
        "comparison": found,
        "confirm": [(one, _confirming(page, one, is_open=is_open)) for one in found.confirm],
        "new": [(one, _url_of_new(page, one, is_open=is_open)) for one in found.new],
        "before_url": reverse("questionnaires:check", args=[before.pk]),
        "successor": successor_of(response),
    }
    return render(request, "questionnaires/carried.html", context)


def _confirming(page: Page, chapter: queries.Chapter, *, is_open: bool) -> list[dict[str, object]]:
    """Each answer with whether it still waits, and where it is confirmed."""
    return [
        {
            "told": one,
            "waits": one.path in page.draft.to_confirm,
            "url": url_of_path(page.response, page.draft, one.path)
            if is_open and one.path in page.draft.to_confirm
            else "",
        }
        for one in chapter.told
    ]


def _url_of_new(page: Page, chapter: queries.Chapter, *, is_open: bool) -> str:
    if not is_open:
        return ""
    for section in page.draft.sections:
        if section.key == chapter.key:
            return url_of_section(page.response, section)
    return ""
