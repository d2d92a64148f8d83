import copy
from datetime import date
from pathlib import Path

import pytest
from django.utils.translation import override
from hypothesis import given, settings
from hypothesis import strategies as st

import questionnaires
from questionnaires.definition import About, Level, QuestionType
from questionnaires.enums import Progress
from questionnaires.loader import load
from questionnaires.logic import FLAWS, Declined, Finding, Flaw, Invalid, Reader, evaluate, parse
from tests.questionnaires.small import (
    SITE,
    TODAY,
    answered,
    asked,
    complete,
    question,
    row,
    said,
    small,
)

(CONTENT,) = Path(questionnaires.__file__).parent.glob("definitions/*2026.0.yaml")


def flaws(answers, definition=None):
    return {item.path: item.flaw for item in said(answers, definition).invalid}


def keys(answers, definition=None):
    return [finding.key for finding in said(answers, definition).findings]


def sites(**answers):
    return answered(start={"trade": "yes"}, sites=[row("r1", **(SITE | answers))])


# Visible, missing, complete


def test_an_empty_response_misses_what_is_required_and_shown():
    result = said({})

    assert result.visible[:3] == ("hello", "trade", "colours")
    assert result.sections == ("start", "staffing", "promises")
    assert result.missing == ("trade", "agree", "sworn")
    assert result.invalid == result.declined == result.findings == ()
    assert result.is_complete is False


def test_a_complete_response_may_be_signed():
    result = said(complete())

    assert (result.missing, result.invalid, result.findings) == ((), (), ())
    assert result.is_complete is True


@pytest.mark.parametrize("blank", [None, "", " \n", [], {}])
def test_blank_is_unanswered(blank):
    assert "trade" in said(answered(start={"trade": blank})).missing


def test_a_follow_up_shows_and_is_missed_once_its_question_is_answered():
    result = said(answered(start={"trade": "no"}))

    assert "why" in result.visible
    assert "why" in result.missing


def test_a_hidden_answer_reads_as_unanswered():
    given_then_hidden = answered(start={"trade": "yes", "why": "We do not."})

    assert "says_why" in keys(answered(start={"trade": "no", "why": "We do not."}))
    assert keys(given_then_hidden) == []


def test_an_expression_says_whether_an_answer_is_required():
    assert "site[r1].site_doc" not in said(sites(site_ours="no")).missing
    assert "site[r1].site_doc" in said(sites(site_ours="yes")).missing
    assert "site[r1].site_doc" not in said(sites(site_ours="yes", site_doc=["e1"])).missing


def test_rows_have_paths_by_their_ids():
    result = said(answered(start={"trade": "yes"}, sites=[row("b", **SITE), row("a")]))

    assert "site[b].site_name" in result.visible
    assert "site[a].site_country" in result.missing
    assert "site[a].site_province" not in result.visible


def test_a_table_with_too_few_rows_is_missing_itself():
    assert "site" in said(answered(start={"trade": "yes"})).missing


def test_a_table_with_too_many_rows_cannot_stand():
    rows = [row(f"r{i}", **SITE) for i in range(4)]

    assert flaws(answered(start={"trade": "yes"}, sites=rows)) == {"site": Flaw.TOO_MANY_ROWS}


def test_a_hidden_table_has_no_rows_and_raises_nothing():
    there = SITE | {"site_province": "65"}
    shown = answered(start={"trade": "yes"}, sites=[row("r1", **there)])
    hidden = answered(start={"trade": "no", "why": "x"}, sites=[row("r1", **there)])

    assert keys(shown) == ["site_there", "any_there"]
    assert keys(hidden) == ["says_why"]
    assert not any(path.startswith("site") for path in said(hidden).visible)


def test_a_province_hidden_by_a_changed_country_raises_nothing():
    assert keys(sites(site_province="65")) == ["site_there", "any_there"]
    assert keys(sites(site_province="65", site_country="DE")) == []


def test_a_finding_about_rows_is_raised_row_by_row():
    rows = [row("a", **SITE), row("b", **(SITE | {"site_province": "65"}))]

    found = said(answered(start={"trade": "yes"}, sites=rows)).findings[0]

    assert (found.key, found.table, found.row, found.place) == (
        "site_there",
        "site",
        "b",
        "site[b]",
    )
    assert (found.level, found.clause, found.about) == (Level.EXIT, "B1", About.SUPPLIER)


# What cannot stand


