"""What findings, limbs and proofs add up to: truth tables and properties."""

from itertools import permutations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from questionnaires.logic import evaluate
from tests.questionnaires.personas import PERSONAS, TODAY
from tests.questionnaires.test_content import CONTENT
from workflows import outcome
from workflows.clauses import HELD, RANK
from workflows.enums import FindingState, Level, Limbs, Outcome, ReplyCode
from workflows.outcome import Piece, Reply

CLAUSES = ("A1", "A2", "A3", "A4", "B1", "B2", "B3", "B4", "B5", "B6", "C1", "C2", "")


# The two limbs of B5 (domain note, section 7)


@pytest.mark.parametrize(
    ("agrees", "proves", "policy", "failed"),
    [
        (True, True, Limbs.EITHER, set()),
        (True, False, Limbs.EITHER, {"B5_PROOF"}),
        (False, True, Limbs.EITHER, {"B5_AGREEMENT"}),
        (False, False, Limbs.EITHER, {"B5_AGREEMENT", "B5_PROOF"}),
        (True, True, Limbs.BOTH, set()),
        (True, False, Limbs.BOTH, {"OPEN_POINT"}),
        (False, True, Limbs.BOTH, {"OPEN_POINT"}),
        (False, False, Limbs.BOTH, {"B5_AGREEMENT", "B5_PROOF"}),
    ],
)
@pytest.mark.parametrize("held", [True, False])
def test_both_limbs_under_both_policies_held_or_not(agrees, proves, policy, failed, held):
    found = outcome.limb_findings(agrees=agrees, proves=proves, policy=policy)
    proposed = outcome.propose(found, constraint_held=held)

    assert found == failed
    if held:
        assert proposed == Outcome.WITH_COUNSEL
    elif not failed:
        assert proposed == Outcome.CLEAR
    else:
        assert proposed in {Outcome(code) for code in failed}


@pytest.mark.parametrize("constrained", [True, False])
@pytest.mark.parametrize("policy", Limbs)
@pytest.mark.parametrize("proves", [True, False])
@pytest.mark.parametrize("agrees", [True, False])
@pytest.mark.parametrize("held", [{"B5_AGREEMENT"}, {"B5_PROOF"}, {"B5_AGREEMENT", "B5_PROOF"}])
def test_a_held_limb_never_failed_and_is_never_clear(held, agrees, proves, policy, constrained):
    found = outcome.limb_findings(
        agrees=agrees, proves=proves, policy=policy, held=frozenset(held)
    )
    proposed = outcome.propose(found, constraint_held=constrained)

    assert found & held == set()
    assert "OPEN_POINT" in found
    assert proposed != Outcome.CLEAR
    assert proposed not in {Outcome(limb) for limb in held}
    # what is not held is read as before
    others = {name for name, met in (("B5_AGREEMENT", agrees), ("B5_PROOF", proves)) if not met}
    expected = others - held if policy == Limbs.EITHER else set()
    assert found - {"OPEN_POINT"} == expected


@pytest.mark.parametrize("is_open", [True, False])
@pytest.mark.parametrize("code", ["", *ReplyCode])
def test_which_limb_each_code_holds_while_its_talks_go_on(code, is_open):
    holding = {
        "AGREES_ON_CONDITIONS": {"B5_AGREEMENT"},
        "CONFIDENTIAL_NEEDS_TERMS": {"B5_AGREEMENT"},
        "AGREES_CANNOT_OBTAIN": {"B5_PROOF"},
    }

    found = outcome.held_limbs(code, is_open=is_open)

    assert found == (holding.get(code, set()) if is_open else set())


# The order of proposals (domain note, section 5)


def test_the_order_is_that_of_the_note():
    assert RANK == (
        "B1",
        "B3",
        "B2",
        "C2",
        "B4",
        "B5_AGREEMENT",
        "B5_PROOF",
        "C1",
        "OPEN_POINT",
    )
    assert {"B5_AGREEMENT", "B5_PROOF", "OPEN_POINT"} == HELD


@pytest.mark.parametrize(("first", "second"), list(permutations(RANK, 2)))
def test_of_two_the_one_of_higher_rank_is_proposed(first, second):
    proposed = outcome.propose([first, second], constraint_held=False)

    assert proposed == min(first, second, key=RANK.index)


codes = st.sets(st.sampled_from(RANK))


