from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal import clock, queries, rules
from portal.access import Conflict, open_to, require
from portal.actions import membership as actions
from portal.actions import people as coming
from portal.enums import Role, Side
from portal.forms import ChangeAddressForm, GiveRoleForm, InviteForm, SearchForm
from portal.http import SignedInRequest
from portal.models import Organisation

SUPPLIERS_A_PAGE = 25


def _back(company: Organisation) -> str:
    page = "portal:people" if company.side == Side.BUYER else "portal:supplier_people"
    return reverse(page)


@open_to(Role.ADMINISTRATOR)
@require_safe
def people(request: SignedInRequest) -> HttpResponse:
    own = Organisation.objects.administered_by(request.user).order_by("name", "pk")
    found = [(company, queries.people_of(company)) for company in queries.with_people(own)]
    context = {
        "companies": found,
        "now": clock.now(),
        "with_factor": queries.with_factor(found),
        "only": queries.only_administrators(found),
        "resets": queries.open_resets(request.user),
    }
    return render(request, "portal/people.html", context)


@open_to(Role.ADMINISTRATOR)
@require_safe
def supplier_people(request: SignedInRequest) -> HttpResponse:
    form = SearchForm(request.GET or None)
    words = form.cleaned_data["words"] if form.is_valid() else ""
    rows = Paginator(queries.suppliers(request.user, words), SUPPLIERS_A_PAGE)
    page = rows.get_page(request.GET.get("page"))
    found = [(company, queries.people_of(company)) for company in page]
    return render(
        request,
        "portal/supplier_people.html",
        {
            "form": form,
            "words": words,
            "page": page,
            "companies": found,
            "now": clock.now(),
            "with_factor": queries.with_factor(found),
        },
    )


@open_to(Role.ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
def invite(request: SignedInRequest, organisation_id: UUID) -> HttpResponse:
    company = get_object_or_404(queries.companies(request.user), pk=organisation_id)

    require(rules.may_manage_people(request.user, company))

    roles = rules.OFFERED[Side(company.side)]
    form = InviteForm(request.POST or None, roles=roles, initial={"language": company.language})
    if form.is_valid():
        try:
            coming.invite(organisation=company, by=request.user, **form.cleaned_data)
        except Conflict as conflict:
            form.add_error("role", str(conflict))
        else:
            messages.info(
                request,
                _("An invitation was written to %(email)s. The role begins when it is accepted.")
                % {"email": form.cleaned_data["email"]},
            )
            return redirect(_back(company))

    return render(
        request,
        "portal/person_invite.html",
        {"company": company, "form": form, "back": _back(company)},
    )


@open_to(Role.ADMINISTRATOR)
@require_POST
def invite_again(request: SignedInRequest, invitation_id: UUID) -> HttpResponse:
    offer = get_object_or_404(queries.invitations(request.user), pk=invitation_id)

    require(rules.may_withdraw_invitation(request.user, offer))

    coming.invite(
        organisation=offer.organisation, role=offer.role, email=offer.user.email, by=request.user
    )
    messages.info(
        request, _("The invitation was sent again to %(email)s.") % {"email": offer.user.email}
    )
    return redirect(_back(offer.organisation))


@open_to(Role.ADMINISTRATOR)
@require_POST
def withdraw_invitation(request: SignedInRequest, invitation_id: UUID) -> HttpResponse:
    offer = get_object_or_404(queries.invitations(request.user), pk=invitation_id)
    actions.withdraw_invitation(invitation=offer, by=request.user)
    messages.info(
        request, _("The invitation of %(email)s is withdrawn.") % {"email": offer.user.email}
    )
    return redirect(_back(offer.organisation))


@open_to(Role.ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
def give_role(request: SignedInRequest, organisation_id: UUID, user_id: UUID) -> HttpResponse:
    company = get_object_or_404(queries.companies(request.user), pk=organisation_id)
    person = get_object_or_404(queries.serving(company), pk=user_id)

    require(rules.may_manage_people(request.user, company))

    free = rules.OFFERED[Side(company.side)] - person.roles.get(company.pk, set())
    form = GiveRoleForm(request.POST or None, roles=free)
    if form.is_valid():
        actions.give_role(
            organisation=company, person=person, by=request.user, **form.cleaned_data
        )
        messages.info(
            request,
            _("%(name)s has the role now: %(role)s.")
            % {"name": person, "role": Role(form.cleaned_data["role"]).label},
        )
        return redirect(_back(company))

    return render(
        request,
        "portal/person_give_role.html",
        {"company": company, "person": person, "form": form, "back": _back(company)},
    )


@open_to(Role.ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
def end_role(request: SignedInRequest, membership_id: UUID) -> HttpResponse:
    held = get_object_or_404(queries.memberships(request.user), pk=membership_id)

    require(rules.may_end_role(request.user, held, is_last=actions.is_last_administrator(held)))

    company = held.organisation
    if request.method == "POST":
        actions.end_role(membership=held, by=request.user)
        messages.info(
            request,
            _("%(name)s no longer has the role: %(role)s.")
            % {"name": held.user, "role": Role(held.role).label},
        )
        return redirect("portal:home" if held.user_id == request.user.pk else _back(company))

    return render(
        request,
        "portal/person_end_role.html",
        {"held": held, "company": company, "back": _back(company)},
    )


@open_to(Role.ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
def change_address(request: SignedInRequest, organisation_id: UUID, user_id: UUID) -> HttpResponse:
    company = get_object_or_404(queries.companies(request.user), pk=organisation_id)
    person = get_object_or_404(queries.serving(company), pk=user_id)
    # whom the page is for at all; the address typed is judged below
    require(rules.may_change_address(request.user, company, person, ""))

    form = ChangeAddressForm(request.POST or None)
    if form.is_valid():
        typed = form.cleaned_data["address"].lower()
        found = queries.with_address(typed)
        verdict = rules.may_change_address(request.user, company, person, typed, found)
        if verdict:
            actions.change_address(
                supplier=company, person=person, by=request.user, **form.cleaned_data
            )
            messages.info(
                request,
                _("%(name)s is written to at %(email)s now. The former address was told.")
                % {"name": person, "email": typed},
            )
            return redirect(_back(company))
        form.add_error("address", ValidationError(verdict.sentence))

    return render(
        request,
        "portal/person_address.html",
        {"company": company, "person": person, "form": form, "back": _back(company)},
    )