@pytest.mark.parametrize(
    ("key", "stored", "flaw"),
    [
        ("trade", "maybe", Flaw.NO_SUCH_CHOICE),
        ("trade", ["yes"], Flaw.NO_SUCH_CHOICE),
        ("trade", {"raw": "yess"}, Flaw.NO_SUCH_CHOICE),
        ("colours", "red", Flaw.NOT_A_LIST),
        ("colours", ["red", "green"], Flaw.NO_SUCH_CHOICE),
        ("colours", [["red"]], Flaw.NO_SUCH_CHOICE),
        ("colours", ["none", "red"], Flaw.CONSTRAINT),
        ("staff", -1, Flaw.CONSTRAINT),
        ("staff", "12", Flaw.NOT_WHOLE),
        ("staff", True, Flaw.NOT_WHOLE),
        ("staff", 1.5, Flaw.NOT_WHOLE),
        ("staff", {"raw": "many"}, Flaw.NOT_WHOLE),
        ("share", 12, Flaw.NOT_A_NUMBER),
        ("share", "12,5", Flaw.NOT_A_NUMBER),
        ("share", "Infinity", Flaw.NOT_A_NUMBER),
        ("share", {"raw": "half"}, Flaw.NOT_A_NUMBER),
        ("since", "2026-02-30", Flaw.NOT_A_DATE),
        ("since", "20260228", Flaw.NOT_A_DATE),
        ("since", {"raw": "May"}, Flaw.NOT_A_DATE),
        ("mail", 5, Flaw.NOT_TEXT),
        ("mail", "x" * 2001, Flaw.TOO_LONG),
        ("mail", {"raw": "x" * 3000}, Flaw.TOO_LONG),
        ("mail", "name@", Flaw.EMAIL),
    ],
)
def test_an_answer_that_does_not_fit_is_invalid_with_its_reason(key, stored, flaw):
    result = said(answered(start={"trade": "yes"} | {key: stored}))

    assert Invalid(key, flaw) in result.invalid
    assert key not in result.missing
    assert result.progress["start"].state is Progress.CORRECTION


@pytest.mark.parametrize(
    ("key", "stored"),
    [
        ("colours", ["red", "blue"]),
        ("colours", ["none"]),
        ("staff", 0),
        ("share", "12.5"),
        ("share", "-0.25"),
        ("since", "2024-02-29"),
        ("mail", "name@example.com"),
    ],
)
def test_an_answer_that_fits_stands(key, stored):
    assert flaws(answered(start={key: stored})) == {}


def test_every_flaw_has_a_sentence():
    with override("en"):
        assert all(str(FLAWS[flaw]).endswith(".") for flaw in Flaw)


@pytest.mark.parametrize(
    ("country", "code", "flaw"),
    [
        ("CN", "91110000600037341L", None),
        ("CN", "9111 0000 6000 3734 1L", None),
        ("CN", "91110000600037341M", Flaw.USCC),
        ("CN", "1234", Flaw.USCC),
        ("DE", "HRB 1234", None),
    ],
)
def test_the_form_of_a_registration_number_is_checked_in_china_alone(country, code, flaw):
    found = flaws(sites(site_country=country, site_code=code))

    assert found.get("site[r1].site_code") == flaw


@pytest.mark.parametrize(
    ("code", "flaw"),
    [("610910", None), ("6109.10", None), ("6109100010", None), ("61", Flaw.HS_CODE)],
)
def test_a_customs_code_has_six_eight_or_ten_digits(code, flaw):
    definition = small(lambda data: asked(data, "mail").update(format="hs_code"))

    assert flaws(answered(start={"mail": code}), definition).get("mail") == flaw


def test_an_answer_that_breaks_its_constraint_is_still_read():
    definition = small(lambda data: asked(data, "share").update(relevant="${staff} < 0"))

    assert "share" in said(answered(start={"staff": -1}), definition).visible


def test_a_constraint_runs_on_answered_values_only():
    assert "staff" not in flaws(answered(start={"staff": {"declined": "unknown"}}))


def test_a_row_that_is_gone_cannot_be_named():
    crews = [row("c1", crew_site="r1", crew_size=4), row("c2", crew_site="r9")]
    answers = complete() | {"staffing": {"rows": crews}}

    assert flaws(answers) == {"crew[c2].crew_site": Flaw.NO_SUCH_ROW}


def test_rows_of_a_hidden_table_cannot_be_named():
    crews = [row("c1", crew_site="r1")]
    hidden = answered(start={"trade": "no"}, sites=[row("r1", **SITE)], staffing=crews)

    assert flaws(hidden) == {"crew[c1].crew_site": Flaw.NO_SUCH_ROW}


