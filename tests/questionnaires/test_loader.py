import hashlib
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import questionnaires
from questionnaires.definition import PartyRole, Prefill, QuestionType, SeenBy, split_path
from questionnaires.loader import DefinitionError, load, load_stored, read_draft
from questionnaires.loader.external import PROVINCES
from tests.questionnaires.small import SMALL, changed, small, with_question

HEAD = """format: 1
key: traps
version: "2026.1"
languages: [en]
"""
PAGE = """sections:
  - key: page
    title: {en: Page}
    questions:
      - {key: a, type: text, label: {en: A}}
"""
CONTENT = sorted(Path(questionnaires.__file__).parent.glob("definitions/*.yaml"))
KNOWN = [
    *("key", "type", "label", "hint", "relevant", "required", "constraint", "message"),
    *(
        "format",
        "lines",
        "may_decline",
        "prefill",
        "seen_by",
        "evidence",
        "statements",
        "party",
        "part",
    ),
]


def faults(text):
    with pytest.raises(DefinitionError) as caught:
        load(text)
    return [(p.line, p.column, p.place, p.text) for p in caught.value.problems]


def test_words_that_yaml_takes_for_something_else_stay_words():
    definition = load(
        HEAD
        + """choices:
  reply:
    - {code: yes, label: {en: yes}}
    - {code: no, label: {en: no}}
    - {code: off, label: {en: 2025-07-01}}
    - {code: null, label: {en: ~}}
    - {code: 1e3, label: {en: 1_000}}
"""
        + PAGE
    )

    choices = definition.choices["reply"].by_code
    assert list(choices) == ["yes", "no", "off", "null", "1e3"]
    assert choices["off"].label.of("explicit", "en") == "2025-07-01"
    assert definition.version == "2026.1"


def test_a_version_without_quotation_marks_is_text_too():
    assert load(HEAD.replace('"2026.1"', "2026.10") + PAGE).version == "2026.10"


def test_a_code_that_reads_as_a_number_needs_quotation_marks():
    text = HEAD + "choices:\n  place:\n    - {code: 65, label: {en: There}}\n" + PAGE

    assert faults(text) == [(7, 14, "choices.place.0.code", "65 is not of type 'string'")]


def test_the_second_of_two_equal_keys_is_refused():
    text = HEAD + PAGE.replace("key: page", "key: page\n    key: other")

    assert faults(text) == [(7, 5, "sections.0", "the key 'key' stands here twice")]


@pytest.mark.parametrize("tag", ["!!python/object:os.system", "!mine", "!!set", "!!binary"])
def test_tags_fail(tag):
    text = HEAD + PAGE.replace("{en: Page}", f"{tag} {{en: Page}}")
    text_of_scalar = HEAD + PAGE.replace("{en: A}", f"{{en: {tag} A}}")

    for wrong in (text, text_of_scalar):
        (found,) = faults(wrong)
        assert "means nothing here" in found[3]


def test_anchors_are_fine():
    text = (
        HEAD
        + PAGE.replace("{en: Page}", "&same {en: Page}")
        + ("  - {key: more, title: *same, questions: [{key: b, type: text, label: *same}]}\n")
    )

    assert load(text).section_of["more"].title.of("explicit", "en") == "Page"


def test_anchors_that_grow_without_end_are_refused():
    rows = ["a: &a0 [x, x, x, x, x, x, x, x, x]"]
    rows += [f"b{i}: &a{i + 1} [{', '.join([f'*a{i}'] * 9)}]" for i in range(8)]

    assert faults("\n".join(rows))[0][3] == "too large or too deep"


def test_an_anchor_within_itself_is_refused():
    assert faults("a: &a [*a]")[0][3] == "too large or too deep"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("", (1, 1)),
        ("a: [1", (2, 1)),
        ("a: 'x\nb: {", (2, 5)),
        ("\x00", (1, 1)),
        ("- just\n- a list", (1, 1)),
    ],
)
def test_what_is_no_definition_is_refused_where_it_breaks(text, place):
    assert faults(text)[0][:2] == place


