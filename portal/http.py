"""The request as views know it, and the answers that any page may end in."""

import re
from collections.abc import Iterator

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from portal.models import User

# words of a machine, not of a person: ids, hashes, codes, stored choices
MACHINE = re.compile(r"[0-9a-fA-F-]{16,}|[A-Z0-9_-]+|\d{4}-?\d{4}")
READABLE_BYTES = 1024 * 1024
SILENT = frozenset({"csrfmiddlewaretoken", "next", "code", "task", "action", "language"})


class SignedInRequest(HttpRequest):
    user: User


def wants_json(request: HttpRequest) -> bool:
    """Tell whether a script asked: autosave, or who accepts JSON alone."""
    is_autosave = request.headers.get("X-Requested-With", "").lower() == "autosave"
    return is_autosave or request.headers.get("Accept", "").startswith("application/json")


def answer(
    request: HttpRequest, template: str, status: int, sentence: str = "", **extra: object
) -> HttpResponse:
    """Answer with a page that says why, gives back what was typed, and its status.

    A script gets the sentence as JSON.
    """
    if wants_json(request):
        return JsonResponse({"error": sentence}, status=status)
    said = {"sentence": sentence, "typed": typed(request), **extra}
    return render(request, template, said, status=status)


def typed(request: HttpRequest) -> list[tuple[str, str]]:
    """Return what a person typed into the form of this request, as (label, text)."""
    texts = list(_texts(request)) if _is_readable(request) else []
    if len(texts) == 1:
        return [(_("Your text"), texts[0])]
    return [
        (_("Your text, part %(number)s") % {"number": number}, text)
        for number, text in enumerate(texts, 1)
    ]


def _is_readable(request: HttpRequest) -> bool:
    """Tell whether the form can be read again without taking in a large upload for nothing."""
    if request.method != "POST":
        return False
    length = request.headers.get("content-length") or "0"
    return hasattr(request, "_post") or (length.isdigit() and int(length) < READABLE_BYTES)


def _texts(request: HttpRequest) -> Iterator[str]:
    for name in request.POST:
        if name in SILENT:
            continue
        for value in request.POST.getlist(name):
            if value.strip() and not MACHINE.fullmatch(value.strip()):
                yield value
