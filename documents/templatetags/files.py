"""Whose files are links on a page."""

from django import template

from documents import rules
from documents.models import Evidence
from portal.models import User

register = template.Library()


@register.filter
def opened_by(evidence: Evidence, user: User) -> bool:
    """Tell whether this person may open the file now."""
    return bool(rules.may_download(user, evidence))
