"""The page of a case and the page of each act on it: who, when, what it costs."""

from datetime import timedelta
from html import unescape

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from documents import storage
from documents.enums import EvidenceState
from documents.models import Evidence
from portal import clock
from portal.enums import Role
from portal.models import Membership, Organisation, OutboxMessage, User
from questionnaires.models import Comment, CounselText
from tests.factories.documents import EvidenceFactory
from tests.factories.portal import MembershipFactory, OrganisationFactory, UserFactory
from tests.factories.questionnaires import CommentFactory
from tests.questionnaires import personas
from tests.sessions import sign_in
from tests.workflows import world
from workflows import actions, engine, queries
from workflows.enums import FindingState, ReplyCode, Stage, Verb
from workflows.models import Case, ContactLog, Decision, Finding, Proof

pytestmark = pytest.mark.django_db

REASON = "Looked at with care in this demo case."
PLACES = ("quarantine", "evidence", "dossiers")


class Built:
    """Two companies; of the first, a case at each place of the way."""

    def __init__(self):
        self.made = world.world(name="Demo Buyer One GmbH")
        self.other = world.world(name="Demo Canary GmbH")
        Organisation.objects.filter(pk=self.other.supplier.pk).update(
            name="金丝雀示例有限公司", name_en="Canary Yellow Ltd"
        )
        self.foreign = world.submitted_case(self.other, personas.legally_bound)
        self.draft = self._case(world.draft_case)
        self.issued = self._case(world.issued_case)
        self.open = self._case(world.submitted_case, persona=personas.producer_in_the_region)
        self.limited = self._case(world.submitted_case, persona=personas.legally_bound)
        self.judged = self._case(world.judged_case)
        self.recommended = self._case(world.recommended_case)
        self.cleared = self._case(world.cleared_case)
        self.stranger = UserFactory(holds=[(role, OrganisationFactory()) for role in CASE_ROLES])
        self.held = EvidenceFactory(
            supplier=self.open.supplier,
            buyer=self.made.buyer,
            chain=self.open.chain,
            held=True,
        )

    def _case(self, build, **kwargs):
        supplier = world.new_supplier(self.made.buyer)
        UserFactory(
            email=supplier.contact_email,
            name="Demo Contact",
            holds=[(Role.CONTACT, supplier), (Role.SIGNATORY, supplier)],
        )
        return build(self.made, supplier=supplier, **kwargs)


CASE_ROLES = (Role.CAMPAIGN_MANAGER, Role.ANALYST, Role.APPROVER, Role.COUNSEL)


@pytest.fixture(scope="module")
def shared(django_db_setup, django_db_blocker, tmp_path_factory):
    """Built once: each test changes it inside a savepoint of its own."""
    root = tmp_path_factory.mktemp("files")
    places = {
        place: {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": root / place, "base_url": None},
        }
        for place in PLACES
    }
    from django.conf import settings

    with django_db_blocker.unblock(), transaction.atomic():
        with override_settings(STORAGES=settings.STORAGES | places):
            found = Built()
        yield found
        transaction.set_rollback(True)


@pytest.fixture
def built(shared, db):
    for person in (shared.made, shared.other):
        for one in vars(person).values():
            if isinstance(one, User):
                one.__dict__.pop("roles", None)
    return shared


def url(name, case, *more):
    return reverse(f"workflows:{name}", args=[case.pk, *more])


def fresh(case):
    return Case.objects.get(pk=case.pk)


def first(model, case, **where):
    return model.objects.filter(case=case, **where).order_by("pk").first()


def address(built, page):
    """The page of an act: its case, the person whose act it is, and its address."""
    name, case, person = PAGES[page]
    case = getattr(built, case)
    more = {
        "finding": lambda: [first(Finding, case, level="follow_up").pk],
        "proof": lambda: [first(Proof, case).pk],
        "file": lambda: [built.held.pk],
    }.get(page, list)()
    return case, getattr(built.made, person), url(name, case, *more)


PAGES = {
    "case": ("case", "open", "analyst"),
    "timeline": ("case_timeline", "open", "approver"),
    "query": ("case_query", "open", "analyst"),
    "recommend": ("case_recommend", "judged", "analyst"),
    "clear": ("case_clear", "recommended", "approver"),
    "escalate": ("case_escalate", "open", "analyst"),
    "refer": ("case_refer", "open", "analyst"),
    "withdraw": ("case_withdraw", "issued", "manager"),
    "message": ("case_message", "open", "analyst"),
    "log_contact": ("case_log_contact", "open", "analyst"),
    "log_evidence": ("case_log_evidence", "open", "analyst"),
    "reply_code": ("case_reply_code", "open", "analyst"),
    "contact": ("case_contact", "issued", "manager"),
    "finding": ("case_finding", "open", "analyst"),
    "proof": ("case_proof", "judged", "analyst"),
    "file": ("case_file", "open", "analyst"),
}
# session, person, roles, case, and what each page reads; none grows with the table
COSTS = {
    "case": 36,
    "timeline": 8,
    "query": 7,
    "recommend": 10,
    "clear": 12,
    "escalate": 9,
    "refer": 6,
    "withdraw": 6,
    "message": 6,
    "log_contact": 6,
    "log_evidence": 7,
    "reply_code": 10,
    "contact": 6,
    "finding": 7,
    "proof": 8,
    "file": 6,
}


