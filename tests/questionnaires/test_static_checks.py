from pathlib import Path

import pytest

import questionnaires
from questionnaires.loader import read_draft
from questionnaires.static_checks import check, check_text, leaks
from tests.questionnaires.small import (
    EVIDENCE,
    asked,
    both,
    changed,
    complaints,
    finding,
    question,
    small,
)

APP = Path(questionnaires.__file__).parent
CONTENT = sorted(APP.glob("definitions/*.yaml"))
GUIDE = APP.parent / "docs" / "questionnaire-format.md"


def rule(key, field, source):
    return lambda data: asked(data, key).update({field: source})


def errors(change):
    return [(place, text) for place, text in complaints(change) if not text.startswith("warning")]


def test_the_small_questionnaire_has_nothing_wrong():
    assert complaints(lambda data: None) == []


def test_the_example_in_the_guide_has_nothing_wrong():
    example = GUIDE.read_text().partition("```yaml\n")[2].partition("```")[0]

    assert example.startswith("format: 1")
    assert check_text(example) == []


@pytest.mark.parametrize("path", CONTENT, ids=lambda path: path.stem)
def test_the_content_has_nothing_that_stops_publishing(path):
    found = check_text(path.read_text())

    assert [str(problem) for problem in found if not problem.is_warning] == []


def test_every_message_has_line_column_place_and_text():
    text = """format: 1
key: lines
version: "1"
languages: [en]
sections:
  - key: page
    title: {en: Page}
    questions:
      - key: early
        type: text
        relevant: "1 = 1 and ${late} = 'x'"
        label: {en: Early}
      - {key: late, type: text, label: {en: Late}}
"""

    (problem,) = check_text(text)

    assert str(problem) == (
        "line 11, column 30, questions.early.relevant: "
        "'late' is asked later than this (character 11 of the rule)"
    )


# References


@pytest.mark.parametrize("field", ["relevant", "required"])
def test_a_rule_names_no_later_question(field):
    assert errors(rule("why", field, "${staff} > 1")) == [
        (f"questions.why.{field}", "'staff' is asked later than this (character 1 of the rule)")
    ]


def test_a_section_depends_on_earlier_sections_only():
    assert errors(
        lambda data: data["sections"][1].update(relevant="any(${site_ours} = 'yes')")
    ) == [
        (
            "sections.sites.relevant",
            "'site_ours' is asked later than this (character 5 of the rule)",
        )
    ]


def test_a_constraint_names_its_own_value_by_a_dot():
    assert errors(rule("staff", "constraint", "${staff} > 1")) == [
        (
            "questions.staff.constraint",
            (
                "a question cannot depend on itself; in a constraint its value is `.`"
                " (character 1 of the rule)"
            ),
        )
    ]


def test_findings_may_name_any_question():
    assert errors(lambda data: data["findings"].append(finding("x", "${agree} = 'yes'"))) == []


def test_a_question_of_a_table_needs_any_all_count_or_sum_outside():
    def change(data):
        data["findings"][2]["when"] = "${site_ours} = 'no'"

    assert errors(change) == [
        (
            "findings.refuses.when",
            (
                "'site_ours' stands in the table 'site': use any(), all(), count() or sum()"
                " (character 1 of the rule)"
            ),
        )
    ]


@pytest.mark.parametrize(
    "source", ["any(${site_ours} = 'yes')", "count(${site_ours}) = 1", "sum(${site_people}) > 1"]
)
def test_a_table_is_not_counted_while_it_is_answered(source):
    def change(data):
        data["sections"][1]["questions"].append(question("last", relevant=source))

    name = source.partition("(")[0]
    assert errors(change)[0] == (
        "questions.last.relevant",
        (
            f"{name}() goes through the table this question stands in; ask after the table"
            " (character 1 of the rule)"
        ),
    )


def test_a_row_is_named_after_its_table():
    def change(data):
        asked(data, "why")["type"] = "select_one ${site_name}"

    assert errors(change) == [
        ("questions.why.type", "the table 'site' is not answered before this")
    ]


# Keys