def test_a_wrong_shape_names_line_column_place_and_what_is_known():
    text = HEAD + PAGE.replace("type: text", "type: slider, requird: true")

    assert faults(text) == [
        (9, 24, "questions.a.type", "there is no type 'slider'"),
        (9, 41, "questions.a.requird", f"unknown: 'requird'; known are {', '.join(KNOWN)}"),
    ]


def test_a_broken_rule_is_named_with_its_column_in_the_file():
    text = (
        HEAD
        + PAGE
        + (
            "      - key: b\n"
            "        type: text\n"
            '        relevant: "${a} = \'x"\n'
            "        label: {en: B}\n"
        )
    )

    assert faults(text) == [
        (
            12,
            27,
            "questions.b.relevant",
            "this text has no closing quotation mark (character 8 of the rule)",
        )
    ]


def test_all_faults_in_rules_and_lists_are_told_at_once():
    def change(data):
        questions = data["sections"][0]["questions"]
        questions[1]["type"] = "select_one nothing"
        questions[2]["relevant"] = "${nobody} = 1"
        data["sections"][2]["questions"][0]["type"] = "select_one ${trade}"
        data["findings"][0]["when"] = "1 +"

    assert [fault[2:] for fault in faults(changed(change))] == [
        ("questions.trade.type", "there is no choice list 'nothing'"),
        ("questions.why.relevant", "there is no question 'nobody' (character 1 of the rule)"),
        ("questions.crew_site.type", "${trade} is no question of a table"),
        (
            "findings.site_there.when",
            "a value expected, found the end of the rule (character 4 of the rule)",
        ),
    ]


def test_a_code_that_stands_twice_is_a_fault():
    def change(data):
        data["choices"]["yes_no"][1]["code"] = "yes"

    assert [fault[2:] for fault in faults(changed(change))] == [
        ("choices.yes_no.yes", "the code 'yes' stands twice")
    ]


def test_a_party_becomes_six_columns():
    definition = small()

    section = definition.section_of["sites"]
    columns = [q for q in section.questions if q.prefix == "site"]
    assert [(q.key, q.part, q.type.value) for q in columns] == [
        ("site_country", "country", "select_one"),
        ("site_province", "province", "select_one"),
        ("site_name", "name", "text"),
        ("site_name_en", "name_en", "text"),
        ("site_code", "code", "text"),
        ("site_address", "address", "text"),
    ]
    (party,) = section.parties
    assert (party.prefix, party.role, party.table) == ("site", PartyRole.FACILITY, "site")
    assert party.key("name") == "site_name"
    assert columns[1].relevant.source == "${site_country} = 'CN'"
    assert columns[3].required.source == "${site_country} = 'CN'"
    assert columns[4].format == "uscc"


def test_what_is_said_of_a_party_goes_for_its_columns():
    definition = load(
        with_question("site", relevant="${trade} = 'yes'", prefill="confirm", seen_by="counsel")
    )

    country, province = (definition.questions[f"site_{part}"] for part in ("country", "province"))
    assert country.relevant.source == "${trade} = 'yes'"
    assert province.relevant.source == "${site_country} = 'CN'"
    assert {country.prefill, province.prefill} == {Prefill.CONFIRM}
    assert country.seen_by is SeenBy.COUNSEL


def test_a_party_brings_its_lists_where_the_file_has_none():
    def change(data):
        data["choices"]["somewhere"] = data["choices"].pop("province")
        del data["choices"]["country"]

    definition = small(change)

    assert definition.questions["site_country"].choices.key == "country"
    assert definition.questions["site_province"].choices.key == "somewhere"


def test_provinces_are_those_of_the_standard_with_one_named_by_wording():
    choices = small().choices["province"].by_code

    assert len(PROVINCES) == len(choices) == 32
    there = choices["65"].label
    assert there.of("explicit", "en") == "Uyghur Region (Xinjiang)"
    assert there.of("explicit", "zh-hans") == "维吾尔地区（新疆）"
    assert there.of("traceability", "en") == "Xinjiang Uygur Autonomous Region"
    assert there.of("traceability", "zh-Hans") == "新疆维吾尔自治区"
    others = [choice for code, choice in choices.items() if code != "65"]
    assert not any(choice.label.is_worded_twice for choice in others)