@pytest.mark.parametrize("page", PAGES)
def test_a_page_opens_to_whom_it_belongs_and_costs_what_it_did(client, built, page):
    _case, person, path = address(built, page)
    sign_in(client, person)

    with CaptureQueriesContext(connection) as queries_made:
        answer = client.get(path)

    assert answer.status_code == 200
    assert len(queries_made) == COSTS[page]


@pytest.mark.parametrize("page", PAGES)
def test_of_another_company_there_is_no_such_case(client, built, page):
    _case, _person, path = address(built, page)
    sign_in(client, built.stranger)

    assert client.get(path).status_code == 404
    assert client.post(path, {"task": "1"}).status_code in {404, 405}


@pytest.mark.parametrize("page", PAGES)
def test_no_other_method_is_open(client, built, page):
    _case, person, path = address(built, page)
    sign_in(client, person)

    assert client.delete(path).status_code == 405
    assert client.put(path).status_code == 405


WRONG = {
    "query": ("approver", "Only an analyst of the buyer may do this."),
    "recommend": ("approver", "Only an analyst of the buyer may do this."),
    "clear": ("counsel", "Only an approver of the buyer may clear this case."),
    "escalate": ("manager", "Only an analyst of the buyer may do this."),
    "refer": ("manager", "Only the supplier, an analyst or an approver may refer this."),
    "withdraw": ("analyst", "Only a campaign manager of the buyer may withdraw this."),
    "message": ("manager", "Only the supplier and the buyer's analyst write here."),
    "log_contact": ("counsel", "Only an analyst of the buyer may do this."),
    "log_evidence": ("approver", "Only an analyst of the buyer may do this."),
    "reply_code": ("manager", "Only an analyst of the buyer may do this."),
    "contact": ("counsel", "Only a campaign manager or an analyst may change whom we write to."),
    "finding": ("approver", "Only an analyst of the buyer may do this."),
    "proof": ("counsel", "Only an analyst of the buyer may do this."),
    "file": ("approver", "Only an analyst of the buyer may decide about this file."),
}


@pytest.mark.parametrize("page", WRONG)
def test_the_wrong_person_hears_why(client, built, page):
    _case, _person, path = address(built, page)
    person, sentence = WRONG[page]
    sign_in(client, getattr(built.made, person))

    for answer in (client.get(path), client.post(path, {"task": "1", "reason": REASON})):
        assert answer.status_code == 403
        assert sentence in answer.text.replace("&#x27;", "'")


def test_a_supplier_finds_no_page_of_the_desk(client, built):
    sign_in(client, built.open.contact, second_factor=False)

    for page in PAGES:
        assert client.get(address(built, page)[2]).status_code == 403


def test_who_serves_the_supplier_and_another_buyer_sees_no_case_of_this_one(client, built):
    person = UserFactory(
        holds=[(Role.ANALYST, OrganisationFactory()), (Role.CONTACT, built.open.supplier)]
    )

    assert sign_in(client, person).get(url("case", built.open)).status_code == 404


# what is seen ------------------------------------------------------------------------------


@pytest.mark.parametrize("person", ["manager", "analyst", "approver", "counsel"])
@pytest.mark.parametrize(
    "stage", ["draft", "issued", "open", "limited", "judged", "recommended", "cleared"]
)
def test_each_role_opens_a_case_at_every_place_of_the_way(client, built, person, stage):
    case = getattr(built, stage)

    answer = sign_in(client, getattr(built.made, person)).get(url("case", case))

    assert answer.status_code == 200
    assert case.reference in answer.text
    assert str(Stage(fresh(case).stage).label) in answer.text
    assert "Canary Yellow" not in answer.text
    assert "金丝雀" not in answer.text


@pytest.mark.parametrize(
    ("brought", "stage"),
    [
        (lambda b: actions.withdraw(case=b.issued, by=b.made.manager, reason=REASON), "WITHDRAWN"),
        (
            lambda b: actions.refer(
                case=b.issued,
                task=engine.open_task(b.issued),
                by=b.made.analyst,
                note="For counsel alone.",
            ),
            "WITH_COUNSEL",
        ),
        (
            lambda b: Case.objects.filter(pk=b.issued.pk).update(
                stage=Stage.REVIEW, lapsed_at=clock.now()
            ),
            "REVIEW",
        ),
    ],
)
def test_a_case_without_any_reply_is_shown_too(client, built, brought, stage):
    brought(built)

    for person in (built.made.manager, built.made.analyst, built.made.approver):
        answer = sign_in(client, person).get(url("case", built.issued))
        assert answer.status_code == 200
        assert "Nothing was signed yet." in answer.text
    assert fresh(built.issued).stage == stage


def test_a_case_that_nobody_answered_goes_to_a_colleague(client, built):
    Case.objects.filter(pk=built.issued.pk).update(
        stage=Stage.REVIEW, lapsed_at=clock.now(), reviewer=built.made.analyst
    )

    answer = sign_in(client, built.made.analyst).get(url("case", built.issued))

    assert answer.context["offered"].next.title == "Put the case before a colleague"