@pytest.mark.parametrize(
    ("change", "place", "text"),
    [
        (
            lambda data: asked(data, "why").update(key="trade", relevant="true()"),
            "questions.trade",
            "the key 'trade' already names a question or table",
        ),
        (
            lambda data: data["sections"][2]["repeat"].update(key="share"),
            "sections.staffing.repeat.key",
            "the key 'share' already names a question or table",
        ),
        (
            lambda data: data["sections"][2].update(key="sites"),
            "sections.sites",
            "the key 'sites' already names a section",
        ),
        (
            lambda data: data["findings"][3].update(key="refuses"),
            "findings.refuses",
            "the key 'refuses' already names a finding",
        ),
        (
            lambda data: data["findings"][3].update(key="declined"),
            "findings.declined",
            "the key 'declined' already names a finding",
        ),
        (
            lambda data: asked(data, "sworn")["statements"][1].update(code="d1"),
            "questions.sworn.statements",
            "the key 'd1' already names a statement",
        ),
        (
            lambda data: data["sections"][2]["repeat"].update(item_title="${site_name}"),
            "sections.staffing.repeat.item_title",
            "'site_name' is no question of this table",
        ),
        (
            lambda data: data["sections"][2]["repeat"].update(min=10),
            "sections.staffing.repeat.min",
            "more than the most rows allowed",
        ),
        (
            lambda data: data.update(changes=[{"place": "questions.gone.label", "reason": "x"}]),
            "changes",
            "no text stands at 'questions.gone.label'",
        ),
    ],
)
def test_keys_are_known_and_stand_once(change, place, text):
    assert (place, text) in errors(change)


def test_a_text_named_in_changes_is_known():
    change = {"place": "questions.why.label", "reason": "Spelling."}

    assert errors(lambda data: data.update(changes=[change])) == []


# Kinds of values


@pytest.mark.parametrize(
    ("source", "text", "column"),
    [
        ("${trade} = 'maybe'", "'maybe' is no choice of 'trade'", 12),
        ("'maybe' = ${trade}", "'maybe' is no choice of 'trade'", 1),
        ("selected(${colours}, 'green')", "'green' is no choice of 'colours'", 22),
        ("selected(${trade}, 'maybe')", "'maybe' is no choice of 'trade'", 20),
        ("${colours} = 'red'", "'colours' (choices) holds several values: use selected()", 1),
        ("${staff} = '5'", "'staff' (number) is never equal to the text '5'", 12),
        ("${staff} = ${since}", "'staff' (number) is never equal to 'since' (date)", 1),
        ("${since} > '20 May'", "the text '20 May' is no date, like '2026-11-20'", 12),
        ("${since} = '2026-02-30'", "the text '2026-02-30' is no date, like '2026-11-20'", 12),
        ("${since} > 5", "'since' (date) and a number have no order between them", 1),
        ("${trade} < 'yes'", "'trade' (choice) and the text 'yes' have no order between them", 1),
        ("${why} > 'a'", "'why' (text) and the text 'a' have no order between them", 1),
        ("${staff} + ${trade} > 1", "+ takes number, not 'trade' (choice)", 12),
        ("-${why} = 1", "- takes number, not 'why' (text)", 2),
        ("string-length(${staff}) > 1", "string-length() takes text, not 'staff' (number)", 15),
        (
            "count-selected(${trade}) = 1",
            "count-selected() takes choices or files or ticks, not 'trade' (choice)",
            16,
        ),
        ("selected(${why}, 'x')", "selected() takes choices or choice, not 'why' (text)", 10),
        ("sum(${site_ours}) > 1", "sum() takes number, not 'site_ours' (choice)", 5),
        (
            "declined(${trade}) = 'yes'",
            "declined() is 'unknown' or 'cannot_say', never the text 'yes'",
            22,
        ),
        ("(${staff} > 1) = 'x'", "a bool is never equal to the text 'x'", 18),
        ("answered(${hello}) and ${hello} = 'x'", "'hello' is a note and has no answer", 10),
        ("any(${crew_site} = 'r1')", "'crew_site' (row) is never equal to the text 'r1'", 20),
    ],
)
def test_unlike_things_are_not_compared(source, text, column):
    change = lambda data: data["findings"].append(finding("odd", source))  # noqa: E731

    assert errors(change)[0] == (
        "findings.odd.when",
        f"{text} (character {column} of the rule)",
    )