@pytest.mark.parametrize(
    ("ticked", "missing"),
    [
        ({"d1": True, "d2": True}, False),
        ({"d1": True, "d2": False}, True),
        ({"d1": True}, True),
        ({"d9": True}, True),
        ({}, True),
    ],
)
def test_a_declaration_is_made_when_every_statement_is_ticked(ticked, missing):
    answers = answered(start={"trade": "yes"}, promises={"sworn": ticked})

    assert ("sworn" in said(answers).missing) is missing


# Declined


def test_a_declined_answer_satisfies_required_and_raises_a_finding():
    result = said(answered(promises={"agree": {"declined": "cannot_say", "why": "confidential"}}))

    assert "agree" not in result.missing
    assert result.declined == (Declined("agree", "cannot_say", "confidential", was_required=True),)
    (found,) = result.findings
    assert (found.key, found.level, found.place) == ("declined", Level.FOLLOW_UP, "agree")


@pytest.mark.parametrize("why", ["law", "safety"])
def test_counsel_reads_first_what_is_declined_for_law_or_safety(why):
    result = said(answered(start={"trade": {"declined": "cannot_say", "why": why}}))

    assert [finding.level for finding in result.findings] == [Level.COUNSEL]


def test_declining_what_was_not_required_raises_nothing():
    result = said(answered(start={"staff": {"declined": "unknown"}}))

    assert [item.path for item in result.declined] == ["staff"]
    assert result.findings == ()


@pytest.mark.parametrize(
    ("key", "stored"),
    [
        ("agree", {"declined": "unknown"}),  # here one may only be unable to say
        ("sure", {"declined": "cannot_say"}),
        ("sure", {"declined": "unknown"}),
        ("agree", {"declined": "never"}),
        ("agree", {"declined": "cannot_say", "why": "tired"}),
        ("agree", {"declined": ["cannot_say"]}),
    ],
)
def test_where_an_answer_is_needed_declining_does_not_stand(key, stored):
    result = said(answered(promises={key: stored}))

    assert result.invalid == (Invalid(key, Flaw.MUST_BE_ANSWERED),)
    assert result.declined == ()


def test_rules_can_ask_what_was_declined():
    definition = small(
        lambda data: data["findings"][2].update(when="declined(${agree}) = 'cannot_say'")
    )

    assert keys(answered(promises={"agree": {"declined": "cannot_say"}}), definition) == [
        "declined",
        "refuses",
    ]
    assert keys(answered(promises={"agree": "no"}), definition) == []


def test_what_could_not_be_read_reads_as_empty():
    definition = small(lambda data: data["findings"][3].update(when="${staff} >= 0"))

    assert "says_why" in keys(answered(start={"staff": 3}), definition)
    assert "says_why" not in keys(answered(start={"staff": {"raw": "3 or so"}}), definition)


def test_today_is_the_date_given():
    definition = small(lambda data: data["findings"][3].update(when="${since} < today()"))
    answers = answered(start={"since": "2026-11-20"})

    assert evaluate(definition, answers, date(2026, 11, 20)).findings == ()
    assert evaluate(definition, answers, date(2026, 11, 21)).findings[0].key == "says_why"


# Progress


def test_progress_goes_from_not_started_to_ready():
    states = [
        said(answers).progress["start"].state
        for answers in (
            {},
            answered(start={"trade": ""}),
            answered(start={"colours": ["red"]}),
            answered(start={"trade": "yes"}),
            answered(start={"trade": "no"}),
        )
    ]

    assert states == [
        Progress.NOT_STARTED,
        Progress.NOT_STARTED,
        Progress.IN_PROGRESS,
        Progress.READY,
        Progress.IN_PROGRESS,
    ]


def test_what_was_sent_back_needs_correction_until_it_is_answered():
    result = said(complete(), sent_back=["site[r1].site_name", "no_longer_asked"])

    states = {key: progress.state for key, progress in result.progress.items()}
    assert states == {
        "start": Progress.READY,
        "sites": Progress.CORRECTION,
        "staffing": Progress.NOT_STARTED,
        "promises": Progress.READY,
    }


def test_an_untouched_table_that_may_stay_empty_keeps_nobody_from_signing():
    progress = said({}).progress["staffing"]

    assert (progress.state, progress.is_complete) == (Progress.NOT_STARTED, True)


def test_counts_are_of_visible_questions():
    progress = said(answered(start={"trade": "no"})).progress["start"]

    assert (progress.asked, progress.required, progress.answered) == (7, 2, 1)
    assert progress.is_complete is False


def test_a_hidden_section_has_no_progress():
    assert "sites" not in said({}).progress


