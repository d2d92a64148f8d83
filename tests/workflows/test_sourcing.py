"""What was learned elsewhere: which sources carry what, who is heard first, what follows."""

from datetime import timedelta

import pytest

from documents.models import Evidence
from portal import clock
from portal.access import Conflict
from portal.enums import Delivery
from portal.models import OutboxMessage
from tests.questionnaires import personas
from tests.workflows import acts, remedies, world
from workflows import actions, engine, outcome, queries
from workflows.enums import FindingState, Outcome, SourceKind, Stage
from workflows.models import ContactLog, Finding, Inquiry, Presumption
from workflows.outcome import Told

pytestmark = pytest.mark.django_db

ONE, OTHER = "Demo Institute", "Demo Daily"


@pytest.fixture
def made():
    return world.world()


def told(kind="REPORT", grade="B", publisher=ONE, digest="", *, counts=True):
    return Told(kind, grade, publisher, digest, counts)


# truth tables ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sources", "credible"),
    [
        ([], False),
        ([told()], False),
        ([told(), told(publisher=OTHER)], True),
        ([told(), told()], False),
        ([told(), told(publisher=" demo institute ")], False),
        ([told(digest="a"), told(publisher=OTHER, digest="a")], False),
        ([told(digest="a"), told(publisher=OTHER, digest="b")], True),
        ([told(digest="a"), told(publisher=OTHER)], True),
        ([told(publisher=""), told(publisher=OTHER)], False),
        ([told("OFFICIAL", "A")], True),
        ([told("OFFICIAL", "B")], False),
        ([told("REGISTRY", "A")], False),
        ([told("OFFICIAL", "A", counts=False)], False),
        ([told(grade="C"), told(grade="C", publisher=OTHER)], False),
        ([told(), told(grade="C", publisher=OTHER)], False),
        ([told(grade="A"), told(publisher=OTHER)], True),
        ([told(), told(publisher=OTHER, counts=False)], False),
        ([told(), told(), told(publisher=OTHER)], True),
    ],
)
def test_two_independent_sources_or_one_official_record_are_credible(sources, credible):
    assert outcome.is_credible(sources) == credible
    assert outcome.is_credible(reversed(sources)) == credible


@pytest.mark.parametrize("kind", SourceKind)
@pytest.mark.parametrize("grade", "ABC")
def test_a_place_is_shown_by_a_licence_a_registry_or_a_shipping_record(kind, grade):
    shows = kind in {"LICENCE", "REGISTRY", "SHIPPING"} and grade != "C"

    assert outcome.shows_place([told(kind, grade)]) == shows
    assert not outcome.shows_place([told(kind, grade, counts=False)])


@pytest.mark.parametrize("about", ["company", "site", "input", "link"])
@pytest.mark.parametrize(
    ("clause", "weighs"),
    [
        ("A1", "B2"),
        ("A2", "B2"),
        ("A3", "B3"),
        ("A4", "B4"),
        ("B1", "B1"),
        ("B2", "B2"),
        ("B3", "B3"),
        ("B4", "B4"),
    ],
)
def test_what_concerns_a_sub_supplier_or_an_input_is_a_matter_of_b4(clause, about, weighs):
    level = outcome.level_of(clause=clause, about=about)

    found = outcome.weight(clause=clause, limb="", level=level)

    assert found == ("B4" if about in {"input", "link"} else weighs)
    assert outcome.presumes(clause=clause, level=level)


@pytest.mark.parametrize(
    ("clause", "level", "presumes"),
    [
        ("A3", "follow_up", False),
        ("B1", "exit", True),
        ("B4", "remediate", True),
        ("B5", "exit", False),
        ("C2", "duty", False),
        ("", "note", False),
    ],
)
def test_the_presumption_is_raised_by_findings_of_clause_a_alone(clause, level, presumes):
    assert outcome.presumes(clause=clause, level=level) == presumes


# recording and weighing -----------------------------------------------------------------------


