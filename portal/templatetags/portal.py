"""The tags and filters that pages share: fields, error summary, dates, hashes."""

import json
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from babel.core import get_global
from django import forms, template
from django.forms.boundfield import BoundField
from django.forms.formsets import BaseFormSet
from django.forms.widgets import ChoiceWidget
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import get_language, gettext, pgettext

from portal.forms import CodeInput, ThreePartDateInput

register = template.Library()

# The nearest ancestor of a widget's class decides, so a subclass needs no entry.
TEMPLATES: dict[type[forms.Widget], str] = {
    forms.HiddenInput: "fields/hidden.html",
    CodeInput: "fields/code.html",
    ThreePartDateInput: "fields/date.html",
    forms.NumberInput: "fields/number.html",
    forms.Textarea: "fields/textarea.html",
    forms.RadioSelect: "fields/radios.html",
    forms.CheckboxSelectMultiple: "fields/checkboxes.html",
    forms.CheckboxInput: "fields/checkbox.html",
    forms.Select: "fields/select.html",
    forms.FileInput: "fields/file.html",
    forms.Widget: "fields/text.html",
}


@register.simple_tag
def field(bound: BoundField, **options: Any) -> SafeString:
    """Render a field with its label, hint and errors, by the kind of its widget.

    Options: `label`, `hint`, `size` (s, m, l: of the label), `heading` (the label is the
    page's heading), `optional` (says so beside the label), `width` (2, 3, 4, 5, 10, 20
    characters), `rows`, `prefix`, `suffix`, `inline` (choices beside each other), `small`
    (small choices), `hide_label` (for screen readers only).
    """
    widget = bound.field.widget
    kind = next(TEMPLATES[base] for base in type(widget).__mro__ if base in TEMPLATES)
    return render_to_string(kind, _context(bound, options))


def _context(bound: BoundField, options: dict[str, Any]) -> dict[str, Any]:
    widget = bound.field.widget
    id_ = bound.id_for_label or bound.auto_id
    hint = options.pop("hint", bound.help_text)
    errors = list(bound.errors)
    told = [f"{id_}-hint"] * bool(hint) + [f"{id_}-error"] * bool(errors)
    limit = (
        getattr(bound.field, "max_length", None) if isinstance(widget, forms.Textarea) else None
    )
    told += [f"{id_}-info"] * bool(limit)
    return {
        **options,
        "field": bound,
        "id": id_,
        "name": bound.html_name,
        "label": options.get("label", bound.label),
        "hint": hint,
        "errors": errors,
        "describedby": " ".join(told),
        "value": None if isinstance(widget, forms.PasswordInput) else bound.value(),
        "attrs": _attributes(bound),
        "choices": list(_choices(bound)) if isinstance(widget, ChoiceWidget) else [],
        "limit": limit,
        "inputmode": "numeric" if type(bound.field) is forms.IntegerField else "decimal",
        "words": _words,
    }


def _attributes(bound: BoundField) -> dict[str, Any]:
    """Return the widget's own attributes, without those that stop or cut what is typed."""
    widget = bound.field.widget
    extra = {**widget.attrs}
    for name in ("maxlength", "min", "max", "step", "rows", "cols", "required", "id", "class"):
        extra.pop(name, None)
    if getattr(widget, "allow_multiple_selected", False):
        extra.setdefault("multiple", True)
    if bound.field.disabled:
        extra["disabled"] = True
    return extra


def _choices(bound: BoundField) -> Iterator[dict[str, Any]]:
    """Yield choices with id, value, label, hint, group and whether each is chosen.

    A field's `choice_hints`, by value, stand under the labels of radios and checkboxes.
    """
    hints = getattr(bound.field, "choice_hints", {})
    chosen = bound.value()
    several = chosen if isinstance(chosen, list | tuple | set) else [chosen]
    values = {str(one) for one in several if one is not None}
    number = 0
    for group, members, _index in bound.field.widget.optgroups(bound.html_name, list(values)):
        for member in members:
            yield {
                "id": f"{bound.auto_id}_{number}",
                "value": member["value"],
                "label": member["label"],
                "hint": hints.get(member["value"]),
                "group": group,
                "is_chosen": str(member["value"]) in values
                or (member["value"] in ("", None) and not values),
            }
            number += 1


def _words() -> dict[str, str]:
    """Return what the browser's script says; it puts numbers where `%{count}` stands."""
    said = {
        "left_one": gettext("You have {count} character left"),
        "left_other": gettext("You have {count} characters left"),
        "left_none": gettext("You have no characters left"),
        "over_one": gettext("You have {count} character too many"),
        "over_other": gettext("You have {count} characters too many"),
        "choose": gettext("Choose file"),
        "none_chosen": gettext("No file chosen"),
        "chosen_one": gettext("{count} file chosen"),
        "chosen_other": gettext("{count} files chosen"),
        "drop": gettext("or drop it here"),
        "entered": gettext("You may drop the file now"),
        "left_zone": gettext("You left the place for the file"),
    }
    return {key: text.replace("{count}", "%{count}") for key, text in said.items()}


