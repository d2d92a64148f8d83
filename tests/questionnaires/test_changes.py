from pathlib import Path

import pytest

import questionnaires
from questionnaires.changes import Carry, Change, ChangeClass, compare
from questionnaires.loader import load
from tests.questionnaires.small import asked, both, finding, question, small

CONTENT = sorted(Path(questionnaires.__file__).parent.glob("definitions/*.yaml"))
CARRIED, CONFIRM, OPEN = Carry.CARRIED, Carry.CONFIRM, Carry.OPEN


def difference(change, before=lambda data: None):
    def after(data):
        before(data)
        change(data)

    return compare(small(before), small(after))


def kinds(found):
    return [(change.kind.value, change.place) for change in found.changes]


def label(key, text):
    return lambda data: asked(data, key).update(label=text)


@pytest.mark.parametrize("path", CONTENT, ids=lambda path: path.stem)
def test_a_version_does_not_differ_from_itself(path):
    text = path.read_text()

    found = compare(load(text), load(text))

    assert found.changes == ()
    assert found.is_publishable
    assert set(found.carry.values()) == {CARRIED}


def test_added_questions_sections_and_choices_are_open():
    def change(data):
        data["choices"]["colour"].append({"code": "pink", "label": both("Pink")})
        data["sections"][0]["questions"].append(question("fresh"))
        data["sections"].append(
            {"key": "end", "title": both("End"), "questions": [question("last")]}
        )

    found = difference(change)

    assert kinds(found) == [
        ("added", "sections.end"),
        ("added", "questions.fresh"),
        ("added", "questions.last"),
        ("added", "choices.colour.pink"),
    ]
    assert found.is_publishable
    assert (found.carry["fresh"], found.carry["last"]) == (OPEN, OPEN)
    assert found.carry["colours"] is CARRIED


def test_removed_questions_are_left_out():
    def change(data):
        data["sections"][0]["questions"] = [
            item for item in data["sections"][0]["questions"] if item["key"] != "share"
        ]

    found = difference(change)

    assert kinds(found) == [("removed", "questions.share")]
    assert found.is_publishable
    assert "share" not in found.carry


def test_a_removed_section_takes_its_questions():
    found = difference(lambda data: data["sections"].pop(2))

    assert kinds(found) == [
        ("removed", "sections.staffing"),
        ("removed", "questions.crew_site"),
        ("removed", "questions.crew_size"),
    ]


def move_to_the_table(data):
    moved = data["sections"][0]["questions"].pop(5)
    data["sections"][1]["questions"].append(moved)


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (lambda data: asked(data, "share").update(type="integer"), "questions.share.type"),
        (move_to_the_table, "questions.share.table"),
        (lambda data: data["choices"]["colour"].pop(0), "choices.colour.red"),
        (
            lambda data: asked(data, "trade").update(type="select_one colour"),
            "questions.trade.type.yes",
        ),
        (
            lambda data: asked(data, "sworn")["statements"].pop(1),
            "questions.sworn.statements.d2",
        ),
        (
            lambda data: (
                data["sections"][1]["repeat"].update(key="place"),
                data["findings"][0].update(each="place"),
            ),
            "sections.sites.repeat.key",
        ),
    ],
)
def test_what_breaks_answers_cannot_be_published(change, place):
    found = difference(change)

    assert ("breaking", place) in kinds(found)
    assert found.is_publishable is False


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (label("share", both("Share held")), "questions.share.label"),
        (label("share", both("share", "股份")), "questions.share.label"),
        (
            label("share", {"explicit": both("share", "中文"), "traceability": both("Part")}),
            "questions.share.label",
        ),
        (
            lambda data: asked(data, "share").update(relevant="${staff} > 1"),
            "questions.share.relevant",
        ),
        (lambda data: asked(data, "share").update(required=True), "questions.share.required"),
        (
            lambda data: asked(data, "share").update(constraint=". > 0"),
            "questions.share.constraint",
        ),
        (
            lambda data: asked(data, "share").update(may_decline="no"),
            "questions.share.may_decline",
        ),
        (lambda data: asked(data, "share").update(seen_by="counsel"), "questions.share.seen_by"),
    ],
)
def test_a_change_of_meaning_asks_for_confirmation(change, place):
    found = difference(change)

    assert kinds(found) == [("meaning", place)]
    assert found.is_publishable
    assert found.carry["share"] is CONFIRM
    assert found.carry["trade"] is CARRIED


def test_changed_evidence_is_a_change_of_meaning():
    def change(data):
        asked(data, "site_doc")["evidence"] = {"claim": "place", "kinds": ["lease"], "months": 6}

    found = difference(change)

    assert found.changes == (
        Change(
            ChangeClass.MEANING,
            "questions.site_doc.evidence",
            ("site_doc",),
            "place  licence_extract, lease 12",
            "place  lease 6",
        ),
    )