def test_a_source_keeps_its_file_on_the_buyers_side_alone(made):
    case = world.issued_case(made)

    source = remedies.source(made, case, file=remedies.file("report.pdf"))

    evidence = source.evidence
    assert (evidence.origin, evidence.kind) == ("BUYER", "outside_source")
    assert Evidence.objects.visible_to(made.analyst).filter(pk=evidence.pk).exists()
    assert not Evidence.objects.visible_to(case.contact).filter(pk=evidence.pk).exists()
    assert not source.told.counts
    remedies.released(evidence)
    source.refresh_from_db()
    source.evidence.refresh_from_db()
    assert source.told.counts
    assert source.told.digest == evidence.sha256


def test_the_suppliers_own_upload_of_the_same_file_is_a_row_of_its_own(made):
    case = world.submitted_case(made)
    source = remedies.source(made, case, file=remedies.file())
    inquiry = remedies.ask(made, remedies.finding(made, case, source))

    own = actions.add_to_reply(
        inquiry=inquiry, by=case.contact, file=remedies.file(), described=remedies.described()
    )

    assert own.sha256 == source.evidence.sha256
    assert (own.origin, own.pk != source.evidence_id) == ("SUPPLIER", True)


def test_the_buyers_files_take_no_room_of_the_suppliers(made, settings):
    case = world.submitted_case(made)
    inquiry = remedies.ask(made, remedies.finding(made, case))
    used = sum(Evidence.objects.filter(chain=case.chain).values_list("size", flat=True))
    settings.CASE_MAX_BYTES = used + len(remedies.PDF)
    remedies.source(made, case, file=remedies.file())

    actions.add_to_reply(
        inquiry=inquiry, by=case.contact, file=remedies.file(), described=remedies.described()
    )

    with pytest.raises(Conflict, match="no room"):
        actions.add_to_reply(
            inquiry=inquiry,
            by=case.contact,
            file=remedies.file(data=remedies.PDF + b"\n"),
            described=remedies.described(),
        )


def test_a_source_recorded_later_joins_an_open_finding_only(made):
    case = world.submitted_case(made)
    finding = remedies.finding(made, case)
    remedies.source(made, case, publisher=OTHER, findings=(finding.pk,))

    assert finding.sources.count() == 2
    actions.judge_finding(
        finding=finding, by=made.analyst, state=FindingState.DISMISSED, reason="It does not hold."
    )
    with pytest.raises(Conflict, match="settled meanwhile"):
        remedies.source(made, case, findings=(finding.pk,))


def test_a_confirmed_finding_opens_again_when_its_sources_no_longer_carry_it(made):
    case = world.submitted_case(made)
    first, second = (
        remedies.source(made, case),
        remedies.source(made, case, publisher=OTHER),
    )
    finding = remedies.finding(made, case, first, second)
    remedies.heard(made, finding)
    remedies.confirm(made, finding)
    weight = actions.Weight(
        grade="C", counts=True, findings=(finding.pk,), reason="A claim alone."
    )

    actions.weigh_source(source=second, by=made.analyst, weight=weight)

    finding.refresh_from_db()
    assert finding.state == FindingState.OPEN
    assert case.chain.entries.filter(event="finding.reopened").count() == 1
    assert actions.weigh_source(source=second, by=made.analyst, weight=weight).grade == "C"
    assert case.chain.entries.filter(event="source.weighed").count() == 1


def test_what_a_settled_finding_rested_on_stays(made):
    case = world.submitted_case(made)
    source = remedies.source(made, case)
    finding = remedies.finding(made, case, source)
    actions.judge_finding(
        finding=finding, by=made.analyst, state=FindingState.DISMISSED, reason="It does not hold."
    )

    actions.weigh_source(
        source=source,
        by=made.analyst,
        weight=actions.Weight(grade="B", counts=False, findings=(), reason="In error."),
    )

    assert list(finding.sources.all()) == [source]


# raising --------------------------------------------------------------------------------------


@pytest.mark.parametrize("stage", ["instructed", "answering", "queried", "with_counsel"])
def test_a_finding_brings_the_case_to_review_and_leaves_the_form_open(made, stage):
    case = {
        "instructed": world.issued_case,
        "answering": world.acknowledged_case,
        "queried": lambda made: acts.queried(world.submitted_case(made), made.analyst),
        "with_counsel": lambda made: acts.referred(world.acknowledged_case(made), made.analyst),
    }[stage](made)
    due = case.due_at

    with clock.at(clock.now() + timedelta(days=2)):
        finding = remedies.finding(made, case)

    after = acts.fresh(case)
    assert (after.stage, after.left_open_at is not None) == (Stage.REVIEW, True)
    assert (after.held_from, after.held_at) == ("", None)
    assert after.due_at - due >= timedelta(days=2 if stage == "with_counsel" else 0)
    assert finding.is_outside
    assert acts.unfinished(case) == [("review", "NEW")]
    if stage == "instructed":
        actions.acknowledge_late(case=after, by=case.contact)