@settings(deadline=None)  # other work shares this machine
@given(codes)
def test_what_is_held_is_never_clear(found):
    proposed = outcome.propose(found, constraint_held=True)

    assert proposed != Outcome.CLEAR
    assert proposed not in HELD
    assert (proposed == Outcome.WITH_COUNSEL) is (found <= HELD)


@settings(deadline=None)  # other work shares this machine
@given(codes)
def test_clear_is_proposed_exactly_when_nothing_is_found(found):
    assert (outcome.propose(found, constraint_held=False) == Outcome.CLEAR) is (not found)


@settings(deadline=None)  # other work shares this machine
@given(codes, codes, st.booleans())
def test_one_more_finding_never_lowers_the_proposal(found, more, held):
    order = (*RANK, "WITH_COUNSEL", "CLEAR")
    before = outcome.propose(found, constraint_held=held)
    after = outcome.propose(found | more, constraint_held=held)

    assert order.index(after) <= order.index(before)


# What a finding stands for


@pytest.mark.parametrize("clause", CLAUSES)
@pytest.mark.parametrize("limb", ["agreement", "proof", ""])
def test_each_level_weighs_as_the_note_says(clause, limb):
    def weight(level):
        return outcome.weight(clause=clause, limb=limb, level=level)

    assert weight(Level.NOTE) == weight(Level.COUNSEL) == ""
    assert weight(Level.DUTY) == (clause if clause in {"C1", "C2"} else "")
    assert weight(Level.REMEDIATE) == "B4"
    assert weight(Level.FOLLOW_UP) == "OPEN_POINT"
    agreement = clause == "B5" and limb == "agreement"
    # clause A is a ground of B: alone it has no rank
    ground = {"A1": "B2", "A2": "B2", "A3": "B3", "A4": "B4"}.get(clause, clause)
    assert weight(Level.EXIT) == ("B5_AGREEMENT" if agreement else ground)


def test_every_finding_of_the_questionnaire_weighs_something_that_has_a_rank():
    weights = {
        outcome.weight(clause=rule.clause, limb=rule.limb, level=rule.level)
        for rule in CONTENT.findings
    }

    assert weights - {""} <= set(RANK)
    assert {"B1", "B2", "B3", "B4", "B5_AGREEMENT", "OPEN_POINT", ""} <= weights


@pytest.mark.parametrize(("level", "state"), list(product(Level, FindingState)))
def test_what_holds_and_what_blocks(level, state):
    is_open = state in {FindingState.OPEN, FindingState.ANSWERED, FindingState.CONFIRMED}

    assert outcome.holds(level=level, state=state) is (level == Level.COUNSEL and is_open)
    assert outcome.blocks_clearing(level=level, state=state) is (
        level not in {Level.NOTE, Level.DUTY} and is_open
    )


# B6 and notes


def proposal(findings):
    found = {outcome.weight(clause=c, limb=limb, level=level) for c, limb, level in findings}
    held = any(outcome.holds(level=level, state=FindingState.OPEN) for *_, level in findings)
    return outcome.propose(found - {""}, constraint_held=held)


kinds = st.tuples(
    st.sampled_from(["B1", "B2", "B3", "B4", "C1", "C2"]), st.just(""), st.sampled_from(Level)
)


@settings(deadline=None)  # other work shares this machine
@given(st.lists(kinds), st.lists(st.sampled_from(CLAUSES)))
def test_a_note_never_changes_a_proposal(findings, clauses):
    notes = [(clause, "", Level.NOTE) for clause in clauses]

    assert proposal([*findings, *notes]) == proposal(findings)


encouraged = st.one_of(
    st.none(), st.sampled_from([one.code for one in CONTENT.choices["encourage"].choices])
)


@settings(deadline=None)  # other work shares this machine
@given(st.sampled_from(sorted(PERSONAS)), encouraged, encouraged)
def test_answers_about_all_production_never_change_a_proposal(name, sourcing, dealings):
    plain, more = PERSONAS[name](TODAY), PERSONAS[name](TODAY)
    plain["encouraged"] = {"answers": {}}
    more["encouraged"] = {
        "answers": {
            key: value
            for key, value in (("all_sourcing", sourcing), ("all_dealings", dealings))
            if value is not None
        }
    }

    def proposed(document):
        result = evaluate(CONTENT, document, TODAY)
        findings = [(one.clause, one.limb, one.level) for one in result.findings]
        return proposal(findings), result.missing, result.declined

    assert proposed(more) == proposed(plain)