def test_countries_are_those_of_iso_3166_and_one_that_customs_papers_use():
    choices = small().choices["country"].by_code

    assert len(choices) == 249 + 1
    assert choices["CN"].label.of("traceability", "zh-hans") == "中国"
    assert {"EU", "UN", "ZZ", "XA"}.isdisjoint(choices)


def test_a_question_that_names_a_row_knows_its_table():
    question = small().questions["crew_site"]

    assert (question.type, question.rows_of) == (QuestionType.SELECT_ROW, "site")


def test_evidence_names_a_step_or_the_question_that_does():
    by_question = load(
        with_question("site_doc", evidence={"claim": "place", "kinds": ["lease"], "step": "why"})
    )
    by_code = load(
        with_question("site_doc", evidence={"claim": "place", "kinds": ["lease"], "step": "spin"})
    )

    requests = [d.questions["site_doc"].evidence for d in (by_question, by_code)]
    assert [(r.step, r.step_question) for r in requests] == [("", "why"), ("spin", "")]


def test_the_hash_is_that_of_the_expanded_text():
    definition = small()

    assert definition.sha256 == hashlib.sha256(definition.text.encode()).hexdigest()
    assert '"key":"site_province"' in definition.text
    assert '"use"' not in definition.text


def test_order_of_keys_and_layout_do_not_change_the_hash():
    upside_down = json.dumps(dict(reversed(SMALL.items())), indent=4)

    assert load(upside_down).sha256 == small().sha256


def test_any_word_changes_the_hash():
    assert load(with_question("why", label={"en": "Why not?", "zh-Hans": "中文"})).sha256 != (
        small().sha256
    )


@pytest.mark.parametrize("path", CONTENT, ids=lambda path: path.stem)
def test_the_stored_text_gives_back_the_questionnaire(path):
    definition = load(path.read_text())

    stored = load_stored(definition.text)

    assert stored.sha256 == definition.sha256
    assert list(stored.questions) == list(definition.questions)
    assert stored.findings[0].when.source == definition.findings[0].when.source


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda text: text[:-1], "this is not JSON"),
        (lambda text: text.replace('"format":1', '"format":2'), "1 was expected"),
        (lambda text: text + " ", "this is not the canonical text"),
        (lambda text: text.replace("${site_province} = ", "${site_province} == "), "expected"),
    ],
)
def test_a_stored_text_that_is_not_its_own_is_refused(spoil, message):
    text = small().text

    with pytest.raises(DefinitionError, match=message):
        load_stored(spoil(text))


def test_a_draft_keeps_going_with_a_broken_rule():
    draft = read_draft(with_question("why", relevant="1 +"))

    assert [problem.place for problem in draft.problems] == ["questions.why.relevant"]
    assert draft.definition.questions["why"].relevant.source == "false()"


def test_paths_name_the_row_by_id():
    definition = small()

    path = definition.questions["site_name"].path("r1")

    assert path == "site[r1].site_name"
    assert split_path(path) == ("site_name", "r1")
    assert split_path("trade") == ("trade", "")
    with pytest.raises(ValueError, match="not a path"):
        split_path("site[].x")


def test_a_text_that_is_missing_is_never_replaced():
    with pytest.raises(KeyError):
        small().questions["trade"].label.of("explicit", "de")


@settings(deadline=None)  # other work shares this machine
@given(st.text(max_size=300))
def test_no_text_crashes_the_loader(text):
    try:
        load(text)
    except DefinitionError as error:
        places = [(problem.line, problem.column) for problem in error.problems]
    assert all(line >= 1 and column >= 1 for line, column in places)


@settings(deadline=None)
@given(st.data())
def test_no_damaged_definition_crashes_the_loader(data):
    text = HEAD + PAGE
    at = data.draw(st.integers(0, len(text) - 1))
    length = data.draw(st.integers(0, 6))
    put = data.draw(
        st.sampled_from(["", " ", "\n", "{", "]", ":", "- ", "&a ", "*a", "!!x ", "'"])
    )
    places = []
    try:
        load(text[:at] + put + text[at + length :])
    except DefinitionError as error:
        places = [(problem.line, problem.column) for problem in error.problems]
    assert all(line >= 1 and column >= 1 for line, column in places)