def test_an_answer_after_a_finding_is_taken_once_and_closes_the_form(made):
    case = world.acknowledged_case(made)
    world.answer(case)
    remedies.finding(made, case)

    case = world.submit(acts.fresh(case))

    assert (case.stage, case.left_open_at, case.lapsed_at) == (Stage.REVIEW, None, None)
    assert Finding.objects.get(case=case, submission=None).state == FindingState.OPEN


def test_in_counsels_hands_after_review_the_form_was_closed_and_stays_so(made):
    case = acts.referred(world.submitted_case(made), made.analyst)

    remedies.finding(made, case)

    assert acts.fresh(case).left_open_at is None


@pytest.mark.parametrize("stage", ["review", "remediation", "suspended"])
def test_where_people_work_on_a_case_a_finding_moves_nothing(made, stage):
    case = world.submitted_case(made)
    if stage == "remediation":
        case = remedies.planned(made, case)
    if stage == "suspended":
        case = remedies.suspended(made, case)

    remedies.finding(made, case)

    assert acts.fresh(case).stage == Stage(stage.upper())
    assert acts.fresh(case).left_open_at is None


def test_a_cleared_case_gets_a_new_run(made):
    case = world.cleared_case(made)

    remedies.finding(made, case)

    after = acts.fresh(case)
    assert (after.stage, after.cleared_at, after.ended_at) == (Stage.REVIEW, None, None)
    assert case.runs.count() == 2
    assert case.runs.filter(closed_at=None).count() == 1


def test_a_recommendation_does_not_outlive_a_finding(made):
    case = world.recommended_case(made)

    remedies.finding(made, case)

    assert acts.fresh(case).proposed_by is None


def test_the_same_finding_is_raised_once(made):
    case = remedies.suspended(made, world.submitted_case(made))
    source = remedies.source(made, case)
    remedies.finding(made, case, source)

    with pytest.raises(Conflict, match="raised already"):
        remedies.finding(made, case, source)


def test_a_finding_without_a_source_or_with_anothers_is_refused(made):
    case = world.submitted_case(made)
    foreign = remedies.source(made, world.issued_case(made, supplier=acts.another(made)))

    for sources in ((), (foreign,)):
        with pytest.raises(Conflict, match="rests on a source"):
            actions.raise_finding(
                case=case,
                task=engine.open_task(case),
                by=made.analyst,
                raised=remedies.raised(*sources),
            )


def test_a_new_submission_leaves_what_was_learned_elsewhere_alone(made):
    case = world.submitted_case(made)
    finding = remedies.finding(made, case)
    world.submit(acts.queried(acts.fresh(case), made.analyst))

    finding.refresh_from_db()
    assert finding.state == FindingState.OPEN


def test_what_was_learned_elsewhere_is_an_open_point_until_it_is_confirmed(made):
    case = world.submitted_case(made)
    first = remedies.source(made, case, kind=SourceKind.OFFICIAL, grade="A")
    finding = remedies.finding(made, case, first)
    assert queries.standing(acts.fresh(case)).outcome == Outcome.OPEN_POINT
    assert queries.has_grave_finding(case)

    remedies.heard(made, finding)
    remedies.confirm(made, finding)

    standing = queries.standing(acts.fresh(case))
    assert standing.outcome == Outcome.B3
    assert standing.ground == [Finding.objects.get(pk=finding.pk)]


# hearing --------------------------------------------------------------------------------------


