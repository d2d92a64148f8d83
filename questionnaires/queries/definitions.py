"""Published definitions, parsed once a process."""

from pathlib import Path

from django.utils import translation

from questionnaires import loader
from questionnaires.definition import Questionnaire, QuestionType, Section
from questionnaires.models import QuestionnaireVersion

DEFINITIONS = Path(__file__).parents[1] / "definitions"

_parsed: dict[str, Questionnaire] = {}


def questionnaire(version: QuestionnaireVersion) -> Questionnaire:
    """Return the definition of a published version; parsed once a process, by its hash."""
    if version.sha256 not in _parsed:
        _parsed[version.sha256] = loader.load_stored(version.definition)
    return _parsed[version.sha256]


def is_signing(section: Section) -> bool:
    """Whether a section holds statements to be signed, and so stands on the signing page."""
    return any(q.type == QuestionType.DECLARATION for q in section.questions)


def language() -> str:
    """The reader's language as questionnaires write it: `en` or `zh-hans`."""
    found = (translation.get_language() or "en").lower()
    return "zh-hans" if found.startswith("zh") else "en"
