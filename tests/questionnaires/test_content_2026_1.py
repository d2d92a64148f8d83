"""Content version 2026.1: all of 2026.0, help, markets and five sector packs."""

import json
from collections.abc import Collection, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

import questionnaires
from documents.enums import GRADE_OF, EvidenceKind, Grade
from questionnaires import loader, static_checks
from questionnaires.changes import Carry, ChangeClass, compare
from questionnaires.definition import (
    Level,
    Lines,
    Questionnaire,
    QuestionType,
    Text,
    split_path,
)
from questionnaires.logic import Evaluation, evaluate
from tests.questionnaires import content_cases, sector_cases
from tests.questionnaires.personas import TODAY, Answers, answers_of, row
from tests.questionnaires.sectors import ALL, ALL_STEPS, MAKERS, PACKS, brought_up, everything
from tests.questionnaires.test_content import CONTENT as BEFORE
from tests.questionnaires.test_content import keys_of, only

FILE = Path(questionnaires.__file__).parent / "definitions/supply-chain-attestation-2026.1.yaml"
TEXT = FILE.read_text(encoding="utf-8")
CONTENT: Questionnaire = loader.load(TEXT)
OLD_CASES = content_cases.CASES
NEW_CASES = sector_cases.CASES


def changed(document: Answers, changes: Mapping[str, Any]) -> Answers:
    """The document with answers changed: by path, or whole tables by their section's key."""
    for place, value in changes.items():
        if place in CONTENT.section_of and CONTENT.section_of[place].repeat:
            document[place] = {"rows": value}
            continue
        key, row_id = split_path(place)
        section = CONTENT.questions[key].section
        document.setdefault(section, {"answers": {}})
        answers_of(document, section, row_id)[key] = value
    return document


def judged(document: Answers) -> Evaluation:
    return evaluate(CONTENT, document, TODAY)


def raised(document: Answers) -> set[str]:
    return {finding.key for finding in judged(document).findings}


QUIET = {"encourage"}


def test_no_static_check_fails():
    faults = [str(found) for found in static_checks.check_text(TEXT) if not found.is_warning]
    assert faults == []


def test_it_holds_what_the_content_note_counts():
    assert len(CONTENT.questions) == 278
    assert len(CONTENT.sections) == 35
    assert len(CONTENT.findings) == 91


@pytest.mark.parametrize(
    ("neutral", "planted"),
    [
        ("one standard of origin", "one UFLPA standard of origin"),
        ("by any customs authority", "by customs for forced labour"),
        ("在所有市场执行同一来源标准", "在所有市场执行反强迫劳动标准"),
        ("Take the order we named to you", "Take cotton of Xinjiang"),
    ],
)
def test_a_word_planted_in_a_new_section_is_found(neutral: str, planted: str):
    assert neutral in TEXT
    found = static_checks.check_text(TEXT.replace(neutral, planted))
    assert any("must not stand" in problem.text for problem in found)


def test_a_planted_key_is_found():
    found = static_checks.check_text(TEXT.replace("p_cotton", "uflpa_cotton"))
    assert any("must not stand in the key" in problem.text for problem in found)


# From 2026.0 to 2026.1


def test_everything_of_2026_0_is_still_asked_under_the_same_keys():
    difference = compare(BEFORE, CONTENT)

    assert difference.is_publishable
    assert not [one for one in difference.changes if one.kind is ChangeClass.REMOVED]
    assert set(BEFORE.questions) == {
        key for key, carry in difference.carry.items() if carry is not Carry.OPEN
    }


def test_only_sectors_and_steps_are_confirmed_anew_since_findings_now_rest_on_them():
    difference = compare(BEFORE, CONTENT)

    assert {key for key, carry in difference.carry.items() if carry is Carry.CONFIRM} == {
        "goods_sectors",
        "step_kind",
    }


def test_every_text_says_whether_it_takes_one_line_or_several():
    texts = [q for q in CONTENT.questions.values() if q.type is QuestionType.TEXT and not q.part]
    assert all(question.lines for question in texts)
    several = {question.key for question in texts if question.lines is Lines.SEVERAL}
    assert {"help_text", "why_not_text", "agree_terms", "cot_fabric_lots"} <= several
    assert not {"aid_payer", "sub_work", "did_about", "job_title", "cot_order"} & several


# Findings


def test_every_finding_stands_for_a_clause_and_has_a_case():
    coverage = [*content_cases.COVERAGE.values(), *sector_cases.COVERAGE.values()]
    covered = {key for _, findings in coverage for key in findings.split()}
    assert covered == set(CONTENT.finding_of) == {*OLD_CASES, *NEW_CASES}


@pytest.mark.parametrize("clause", sector_cases.COVERAGE)
def test_what_stands_for_a_clause_is_there(clause: str):
    asked, findings = sector_cases.COVERAGE[clause]
    assert set(keys_of(asked)) <= set(CONTENT.questions)
    assert set(findings.split()) <= set(CONTENT.finding_of)