def test_a_changed_finding_touches_the_questions_it_reads():
    found = difference(
        lambda data: data["findings"][2].update(when="${agree} = 'no' or ${sure} = 'no'")
    )

    assert kinds(found) == [("meaning", "findings.refuses.when")]
    assert (found.carry["agree"], found.carry["sure"], found.carry["trade"]) == (
        CONFIRM,
        CONFIRM,
        CARRIED,
    )


def test_a_new_and_a_lost_finding_change_what_an_answer_means():
    def change(data):
        data["findings"][3] = finding("new_one", "${staff} > 3")

    found = difference(change)

    assert kinds(found) == [("meaning", "findings.says_why"), ("meaning", "findings.new_one")]
    assert (found.carry["why"], found.carry["staff"]) == (CONFIRM, CONFIRM)


def test_the_text_of_a_finding_changes_no_answer():
    found = difference(lambda data: data["findings"][2].update(text=both("Refuses.")))

    assert kinds(found) == [("meaning", "findings.refuses.text")]
    assert set(found.carry.values()) == {CARRIED}


def test_the_label_of_a_choice_changes_every_question_that_offers_it():
    def change(data):
        data["choices"]["yes_no"][0]["label"] = both("Indeed", "是")

    found = difference(change)

    assert kinds(found) == [("meaning", "choices.yes_no.yes.label")]
    touched = {key for key, carry in found.carry.items() if carry is CONFIRM}
    assert touched == {"trade", "site_ours", "agree", "sure"}


def test_a_statement_changes_what_is_declared():
    def change(data):
        statements = asked(data, "sworn")["statements"]
        statements[0]["label"] = both("All true.")
        statements.append({"code": "d3", "label": both("Kept.")})

    found = difference(change)

    assert kinds(found) == [
        ("meaning", "questions.sworn.statements.d1.label"),
        ("meaning", "questions.sworn.statements.d3"),
    ]


def test_what_a_section_says_goes_for_its_questions():
    def change(data):
        data["sections"][1].update(title=both("Places"), intro=both("All of them."))
        data["sections"][1]["repeat"].update(max=9)
        asked(data, "site").update(role="subsidiary", label=both("Place"))

    found = difference(change)

    assert kinds(found) == [
        ("meaning", "sections.sites.repeat.max"),
        ("meaning", "sections.sites.title"),
        ("meaning", "sections.sites.intro"),
        ("meaning", "sections.sites.parties.site.role"),
        ("meaning", "sections.sites.parties.site.label"),
    ]
    assert found.carry["site_people"] is CONFIRM
    assert found.carry["trade"] is CARRIED


@pytest.mark.parametrize(
    ("change", "places"),
    [
        (
            lambda data: asked(data, "share").update(hint=both("Per cent.")),
            ["questions.share.hint"],
        ),
        (
            lambda data: asked(data, "staff").update(message=both("Zero or more.")),
            ["questions.staff.message"],
        ),
        (lambda data: asked(data, "share").update(prefill="confirm"), ["questions.share.prefill"]),
        (lambda data: asked(data, "why").update(lines="several"), ["questions.why.lines"]),
        (
            lambda data: data["sections"][0]["questions"].insert(
                0, data["sections"][0]["questions"].pop()
            ),
            ["questions"],
        ),
        (
            lambda data: data["sections"].insert(0, data["sections"].pop()),
            ["sections", "questions"],
        ),
        (
            lambda data: data["sections"][1]["repeat"].update(item_title="${site_ours}"),
            ["sections.sites.repeat.item_title"],
        ),
    ],
)
def test_hints_and_order_are_minor_and_carried(change, places):
    found = difference(change)

    assert kinds(found) == [("minor", place) for place in places]
    assert set(found.carry.values()) == {CARRIED}


def test_a_label_named_in_changes_is_minor_with_its_reason():
    def change(data):
        label("share", both("Share.", "中文"))(data)
        data["changes"] = [{"place": "questions.share.label", "reason": "A full stop."}]

    found = difference(change)

    assert found.changes == (
        Change(
            ChangeClass.MINOR,
            "questions.share.label",
            ("share",),
            "explicit en: share\nexplicit zh-hans: 中文\n"
            "traceability en: share\ntraceability zh-hans: 中文",
            "explicit en: Share.\nexplicit zh-hans: 中文\n"
            "traceability en: Share.\ntraceability zh-hans: 中文",
            "A full stop.",
        ),
    )
    assert found.carry["share"] is CARRIED
