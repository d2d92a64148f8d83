"""What is offered to press, and the one next thing: the words that all acts share."""

from contextlib import suppress
from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from workflows.models import Case, Finding


@dataclass(frozen=True)
class Act:
    """Something to press: `is_post` acts at once, else the link leads to its page."""

    label: str
    url: str
    is_post: bool = False


@dataclass(frozen=True)
class Next:
    """The one thing this person is here for; without `act` there is nothing to press."""

    title: str
    text: str = ""
    act: Act | None = None


def url_of(page: str, case: Case) -> str:
    """Return a page's address; empty while the installation lacks it."""
    with suppress(NoReverseMatch):
        return reverse(page, args=[case.pk])
    return ""


def finding_act(finding: Finding) -> Act:
    url = reverse("workflows:case_finding", args=[finding.case_id, finding.pk])
    return Act(_("Judge this finding"), url)