@pytest.mark.parametrize("finding", [*OLD_CASES, *NEW_CASES])
def test_a_finding_is_raised(finding: str):
    case = (OLD_CASES | NEW_CASES)[finding]
    assert finding in raised(changed(everything(), case.raises))


@pytest.mark.parametrize("finding", [*OLD_CASES, *NEW_CASES])
def test_a_near_miss_raises_no_finding(finding: str):
    case = (OLD_CASES | NEW_CASES)[finding]
    assert finding not in raised(changed(everything(), case.misses))


@pytest.mark.parametrize("maker", MAKERS)
def test_nothing_but_the_encouragement_is_raised_by_clean_answers(maker: str):
    result = judged(MAKERS[maker](TODAY))
    assert {finding.key for finding in result.findings} == QUIET
    assert result.is_complete, (result.missing, result.invalid)


@pytest.mark.parametrize("name", ALL)
def test_every_persona_may_be_signed(name: str):
    result = judged(ALL[name](TODAY))
    assert result.is_complete, (result.missing, result.invalid)


@pytest.mark.parametrize(("given", "hidden_by"), sector_cases.HIDDEN)
def test_hidden_answers_raise_nothing(given: Mapping[str, Any], hidden_by: Mapping[str, Any]):
    document = changed(everything(), given)
    before = raised(document)
    assert before - QUIET

    after = raised(changed(document, hidden_by))
    assert {key for key in after if not key.startswith("missing_")} == QUIET


@pytest.mark.parametrize(("changes", "flawed"), sector_cases.FLAWED)
def test_an_answer_that_cannot_stand_is_named(changes: Mapping[str, Any], flawed: str):
    result = judged(changed(everything(), changes))
    assert [invalid.path for invalid in result.invalid] == [flawed]


@pytest.mark.parametrize(("changes", "missing"), sector_cases.MISSING)
def test_what_must_be_answered_follows_the_answers(
    changes: Mapping[str, Any], missing: Collection[str]
):
    assert set(judged(changed(everything(), changes)).missing) == set(missing)


# Sector packs


@pytest.mark.parametrize("table", PACKS)
def test_a_pack_is_shown_for_its_sector_alone(table: str):
    document = everything()
    for goods in document["goods_made"]["rows"]:
        goods["answers"]["goods_sectors"] = ["steel"]
    assert not set(PACKS.values()) & set(judged(document).sections)

    sector = CONTENT.section_of[PACKS[table]]
    assert sector.clause == "A4"
    document["goods_made"]["rows"][0]["answers"]["goods_sectors"] = [
        "aluminium" if table == "alu" else sector.key.removeprefix("p_")
    ]
    assert set(PACKS.values()) & set(judged(document).sections) == {PACKS[table]}


def test_clothing_brings_up_cotton():
    document = brought_up(ALL["clean_weaver"](TODAY))
    answers_of(document, "goods_made", "goods-1")["goods_sectors"] = ["apparel"]
    assert "p_cotton" in judged(document).sections


@pytest.mark.parametrize("table", PACKS)
def test_a_pack_says_the_same_in_both_wordings(table: str):
    section = CONTENT.section_of[PACKS[table]]
    texts = [section.title, section.intro, *(q.label for q in section.questions)]
    assert not any(text.is_worded_twice for text in texts if text)


def test_steps_of_packs_are_those_of_the_chain():
    named = {
        question.evidence.step
        for table in PACKS
        for question in CONTENT.tables[table].questions
        if question.evidence
    }
    assert named <= set(CONTENT.choices["step"].by_code)
    assert set(ALL_STEPS) <= set(CONTENT.choices["step"].by_code)


def test_a_missing_step_is_named_by_its_own_finding():
    """Each finding `missing_x` looks for the step x."""
    missing = {key: rule for key, rule in CONTENT.finding_of.items() if key.startswith("missing_")}
    assert len(missing) == 14
    for key, rule in missing.items():
        step = key.removeprefix("missing_")
        assert f"not(any(${{step_kind}} = '{step}'))" in rule.when.source


def test_caustic_soda_alone_is_not_asked_for_resin():
    shown = judged(MAKERS["caustic_soda_user"](TODAY)).visible
    assert not [path for path in shown if path.endswith(("pvc_grade", "pvc_plants", "pvc_kg_in"))]
    assert "pvc[pvc-1].pvc_alkali_places" in shown


def test_new_sources_are_asked_for_where_a_source_is_to_change():
    assert "new_sources" not in judged(everything()).sections
    for change in (
        {"help": ["source"]},
        {"help": ["time"]},
        {"input[input-1].input_traced": "none"},
        {"step[step-spin].step_province": "65"},
    ):
        assert "new_sources" in judged(changed(everything(), change)).sections


# The buyer's side


def test_what_the_buyer_owes_is_a_duty_and_never_lowers_the_suppliers_result():
    duties = {rule.key for rule in CONTENT.findings if rule.level is Level.DUTY}
    assert duties == {
        "inspect",
        "help_wanted",
        "split_market",
        "no_one_standard",
        "resold",
        "fate_unknown",
    }


def test_every_kind_a_file_may_be_has_a_grade():
    kinds = {kind for q in CONTENT.questions.values() if q.evidence for kind in q.evidence.kinds}
    assert {EvidenceKind(kind) for kind in kinds} <= set(GRADE_OF)


