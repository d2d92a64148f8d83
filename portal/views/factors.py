"""A lost second step: two administrators, each after a call, remove it."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from portal import clock, queries, rules
from portal.access import open_to, require
from portal.actions import factors as actions
from portal.enums import Role, Side
from portal.forms import ReasonForm
from portal.http import SignedInRequest


@open_to(Role.ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
def ask_reset(request: SignedInRequest, organisation_id: UUID, user_id: UUID) -> HttpResponse:
    company = get_object_or_404(queries.companies(request.user), pk=organisation_id)
    person = get_object_or_404(queries.serving(company), pk=user_id)

    verdict = rules.may_ask_reset(
        request.user,
        company,
        person,
        has_factor=actions.has_factor(person),
        elsewhere=queries.works_elsewhere(person, company),
    )
    require(verdict)

    form = ReasonForm(request.POST or None)
    if form.is_valid():
        actions.ask_reset(company=company, person=person, by=request.user, **form.cleaned_data)
        messages.info(
            request,
            _("The other administrators were told. One of them calls %(name)s too, then does it.")
            % {"name": person},
        )
        return redirect("portal:people")
    page = "portal:people" if company.side == Side.BUYER else "portal:supplier_people"
    return render(
        request,
        "portal/person_second_step.html",
        {
            "company": company,
            "person": person,
            "form": form,
            "back": reverse(page),
            "is_alone": actions.is_alone(company, besides={request.user.pk, person.pk}),
        },
    )


@open_to(Role.ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
def reset(request: SignedInRequest, reset_id: UUID) -> HttpResponse:
    """What a colleague asked for: remove the second step, or leave it."""
    asked = get_object_or_404(queries.open_resets(request.user), pk=reset_id)
    verdict = rules.may_reset(request.user, asked, clock.now())
    if "keep" in request.POST:
        actions.drop_reset(asked=asked, by=request.user)
        messages.info(request, _("The second step stays as it is."))
        return redirect("portal:people")
    if request.method == "POST":
        require(verdict)
    form = ReasonForm(request.POST or None)
    if form.is_valid():
        actions.reset(asked=asked, by=request.user, **form.cleaned_data)
        messages.info(
            request,
            _("The second step of %(name)s is removed; at the next sign-in a new one is set up.")
            % {"name": asked.user},
        )
        return redirect("portal:people")
    context = {"asked": asked, "form": form, "closed": "" if verdict else verdict.sentence}
    return render(request, "portal/second_step_reset.html", context)
