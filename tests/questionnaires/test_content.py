"""Content version 2026.0 says what the content note asks, in both wordings and languages."""

import json
from collections.abc import Collection, Iterable, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

import questionnaires
from documents.enums import GRADE_OF, EvidenceKind, Grade
from questionnaires import loader, static_checks
from questionnaires.definition import Questionnaire, QuestionType, split_path
from questionnaires.logic import Evaluation, evaluate
from tests.questionnaires.content_cases import CASES, COVERAGE, busy_weaver
from tests.questionnaires.personas import PERSONAS, TODAY, Answers, answers_of, clean_weaver, row

FILE = Path(questionnaires.__file__).parent / "definitions/supply-chain-attestation-2026.0.yaml"
TEXT = FILE.read_text(encoding="utf-8")
CONTENT: Questionnaire = loader.load(TEXT)
PARTS = ("country", "province", "name", "name_en", "code", "address")


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


def raised(document: Answers) -> set[str]:
    return {finding.key for finding in evaluate(CONTENT, document, TODAY).findings}


def of_persona(name: str) -> Evaluation:
    return evaluate(CONTENT, PERSONAS[name](TODAY), TODAY)


def keys_of(names: str) -> Iterable[str]:
    """Question keys of a line of the coverage table; `x_*` is a party."""
    for name in names.split():
        if name.endswith("_*"):
            yield from (name[:-1] + part for part in PARTS)
        else:
            yield name


def test_no_static_check_fails():
    faults = [str(found) for found in static_checks.check_text(TEXT) if not found.is_warning]
    assert faults == []


def test_a_planted_word_is_found():
    planted = TEXT.replace("gate may support it", "gate in Xinjiang may support it")
    planted = planted.replace("没有限制", "新疆没有限制")
    found = [str(problem) for problem in static_checks.check_text(planted)]
    assert any("Xinjiang" in text for text in found)
    assert any("新疆" in text for text in found)


@pytest.mark.parametrize("clause", COVERAGE)
def test_what_stands_for_a_clause_is_there(clause: str):
    asked, findings = COVERAGE[clause]
    assert set(keys_of(asked)) <= set(CONTENT.questions)
    assert set(findings.split()) <= set(CONTENT.finding_of)


def test_every_finding_stands_for_a_clause_and_has_a_case():
    covered = {key for _, findings in COVERAGE.values() for key in findings.split()}
    assert covered == set(CONTENT.finding_of) == set(CASES)


@pytest.mark.parametrize("finding", CASES)
def test_a_finding_is_raised(finding: str):
    assert finding in raised(changed(busy_weaver(), CASES[finding].raises))


@pytest.mark.parametrize("finding", CASES)
def test_a_near_miss_raises_no_finding(finding: str):
    assert finding not in raised(changed(busy_weaver(), CASES[finding].misses))


@pytest.mark.parametrize("document", [clean_weaver(), busy_weaver()], ids=["clean", "busy"])
def test_nothing_but_the_encouragement_is_raised_by_clean_answers(document: Answers):
    result = evaluate(CONTENT, document, TODAY)
    assert {finding.key for finding in result.findings} == {"encourage"}
    assert result.is_complete, (result.missing, result.invalid)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("clean_weaver", set()),
        ("producer_in_the_region", {"producer_there", "input_there", "declined"}),
        (
            "refuses_without_reason",
            {"refused_sourcing", "refused_dealings", "refused_groups"},
        ),
        ("refuses_with_reason", {"refused_sourcing", "refused_dealings", "refused_groups"}),
        ("legally_bound", {"limits_law", "refusal_law", "declined"}),
        ("wants_confidentiality", {"limits_contract", "declined", "inspect"}),
        ("others_hold_the_proof", {"declined"}),
        ("agrees_on_conditions", {"conditional"}),
        ("agrees_without_proof", {"declined"}),
        ("site_in_the_region", {"site_ours_there"}),
        ("branch_in_the_region", {"affil_there"}),
        (
            "takes_part_in_transfers",
            {"transfer", "groups_else", "agent_there", "aid_tied", "controlled_there"},
        ),
    ],
)
def test_personas_raise_what_they_stand_for(name: str, expected: set[str]):
    assert {found.key for found in of_persona(name).findings} - {"encourage"} == expected


def test_every_persona_may_be_signed():
    for name in PERSONAS:
        result = of_persona(name)
        assert result.is_complete, (name, result.missing, result.invalid)


def test_a_persona_is_fresh_each_time():
    answers_of(clean_weaver(), "you")["job_title"] = "Demo driver"
    assert answers_of(clean_weaver(), "you")["job_title"] != "Demo driver"