@register.inclusion_tag("components/error_summary.html")
def error_summary(*parts: forms.BaseForm | BaseFormSet | None) -> dict[str, Any]:
    """List the errors of forms and formsets, each naming its field and linking to it."""
    return {"faults": [fault for part in parts if part is not None for fault in _faults(part)]}


def _faults(part: forms.BaseForm | BaseFormSet) -> Iterator[tuple[str, str]]:
    if isinstance(part, BaseFormSet):
        yield from (("", str(message)) for message in part.non_form_errors())
        for form in part.forms:
            yield from _faults(form)
        return
    for name, messages in part.errors.items():
        if name not in part.fields or part[name].is_hidden:
            yield from (("", str(message)) for message in messages)
            continue
        label = Truncator(str(part[name].label)).words(12).rstrip("?:.？：。")
        for message in messages:
            named = gettext("%(label)s – %(message)s") % {"label": label, "message": message}
            yield _target(part[name]), named


def _target(bound: BoundField) -> str:
    """Return the id of the first control of a field: where the reader must go."""
    widget = bound.field.widget
    if isinstance(widget, ThreePartDateInput):
        return f"{bound.auto_id}_{'year' if _is_chinese() else 'day'}"
    if isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple):
        return f"{bound.auto_id}_0"
    return bound.id_for_label or bound.auto_id


@register.simple_tag
def date_parts(bound: BoundField, errors: Iterable[str]) -> list[dict[str, Any]]:
    """Return the three inputs of a date in the order the reader's language writes them."""
    value = bound.value()
    if not isinstance(value, list | tuple):
        value = bound.field.widget.decompress(value)
    labels = {"day": gettext("Day"), "month": gettext("Month"), "year": gettext("Year")}
    parts = [
        {
            "id": f"{bound.auto_id}_{key}",
            "name": f"{bound.html_name}_{key}",
            "label": label,
            "value": typed,
            "width": 4 if key == "year" else 2,
            "is_wrong": bool(errors),
        }
        for (key, label), typed in zip(labels.items(), value, strict=True)
    ]
    return parts[::-1] if _is_chinese() else parts


def _is_chinese() -> bool:
    return (get_language() or "").startswith("zh")


@register.filter
def day(value: date | datetime | None, zone: str = "") -> str:
    """Write a date as 20 November 2026; of a moment, the date in `zone` (IANA name)."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        value = _local(value, zone)
    return date_format(value, pgettext("date format", "j F Y"))


@register.filter
def moment(value: datetime | None, zone: str = "") -> str:
    """Write a moment as 20 November 2026, 14:05 (Shanghai), in `zone` or the current one."""
    if value is None:
        return ""
    local = _local(value, zone)
    return gettext("%(date)s, %(time)s (%(zone)s)") % {
        "date": day(local, zone),
        "time": local.strftime("%H:%M"),
        "zone": zone_label(zone or timezone.get_current_timezone_name()),
    }


@register.filter
def zone_label(zone: str) -> str:
    """Name a time zone by its city, in the reader's language: Shanghai, 上海时间."""
    if zone in ("UTC", "Etc/UTC", "GMT"):
        return "UTC"
    city = city_of(zone) or zone.rsplit("/", 1)[-1].replace("_", " ")
    return pgettext("time zone of a city", "%(city)s") % {"city": city}


def city_of(zone: str) -> str:
    """Name the city of an IANA zone in the reader's language; empty if CLDR does not know it."""
    cities = _locale(get_language() or "en").time_zones
    # CLDR keeps the name a zone first had: Asia/Calcutta, Asia/Saigon
    names = (zone, *(old for old, new in get_global("zone_aliases").items() if new == zone))
    return next((cities[name]["city"] for name in names if "city" in cities.get(name, {})), "")


@lru_cache
def _locale(language: str) -> Locale:
    return Locale.parse(language, sep="-")


def _local(value: datetime, zone: str) -> datetime:
    return timezone.localtime(value, ZoneInfo(zone) if zone else None)


@register.filter
def iso(value: date | datetime | None) -> str:
    """Write a date or moment for a machine: the `datetime` attribute of `<time>`."""
    return value.isoformat() if value else ""


@register.filter
def hash8(value: object) -> str:
    """Shorten a hash to its first eight characters: enough to compare by eye."""
    return str(value or "")[:8]


@register.filter
def pieces(value: object, size: int = 8) -> SafeString:
    """Set a hash in groups of `size` characters; copied, it has no spaces in it."""
    text = str(value or "")
    groups = ((text[start : start + size],) for start in range(0, len(text), size))
    return format_html_join("", '<span class="x-piece">{}</span>', groups)


@register.filter
def as_json(value: Any) -> str:
    """Write what a script reads from an attribute; the template escapes it."""
    return json.dumps(value)