# The B4 rule (domain note, section 10)


def piece(grade, issuer="Demo Spinning", **more):
    return Piece("origin", "spin", grade, issuer=issuer, **more)


A = piece("A")
B1, B2 = piece("B", "Demo Spinning", digest="11"), piece("B", "Demo Forwarder", digest="22")


@pytest.mark.parametrize(
    ("pieces", "holds"),
    [
        ([], False),
        ([A], True),
        ([B1], False),
        ([B1, B2], True),
        ([B1, piece("B", "Demo Forwarder", digest="11")], False),
        ([piece("C", f"Demo {n}") for n in range(3)], False),
        ([piece("B", "One", number="INV-7"), piece("B", "Two", number="inv-7")], False),
        ([piece("B", "One", number="INV-7"), piece("B", "Two", number="INV-8")], True),
        ([piece("B", "One"), piece("B", " ONE ")], False),
        ([piece("B", "One"), piece("B", "")], False),
        ([piece("B", "  "), piece("B", "")], False),
        ([piece("S"), piece("S", "Demo Laboratory")], False),
        ([piece("S"), B1], False),
        ([piece("S"), B1, B2], True),
        ([B1, piece("C", "Demo Forwarder")], False),
        ([B1, B1, B2], True),
        ([piece("A", counts=False)], False),
        ([B1, piece("B", "Demo Forwarder", digest="22", counts=False)], False),
        ([piece("", "One"), piece("", "Two")], False),
    ],
    ids=[
        "nothing",
        "one A",
        "one B",
        "two independent B",
        "two B with one hash",
        "three C",
        "same number",
        "other number",
        "same issuer",
        "no issuer",
        "blank issuers",
        "laboratory alone",
        "laboratory and one B",
        "laboratory beside two B",
        "one B and one C",
        "one B twice, and another",
        "A that does not count",
        "B that does not count",
        "not graded",
    ],
)
def test_the_rule_of_proof(pieces, holds):
    assert outcome.is_proven(pieces) is holds


grades = st.sampled_from(["A", "B", "C", "S", ""])
pieces = st.lists(
    st.builds(
        Piece,
        st.sampled_from(["origin", "ended"]),
        st.sampled_from(["spin", ""]),
        grades,
        issuer=st.sampled_from(["One", "Two", ""]),
        digest=st.sampled_from(["11", "22", ""]),
        number=st.sampled_from(["7", "8", ""]),
        counts=st.booleans(),
    ),
    max_size=6,
)


@settings(deadline=None)  # other work shares this machine
@given(pieces, st.randoms())
def test_the_order_of_pieces_does_not_matter(found, random):
    mixed = list(found)
    random.shuffle(mixed)

    assert outcome.is_proven(mixed) is outcome.is_proven(found)


@settings(deadline=None)  # other work shares this machine
@given(pieces, pieces)
def test_more_proof_never_disproves(found, more):
    assert outcome.is_proven([*found, *more]) or not outcome.is_proven(found)


@settings(deadline=None)  # other work shares this machine
@given(pieces)
def test_without_a_and_without_two_b_nothing_is_proven(found):
    strong = [one for one in found if one.counts and one.grade in {"A", "B"}]
    if len(strong) < 2 and not any(one.grade == "A" for one in strong):
        assert not outcome.is_proven(found)


def test_proof_counts_for_its_own_claim_and_step_alone():
    asked = [("origin", "spin"), ("origin", "gin"), ("ended", "spin")]

    assert outcome.proven(asked, iter([A, piece("B")])) == {
        ("origin", "spin"): True,
        ("origin", "gin"): False,
        ("ended", "spin"): False,
    }


# Reply codes (content note, section 6; README point 41)


def reply(**more):
    given = {
        "findings": frozenset(),
        "declined": {},
        "declined_files": frozenset(),
        "replies": ("agreed", "agreed"),
        "reasons": frozenset(),
        "sent_to_counsel": False,
        "is_proven": True,
    }
    return Reply(**(given | more))