@pytest.mark.parametrize(
    "source",
    [
        "${trade} = ''",
        "${trade} != ''",
        "${since} <= today() and ${since} > '2020-01-01'",
        "${staff} * 2 > ${share} div 3",
        "if(${staff} > 1, ${staff}, 0) = 4",
        "coalesce(${why}, 'x') = 'y'",
        "coalesce(${staff}, 'x') = 'y'",
        "contains(${why}, 'x')",
        "declined(${trade}) = 'cannot_say'",
        "count-selected(${colours}) > 1",
        "any(${crew_size} > 3) or all(${site_ours} = 'yes')",
        "sum(${crew_size}) > ${staff}",
        "not(true()) = false()",
    ],
)
def test_like_things_are_compared(source):
    assert complaints(lambda data: data["findings"].append(finding("good", source))) == []


def test_the_dot_has_the_kind_of_its_question():
    assert errors(rule("staff", "constraint", ". = 'many'")) == [
        (
            "questions.staff.constraint",
            "'staff' (number) is never equal to the text 'many' (character 5 of the rule)",
        )
    ]
    assert errors(rule("colours", "constraint", "selected(., 'pink')"))[0][1] == (
        "'pink' is no choice of 'colours' (character 13 of the rule)"
    )


# != and not(… = …)


@pytest.mark.parametrize(
    "source",
    [
        "${trade} != 'no'",
        "answered(${agree}) and ${trade} != 'no'",
        "answered(${trade}) or ${trade} != 'no'",
        "not(answered(${trade})) and ${trade} != 'no'",
        "answered(${trade}) and ${trade} != ${agree}",
    ],
)
def test_unequal_without_answered_is_refused(source):
    (problem,) = errors(lambda data: data["findings"].append(finding("odd", source)))

    assert problem[0] == "findings.odd.when"
    assert problem[1].startswith("!= holds while ")


@pytest.mark.parametrize(
    "source",
    [
        "answered(${trade}) and ${trade} != 'no'",
        "${trade} != 'no' and answered(${trade})",
        "answered(${trade}) and (${agree} = 'no' or ${trade} != 'no')",
        "not(answered(${trade})) or ${trade} != 'no'",
    ],
)
def test_unequal_beside_answered_is_fine(source):
    assert complaints(lambda data: data["findings"].append(finding("good", source))) == []


def test_not_equal_without_answered_is_a_warning():
    found = complaints(
        lambda data: data["findings"].append(finding("odd", "not(${trade} = 'no')"))
    )

    assert found == [
        (
            "findings.odd.when",
            (
                "warning: this holds while 'trade' is unanswered; is that meant?"
                " (character 5 of the rule)"
            ),
        )
    ]


# Texts


@pytest.mark.parametrize(
    ("label", "texts"),
    [
        ({"en": "Why?"}, ["no text for 'zh-hans'"]),
        ({"en": "Why?", "zh-Hans": " "}, ["the text for 'zh-hans' is blank"]),
        (
            {"en": "Why?", "zh-Hans": "为什么", "de": "Warum?"},
            ["'de' is none of the questionnaire's languages"],
        ),
        (
            {"explicit": both("Why?"), "traceability": {"en": "Why not?"}},
            ["no text for 'zh-hans' in traceability wording"],
        ),
        (
            {"explicit": {"zh-Hans": "为什么"}, "traceability": both("Why not?")},
            ["no text for 'en' in explicit wording"],
        ),
    ],
)
def test_each_text_is_complete_in_every_language_and_wording(label, texts):
    found = errors(lambda data: asked(data, "why").update(label=label))

    assert found == [("questions.why.label", text) for text in texts]


def test_a_list_from_a_standard_needs_names_in_every_language():
    found = errors(lambda data: data["languages"].append("de"))

    assert ("choices.country", "the list 'iso3166' has no names for 'de'") in found
    assert ("questions.site_name.label", "no text for 'de'") in found