def test_confirmation_needs_sources_and_a_hearing_and_says_which(made):
    case = world.submitted_case(made)
    source = remedies.source(made, case)
    finding = remedies.finding(made, case, source)
    with pytest.raises(Conflict, match="two sources from different publishers"):
        remedies.confirm(made, finding)
    remedies.source(made, case, publisher=OTHER, findings=(finding.pk,))
    with pytest.raises(Conflict, match="has not been heard") as met:
        remedies.confirm(made, finding)
    assert "two sources" not in str(met.value)

    remedies.heard(made, finding)

    assert remedies.confirm(made, finding).state == FindingState.CONFIRMED


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"grade": "C"}, "no source of grade A or B"),
        ({"kind": SourceKind.NEWS}, "from a licence, a registry extract or a shipping record"),
    ],
)
def test_a_location_is_confirmed_from_a_record_that_shows_it(made, given, sentence):
    case = world.submitted_case(made)
    source = remedies.source(made, case, **given)
    finding = remedies.finding(made, case, source, clause="B1", about="site")

    with pytest.raises(Conflict, match=sentence):
        remedies.confirm(made, finding)


def test_a_location_is_confirmed_before_the_supplier_is_heard_and_it_is_heard_afterwards(made):
    case = world.submitted_case(made)
    source = remedies.source(made, case, kind=SourceKind.LICENCE, grade="A")
    finding = remedies.finding(made, case, source, clause="B1", about="site")

    confirmed = remedies.confirm(made, finding)
    inquiry = remedies.heard(made, confirmed)

    assert queries.standing(acts.fresh(case)).outcome == Outcome.B1
    confirmed.refresh_from_db()
    assert (confirmed.state, inquiry.reply) == ("CONFIRMED", "It was bought elsewhere.")


def test_dismissing_and_remedying_need_no_hearing(made):
    case = world.submitted_case(made)
    finding = remedies.finding(made, case)

    judged = actions.judge_finding(
        finding=finding, by=made.analyst, state=FindingState.DISMISSED, reason="Another company."
    )

    assert judged.state == FindingState.DISMISSED


@pytest.mark.parametrize(
    ("delivery", "contacted", "days", "heard"),
    [
        (Delivery.ACCEPTED, None, 30, True),
        (Delivery.ACCEPTED, None, 3, False),
        (Delivery.QUEUED, None, 30, False),
        (Delivery.REFUSED, None, 30, False),
        (Delivery.QUEUED, True, 30, True),
        (Delivery.QUEUED, False, 30, False),
    ],
)
def test_silence_counts_only_after_the_day_and_an_accepted_question(
    made, delivery, contacted, days, heard
):
    case = world.submitted_case(made)
    source = remedies.source(made, case, kind=SourceKind.OFFICIAL, grade="A")
    finding = remedies.finding(made, case, source)
    inquiry = remedies.ask(made, finding)
    mails = OutboxMessage.objects.filter(key__startswith=f"{inquiry.letter.mail_key}:")
    assert mails.update(delivery=delivery) == 1
    if contacted is not None:
        actions.log_contact(
            case=case, by=made.analyst, contacted=acts.contacted(is_reached=contacted)
        )

    with clock.at(clock.now() + timedelta(days=days)):
        assert queries.is_heard(finding) == heard
        assert (queries.missing_for_confirmation(finding) == []) == heard


def test_a_call_before_the_question_reaches_nobody_about_it(made):
    case = world.submitted_case(made)
    actions.log_contact(case=case, by=made.analyst, contacted=acts.contacted())
    finding = remedies.finding(made, case)
    with clock.at(clock.now() + timedelta(hours=1)):
        remedies.ask(made, finding)

    with clock.at(clock.now() + timedelta(days=40)):
        assert not queries.is_heard(finding)
    assert ContactLog.objects.get().is_reached


def test_one_question_about_a_finding_waits_at_a_time(made):
    case = world.submitted_case(made)
    finding = remedies.finding(made, case)
    inquiry = remedies.ask(made, finding)
    with pytest.raises(Conflict, match="waits for its reply already"):
        remedies.ask(made, finding)

    actions.reply_to_inquiry(inquiry=inquiry, by=case.contact, text="Bought elsewhere.")

    assert remedies.ask(made, finding).pk != inquiry.pk


def test_of_a_settled_finding_or_of_the_answers_own_nothing_is_asked(made):
    case = world.submitted_case(made, personas.agrees_on_conditions)
    own = Finding.objects.get(case=case, key="conditional")
    settled = remedies.finding(made, case)
    actions.judge_finding(
        finding=settled, by=made.analyst, state=FindingState.DISMISSED, reason="Another company."
    )

    for finding in (own, settled):
        with pytest.raises(Conflict, match="left to be asked"):
            remedies.ask(made, finding)


