"""How the pages find what they show."""

from dataclasses import dataclass
from uuid import UUID

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.http import urlencode

from portal.access import require
from portal.enums import Role
from portal.http import SignedInRequest
from questionnaires import queries, rules
from questionnaires.definition import Section, split_path
from questionnaires.enums import ResponseState
from questionnaires.models import Comment, Response

ANSWERING = (Role.CONTACT, Role.SIGNATORY)


@dataclass
class Page:
    """A response, its draft and, on most pages, one section of it."""

    response: Response
    draft: queries.Draft
    comments: list[Comment]

    @property
    def words(self) -> queries.Words:
        return self.draft.words

    def section(self, key: str) -> Section:
        """A section that is asked at present, or 404."""
        for section in self.draft.sections:
            if section.key == key:
                return section
        raise Http404

    def row(self, section: Section, row: str) -> str:
        """The title of a row of a table, or 404."""
        titles = self.words.rows_of(section.table)
        if row not in titles:
            raise Http404
        return titles[row]


def response_for(request: SignedInRequest, response_id: UUID) -> Response:
    """The response if this person may read it, else 404 or Refused."""
    response: Response = get_object_or_404(
        Response.objects.visible_to(request.user).with_parties(),
        pk=response_id,
    )
    require(rules.may_read(request.user, response))
    return response


def successor_of(response: Response) -> Response | None:
    """The answers that took the place of these, if they were carried over; else no query."""
    if response.state != ResponseState.CLOSED:
        return None
    return response.following.select_related("version").defer("version__definition").first()


def require_section(response: Response, key: str, row: str = "") -> Section:
    """A section of the questionnaire, asked at present or not, or 404; no query."""
    section = queries.questionnaire(response.version).section_of.get(key)
    if section is None or bool(section.repeat) != bool(row):
        raise Http404
    return section


def page_for(request: SignedInRequest, response: Response) -> Page:
    """Read the draft and the comments; two queries beside the draft's."""
    return Page(response, queries.draft(response), queries.comments_for(request.user, response))


def url_of_path(response: Response, draft: queries.Draft, path: str) -> str:
    """Where an answer is given: its page, at its question."""
    if (table := path.removesuffix("[*]")) in draft.questionnaire.tables:
        section = draft.questionnaire.tables[table]
        return reverse("questionnaires:section", args=[response.pk, section.key])
    key, row = split_path(path)
    section = draft.questionnaire.section_of[draft.questionnaire.questions[key].section]
    return f"{url_of_section(response, section, row)}#q-{key}"


def url_of_section(response: Response, section: Section, row: str = "") -> str:
    if row:
        return reverse("questionnaires:row", args=[response.pk, section.key, row])
    return reverse("questionnaires:section", args=[response.pk, section.key])


def url_of_upload(response: Response, path: str, back: str) -> str:
    query = urlencode({"for": path, "back": back})
    return f"{reverse('questionnaires:upload', args=[response.pk])}?{query}"