PLANTED = [
    "Xinjiang",
    "UYGHUR",
    "UFLPA",
    "forced-labour",
    "the Region",
    "新疆",
    "维吾尔",
    "强迫劳动",
]


@pytest.mark.parametrize("word", PLANTED)
@pytest.mark.parametrize(
    ("place", "plant"),
    [
        ("questions.why.label", lambda data, text: asked(data, "why").update(label=text)),
        ("questions.why.hint", lambda data, text: asked(data, "why").update(hint=text)),
        ("questions.staff.message", lambda data, text: asked(data, "staff").update(message=text)),
        ("sections.start.title", lambda data, text: data["sections"][0].update(title=text)),
        ("sections.start.intro", lambda data, text: data["sections"][0].update(intro=text)),
        (
            "sections.sites.parties.site.label",
            lambda data, text: asked(data, "site").update(label=text),
        ),
        (
            "choices.colour.red.label",
            lambda data, text: data["choices"]["colour"][0].update(label=text),
        ),
        (
            "questions.sworn.statements.d1.label",
            lambda data, text: asked(data, "sworn")["statements"][0].update(label=text),
        ),
    ],
)
def test_a_planted_word_is_found_wherever_a_supplier_reads(word, place, plant):
    planted = both("Say", f"说{word}。")
    worded = {"explicit": planted, "traceability": both("Say", "说")}

    found = errors(lambda data: plant(data, planted))
    assert len(found) == 1
    assert found[0] == (place, f"{word!r} must not stand in a traceability text (zh-hans)")
    assert errors(lambda data: plant(data, worded)) == []


def test_what_no_supplier_reads_may_name_the_region():
    def change(data):
        data["findings"][0]["text"] = both("A site lies in the Region (Xinjiang).", "位于新疆")

    assert errors(change) == []


@pytest.mark.parametrize(
    "change",
    [
        lambda data: asked(data, "why").update(key="why_uyghur"),
        lambda data: data["sections"][0].update(key="xinjiang"),
        lambda data: data["sections"][2]["repeat"].update(key="xuar"),
        lambda data: data["choices"]["colour"][0].update(code="forced"),
        lambda data: data["choices"].update(uflpa=data["choices"]["yes_no"]),
        lambda data: data.update(key="uflpa-check"),
        lambda data: asked(data, "sworn")["statements"][0].update(code="XUAR"),
    ],
)
def test_keys_and_codes_are_neutral(change):
    def planted(data):
        data["findings"] = []
        change(data)

    (found,) = errors(planted)
    assert "must not stand in the key" in found[1]


def test_keys_name_no_clause():
    assert errors(lambda data: asked(data, "secret").update(key="agree_b4")) == [
        ("questions.agree_b4", "the key 'agree_b4' names a clause")
    ]


def test_words_are_found_in_any_text():
    assert leaks("From the Uyghur Region to XUAR") == ["Uyghur", "XUAR"]
    assert leaks("Which region does it come from? Who is repairing it?") == []


# Evidence, prefill, findings, pages


@pytest.mark.parametrize(
    ("key", "more", "text"),
    [
        ("why", {"evidence": EVIDENCE}, "`evidence` stands on file questions only"),
        ("staff", {"format": "email"}, "`format` stands on text questions only"),
        ("staff", {"lines": "one"}, "`lines` stands on text questions only"),
        (
            "why",
            {"type": "declaration"},
            "`statements` stand on a declaration, and a declaration has them",
        ),
        (
            "why",
            {"statements": [{"code": "s1", "label": both("So.")}]},
            "`statements` stand on a declaration, and a declaration has them",
        ),
        (
            "hello",
            {"required": True},
            "a note takes no answer, so nothing can be required of it",
        ),
        ("why", {"message": both("No.")}, "a message without a constraint is never shown"),
        ("site_doc", {"prefill": "confirm"}, "a file is never prefilled"),
        ("secret", {"prefill": "buyer"}, "an answer under clause B4 is never prefilled"),
    ],
)
def test_questions_carry_what_fits_their_type(key, more, text):
    found = errors(lambda data: asked(data, key).update(more))

    assert (f"questions.{key}", text) in found