def test_the_frozen_record_holds_texts_alone():
    answers = sites(site_province="65", site_people={"raw": "many"})
    answers["promises"] = {"answers": {"agree": {"declined": "cannot_say", "why": "law"}}}

    data = said(answers).as_data()

    assert data["invalid"] == [{"path": "site[r1].site_people", "flaw": "not_whole"}]
    assert data["declined"] == [{"path": "agree", "said": "cannot_say", "why": "law"}]
    assert data["findings"][1] == {
        "key": "site_there",
        "level": "exit",
        "scope": "own_products",
        "about": "supplier",
        "clause": "B1",
        "limb": "",
        "place": "site[r1]",
    }


# Titles and words


def reader(answers, wording="explicit", language="en"):
    return Reader(small(), answers, wording, language)


def test_a_row_is_named_by_its_template():
    crews = [row("c1", crew_site="r1", crew_size=4), row("c2", crew_size=5), row("c3")]
    answers = complete() | {"staffing": {"rows": crews}}

    assert reader(answers).row_titles("crew") == {
        "c1": "绍兴示例纺织有限公司: 4",
        "c2": "5",
        "c3": "Row 3",
    }
    assert reader(answers).row_titles("site") == {"r1": "绍兴示例纺织有限公司"}
    assert reader(answers).row_title("site", "r9") == ""


def test_a_row_without_a_name_is_called_by_its_number():
    assert reader(answered(sites=[row("r1")])).row_title("site", "r1") == "Row 1"


@pytest.mark.parametrize(
    ("key", "stored", "english", "chinese"),
    [
        ("trade", "yes", "Yes", "是"),
        ("trade", {"raw": "perhaps"}, "perhaps", "perhaps"),
        ("trade", {"declined": "unknown"}, "", ""),
        ("trade", None, "", ""),
        ("colours", ["red", "blue"], "Red, Blue", "红、蓝"),
        ("staff", 12, "12", "12"),
        ("site_doc", ["e1"], "", ""),
        ("sworn", {"d1": True, "d2": False}, "True.", "中文"),
        ("crew_site", "r1", "绍兴示例纺织有限公司", "绍兴示例纺织有限公司"),
    ],
)
def test_answers_are_said_in_words(key, stored, english, chinese):
    asked_ = small().questions[key]

    assert reader(complete()).answer(asked_, stored) == english
    assert reader(complete(), language="zh-hans").answer(asked_, stored) == chinese


def test_the_wording_decides_how_a_province_is_called():
    province = small().questions["site_province"]

    assert reader({}).answer(province, "65") == "Uyghur Region (Xinjiang)"
    assert reader({}, wording="traceability", language="zh-Hans").answer(province, "65") == (
        "新疆维吾尔自治区"
    )


# Typed text


@pytest.mark.parametrize(
    ("key", "typed", "stored"),
    [
        ("why", " We\r\nsell. ", "We\nsell."),
        ("why", "", None),
        ("why", " \n", None),
        ("why", "x" * 2001, {"raw": "x" * 2001}),
        ("why", "a\x00b", "ab"),
        ("staff", "250", 250),
        ("staff", " 1,250 ", 1250),
        ("staff", "１２", 12),
        ("staff", "-3", -3),
        ("staff", "1.0", {"raw": "1.0"}),
        ("staff", "many", {"raw": "many"}),
        ("staff", "1,25", {"raw": "1,25"}),
        ("staff", "9" * 16, {"raw": "9" * 16}),
        ("staff", "٣", {"raw": "٣"}),
        ("share", "12.50", "12.50"),
        ("share", "007", "7"),
        ("share", "-0.5", "-0.5"),
        ("share", "\u22120.5", "-0.5"),
        ("share", "-0", "0"),
        ("share", "1,000.5", "1000.5"),
        ("share", "33,4", {"raw": "33,4"}),
        ("share", "1e5", {"raw": "1e5"}),
        ("share", "NaN", {"raw": "NaN"}),
        ("since", "2026-03-01", "2026-03-01"),
        ("since", "2026/3/1", "2026-03-01"),
        ("since", "2026年3月1日", "2026-03-01"),
        ("since", "2026 年 3 月 1 日", "2026-03-01"),
        ("since", "2026-02-30", {"raw": "2026-02-30"}),
        ("since", "1 March", {"raw": "1 March"}),
        ("since", "0000-01-01", {"raw": "0000-01-01"}),
        ("trade", "yes", "yes"),
        ("trade", "Yes", {"raw": "Yes"}),
        ("colours", ["blue", "red", "blue"], ["red", "blue"]),
        ("colours", "red", ["red"]),
        ("colours", [], None),
        ("colours", ["red", "green"], {"raw": "red green"}),
        ("crew_site", "r1", "r1"),
        ("site_doc", ["e1", ""], ["e1"]),
        ("site_doc", [], None),
        ("sworn", ["d2", "d1"], {"d1": True, "d2": True}),
        ("sworn", [], None),
        ("sworn", ["d9"], {"raw": "d9"}),
        ("hello", "text", None),
    ],
)
def test_typed_text_becomes_an_answer_or_is_kept_raw(key, typed, stored):
    assert parse(small().questions[key], typed) == stored