@pytest.mark.parametrize(
    ("stage", "person", "title"),
    [
        ("issued", "analyst", "Nothing waits for you"),
        ("open", "analyst", "Take the case"),
        ("limited", "counsel", "Judge the note that limits the reply"),
        ("open", "approver", "Nothing waits for you"),
        ("judged", "approver", "Nothing waits for you"),
        ("recommended", "approver", "Decide on the recommendation"),
        ("recommended", "analyst", "Nothing waits for you"),
        ("cleared", "approver", "Nothing is awaited"),
    ],
)
def test_one_next_act_is_named(client, built, stage, person, title):
    answer = sign_in(client, getattr(built.made, person)).get(url("case", getattr(built, stage)))

    assert answer.context["offered"].next.title == title


def test_the_analyst_is_led_from_findings_over_proof_to_a_recommendation(client, built):
    case, analyst, counsel = built.open, built.made.analyst, built.made.counsel
    sign_in(client, analyst)

    def title():
        return client.get(url("case", case)).context["offered"].next.title

    assert title() == "Take the case"
    actions.take(case=case, by=analyst)
    assert title() == "Judge the findings"
    for finding in Finding.objects.filter(case=case):
        by = counsel if finding.level == "counsel" else analyst
        actions.judge_finding(finding=finding, by=by, state=FindingState.DISMISSED, reason=REASON)
    assert title() == "Grade the proof"
    for proof in Proof.objects.filter(case=case):
        actions.grade_proof(proof=proof, by=analyst, grade="C", counts=True, reason=REASON)
    assert title() == "Ask for what is missing"
    for proof in Proof.objects.filter(case=case):
        actions.grade_proof(proof=proof, by=analyst, grade="A", counts=True, reason=REASON)
    assert title() == "Say what the reply amounts to"
    actions.set_reply_code(case=case, by=analyst, code=ReplyCode.AGREES_PROVES, reason=REASON)
    assert title() == "Recommend clearing"


def test_what_limits_the_reply_leads_to_counsel(client, built):
    case, analyst = built.limited, built.made.analyst
    actions.take(case=case, by=analyst)
    for proof in Proof.objects.filter(case=case):
        actions.grade_proof(proof=proof, by=analyst, grade="A", counts=True, reason=REASON)

    answer = sign_in(client, analyst).get(url("case", case))

    assert answer.context["offered"].next.title == "Refer to counsel"


def test_a_confirmed_finding_leads_to_a_colleague(client, built):
    case, analyst = built.open, built.made.analyst
    actions.take(case=case, by=analyst)
    for finding in Finding.objects.filter(case=case):
        actions.judge_finding(
            finding=finding, by=analyst, state=FindingState.CONFIRMED, reason=REASON
        )
    for proof in Proof.objects.filter(case=case):
        actions.grade_proof(proof=proof, by=analyst, grade="A", counts=True, reason=REASON)

    answer = sign_in(client, analyst).get(url("case", case))

    assert answer.context["offered"].next.title == "Put the case before a colleague"


def test_a_case_nobody_answers_for_leads_to_another_person(client, built):
    Case.objects.filter(pk=built.issued.pk).update(wrong_person_at=clock.now())

    found = sign_in(client, built.made.manager).get(url("case", built.issued))

    assert found.context["offered"].next.title == "Find the right person"


def test_a_case_put_off_leads_to_the_telephone(client, built):
    Case.objects.filter(pk=built.issued.pk).update(put_off_at=clock.now())

    found = sign_in(client, built.made.analyst).get(url("case", built.issued))

    assert found.context["offered"].next.title == "Reach the supplier"


@pytest.mark.parametrize(("to", "presses"), [("approver", True), ("counsel", False)])
def test_who_was_asked_by_name_finds_the_case_before_them(client, built, to, presses):
    case, person = built.judged, getattr(built.made, to)
    task = engine.open_task(case)
    actions.escalate(case=case, task=task, by=built.made.analyst, to=person, reason=REASON)

    answer = sign_in(client, person).get(url("case", case))

    assert answer.context["offered"].next.title == "Say how to go on"
    assert bool(answer.context["offered"].next.act) == presses
    assert REASON in answer.text


def test_why_an_act_is_not_open_is_said_where_it_would_stand(client, built):
    MembershipFactory(user=built.made.analyst, organisation=built.made.buyer, role=Role.APPROVER)

    answer = sign_in(client, built.made.analyst).get(url("case", built.recommended))

    closed = {one.labels: one.sentence for one in answer.context["offered"].closed}
    assert closed["Clear the case"] == "You recommended this, so a colleague must decide it."
    assert url("case_clear", built.recommended) not in answer.text


def test_what_stands_in_the_way_leads_to_where_it_is_solved(client, built):
    answer = sign_in(client, built.made.analyst).get(url("case", built.open))

    ways = {one["url"] for one in answer.context["obstacles"]}
    assert ways == {"#findings", "#proof"}
    assert 'id="findings"' in answer.text
    assert 'id="proof"' in answer.text


