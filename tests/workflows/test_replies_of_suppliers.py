"""What the suppliers of 2026.1 reply amounts to: the same code in both wordings."""

import json

import pytest

from portal.enums import Wording
from questionnaires import loader
from questionnaires.definition import QuestionType, split_path
from questionnaires.logic import evaluate
from tests.questionnaires import sectors
from tests.questionnaires.personas import TODAY
from tests.questionnaires.test_content import only
from tests.questionnaires.test_content_2026_1 import CONTENT, changed
from tests.workflows import world
from workflows import outcome, queries
from workflows.enums import Limbs, Outcome
from workflows.models import Case

WORDINGS = {
    wording: loader.load_stored(loader.canonical(only(wording, json.loads(CONTENT.text))))
    for wording in ("explicit", "traceability")
}
CODES = {
    "clean_weaver": "AGREES_PROVES",
    "solar_module_maker": "AGREES_PROVES",
    "aluminium_extruder": "AGREES_PROVES",
    "producer_in_the_region": "AGREES_NO_PROOF_YET",
    "refuses_without_reason": "DECLINES_NO_REASON",
    "refuses_with_reason": "DECLINES_DISAGREES",
    "legally_bound": "LEGAL_CONSTRAINT_CLAIMED",
    "wants_confidentiality": "CONFIDENTIAL_NEEDS_TERMS",
    "others_hold_the_proof": "AGREES_CANNOT_OBTAIN",
    "agrees_on_conditions": "AGREES_ON_CONDITIONS",
}


def reply(definition, document):
    """What the code rests on, as the standing of a case gathers it from a signed answer."""
    found = evaluate(definition, document, TODAY)
    given = document["commitments"]["answers"]
    declined = {item.path: item.why for item in found.declined if item.was_required}
    replies = tuple(
        value if isinstance(value := given.get(key), str) else ""
        for key in ("agree_sourcing", "agree_dealings")
    )
    return outcome.Reply(
        findings=frozenset(finding.key for finding in found.findings),
        declined=declined,
        declined_files=frozenset(
            path
            for path in declined
            if definition.questions[split_path(path)[0]].type is QuestionType.FILE
        ),
        replies=replies,
        reasons=frozenset(given.get("why_not") or ()),
        sent_to_counsel=False,
        is_proven=True,
    )


@pytest.mark.parametrize("name", CODES)
def test_a_supplier_gets_the_same_code_in_both_wordings(name):
    document = sectors.ALL[name](TODAY)

    said = {key: outcome.propose_reply_code(reply(one, document)) for key, one in WORDINGS.items()}

    assert said == dict.fromkeys(WORDINGS, CODES[name])


@pytest.mark.parametrize("table", ["cot", "sil", "tom", "pvc", "alu"])
def test_a_lot_from_the_region_is_never_taken_for_proof(table):
    place = {
        "cot": {"cot[cot-1].cot_grown": ["CN"], "cot[cot-1].cot_provinces": ["65"]},
        "sil": {"sil[sil-1].sil_mgs_places": ["65"]},
        "tom": {"tom[tom-1].tom_provinces": ["65"]},
        "pvc": {"pvc[pvc-1].pvc_alkali_places": ["65"]},
        "alu": {"alu[alu-1].alu_smelt_places": ["65"]},
    }[table]
    document = changed(sectors.everything(TODAY), place)

    said = reply(CONTENT, document)

    assert f"{table}_there" in said.findings
    assert outcome.propose_reply_code(said) == "AGREES_NO_PROOF_YET"
    assert outcome.is_hollow(neutral=True, replies=said.replies, findings=said.findings)


@pytest.mark.parametrize(
    ("neutral", "replies", "findings", "hollow"),
    [
        (True, ("agreed", "agreed"), {"input_there"}, True),
        (True, ("already", "already"), {"cot_there"}, True),
        (True, ("refused", "agreed"), {"sub_there"}, True),
        (True, ("refused", "refused"), {"sub_there"}, False),
        (True, ("agreed", "agreed"), {"new_source_there", "agent_there", "mix_there"}, False),
        (True, ("agreed", "agreed"), set(), False),
        (False, ("agreed", "agreed"), {"input_there"}, False),
        (False, ("already", "agreed"), {"producer_there"}, True),
        (False, ("conditions", ""), {"input_there"}, False),
    ],
)
def test_a_yes_that_names_what_would_have_to_end_is_hollow(neutral, replies, findings, hollow):
    assert outcome.is_hollow(neutral=neutral, replies=replies, findings=findings) == hollow


@pytest.mark.django_db
@pytest.mark.parametrize(("wording", "agrees"), [("EXPLICIT", True), ("TRACEABILITY", False)])
def test_a_confirmed_list_with_a_place_in_the_region_meets_no_limb(wording, agrees):
    """The weaver of Aksu's gin says "yes, by a date": in neutral words that ends nothing."""
    made = world.world()
    made.campaign.version = world.newest_version()
    made.campaign.save()
    case = world.acknowledged_case(made, wording=Wording[wording])
    world.answer(case, sectors.ALL["producer_in_the_region"])
    case = world.submit(Case.objects.get(pk=case.pk))

    standing = queries.standing(case)

    assert standing.agrees is agrees
    assert standing.proposed_code == "AGREES_NO_PROOF_YET"
    assert standing.outcome == Outcome.B1  # the link itself weighs more than any limb
    assert case.policy.b5_limbs in Limbs.values