def test_a_declaration_is_never_prefilled():
    def change(data):
        del data["sections"][3]["clause"]
        asked(data, "sworn")["prefill"] = "confirm"

    assert errors(change) == [("questions.sworn", "a declaration is never prefilled")]


def test_a_file_says_what_it_takes():
    assert errors(lambda data: asked(data, "site_doc").pop("evidence")) == [
        ("questions.site_doc", "a file question says under `evidence` which kinds it takes")
    ]


@pytest.mark.parametrize(
    ("more", "place", "text"),
    [
        ({"claim": "fame"}, "claim", "there is no claim 'fame'"),
        ({"kinds": ["lease", "worker_photo"]}, "kinds", "the kind 'worker_photo' has no grade"),
        ({"step": "spin"}, "step", "'spin' is no production step and no question"),
        ({"step": "crew_site"}, "step", "'crew_site' stands in another table"),
    ],
)
def test_evidence_has_claim_kinds_with_grades_and_a_step(more, place, text):
    found = errors(lambda data: asked(data, "site_doc").update(evidence=EVIDENCE | more))

    assert found == [(f"questions.site_doc.evidence.{place}", text)]


@pytest.mark.parametrize(
    ("more", "text"),
    [
        ({"clause": "B7"}, "there is no clause 'B7'"),
        ({"each": "lots"}, "there is no table 'lots'"),
        ({"clause": "B5"}, "a finding under B5 names its limb, agreement or proof"),
        ({"limb": "proof"}, "only a finding under B5 has a limb"),
        (
            {"clause": "B6"},
            "a finding under B6 is a note: encouragement never counts against anyone",
        ),
        (
            {"about": "buyer"},
            "what is about the buyer is a duty, and a duty is about the buyer",
        ),
        (
            {"level": "duty"},
            "what is about the buyer is a duty, and a duty is about the buyer",
        ),
    ],
)
def test_findings_follow_the_clauses(more, text):
    found = errors(lambda data: data["findings"].append(finding("odd", "true()", **more)))

    assert found == [("findings.odd", text)]


@pytest.mark.parametrize(
    "more",
    [
        {"clause": "B6", "level": "note"},
        {"clause": "B5", "limb": "proof"},
        {"clause": "B5", "level": "duty", "about": "buyer"},
        {"clause": "C1", "level": "duty", "about": "buyer"},
    ],
)
def test_findings_that_follow_the_clauses_pass(more):
    assert errors(lambda data: data["findings"].append(finding("good", "true()", **more))) == []


def test_an_unknown_level_is_a_wrong_shape():
    def change(data):
        data["findings"][0]["level"] = "severe"
        data["sections"][0]["clause"] = "A9"

    (found,) = errors(change)
    assert found[0] == "findings.site_there.level"


def test_a_section_serves_a_known_clause():
    assert errors(lambda data: data["sections"][0].update(clause="A9")) == [
        ("sections.start.clause", "there is no clause 'A9'")
    ]


def test_a_long_page_is_a_warning():
    def change(data):
        data["sections"][0]["questions"].append(question("ninth"))

    assert complaints(change) == [
        ("sections.start", "warning: 9 questions on one page; at most 8 read well")
    ]


def test_a_constraint_without_a_message_is_a_warning():
    assert complaints(lambda data: asked(data, "staff").pop("message")) == [
        (
            "questions.staff",
            "warning: a constraint without a message: the reader gets a general sentence",
        )
    ]


def test_faults_of_the_loader_are_among_the_findings_and_nothing_raises():
    def change(data):
        asked(data, "why")["relevant"] = "1 +"
        asked(data, "staff")["label"] = {"en": "Staff"}

    draft = read_draft(changed(change))

    assert [problem.place for problem in check(draft)] == [
        "questions.why.relevant",
        "questions.staff.label",
    ]
    assert check_text("a: [1")[0].line == 2


def test_a_checked_questionnaire_is_the_one_that_loads():
    assert check(read_draft(changed(lambda data: None))) == []
    assert small().key == "small"