def test_text_for_counsel_is_counsels(client, built):
    task = engine.open_task(built.judged)
    actions.refer(case=built.judged, task=task, by=built.made.analyst, note="Heron grey words.")

    def page(person):
        case = url("case", built.judged)
        events = url("case_timeline", built.judged)
        sign_in(client, person)
        return client.get(case).text + client.get(events).text

    assert "Heron grey words." in page(built.made.counsel)
    for person in (built.made.manager, built.made.analyst, built.made.approver):
        assert "Heron grey words." not in page(person)


def test_an_answer_for_counsel_is_opened_to_counsel_alone(client, built):
    sealed = list(CounselText.objects.filter(submission__response=built.limited.response))
    path = url("case", built.limited)

    def page(person):
        return unescape(sign_in(client, person).get(path).text)

    assert sealed
    assert all(one.text in page(built.made.counsel) for one in sealed)
    for person in (built.made.manager, built.made.analyst, built.made.approver):
        assert not any(one.text in page(person) for one in sealed)


def test_what_suppliers_say_among_themselves_is_not_shown(client, built):
    from questionnaires import actions as answering

    answering.comment(
        response=built.open.response,
        by=built.open.contact,
        text="Kingfisher blue words.",
        audience="SUPPLIER",
    )

    text = sign_in(client, built.made.counsel).get(url("case", built.open)).text

    assert "Kingfisher" not in text


def test_a_file_not_scanned_is_always_called_so(client, built):
    answer = sign_in(client, built.made.analyst).get(url("case", built.judged))

    files = Proof.objects.filter(case=built.judged).count()
    assert answer.text.count('class="x-unscanned"') == files


def test_a_campaign_manager_reads_but_downloads_nothing(client, built):
    path = url("case", built.judged)
    download = reverse("documents:download", args=[first(Proof, built.judged).evidence_id])

    assert download in sign_in(client, built.made.analyst).get(path).text
    assert download not in sign_in(client, built.made.manager).get(path).text


def test_a_delivery_is_called_accepted_and_never_read(client, built):
    OutboxMessage.objects.filter(chain=built.issued.chain).update(delivery="ACCEPTED")

    text = sign_in(client, built.made.analyst).get(url("case", built.issued)).text

    assert "Accepted by the mail server" in text
    assert "Nobody knows from that whether it was read." in text


def test_changes_since_the_last_submission_stand_beside_the_answer(client, built):
    case = built.open
    task = engine.open_task(case)
    asked = actions.Question("job_title", "Which of your titles holds?")
    due = clock.today() + timedelta(days=14)
    actions.query(case=case, task=task, by=built.made.analyst, questions=[asked], due_on=due)
    document = case.response.documents.get(section="you")
    document.data["answers"]["job_title"] = "Demo second title"
    document.rev += 1
    document.save()
    world.submit(fresh(case))

    answer = sign_in(client, built.made.analyst).get(url("case", case))

    (part,) = [one for one in answer.context["parts"] if one.changed]
    (line,) = [line for group in part.groups for line in group.lines if line.before is not None]
    assert (line.before, line.text) == ("Demo export manager", "Demo second title")
    assert "Which of your titles holds?" in answer.text
    assert ">Demo export manager</del>" in answer.text


def test_one_section_is_shown_in_full_and_an_unknown_one_is_not_there(client, built):
    sign_in(client, built.made.approver)

    assert client.get(url("case_answers", built.open, "you")).status_code == 200
    assert client.get(url("case_answers", built.open, "no-such")).status_code == 404
    assert client.get(url("case_answers", built.issued, "you")).status_code == 404


def test_what_was_said_logged_and_sent_stands_on_the_page(client, built):
    case, analyst = built.open, built.made.analyst
    contacted = actions.Contacted(
        channel="LETTER", at=clock.now(), is_reached=False, note="The letter came back."
    )
    actions.log_contact(case=case, by=analyst, contacted=contacted)
    beside = CommentFactory(
        response=case.response, path="job_title", by=case.contact, text="Since this spring."
    )
    other = EvidenceFactory(supplier=case.supplier, buyer=case.buyer, chain=case.chain)
    unasked = Proof.objects.create(
        buyer=case.buyer,
        case=case,
        evidence=EvidenceFactory(
            supplier=case.supplier,
            buyer=case.buyer,
            chain=case.chain,
            released=True,
            received_from="Demo Sender",
        ),
        claim="ended",
        step="c_spin",
    )

    text = unescape(sign_in(client, analyst).get(url("case", case)).text)

    assert "Letter: nobody was reached" in text
    assert "The letter came back." in text
    assert beside.text in text
    assert other.name in text
    assert "Other proof" in text
    assert unasked.evidence.received_from in text
    assert "Scanned, no virus found" in text


