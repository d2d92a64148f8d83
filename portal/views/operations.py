from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from portal import queries, rules, work
from portal.access import open_to, open_to_all, require
from portal.actions import operations as actions
from portal.enums import Role
from portal.http import SignedInRequest


def _plainly(*, yes: bool) -> HttpResponse:
    return HttpResponse("yes\n" if yes else "no\n", "text/plain", 200 if yes else 503)


@open_to_all
@never_cache
@require_safe
def live(request: HttpRequest) -> HttpResponse:
    """Answer that the process answers; touches nothing."""
    return _plainly(yes=True)


@open_to_all
@never_cache
@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    fit = all(queries.readiness().values())
    return _plainly(yes=fit and work.is_on_time())


@open_to(Role.OPERATOR, Role.ADMINISTRATOR)
@require_safe
def operations(request: SignedInRequest) -> HttpResponse:
    require(rules.may_operate(request.user))
    answers = queries.readiness() | {"work": work.is_on_time()}
    said = {
        "database": _("The database takes and gives back what is written"),
        "migrations": _("Every migration is applied"),
        "ledger": _("The ledger is guarded by its triggers"),
        "storage": _("The private storage answers"),
        "disk": _("The disk has room"),
        "tick": _("The ticker ran within three minutes"),
        "work": _("No work is late"),
    }
    return render(
        request,
        "portal/operations.html",
        {
            "answers": [(said[name], answer) for name, answer in answers.items()],
            "tick": queries.tick(),
            "stuck": work.stuck(),
        },
    )


@open_to(Role.OPERATOR, Role.ADMINISTRATOR)
@require_POST
def retry(request: SignedInRequest, kind: str, row_id: UUID) -> HttpResponse:
    actions.retry(kind=kind, row=str(row_id), by=request.user)
    messages.info(request, _("It will be tried again."))
    return redirect("portal:operations")