def test_declining_for_law_goes_to_counsel():
    levels = {found.level for found in of_persona("legally_bound").findings if found.path}
    assert levels == {"counsel"}


@pytest.mark.parametrize(
    ("given", "hidden_by"),
    [
        # Answers of the row stay, but the country is no longer China.
        (
            {"step[step-spin].step_province": "65", "sub[sub-dye].sub_province": "65"},
            {"step[step-spin].step_country": "VN", "sub[sub-dye].sub_country": "VN"},
        ),
        ({"site[site-1].site_province": "65"}, {"site[site-1].site_country": "KZ"}),
        ({"own_province": "65"}, {"own_country": "KZ"}),
        # The table is closed again.
        ({"affil[affil-1].affil_province": "65"}, {"affil_any": "no"}),
        ({"arr[arr-1].arr_place": "65"}, {"arr_any": "no"}),
        ({"closed[closed-1].closed_province": "65"}, {"closed_any": "no"}),
        ({**CASES["transfer"].raises, "conditions": ["none"]}, {"groups_any": "no"}),
        (CASES["aid_tied"].raises, {"aid_any": "no"}),
        ({"agent[agent-1].agent_province": "65"}, {"recruit": ["other"]}),
        # The follow-up is hidden again.
        (CASES["mix_there"].raises, {"mix_any": "no"}),
        ({"conditions": ["papers"]}, {"recruit": ["direct"]}),
        (CASES["sub_groups_there"].raises, {"sub[sub-dye].sub_groups": "no"}),
        (CASES["refusal_law"].raises, {"agree_sourcing": "already"}),
        ({"owner[owner-2].owner_province": "65"}, {"owner[owner-2].owner_kind": "person"}),
    ],
)
def test_hidden_answers_raise_nothing(given: Mapping[str, Any], hidden_by: Mapping[str, Any]):
    open_document = changed(busy_weaver(), given)
    assert raised(open_document) - {"encourage"}
    assert raised(changed(open_document, hidden_by)) == {"encourage"}


def test_a_sold_site_kept_in_the_family_asks_for_a_taker():
    result = evaluate(CONTENT, busy_weaver(), TODAY)
    assert "closed[closed-1].taker_name" in result.visible
    shut = changed(busy_weaver(), {"closed[closed-1].closed_how": "shut"})
    assert not {
        path for path in evaluate(CONTENT, shut, TODAY).visible if path.endswith("taker_name")
    }


@pytest.mark.parametrize(
    ("changes", "flawed"),
    [
        ({"limits": ["none", "law"]}, "limits"),
        ({"conditions": ["none", "papers"]}, "conditions"),
        ({"own_code": "91330600MADEM00011"}, "own_code"),
        ({"goods[goods-1].goods_hs": "5208"}, "goods[goods-1].goods_hs"),
        ({"affil[affil-1].affil_share": "100.1"}, "affil[affil-1].affil_share"),
        ({"input[input-1].input_share": "0"}, "input[input-1].input_share"),
        ({"arr[arr-1].arr_to": "2018-12-31"}, "arr[arr-1].arr_to"),
        ({"bal[bal-1].bal_to": "2020-01-01"}, "bal[bal-1].bal_to"),
        ({"wf[wf-1].wf_agency": 119}, "wf[wf-1].wf_agency"),
        ({"did[did-1].did_on": "2026-11-21"}, "did[did-1].did_on"),
        ({"agree_sourcing": "agreed", "agree_by": "2026-11-19"}, "agree_by"),
        ({"agree_sourcing": {"declined": "unknown", "why": ""}}, "agree_sourcing"),
        ({"job_title": {"declined": "cannot_say", "why": "none"}}, "job_title"),
    ],
)
def test_an_answer_that_cannot_stand_is_named(changes: Mapping[str, Any], flawed: str):
    result = evaluate(CONTENT, changed(busy_weaver(), changes), TODAY)
    assert [invalid.path for invalid in result.invalid] == [flawed]


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        ({"agree_sourcing": "refused", "agree_dealings": "refused"}, {"why_not"}),
        ({"agree_dealings": "agreed"}, {"agree_by"}),
        ({"agree_no_groups": "conditions"}, {"agree_terms"}),
        ({"step[step-spin].step_province": "65", "doc_ended": None}, {"doc_ended"}),
        ({"sub[sub-dye].sub_places": ["65"], "doc_relation": None}, {"doc_relation"}),
        ({"doc_ended": None, "doc_relation": None}, set()),
        ({"sites": []}, {"site"}),
        ({"subs": []}, set()),
    ],
)
def test_what_must_be_answered_follows_the_answers(
    changes: Mapping[str, Any], missing: Collection[str]
):
    result = evaluate(CONTENT, changed(busy_weaver(), changes), TODAY)
    assert set(result.missing) == set(missing)