@pytest.mark.parametrize(
    ("grades", "says"),
    [
        ([], "Not sufficient: no document was given."),
        (["A"], "Sufficient: an official or third-party record."),
        (["B", "B"], "Sufficient: two independent records of ordinary business."),
        (["B"], "but not two from different issuers"),
        (["C", "S"], "Not sufficient: nothing that counts above a declaration."),
        (["C", ""], "Not yet sufficient: some documents are not graded."),
    ],
)
def test_the_rule_for_proof_is_said_in_words(client, built, grades, says):
    case, place = built.judged, {"claim": "upstream", "step": ""}
    Proof.objects.filter(case=case, **place).delete()
    for number, grade in enumerate(grades):
        evidence = EvidenceFactory(
            supplier=case.supplier,
            buyer=case.buyer,
            chain=case.chain,
            released=True,
            issuer=f"Demo Issuer {number}",
        )
        Proof.objects.create(buyer=case.buyer, case=case, evidence=evidence, grade=grade, **place)

    claims = sign_in(client, built.made.analyst).get(url("case", case)).context["claims"]

    (found,) = [one for one in claims if one["claim"].claim == "upstream"]
    assert says in found["rule"]


@pytest.mark.parametrize("until", ["", "3", "0", "999999", "-1", "x", "²"])
def test_the_timeline_takes_any_number(client, built, until):
    path = url("case_timeline", built.open)

    assert sign_in(client, built.made.analyst).get(f"{path}?until={until}").status_code == 200


# what is done ------------------------------------------------------------------------------


def send(client, built, page, **typed):
    """Fill in a form as its page offers it, and send it."""
    _case, person, path = address(built, page)
    sign_in(client, person)
    form = client.get(path).context["form"]
    data = {"task": form["task"].value() or ""} if "task" in form.fields else {}
    if preview := getattr(form, "preview", None):
        data |= {"do": "send", "seen": preview.letter.sha256}
    return path, data | typed, client.post(path, data | typed)


def test_an_analyst_takes_a_case(client, built):
    path = url("case_take", built.open)
    sign_in(client, built.made.analyst)

    assert client.get(path).status_code == 405
    assert client.post(path).status_code == 302
    assert client.post(path).status_code == 302
    assert fresh(built.open).reviewer == built.made.analyst
    answer = sign_in(client, built.made.approver).post(path)
    assert answer.status_code == 403


def test_recommend_and_clear_take_two_people(client, built):
    path, data, answer = send(client, built, "recommend", reason=REASON)
    assert answer.status_code == 302
    assert fresh(built.judged).proposed_by == built.made.analyst
    assert client.post(path, data).status_code == 409

    sign_in(client, built.made.approver)
    path = url("case_clear", built.judged)
    task = client.get(path).context["form"]["task"].value()
    sent = {"task": task, "reason": REASON, "knows_unscanned": "on"}
    assert client.post(path, sent).status_code == 302
    assert client.post(path, sent).status_code == 409
    assert fresh(built.judged).stage == Stage.CLEARED


def test_files_not_scanned_must_be_known_to_who_clears(client, built):
    _path, _data, answer = send(client, built, "clear", reason=REASON)

    assert answer.status_code == 200
    assert "Say that you know this" in answer.text
    assert fresh(built.recommended).stage == Stage.REVIEW


def test_who_recommended_does_not_clear_by_direct_post(client, built):
    MembershipFactory(user=built.made.analyst, organisation=built.made.buyer, role=Role.APPROVER)
    task = engine.open_task(built.recommended)

    answer = sign_in(client, built.made.analyst).post(
        url("case_clear", built.recommended),
        {"task": task, "reason": REASON, "knows_unscanned": "on"},
    )

    assert answer.status_code == 403
    assert "You recommended this, so a colleague must decide it." in answer.text


@pytest.mark.parametrize(
    ("page", "case", "person", "says"),
    [
        ("case_clear", "judged", "approver", "No analyst recommends clearing this case"),
        ("case_clear", "cleared", "approver", "so this step is not open"),
        ("case_recommend", "open", "analyst", "This cannot be cleared yet."),
        ("case_recommend", "issued", "analyst", "so this step is not open"),
        ("case_query", "cleared", "analyst", "so this step is not open"),
        ("case_escalate", "issued", "analyst", "so this step is not open"),
        ("case_withdraw", "cleared", "manager", "so this step is not open"),
        ("case_contact", "open", "analyst", "not with the supplier"),
        ("case_reply_code", "issued", "analyst", "while the case is in review"),
    ],
)
def test_the_wrong_moment_is_a_conflict_that_shows_the_way_back(
    client, built, page, case, person, says
):
    case = getattr(built, case)
    task = engine.open_task(case) or ""

    sent = {"task": task, "reason": REASON, "knows_unscanned": "on"}
    answer = sign_in(client, getattr(built.made, person)).post(url(page, case), sent)

    assert answer.status_code == 409
    assert says in answer.text
    assert f'href="{url("case", case)}"' in answer.text


def test_an_obstacle_that_came_after_the_recommendation_stops_the_clearing(client, built):
    proof = first(Proof, built.recommended)
    actions.grade_proof(proof=proof, by=built.made.analyst, grade="C", counts=True, reason=REASON)
    task = engine.open_task(built.recommended)
    Proof.objects.filter(case=built.recommended).update(grade="C")

    answer = sign_in(client, built.made.approver).post(
        url("case_clear", built.recommended),
        {"task": task, "reason": REASON, "knows_unscanned": "on"},
    )

    assert answer.status_code == 409
    assert "Claims without sufficient proof" in answer.text


