from datetime import UTC, date, datetime

import pytest
from django import forms
from django.forms import formset_factory
from django.utils import translation
from django.utils.datastructures import MultiValueDict

from portal.forms import CodeInput, ThreePartDateField
from portal.templatetags import portal

NOON = datetime(2026, 11, 20, 16, 5, tzinfo=UTC)


class EveryField(forms.Form):
    name = forms.CharField(label="Name", help_text="As registered.", max_length=20)
    why = forms.CharField(label="Why", widget=forms.Textarea, max_length=400)
    note = forms.CharField(label="Note", widget=forms.Textarea, required=False)
    country = forms.ChoiceField(
        label="Country", choices=[("", "Choose"), ("Asia", [("CN", "China"), ("VN", "Viet Nam")])]
    )
    answer = forms.ChoiceField(
        label="Known?", choices=[("yes", "Yes"), ("part", "In part")], widget=forms.RadioSelect
    )
    kinds = forms.MultipleChoiceField(
        label="Kinds",
        choices=[("a", "Orders"), ("b", "Notes")],
        widget=forms.CheckboxSelectMultiple,
    )
    agree = forms.BooleanField(label="I have read it")
    on = ThreePartDateField(label="On")
    people = forms.IntegerField(label="People", min_value=1)
    share = forms.DecimalField(label="Share")
    proof = forms.FileField(label="Proof")
    code = forms.CharField(label="Code", widget=CodeInput)
    secret = forms.CharField(label="Secret", widget=forms.PasswordInput)
    task = forms.IntegerField(widget=forms.HiddenInput)


TYPED = MultiValueDict(
    {
        "name": ["<b>Demo</b>"],
        "country": ["VN"],
        "answer": ["part"],
        "kinds": ["b"],
        "people": ["many"],
        "secret": ["hidden"],
        "on_day": ["31"],
        "on_month": ["2"],
        "on_year": ["2026"],
        "task": ["seven"],
    }
)


def rendered(name, form=None, **options):
    form = EveryField(TYPED) if form is None else form
    return " ".join(portal.field(form[name], **options).split()).replace(" >", ">")


@pytest.mark.parametrize("name", EveryField.base_fields)
def test_what_describes_a_field_is_in_the_page(name):
    html = rendered(name)

    told = html.partition('aria-describedby="')[2].partition('"')[0].split()
    assert [one for one in told if f'id="{one}"' not in html] == []


@pytest.mark.parametrize(
    ("name", "piece"),
    [
        ("name", 'value="&lt;b&gt;Demo&lt;/b&gt;"'),
        ("people", 'inputmode="numeric" value="many"'),
        ("share", 'inputmode="decimal"'),
        ("country", '<option value="VN" selected>'),
        ("country", '<optgroup label="Asia">'),
        ("answer", 'value="part" checked'),
        ("kinds", 'value="b" checked'),
        ("on", 'name="on_month" type="text" inputmode="numeric" value="2"'),
        ("why", 'data-maxlength="400"'),
        ("code", 'autocomplete="one-time-code"'),
        ("proof", 'type="file"'),
        ("task", '<input type="hidden" name="task" id="id_task" value="seven"'),
        ("agree", 'type="checkbox"'),
    ],
)
def test_what_was_typed_comes_back(name, piece):
    assert piece in rendered(name)


def test_nothing_stops_or_cuts_what_is_typed():
    html = "".join(rendered(name) for name in EveryField.base_fields)

    assert [
        name for name in ('maxlength="20"', "required", "min=", "<script") if name in html
    ] == [
        "required"  # Django's own sentence
    ]
    assert html.count("required") == html.count("This field is required.")


def test_a_password_never_comes_back():
    assert "hidden" not in rendered("secret").replace("visually-hidden", "")


def test_a_counter_only_where_there_is_a_limit():
    assert "character-count" not in rendered("note")


def test_a_hint_stands_under_its_choice():
    form = EveryField()
    form.fields["answer"].choice_hints = {"part": "Say which are missing."}

    html = rendered("answer", form)

    assert 'id="id_answer_1-hint"' in html
    assert 'value="part" aria-describedby="id_answer_1-hint"' in html


def test_an_empty_choice_is_chosen_while_nothing_is():
    assert '<option value="" selected>' in rendered("country", EveryField())


