from datetime import date

import pytest
from django import forms
from django.utils.datastructures import MultiValueDict

from portal.forms import ThreePartDateField


class DatedForm(forms.Form):
    on = ThreePartDateField(label="Signed on")
    until = ThreePartDateField(label="Until", required=False)


def typed(day, month, year):
    return MultiValueDict({"on_day": [day], "on_month": [month], "on_year": [year]})


@pytest.mark.parametrize(
    "parts", [("20", "11", "2026"), (" 20", "11 ", "2026"), ("２０", "11", "2026")]
)
def test_three_parts_make_a_date(parts):
    form = DatedForm(typed(*parts))

    assert form.is_valid()
    assert form.cleaned_data == {"on": date(2026, 11, 20), "until": None}


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        (("", "", ""), "required"),
        (("20", "", "2026"), "incomplete"),
        (("31", "2", "2026"), "invalid"),
        (("20", "11", "26"), "invalid"),
        (("20", "Nov", "2026"), "invalid"),
        (("20", "11", "9" * 30), "invalid"),
    ],
)
def test_anything_else_is_refused_and_comes_back_as_typed(parts, code):
    form = DatedForm(typed(*parts))

    assert [error.code for error in form.errors["on"].as_data()] == [code]
    assert form["on"].value() == list(parts)


def test_a_date_known_before_is_shown_in_its_parts():
    widget = DatedForm(initial={"on": date(2026, 11, 20)})["on"].field.widget

    assert widget.decompress(date(2026, 11, 20)) == [20, 11, 2026]