FILE = {"declined_files": frozenset({"doc"})}
CODES = [
    ("proven", {}, "AGREES_PROVES"),
    ("already so, proven", {"replies": ("already", "agreed")}, "AGREES_PROVES"),
    ("not proven", {"is_proven": False}, "AGREES_NO_PROOF_YET"),
    ("something there", {"findings": {"producer_there"}}, "AGREES_NO_PROOF_YET"),
    ("others hold a file", {"declined": {"doc": "others_hold"}, **FILE}, "AGREES_CANNOT_OBTAIN"),
    ("others hold an answer", {"declined": {"own_code": "others_hold"}}, "AGREES_PROVES"),
    ("conditions", {"replies": ("conditions", "agreed")}, "AGREES_ON_CONDITIONS"),
    ("refused, silent", {"replies": ("refused", "agreed")}, "DECLINES_NO_REASON"),
    (
        "refused, no reason",
        {"replies": ("agreed", "refused"), "reasons": {"no_reason"}},
        "DECLINES_NO_REASON",
    ),
    (
        "refused, a reason",
        {"replies": ("refused", "refused"), "reasons": {"no_reason", "cost"}},
        "DECLINES_DISAGREES",
    ),
    (
        "refused rather than conditions",
        {"replies": ("conditions", "refused")},
        "DECLINES_NO_REASON",
    ),
    ("terms", {"findings": {"limits_contract"}}, "CONFIDENTIAL_NEEDS_TERMS"),
    (
        "refused for terms",
        {"findings": {"refusal_confidential"}, "replies": ("refused", "refused")},
        "CONFIDENTIAL_NEEDS_TERMS",
    ),
    (
        "a confidential file",
        {"declined": {"doc": "confidential"}, **FILE},
        "CONFIDENTIAL_NEEDS_TERMS",
    ),
    ("a confidential answer", {"declined": {"own_code": "confidential"}}, "AGREES_PROVES"),
    ("law", {"findings": {"limits_law"}}, "LEGAL_CONSTRAINT_CLAIMED"),
    (
        "refused for law, and confidential",
        {
            "findings": {"refusal_law", "refusal_confidential"},
            "replies": ("refused", "refused"),
            "reasons": {"law", "confidential"},
        },
        "LEGAL_CONSTRAINT_CLAIMED",
    ),
    ("an answer declined for law", {"declined": {"own_code": "law"}}, "LEGAL_CONSTRAINT_CLAIMED"),
    (
        "an answer declined for safety",
        {"declined": {"own_code": "safety"}},
        "LEGAL_CONSTRAINT_CLAIMED",
    ),
    ("sent to counsel", {"sent_to_counsel": True}, "LEGAL_CONSTRAINT_CLAIMED"),
    ("not said", {"findings": {"not_said"}, "replies": ("agreed", "")}, None),
    ("not said, though both agreed", {"findings": {"not_said"}}, None),
    ("nothing answered", {"replies": ("", "")}, None),
]


@pytest.mark.parametrize(("given_", "code"), [one[1:] for one in CODES], ids=[c[0] for c in CODES])
def test_the_first_code_that_fits_is_proposed(given_, code):
    given_ = {
        name: frozenset(value) if isinstance(value, set) else value
        for name, value in given_.items()
    }

    assert outcome.propose_reply_code(reply(**given_)) == code


replies = st.sampled_from(["agreed", "already", "conditions", "refused", ""])


@settings(deadline=None)  # other work shares this machine
@given(
    st.builds(
        Reply,
        findings=st.frozensets(
            st.sampled_from(
                ["limits_law", "limits_contract", "refusal_law", "not_said", "site_ours_there"]
            )
        ),
        declined=st.dictionaries(
            st.sampled_from(["doc", "own_code"]),
            st.sampled_from(["law", "safety", "confidential", "others_hold", ""]),
        ),
        declined_files=st.frozensets(st.just("doc")),
        replies=st.tuples(replies, replies),
        reasons=st.frozensets(st.sampled_from(["law", "cost", "no_reason"])),
        sent_to_counsel=st.booleans(),
        is_proven=st.booleans(),
    )
)
def test_what_only_people_or_deliveries_say_is_never_proposed(said):
    code = outcome.propose_reply_code(said)

    assert code not in {
        ReplyCode.CONTRADICTED_BY_EVIDENCE,
        ReplyCode.NO_REPLY,
        ReplyCode.UNREACHABLE,
    }
    if said.sent_to_counsel:
        assert code == ReplyCode.LEGAL_CONSTRAINT_CLAIMED
    if code == ReplyCode.AGREES_PROVES:
        assert said.is_proven
        assert "refused" not in said.replies