def test_a_reply_answers_the_finding_and_sets_a_recommendation_aside(made):
    case = world.judged_case(made)
    inquiry = remedies.ask(made, remedies.finding(made, case))

    actions.reply_to_inquiry(inquiry=inquiry, by=case.contact, text="Bought elsewhere.")

    inquiry = Inquiry.objects.get()
    assert inquiry.finding.state == FindingState.ANSWERED
    assert OutboxMessage.objects.filter(purpose="inquiry_replied").count() == 1
    again = actions.reply_to_inquiry(inquiry=inquiry, by=case.contact, text="Bought elsewhere.")
    assert again.replied_at == inquiry.replied_at
    with pytest.raises(Conflict, match="replied to this already"):
        actions.reply_to_inquiry(inquiry=inquiry, by=case.contact, text="Something else.")


def test_a_file_after_the_reply_is_kept_and_opens_the_review_anew(made):
    case = world.submitted_case(made)
    inquiry = remedies.heard(made, remedies.finding(made, case))
    shown = engine.open_task(case)

    actions.add_to_reply(
        inquiry=inquiry, by=case.contact, file=remedies.file(), described=remedies.described()
    )

    assert inquiry.files.count() == 1
    assert engine.open_task(case) != shown


# the presumption ------------------------------------------------------------------------------


def test_a_confirmed_finding_raises_the_presumption_once_and_only_a_decision_lifts_it(made):
    case = world.judged_case(made)
    finding = remedies.confirmed_b4(made, case)
    raised = acts.fresh(case)
    assert raised.presumed_at is not None
    assert queries.presumption_of(case).finding == finding
    evidence = remedies.released(case.response.evidence_links.first().evidence)

    def lift(*files):
        actions.lift_presumption(
            case=case,
            task=engine.open_task(case),
            by=made.approver,
            evidence=tuple(one.pk for one in files),
            reason="The new source is shown.",
        )

    with pytest.raises(Conflict, match="still confirmed"):
        lift(evidence)
    actions.judge_finding(
        finding=finding, by=made.analyst, state=FindingState.REMEDIED, reason="It has ended."
    )
    assert acts.fresh(case).presumed_at is not None
    assert "presumption" in " ".join(queries.standing(acts.fresh(case)).obstacles)
    with pytest.raises(Conflict, match="Choose the documents"):
        lift()
    held = Evidence.objects.filter(chain=case.chain).exclude(pk=evidence.pk).first()
    Evidence.objects.filter(pk=held.pk).update(state="RECEIVED", judged_at=None)
    with pytest.raises(Conflict, match="Choose the documents"):
        lift(held)

    lift(evidence)

    after = acts.fresh(case)
    assert (after.presumed_at, queries.presumption_of(case)) == (None, None)
    kept = Presumption.objects.get(case=case)
    assert (kept.lifted_by, list(kept.evidence.all())) == (made.approver, [evidence])


def test_a_second_confirmed_finding_raises_no_second_presumption(made):
    case = world.submitted_case(made)
    remedies.confirmed_b4(made, case)
    source = remedies.source(made, case, kind=SourceKind.LICENCE, grade="A")
    remedies.confirm(made, remedies.finding(made, case, source, clause="B1", about="site"))

    assert Presumption.objects.filter(case=case).count() == 1


def test_a_finding_that_concerns_no_clause_a_raises_none(made):
    case = world.submitted_case(made, personas.agrees_on_conditions)
    finding = Finding.objects.get(case=case, key="conditional")

    actions.judge_finding(
        finding=finding, by=made.analyst, state=FindingState.CONFIRMED, reason="It has one."
    )

    assert acts.fresh(case).presumed_at is None


def test_with_a_standing_presumption_a_case_is_not_cleared(made):
    case = world.judged_case(made)
    remedies.presumed(made, case)

    with pytest.raises(Conflict, match="presumption of clause B"):
        actions.recommend(
            case=case, task=engine.open_task(case), by=made.analyst, reason="Nothing is open."
        )