def test_every_claim_can_be_proved_by_what_is_asked():
    by_claim: dict[str, set[str]] = {}
    for question in CONTENT.questions.values():
        if question.evidence:
            by_claim.setdefault(question.evidence.claim, set()).update(question.evidence.kinds)
    assert set(by_claim) == set(CONTENT.choices["claim"].by_code)
    for claim, kinds in by_claim.items():
        grades = [GRADE_OF[EvidenceKind(kind)] for kind in kinds]
        needed = 1 if claim == "upstream" else 2
        assert Grade.A in grades or grades.count(Grade.B) >= needed, claim


def test_a_laboratory_report_proves_nothing_alone():
    """At each step of a pack something counts beside the report."""
    by_step: dict[str, set[str]] = {}
    for question in CONTENT.questions.values():
        if question.evidence and question.evidence.step:
            kinds = question.evidence.kinds
            by_step.setdefault(question.evidence.step, set()).update(kinds)
    for step, kinds in by_step.items():
        assert {GRADE_OF[EvidenceKind(kind)] for kind in kinds} - {Grade.S}, step


def test_the_personas_show_kinds_that_were_asked_for():
    for name, persona in ALL.items():
        for section, document in persona(TODAY).items():
            for stored in document.get("rows", [row("", **document.get("answers", {}))]):
                for key, value in stored["answers"].items():
                    question = CONTENT.questions[key]
                    assert question.section == section, (name, key)
                    if question.evidence and isinstance(value, list):
                        kinds = {file.rpartition("/")[2] for file in value}
                        assert kinds <= set(question.evidence.kinds), (name, key)


def test_commitments_declarations_and_files_are_never_filled_in_beforehand():
    for question in CONTENT.questions.values():
        clause = CONTENT.section_of[question.section].clause
        if clause.startswith("B") or question.type in {
            QuestionType.FILE,
            QuestionType.DECLARATION,
        }:
            assert question.prefill == "never", question.key


def test_who_may_not_decline():
    for level in ("no", "cannot_say"):
        assert {q.key for q in CONTENT.questions.values() if q.may_decline == level} == {
            q.key for q in BEFORE.questions.values() if q.may_decline == level
        }


def test_what_a_clean_supplier_in_a_hurry_meets():
    """Outside tables 22 questions meet everybody, 19 of them required (content note)."""
    asked = [
        q
        for q in CONTENT.questions.values()
        if not q.table
        and not q.part
        and q.relevant is None
        and q.key != "declare"
        and CONTENT.section_of[q.section].relevant is None
    ]
    assert len(asked) <= 22
    assert len([q for q in asked if q.required]) <= 19


# Two wordings, two languages


def test_both_wordings_give_the_same_findings():
    data = json.loads(CONTENT.text)
    explicit, traceability = (
        loader.load_stored(loader.canonical(only(wording, data)))
        for wording in ("explicit", "traceability")
    )
    assert explicit.text != traceability.text
    documents = [persona(TODAY) for persona in ALL.values()]
    documents += [changed(everything(), c.raises) for c in (OLD_CASES | NEW_CASES).values()]
    for document in documents:
        assert evaluate(explicit, document, TODAY) == evaluate(traceability, document, TODAY)


def _texts() -> list[Text]:
    found: list[Text | None] = []
    for section in CONTENT.sections:
        found += [section.title, section.intro]
        found += [text for party in section.parties for text in (party.label, party.hint)]
        for question in section.questions:
            found += [question.label, question.hint, question.message]
            found += [statement.label for statement in question.statements]
    found += [
        choice.label
        for choices in CONTENT.choices.values()
        if not choices.external
        for choice in choices.choices
    ]
    return [text for text in found if text]


def test_no_neutral_text_gives_anything_away():
    for text in _texts():
        for language in ("en", "zh-hans"):
            assert static_checks.leaks(text.of("traceability", language)) == []


def test_the_explicit_wording_names_the_law_where_the_neutral_one_does_not():
    for key in ("one_standard", "denied_any"):
        label = CONTENT.questions[key].label
        assert "UFLPA" in label.of("explicit", "en")
        assert "UFLPA" in label.of("explicit", "zh-hans")
        assert "UFLPA" not in label.of("traceability", "en")


def test_chinese_is_written_with_its_own_marks():
    """Full-width marks, and no space beside a Chinese character."""
    for text in _texts():
        for words in (text.explicit, text.traceability):
            chinese = words["zh-hans"].replace("\n\n", "")
            assert not set(chinese) & set(',;:!?()"'), chinese
            for before, after in pairwise(chinese):
                assert not (before > "\u4e00" and after == " "), chinese
                assert not (before == " " and after > "\u4e00"), chinese


def test_every_text_is_in_both_languages_and_no_chinese_text_was_left_in_english():
    for text in _texts():
        for words in (text.explicit, text.traceability):
            assert set(words) == {"en", "zh-hans"}
            assert words["en"] != words["zh-hans"] or words["en"] == "DNA"