def test_a_page_shown_before_something_new_came_decides_nothing(client, built):
    sign_in(client, built.made.approver)
    path = url("case_clear", built.recommended)
    task = client.get(path).context["form"]["task"].value()
    finding = first(Finding, built.recommended)
    actions.judge_finding(
        finding=finding, by=built.made.analyst, state=FindingState.CONFIRMED, reason=REASON
    )

    answer = client.post(path, {"task": task, "reason": REASON, "knows_unscanned": "on"})

    assert answer.status_code == 409
    assert fresh(built.recommended).stage == Stage.REVIEW


def test_escalate_names_a_person(client, built):
    path, data, answer = send(
        client, built, "escalate", to=str(built.made.counsel.pk), reason=REASON
    )

    assert answer.status_code == 302
    assert fresh(built.open).escalated_person == built.made.counsel
    assert client.post(path, data).status_code == 409


@pytest.mark.parametrize("who", ["analyst", "manager", "foreign", "nobody"])
def test_escalate_takes_no_one_else(client, built, who):
    chosen = {
        "analyst": built.made.analyst.pk,
        "manager": built.made.manager.pk,
        "foreign": built.other.approver.pk,
        "nobody": "x",
    }[who]

    _path, _data, answer = send(client, built, "escalate", to=str(chosen), reason=REASON)

    assert answer.status_code == 200
    assert "Choose an approver or counsel of your company." in answer.text
    assert fresh(built.open).escalated_person is None


def test_refer_lays_the_case_before_counsel(client, built):
    path, data, answer = send(client, built, "refer", note=REASON)

    assert answer.status_code == 302
    assert fresh(built.open).stage == Stage.WITH_COUNSEL
    assert client.post(path, data).status_code == 409


def test_withdraw_ends_the_case(client, built):
    path, data, answer = send(client, built, "withdraw", reason=REASON)

    assert answer.status_code == 302
    assert fresh(built.issued).stage == Stage.WITHDRAWN
    assert client.post(path, data).status_code == 409


def test_withdraw_of_a_page_that_is_old_changes_nothing(client, built):
    path, data, _answer = send(client, built, "withdraw", reason="short")
    contact = built.issued.contact
    actions.acknowledge(case=built.issued, task=engine.open_task(built.issued), by=contact)

    answer = client.post(path, data | {"reason": REASON})

    assert answer.status_code == 409
    assert fresh(built.issued).stage == Stage.ANSWERING


def test_query_picks_first_and_asks_then(client, built):
    sign_in(client, built.made.analyst)
    path = url("case_query", built.open)
    asked = "?path=own_licence&path=sites[*]".replace("sites", "site")

    pick = client.get(path)
    form = client.get(path + asked).context["form"]
    sent = {
        "task": form["task"].value(),
        "path": ["own_licence", "site[*]"],
        "text_0": "The second page is missing.",
        "text_1": "Please add the site in Hangzhou.",
        "due_on_day": form["due_on"].value().day,
        "due_on_month": form["due_on"].value().month,
        "due_on_year": form["due_on"].value().year,
    }
    shown = client.post(path, sent)
    sent |= {"do": "send", "seen": shown.context["form"].preview.letter.sha256}
    answer = client.post(path, sent)

    assert pick.status_code == 200
    assert 'value="own_licence"' in pick.text
    assert "2 answers come back to you" in shown.text
    assert answer.status_code == 302
    case = fresh(built.open)
    assert case.stage == Stage.QUERIED
    assert queries.latest_submission(case).corrections.count() == 2
    assert case.letters.get(kind="QUERY").sha256 == sent["seen"]
    assert client.post(path, sent).status_code == 409


@pytest.mark.parametrize(
    "asked", ["?path=nothing_of_ours", "?path=site[other].site_name", "?path=%00", "?x=1"]
)
def test_query_of_a_place_that_is_not_there_asks_to_pick(client, built, asked):
    answer = sign_in(client, built.made.analyst).get(url("case_query", built.open) + asked)

    assert answer.status_code == 200
    assert "Pick at least one answer or document of this case." in answer.text


@pytest.mark.parametrize(
    ("day", "says"),
    [(-1, "Choose a day after today."), (0, "after today"), (500, "within a year")],
)
def test_query_needs_a_day_to_come(client, built, day, says):
    due = clock.today("Asia/Shanghai") + timedelta(days=day)
    sign_in(client, built.made.analyst)
    path = url("case_query", built.open)
    form = client.get(path + "?path=own_licence").context["form"]

    sent = {
        "task": form["task"].value(),
        "path": "own_licence",
        "text_0": "The second page is missing.",
        "due_on_day": due.day,
        "due_on_month": due.month,
        "due_on_year": due.year,
    }
    answer = client.post(path, sent)

    assert answer.status_code == 200
    assert says in answer.text
    assert "The second page is missing." in answer.text


def test_query_warns_where_the_wording_names_no_law(client, built):
    Case.objects.filter(pk=built.open.pk).update(wording="traceability")
    sign_in(client, built.made.analyst)

    answer = client.get(url("case_query", built.open) + "?path=own_licence")

    assert "name no region, law or clause" in answer.text


