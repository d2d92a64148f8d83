from hashlib import sha256
from uuid import UUID

from django.conf import settings
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal import ledger, queries, rules, sign_in
from portal.access import open_to, open_to_all
from portal.actions import people, step_up
from portal.enums import Language, StepUpPurpose
from portal.forms import CodeForm, WelcomeForm
from portal.http import SignedInRequest
from portal.models import StepUp, User


def next_of(request: HttpRequest, default: str = "/") -> str:
    asked = request.POST.get(REDIRECT_FIELD_NAME) or request.GET.get(REDIRECT_FIELD_NAME) or ""
    return asked if sign_in.is_own_url(request, asked) else default


@open_to_all
@require_safe
def to_code(request: HttpRequest) -> HttpResponse:
    """There are no passwords: allauth's first page leads to the code."""
    return redirect(sign_in.sign_in_url(next_of(request)))


@open_to_all
@require_http_methods(["GET", "HEAD", "POST"])
def closed(request: HttpRequest) -> HttpResponse:
    raise Http404


@open_to_all
@require_POST
def language(request: HttpRequest) -> HttpResponse:
    chosen = request.POST.get("language", "")
    if chosen in Language:
        sign_in.speak(request, chosen)
        if request.user.is_authenticated:
            people.speak(request.user, chosen)
    return redirect(next_of(request))


@open_to()
@require_http_methods(["GET", "POST"])
def welcome(request: SignedInRequest) -> HttpResponse:
    user = request.user
    known = {"name": user.name, "language": request.LANGUAGE_CODE}
    form = WelcomeForm(request.POST or None, initial=known)
    if form.is_valid():
        people.welcome(by=user, **form.cleaned_data)
        sign_in.speak(request, user.language)
        if rules.is_offered(user):
            return redirect(sign_in.with_next(reverse("portal:offer"), next_of(request)))
        return redirect(next_of(request))
    return render(
        request,
        "portal/welcome.html",
        {
            "form": form,
            "next": next_of(request),
            "buyers": queries.buyers_of(user),
            "region": settings.HOSTING_REGION,
        },
    )


@open_to()
@require_http_methods(["GET", "POST"])
def prove(request: SignedInRequest) -> HttpResponse:
    if request.method == "POST":
        asked = step_up.ask(
            user=request.user,
            session=request.session,
            purpose=StepUpPurpose.FACTORS,
            content_hash=_factors(request.user),
            what=_("the way you sign in"),
            buyer=sign_in.buyer_of(request.user),
            address=request.user.second_email if "second" in request.POST else "",
        )
        url = reverse("portal:prove_code", args=[asked.pk])
        return redirect(sign_in.with_next(url, next_of(request)))
    return render(request, "portal/prove.html", {"next": next_of(request)})


@open_to()
@require_http_methods(["GET", "POST"])
def prove_code(request: SignedInRequest, step_up_id: UUID) -> HttpResponse:
    asked = get_object_or_404(
        StepUp, pk=step_up_id, user=request.user, purpose=StepUpPurpose.FACTORS
    )
    form = CodeForm(request.POST or None)
    if form.is_valid():
        code = form.cleaned_data["code"]
        verdict = step_up.confirm(step_up=asked, code=code, session=request.session)
        if verdict:
            with transaction.atomic():
                step_up.spend(
                    step_up=asked,
                    code=code,
                    content_hash=_factors(request.user),
                    session=request.session,
                )
            sign_in.proved(request.session)
            return redirect(next_of(request))
        form.add_error("code", verdict.sentence)
    context = {"form": form, "next": next_of(request), "step_up": asked}
    return render(request, "portal/prove_code.html", context)


def _factors(user: User) -> str:
    content = {"person": str(user.pk), "purpose": StepUpPurpose.FACTORS.value}
    return sha256(ledger.canonical(content)).hexdigest()