TYPED = st.text(max_size=60)


@settings(deadline=None)  # other work shares this machine
@given(st.sampled_from(list(small().questions)), st.one_of(TYPED, st.lists(TYPED, max_size=4)))
def test_whatever_is_typed_is_stored_and_judged(key, typed):
    definition = small()
    asked_ = definition.questions[key]
    stored = parse(asked_, typed)
    answers = answered(start={"trade": "yes"})
    if asked_.table:
        answers[asked_.section] = {"rows": [row("r1", **{key: stored})]}
    else:
        answers[asked_.section]["answers"][key] = stored

    result = evaluate(definition, answers, TODAY)

    is_raw = isinstance(stored, dict) and "raw" in stored
    known = asked_.type not in {QuestionType.NOTE, QuestionType.SELECT_ROW}
    path = asked_.path("r1")
    if is_raw and known and path in result.visible:
        assert path in {item.path for item in result.invalid}


STORED = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(max_size=12),
        st.sampled_from(["yes", "no", "65", "33", "CN", "r1", "red", "2026-11-20", "unknown"]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(["declined", "why", "raw", "d1", "d2", "x"]), inner, max_size=3
        ),
    ),
    max_leaves=4,
)


@st.composite
def any_answers(draw):
    definition = small()
    answers = {}
    for section in definition.sections:
        some = st.dictionaries(
            st.sampled_from([item.key for item in section.questions]), STORED, max_size=6
        )
        if section.repeat:
            ids = draw(st.lists(st.sampled_from(["r1", "r2", "r3"]), max_size=3, unique=True))
            answers[section.key] = {"rows": [{"id": i, "answers": draw(some)} for i in ids]}
        else:
            answers[section.key] = {"answers": draw(some)}
    return answers


@settings(deadline=None)
@given(any_answers())
def test_no_stored_answer_crashes_the_evaluator(answers):
    before = copy.deepcopy(answers)

    result = said(answers)
    again = said(answers)

    assert result == again
    assert repr(answers) == repr(before)
    assert set(result.missing) - {"site", "crew"} <= set(result.visible)
    unsettled = {item.path for item in result.invalid} & set(result.missing)
    assert unsettled == set()
    assert result.is_complete is all(one.is_complete for one in result.progress.values())


# The content


def test_an_empty_response_to_the_content_raises_nothing():
    definition = load(CONTENT.read_text())

    result = evaluate(definition, {}, TODAY)

    assert result.findings == ()
    assert {one.state for one in result.progress.values()} == {Progress.NOT_STARTED}


def test_rules_of_both_wordings_are_the_same_rules():
    """A rule holds no wording, so an answer cannot mean two things: shown by one planted text."""

    def reworded(data):
        asked(data, "trade")["label"] = {
            "explicit": {"en": "X", "zh-Hans": "甲"},
            "traceability": {"en": "Y", "zh-Hans": "乙"},
        }

    plain, twice = small(), small(reworded)
    answers = sites(site_province="65")

    assert evaluate(plain, answers, TODAY) == evaluate(twice, answers, TODAY)
    for wording in ("explicit", "traceability"):
        words = Reader(twice, answers, wording, "en")
        assert words.row_title("site", "r1") == SITE["site_name"]


def test_a_finding_of_the_response_as_a_whole_has_no_place():
    (found,) = said(answered(promises={"agree": "no"})).findings

    assert found == Finding(
        "refuses",
        Level.EXIT,
        found.scope,
        About.SUPPLIER,
        clause="B5",
        limb="agreement",
    )
    assert found.place == ""


def test_any_over_another_table_decides_what_a_page_asks():
    def change(data):
        data["sections"][3]["questions"].append(
            question("moved", required=True, relevant="any(${site_province} = '65')")
        )

    definition = small(change)

    assert "moved" in said(sites(site_province="65"), definition).missing
    assert "moved" not in said(sites(), definition).visible