def test_a_message_sent_twice_is_written_once(client, built):
    path, data, answer = send(client, built, "message", text="Thank you for your answers.")
    again = client.post(path, data)

    assert (answer.status_code, again.status_code) == (302, 302)
    assert Comment.objects.filter(response=built.open.response, path="").count() == 1


HOSTILE = "\u202e𠮷 <b>bold</b> 😀 =1+1\r\n" + "x" * 3_000


def test_whatever_is_typed_is_kept_as_text(client, built):
    _path, _data, answer = send(client, built, "message", text=HOSTILE)

    text = client.get(url("case", built.open)).text

    assert answer.status_code == 302
    assert "<b>bold</b>" not in text
    assert "&lt;b&gt;bold&lt;/b&gt;" in text
    assert "𠮷" in text


@pytest.mark.parametrize("text", ["", "  ", "x" * 10_000, "nul\x00byte"])
def test_a_message_that_cannot_be_kept_is_given_back(client, built, text):
    _path, _data, answer = send(client, built, "message", text=text)

    assert answer.status_code == 200
    assert "govuk-error-summary" in answer.text
    assert not Comment.objects.filter(response=built.open.response, path="").exists()


def logged(**changed):
    now = clock.now()
    said = {
        "channel": "CALL",
        "is_reached": "yes",
        "on_day": now.day,
        "on_month": now.month,
        "on_year": now.year,
        "time": "00:00",
        "note": "Spoke with the demo manager.",
    }
    return said | changed


def test_a_call_is_logged_once(client, built):
    path, data, answer = send(client, built, "log_contact", **logged())
    again = client.post(path, data)

    assert (answer.status_code, again.status_code) == (302, 302)
    found = ContactLog.objects.get(case=built.open)
    assert (found.is_reached, found.at.hour, found.by) == (True, 0, built.made.analyst)


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"on_year": 2999}, "This moment lies in the future."),
        ({"time": "25:00"}, "Enter a time of day such as 14:05."),
        ({"time": "nine"}, "Enter a time of day such as 14:05."),
        ({"on_month": 13}, "This is not a date of the calendar."),
        ({"channel": "PIGEON"}, "not one of the available choices"),
        ({"is_reached": ""}, "Say whether the person was reached."),
        ({"note": ""}, "it stands in the record"),
    ],
)
def test_a_call_that_makes_no_sense_is_given_back(client, built, changed, says):
    _path, _data, answer = send(client, built, "log_contact", **logged(**changed))

    assert answer.status_code == 200
    assert says in answer.text
    assert not ContactLog.objects.filter(case=built.open).exists()


def posted(**changed):
    said = {
        "file": SimpleUploadedFile("../" * 100 + "order.pdf", b"%PDF-1.4 demo"),
        "kind": "invoice",
        "issuer": "Demo Spinning Co., Ltd.",
        "number": "INV-1",
        "claim": "origin",
        "step": "c_spin",
        "way": "POST",
        "sender": "Demo Sender, Shaoxing",
    }
    return said | changed


def test_proof_by_post_is_kept_with_who_and_how(client, built):
    _path, _data, answer = send(client, built, "log_evidence", **posted())

    assert answer.status_code == 302
    proof = Proof.objects.get(case=built.open, evidence__number="INV-1")
    assert (proof.claim, proof.step) == ("origin", "c_spin")
    assert proof.evidence.received_from == "Demo Sender, Shaoxing"
    assert proof.evidence.sent_by == built.made.analyst
    assert proof.evidence.name == "order.pdf"


def test_proof_by_post_sets_a_recommendation_aside(client, built):
    sign_in(client, built.made.analyst)
    path = url("case_log_evidence", built.recommended)
    task = client.get(path).context["form"]["task"].value()

    answer = client.post(path, posted(task=task))

    assert answer.status_code == 302
    assert fresh(built.recommended).proposed_by is None
    assert client.post(path, posted(task=task)).status_code == 409


@pytest.mark.parametrize(
    "changed",
    [
        {"file": SimpleUploadedFile("empty.pdf", b"")},
        {"file": ""},
        {"kind": "nonsense"},
        {"claim": ""},
        {"claim": "nonsense"},
        {"step": "nonsense"},
        {"way": "PIGEON"},
        {"sender": ""},
    ],
)
def test_proof_that_cannot_be_kept_is_given_back(client, built, changed):
    _path, _data, answer = send(client, built, "log_evidence", **posted(**changed))

    assert answer.status_code == 200
    assert "govuk-error-summary" in answer.text
    assert not Proof.objects.filter(case=built.open, evidence__number="INV-1").exists()


def test_the_contact_is_changed(client, built):
    path, data, answer = send(
        client, built, "contact", name="Demo Right Person", email="right@supplier.example"
    )

    assert answer.status_code == 302
    assert fresh(built.issued).contact.email == "right@supplier.example"
    assert client.post(path, data).status_code == 302


@pytest.mark.parametrize("email", ["", "no address", "a@b\r\nBcc: c@d.example"])
def test_a_contact_needs_an_address(client, built, email):
    _path, _data, answer = send(client, built, "contact", name="Demo Person", email=email)

    assert answer.status_code == 200
    assert fresh(built.issued).contact == built.issued.contact