def test_what_a_clean_supplier_in_a_hurry_meets():
    """Outside tables at most 25 questions gate the way (domain note, section 17)."""
    asked = [q for q in CONTENT.questions.values() if not q.table and q.required and not q.part]
    gate = [q for q in asked if q.relevant is None]
    assert len(gate) <= 25


def test_every_kind_a_file_may_be_has_a_grade():
    kinds = {kind for q in CONTENT.questions.values() if q.evidence for kind in q.evidence.kinds}
    assert {EvidenceKind(kind) for kind in kinds} <= set(GRADE_OF)


def test_every_claim_can_be_proved_by_what_is_asked():
    """By one A or two kinds of grade B; of `upstream` the second B is the sub-supplier's case."""
    by_claim: dict[str, set[str]] = {}
    for question in CONTENT.questions.values():
        if question.evidence:
            by_claim.setdefault(question.evidence.claim, set()).update(question.evidence.kinds)
    assert set(by_claim) == set(CONTENT.choices["claim"].by_code)
    for claim, kinds in by_claim.items():
        grades = [GRADE_OF[EvidenceKind(kind)] for kind in kinds]
        needed = 1 if claim == "upstream" else 2
        assert Grade.A in grades or grades.count(Grade.B) >= needed, claim


def test_the_personas_show_kinds_that_were_asked_for():
    for name, persona in PERSONAS.items():
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
        if clause >= "B" or question.type in {QuestionType.FILE, QuestionType.DECLARATION}:
            assert question.prefill == "never", question.key


def test_only_counsel_reads_the_two_confidences():
    told = {q.key for q in CONTENT.questions.values() if q.seen_by == "counsel"}
    assert told == {"limits_note", "why_not_text"}


def test_who_may_not_decline():
    never = {q.key for q in CONTENT.questions.values() if q.may_decline == "no"}
    assert never == {
        "job_title",
        "may_bind",
        "limits",
        "goods_name",
        "goods_sectors",
        "input_name",
        "why_not",
        "declare",
    }
    only = {q.key for q in CONTENT.questions.values() if q.may_decline == "cannot_say"}
    assert only == {"agree_sourcing", "agree_dealings", "agree_no_groups"}


def test_nine_statements_are_ticked_one_by_one():
    statements = [statement.code for statement in CONTENT.questions["declare"].statements]
    assert statements == [f"d{number}" for number in range(1, 10)]
    document = clean_weaver()
    del answers_of(document, "declaration")["declare"]["d4"]
    assert evaluate(CONTENT, document, TODAY).missing == ("declare",)


def only(wording: str, data: Any) -> Any:
    """The definition with one wording's texts alone."""
    if isinstance(data, dict):
        return {key: only(wording, value) for key, value in data.get(wording, data).items()}
    return [only(wording, item) for item in data] if isinstance(data, list) else data


def test_both_wordings_give_the_same_findings():
    data = json.loads(CONTENT.text)
    explicit, traceability = (
        loader.load_stored(loader.canonical(only(wording, data)))
        for wording in ("explicit", "traceability")
    )
    assert explicit.text != traceability.text
    documents = [persona(TODAY) for persona in PERSONAS.values()]
    documents += [changed(busy_weaver(), case.raises) for case in CASES.values()]
    for document in documents:
        assert evaluate(explicit, document, TODAY) == evaluate(traceability, document, TODAY)


def test_each_wording_differs_where_the_explicit_one_names_the_region():
    """What the traceability wording may not say, the explicit one does say somewhere."""
    texts = [q.label for q in CONTENT.questions.values() if q.label.is_worded_twice]
    assert len(texts) > 20
    named = [text for text in texts if "Uyghur Region" in text.explicit["en"]]
    assert all("维吾尔地区" in text.explicit["zh-hans"] for text in named)
    assert not any("维吾尔" in text.traceability["zh-hans"] for text in texts)


def test_chinese_is_written_with_its_own_marks():
    """Full-width marks, and no space beside a Chinese character."""
    for question in CONTENT.questions.values():
        for text in (question.label, question.hint, question.message):
            for words in (text.explicit, text.traceability) if text else ():
                chinese = words["zh-hans"]
                assert not set(chinese) & set(',;:!?()"'), chinese
                for before, after in pairwise(chinese):
                    assert not (before > "\u4e00" and after == " "), chinese
                    assert not (before == " " and after > "\u4e00"), chinese
