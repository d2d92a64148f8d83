"""Dates, sizes and codes as the PDFs print them."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from babel import Locale
from django import template
from django.utils.dateformat import format as formatted
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from documents.dossier import Imprint
from documents.enums import Edition, EvidenceKind, EvidenceState, Grade, ReceivedBy, Scan
from portal.templatetags.portal import city_of

register = template.Library()

WORDS = {
    "kind": EvidenceKind,
    "state": EvidenceState,
    "scan": Scan,
    "way": ReceivedBy,
    "grade": Grade,
    "edition": Edition,
}
TONES = {
    EvidenceState.RELEASED: "done",
    EvidenceState.HELD: "counsel",
    EvidenceState.REFUSED: "late",
    EvidenceState.DESTROYED: "late",
}


def _is_chinese() -> bool:
    return (get_language() or "").startswith("zh")


@register.filter
def moment(at: str, imprint: Imprint) -> str:
    """20 November 2026, 14:05 (Shanghai); the text itself when it is not a moment."""
    try:
        local = datetime.fromisoformat(at).astimezone(ZoneInfo(imprint.zone))
    except ValueError:
        return at
    if _is_chinese():
        return f"{formatted(local, 'Y年n月j日 H:i')}（{_city(imprint)}）"
    return f"{formatted(local, 'j F Y, H:i')} ({imprint.place})"


def _city(imprint: Imprint) -> str:
    # the place comes as the zone's English name
    return city_of(imprint.zone) or imprint.place


@register.filter
def to_the_second(at: str) -> str:
    """2026-11-20 14:05:09, in UTC: as the ledger has it."""
    return at[:19].replace("T", " ")


@register.filter
def day(on: str) -> str:
    """20 November 2026 of a day or a moment; the text itself when it is neither."""
    try:
        found = date.fromisoformat(on[:10])
    except ValueError:
        return on
    return formatted(found, "Y年n月j日" if _is_chinese() else "j F Y")


@register.filter
def local_day(at: str, imprint: Imprint) -> str:
    """20 November 2026 of a moment, as the calendar says where the document is read."""
    try:
        return day(datetime.fromisoformat(at).astimezone(ZoneInfo(imprint.zone)).isoformat())
    except ValueError:
        return at


@register.filter
def country(code: str) -> str:
    """The name of a country for its code (ISO 3166-1 alpha-2); anything else as it is."""
    locale = Locale.parse("zh_Hans" if _is_chinese() else "en")
    return locale.territories.get(code, code)


@register.filter
def said(code: str, vocabulary: str) -> str:
    """Return the label of a code of `documents.enums`, or the code if there is none."""
    words = WORDS[vocabulary]
    return str(words(code).label) if code in words.values else code


@register.simple_tag
def listed(*parts: object) -> str:
    """What there is of `parts`, with the comma of the language between them."""
    return pgettext("list", ", ").join(str(part) for part in parts if part)


@register.filter
def tone(state: str) -> str:
    return TONES.get(EvidenceState(state), "due") if state in EvidenceState.values else "due"


@register.filter
def size(count: int) -> str:
    """12 bytes, 3.4 kB, 12.0 MB, powers of ten."""
    if count < 1_000:
        return _("%(count)s bytes") % {"count": count}
    if count < 1_000_000:
        return f"{count / 1_000:.1f} kB"
    return f"{count / 1_000_000:.1f} MB"


@register.filter
def start(hash_: str) -> str:
    """The first 16 digits of a hash, in fours."""
    return " ".join(hash_[at : at + 4] for at in range(0, min(len(hash_), 16), 4))


@register.filter
def quoted(text: str) -> str:
    """A text inside a CSS string."""
    return "".join(f"\\{ord(one):x} " if one in "\"\\\n\r<>&'" else one for one in str(text))