@pytest.mark.parametrize("state", ["DISMISSED", "CONFIRMED", "REMEDIED"])
def test_a_finding_is_judged_with_a_reason(client, built, state):
    _path, _data, answer = send(client, built, "finding", state=state, reason=REASON)

    found = first(Finding, built.open, level="follow_up")
    assert answer.status_code == 302
    assert (found.state, found.reason, found.judged_by) == (state, REASON, built.made.analyst)


@pytest.mark.parametrize("sent", [{}, {"state": "OPEN", "reason": REASON}, {"state": "CONFIRMED"}])
def test_a_finding_is_not_judged_by_half(client, built, sent):
    _path, _data, answer = send(client, built, "finding", **sent)

    assert answer.status_code == 200
    assert first(Finding, built.open, level="follow_up").state == FindingState.OPEN


def test_what_limits_the_reply_is_counsels_to_close(client, built):
    finding = first(Finding, built.limited, level="counsel")
    path = url("case_finding", built.limited, finding.pk)
    task = engine.open_task(built.limited)
    sent = {"task": task, "state": "DISMISSED", "reason": REASON}

    refused = sign_in(client, built.made.analyst).post(path, sent)
    closed = sign_in(client, built.made.counsel).post(path, sent)

    assert refused.status_code == 403
    assert "Only counsel may close a note that limits the reply." in refused.text
    assert closed.status_code == 302


def test_proof_is_graded_and_the_same_form_twice_says_it_once(client, built):
    sent = {"grade": "B", "counts": "no", "reason": REASON}
    path, data, answer = send(client, built, "proof", **sent)
    events = built.judged.chain.entries.filter(event="proof.graded")
    before = events.count()
    again = client.post(path, data)

    proof = first(Proof, built.judged)
    assert (answer.status_code, again.status_code) == (302, 302)
    assert (proof.grade, proof.counts, proof.reason) == ("B", False, REASON)
    assert events.count() == before


def test_the_reply_is_read(client, built):
    _path, _data, answer = send(
        client, built, "reply_code", code="AGREES_NO_PROOF_YET", reason=REASON
    )

    assert answer.status_code == 302
    assert fresh(built.open).reply_code == ReplyCode.AGREES_NO_PROOF_YET


def test_a_held_file_is_refused_or_released(client, built):
    _path, _data, answer = send(client, built, "file", decision="refuse", reason=REASON)

    assert answer.status_code == 302
    assert Evidence.objects.get(pk=built.held.pk).state == EvidenceState.REFUSED
    assert client.post(_path, {"decision": "refuse", "reason": REASON}).status_code == 409


def test_a_held_file_is_released_by_who_takes_it_upon_themselves(client, built):
    storage.put("quarantine", built.held.key, ContentFile(b"%PDF-1.4 demo"))

    _path, _data, answer = send(client, built, "file", decision="release", reason=REASON)

    found = Evidence.objects.get(pk=built.held.pk)
    assert answer.status_code == 302
    assert (found.state, found.decided_by) == (EvidenceState.RELEASED, built.made.analyst)


def test_a_finding_once_judged_shows_by_whom_and_may_be_judged_anew(client, built):
    finding = first(Finding, built.open, level="exit")
    analyst = built.made.analyst
    actions.judge_finding(finding=finding, by=analyst, state=FindingState.REMEDIED, reason=REASON)

    text = sign_in(client, analyst).get(url("case_finding", built.open, finding.pk)).text

    assert REASON in text
    assert str(analyst) in text
    assert finding.subject in text


def test_where_nobody_can_be_asked_the_page_says_so(client, built):
    Membership.objects.filter(
        organisation=built.made.buyer, role__in=[Role.APPROVER, Role.COUNSEL]
    ).update(ended_at=clock.now())

    answer = sign_in(client, built.made.analyst).get(url("case_escalate", built.open))

    assert "Nobody to escalate to" in answer.text


def test_ids_of_another_company_lead_nowhere(client, built):
    sign_in(client, built.made.analyst)
    task = engine.open_task(built.open)
    sent = {"task": task, "state": "DISMISSED", "grade": "A", "counts": "yes", "reason": REASON}
    foreign = [
        ("case_finding", built.open, first(Finding, built.foreign).pk),
        ("case_proof", built.open, first(Proof, built.foreign).pk),
        ("case_file", built.open, first(Proof, built.foreign).evidence_id),
        ("case_finding", built.judged, first(Finding, built.open).pk),
        ("case_proof", built.open, first(Proof, built.judged).pk),
        ("case_file", built.judged, built.held.pk),
    ]

    for name, case, pk in foreign:
        assert client.get(url(name, case, pk)).status_code == 404
        assert client.post(url(name, case, pk), sent).status_code == 404


def test_every_act_writes_the_ledger(client, built):
    length = fresh(built.open).chain.length

    send(client, built, "escalate", to=str(built.made.approver.pk), reason=REASON)

    assert fresh(built.open).chain.length > length
    assert Decision.objects.filter(case=built.open, verb=Verb.ESCALATE).count() == 1
