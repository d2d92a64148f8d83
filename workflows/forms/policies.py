"""Forms of the policy: a new version, counsel's answer, the version a campaign holds to."""

import re
from collections.abc import Iterable
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from workflows import policies
from workflows.enums import Limbs
from workflows.models import Policy

APART = re.compile(r"[,，、;；\s]+")
LIMB_HINTS = {
    Limbs.EITHER: _("Strict: not agreeing, or not proving, leads to an exit review."),
    Limbs.BOTH: _("Literal: only both together do; one alone leads to remediation."),
}


class DaysField(forms.CharField):
    """Working days before the due date, apart by commas or spaces; cleans to a list."""

    default_error_messages = {"invalid": _("Write whole numbers, such as 7, 3, 1.")}

    def to_python(self, value: Any) -> Any:
        typed = super().to_python(value) or ""
        try:
            return policies.in_order([int(part) for part in APART.split(typed.strip()) if part])
        except ValueError:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from None

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(str(day) for day in value) if isinstance(value, list) else value

    def run_validators(self, value: Any) -> None:
        """Leave bounds to what all terms together must hold."""


def _field(term: policies.Term) -> forms.Field:
    if term.kind == "limbs":
        field = forms.ChoiceField(label=term.label, choices=Limbs, widget=forms.RadioSelect)
        field.choice_hints = LIMB_HINTS  # type: ignore[attr-defined]
        return field
    if term.kind == "before":
        return DaysField(label=term.label, help_text=term.hint, max_length=60, required=False)
    return forms.IntegerField(
        label=term.label,
        help_text=term.hint,
        error_messages={
            "required": _("Enter a number."),
            "invalid": _("Write a whole number, such as 10."),
        },
    )


class PolicyForm(forms.Form):
    """All terms of a new version; `number` is the version this page was shown for.

    `may_switch` tells whether the reader may propose how clause B5 is read.
    """

    number = forms.IntegerField(widget=forms.HiddenInput)
    reason = forms.CharField(
        label=_("Why"),
        help_text=_("Stands beside the version, and counsel reads it in the record."),
        widget=forms.Textarea,
        min_length=10,
        max_length=2000,
        error_messages={
            "required": _("Write this down: it stands in the record."),
            "min_length": _("Say a little more: at least %(limit_value)d characters."),
        },
    )

    def __init__(self, data: Any, *, policy: Policy, may_switch: bool) -> None:
        self.before = policies.values_of(policy)
        super().__init__(data, initial={**self.before, "number": policy.number})
        for term in policies.TERMS:
            if term.kind != "limbs" or may_switch:
                self.fields[term.name] = _field(term)

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if not self.errors:
            for name, sentence in policies.contradictions(self.before | self.terms(said)):
                self.add_error(name, sentence)
        if not self.errors and not policies.changed(self.before, self.before | self.terms(said)):
            self.add_error(None, _("Nothing was changed, so there is no new version."))
        return said

    def terms(self, said: dict[str, Any]) -> dict[str, Any]:
        return {term.name: said[term.name] for term in policies.TERMS if term.name in said}

    @property
    def groups(self) -> Iterable[tuple[Any, list[tuple[policies.Term, Any]]]]:
        """The fields by what they are about, in the order of a case's life."""
        for title, names in GROUPS:
            there = [(policies.BY_NAME[one], self[one]) for one in names if one in self.fields]
            if there:
                yield title, there


GROUPS = (
    (_("Clause B5"), ("b5_limbs",)),
    (
        _("Time of the supplier"),
        ("due_days", "query_days", "extension_days", "exit_reply_days"),
    ),
    (
        _("Reminders, and what follows silence"),
        ("remind_days", "second_contact_days", "phone_days", "approver_days", "lapse_days"),
    ),
    (
        _("Time of your own people"),
        ("review_days", "escalation_days", "counsel_days", "exit_days"),
    ),
    (_("Asking again"), ("renewal_months",)),
)


class SettleForm(forms.Form):
    """Counsel's answer to a proposed version; an objection carries its reason."""

    answer = forms.ChoiceField(
        label=_("Your answer"),
        choices=[("concur", _("I concur")), ("object", _("I object"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose an answer.")},
    )
    note = forms.CharField(
        label=_("Reason, or reference of the advice"),
        help_text=_("Needed if you object. Stands beside the version."),
        widget=forms.Textarea,
        max_length=2000,
        required=False,
    )

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if said.get("answer") == "object" and len(said.get("note", "").strip()) < 10:
            self.add_error("note", _("Say why you object: at least 10 characters."))
        return said


class PickPolicyForm(forms.Form):
    """The version a campaign in preparation holds to; a foreign one is no choice."""

    policy = forms.ChoiceField(
        label=_("Policy"),
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose a version."),
            "invalid_choice": _("Choose one of these versions."),
        },
    )

    def __init__(self, *args: Any, policies_: Iterable[Policy], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast("forms.ChoiceField", self.fields["policy"])
        field.choices, field.choice_hints = choices(policies_)  # type: ignore[attr-defined]


def choices(found: Iterable[Policy]) -> tuple[list[tuple[str, str]], dict[str, str]]:
    """Return versions as choices, each with a line of what it says."""
    named, hints = [], {}
    for policy in found:
        key = str(policy.pk)
        named.append((key, _("Version %(number)d") % {"number": policy.number}))
        hints[key] = summary(policy)
    return named, hints


def summary(policy: Policy) -> str:
    """Say the terms one compares first, in one line."""
    lapse = policies.said("lapse_days", policy.lapse_days)
    return _("%(limbs)s; reminders %(before)s; time runs out %(lapse)s after the due date") % {
        "limbs": policies.said("b5_limbs", policy.b5_limbs),
        "before": policies.said("remind_days", policy.remind_days),
        "lapse": lapse,
    }