@pytest.mark.parametrize("name", ["name", "answer"])
def test_a_label_may_be_the_heading_of_its_page(name):
    assert rendered(name, heading=True).count("<h1") == 1


def test_a_field_switched_off_says_so():
    form = EveryField(initial={"on": date(2026, 11, 20)})
    form.fields["on"].disabled = True

    assert rendered("on", form).count(" disabled") == 3


def test_several_files_may_be_chosen():
    form = EveryField()
    form.fields["proof"].widget.allow_multiple_selected = True

    assert " multiple" in rendered("proof", form)


def test_each_listed_error_names_and_links_its_first_control():
    form = EveryField(TYPED)
    form.add_error(None, "Nothing fits.")

    faults = portal.error_summary(form, None)["faults"]

    assert ("id_why", "Why – This field is required.") in faults
    assert ("id_on_day", "On – This is not a date of the calendar.") in faults
    assert ("", "Nothing fits.") in faults
    assert ("", "Enter a whole number.") in faults  # a hidden field has nowhere to go
    targets = [target for target, _message in faults if target]
    html = "".join(rendered(name) for name in EveryField.base_fields)
    assert [target for target in targets if f'id="{target}"' not in html] == []


def test_choices_are_linked_at_their_first():
    faults = dict(portal.error_summary(EveryField({}))["faults"])

    assert faults["id_answer_0"] == "Known – This field is required."
    assert faults["id_kinds_0"] == "Kinds – This field is required."


def test_formsets_are_listed_too():
    kind = formset_factory(EveryField, max_num=1, validate_max=True)
    rows = kind({"form-TOTAL_FORMS": "2", "form-INITIAL_FORMS": "0", "form-1-name": "Demo"})

    faults = portal.error_summary(rows)["faults"]

    assert faults[0] == ("", "Please submit at most 1 form.")
    assert faults[1][0] == "id_form-1-why"


def test_a_date_is_asked_in_the_order_of_its_language():
    form = EveryField(TYPED)
    with translation.override("zh-hans"):
        names = [part["name"] for part in portal.date_parts(form["on"], [])]
        target = portal._target(form["on"])

    assert names == ["on_year", "on_month", "on_day"]
    assert target == "id_on_year"


def test_a_known_date_fills_its_parts():
    form = EveryField(initial={"on": date(2026, 11, 20)})

    assert [part["value"] for part in portal.date_parts(form["on"], [])] == [20, 11, 2026]


@pytest.mark.parametrize(
    ("zone", "said"),
    [
        ("", "20 November 2026, 16:05 (UTC)"),
        ("Asia/Shanghai", "21 November 2026, 00:05 (Shanghai)"),
        ("America/New_York", "20 November 2026, 11:05 (New York)"),
    ],
)
def test_a_moment_says_its_zone(zone, said):
    assert portal.moment(NOON, zone) == said


def test_a_day_is_that_of_the_zone():
    assert portal.day(NOON, "Asia/Shanghai") == "21 November 2026"
    assert portal.day(date(2026, 11, 20)) == "20 November 2026"


@pytest.mark.parametrize(
    ("zone", "said"),
    [
        ("Asia/Shanghai", "上海时间"),
        ("Asia/Ho_Chi_Minh", "胡志明市时间"),
        ("Asia/Kolkata", "加尔各答时间"),
        ("Europe/Kyiv", "基辅时间"),
        ("UTC", "UTC"),
    ],
)
def test_cities_are_named_in_the_readers_language(zone, said):
    with translation.override("zh-hans"):
        assert portal.zone_label(zone) == said


def test_a_place_that_nobody_translated_keeps_its_name():
    with translation.override("zh-hans"):
        assert portal.zone_label("Pacific/Nowhere_Yet") == "Nowhere Yet时间"


def test_what_is_not_there_is_empty():
    assert [portal.moment(None), portal.day(None), portal.iso(None)] == ["", "", ""]
    assert [portal.hash8(None), portal.pieces(None)] == ["", ""]


def test_a_hash_is_set_in_pieces_without_spaces():
    assert portal.pieces("0123456789ab", 8) == (
        '<span class="x-piece">01234567</span><span class="x-piece">89ab</span>'
    )
    assert portal.hash8("0123456789ab") == "01234567"
    assert portal.iso(NOON) == "2026-11-20T16:05:00+00:00"
