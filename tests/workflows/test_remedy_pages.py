"""Pages of sources, questions, plans and pauses: who, when, what each costs, what it keeps."""

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from documents.models import Evidence
from portal import clock
from portal.enums import Role, StepUpPurpose, Wording
from portal.models import StepUp, User
from tests.factories.portal import MembershipFactory, OrganisationFactory, UserFactory
from tests.sessions import sign_in
from tests.workflows import acts, remedies, world
from workflows import actions, engine, queries
from workflows.enums import FindingState, MilestoneState, PlanState, Stage, Trading
from workflows.forms.sources import CLAUSES
from workflows.models import Case, Finding, Inquiry, Plan, PlanRemark, Source

pytestmark = pytest.mark.django_db

CASE_ROLES = (Role.CAMPAIGN_MANAGER, Role.ANALYST, Role.APPROVER, Role.COUNSEL)
PLACES = ("quarantine", "evidence", "dossiers")
REASON = "Looked at with care in this demo case."


class Built:
    """One buyer, and a case at each place where one of the pages is open."""

    def __init__(self):
        self.made = world.world(name="Demo Buyer One GmbH")
        self.stranger = UserFactory(holds=[(role, OrganisationFactory()) for role in CASE_ROLES])
        self.answering = self._case(world.acknowledged_case)
        self.source = remedies.source(self.made, self.answering)
        self.open = self._case(world.submitted_case)
        self.finding = remedies.finding(self.made, self.open)
        self.asked = self._case(world.submitted_case)
        self.inquiry = remedies.ask(self.made, remedies.finding(self.made, self.asked))
        self.presumed = self._case(world.submitted_case)
        remedies.presumed(self.made, self.presumed)
        self.presumed = acts.fresh(self.presumed)
        self.paper = remedies.released(self.presumed.response.evidence_links.first().evidence)
        self.drafted = self._case(world.submitted_case)
        remedies.drafted(self.made, self.drafted)
        self.shown = self._case(world.submitted_case)
        self.version = remedies.shown(self.made, self.shown)
        self.accepted = self._case(world.submitted_case)
        remedies.accepted(self.made, self.accepted)
        self.running = remedies.planned(self.made, self._case(world.submitted_case))
        self.reported = remedies.reported(
            remedies.planned(self.made, self._case(world.submitted_case)), "s1"
        )
        self.judged = remedies.judged(
            self.made,
            remedies.reported(remedies.planned(self.made, self._case(world.submitted_case)), "s1"),
            "s1",
        )
        self.suspended = remedies.suspended(self.made, self._case(world.submitted_case))

    def _case(self, build, **kwargs):
        return build(self.made, supplier=acts.another(self.made), **kwargs)


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
    for one in vars(shared.made).values():
        if isinstance(one, User):
            one.__dict__.pop("roles", None)
    return shared


DESK = {
    "source_new": ("case_source_new", "answering", "analyst"),
    "source": ("case_source", "answering", "analyst"),
    "raise_finding": ("case_raise_finding", "answering", "analyst"),
    "ask": ("case_ask_supplier", "open", "analyst"),
    "judge": ("case_finding", "open", "analyst"),
    "presumption": ("case_lift_presumption", "presumed", "approver"),
    "plan_draft": ("case_plan_draft", "drafted", "analyst"),
    "plan_agree": ("case_plan_agree", "accepted", "approver"),
    "plan_continue": ("case_plan_continue", "judged", "approver"),
    "plan_close": ("case_plan_close", "shown", "approver"),
    "milestone": ("case_milestone", "reported", "analyst"),
    "suspend": ("case_suspend", "open", "approver"),
    "suspension": ("case_suspension", "suspended", "approver"),
    "resume": ("case_resume", "suspended", "approver"),
}
SUPPLIER = {
    "question": ("request_question", "asked", None),
    "question_file": ("request_question_file", "asked", None),
    "plan": ("request_plan", "shown", None),
    "plan_running": ("request_plan", "running", None),
    "accept": ("request_plan_accept", "shown", None),
    "step": ("request_plan_step", "running", None),
    "report": ("request_plan_report", "running", None),
}
PAGES = DESK | SUPPLIER
COSTS = {
    "source_new": 7,
    "source": 9,
    "raise_finding": 8,
    "ask": 9,
    "judge": 11,
    "presumption": 8,
    "plan_draft": 12,
    "plan_agree": 10,
    "plan_continue": 12,
    "plan_close": 6,
    "milestone": 9,
    "suspend": 6,
    "suspension": 7,
    "resume": 8,
    "question": 7,
    "question_file": 6,
    "plan": 9,
    "plan_running": 11,
    "accept": 9,
    "step": 6,
    "report": 12,
}


def more_of(built, page):
    return {
        "source": lambda: [built.source.pk],
        "ask": lambda: [built.finding.pk],
        "judge": lambda: [built.finding.pk],
        "milestone": lambda: [remedies.steps(built.reported)[0].pk],
        "question": lambda: [built.inquiry.pk],
        "question_file": lambda: [built.inquiry.pk],
        "step": lambda: [remedies.steps(built.running)[0].pk],
    }.get(page, list)()


def address(built, page):
    """The page: its case, the person whose it is, and its address."""
    name, key, person = PAGES[page]
    case = getattr(built, key)
    who = getattr(built.made, person) if person else case.contact
    return case, who, reverse(f"workflows:{name}", args=[case.pk, *more_of(built, page)])


def go(client, built, page):
    case, person, path = address(built, page)
    sign_in(client, User.objects.get(pk=person.pk), second_factor=page in DESK)
    return acts.fresh(case), path


@pytest.mark.parametrize("page", PAGES)
def test_a_page_opens_to_whom_it_belongs_and_costs_what_it_did(client, built, page):
    _case, path = go(client, built, page)

    with CaptureQueriesContext(connection) as queries_made:
        answer = client.get(path)

    assert answer.status_code == 200
    assert len(queries_made) == COSTS[page]


@pytest.mark.parametrize("page", PAGES)
def test_to_a_stranger_there_is_no_such_page(client, built, page):
    path = address(built, page)[2]
    other = world.new_supplier(OrganisationFactory())
    person = built.stranger if page in DESK else world._contact(other)
    sign_in(client, person)

    assert client.get(path).status_code == 404
    assert client.post(path, {"task": "1"}).status_code == 404


@pytest.mark.parametrize("page", PAGES)
def test_no_other_method_is_open(client, built, page):
    _case, path = go(client, built, page)

    assert client.delete(path).status_code == 405
    assert client.put(path).status_code == 405


ANALYST = "Only an analyst of the buyer may do this."
WRONG = {
    "source_new": ("approver", ANALYST),
    "source": ("counsel", ANALYST),
    "raise_finding": ("approver", "Only an analyst of the buyer may raise a finding."),
    "ask": ("approver", ANALYST),
    "judge": ("approver", ANALYST),
    "presumption": ("analyst", "Only an approver of the buyer may lift the presumption."),
    "plan_draft": ("approver", ANALYST),
    "plan_agree": ("analyst", "Only an approver of the buyer may do this."),
    "plan_continue": ("analyst", "Only an approver of the buyer may do this."),
    "plan_close": ("analyst", "Only an approver of the buyer may end a plan."),
    "milestone": ("approver", ANALYST),
    "suspend": ("analyst", "Only an approver of the buyer may do this."),
    "suspension": ("analyst", "Only an approver of the buyer may do this."),
    "resume": ("counsel", "Only an approver of the buyer may do this."),
}


# whoever works on the case reads it; the test of its own says what is open to whom
READ_BY_ALL = {"source"}


@pytest.mark.parametrize("page", WRONG)
def test_the_wrong_person_hears_why(client, built, page):
    path = address(built, page)[2]
    person, sentence = WRONG[page]
    sign_in(client, getattr(built.made, person))

    answers = [client.post(path, {"task": "1", "reason": REASON})]
    if page not in READ_BY_ALL:
        answers.append(client.get(path))

    for answer in answers:
        assert answer.status_code == 403
        assert sentence in answer.text


@pytest.mark.parametrize("page", PAGES)
def test_the_other_side_finds_no_page_here(client, built, page):
    case, _person, path = address(built, page)
    if page in DESK:
        sign_in(client, case.contact, second_factor=False)
    else:
        sign_in(client, built.made.analyst)

    assert client.get(path).status_code == 403


def test_only_the_signatory_accepts_and_only_the_contact_reports(client, built):
    signs = UserFactory(holds=[(Role.SIGNATORY, built.running.supplier)])
    answers = UserFactory(holds=[(Role.CONTACT, built.shown.supplier)])
    report, accept = (address(built, page)[2] for page in ("report", "accept"))

    sign_in(client, signs, second_factor=False)
    assert client.get(report).status_code == 403
    assert (
        "reports on the plan for your company"
        in client.get(reverse("workflows:request_plan", args=[built.running.pk])).text
    )
    sign_in(client, answers, second_factor=False)
    assert "Only the signatory named by the company may accept" in client.get(accept).text
    plan = client.get(reverse("workflows:request_plan", args=[built.shown.pk])).text
    assert "Only the signatory of your company can accept it." in plan


@pytest.mark.parametrize(
    ("page", "stage", "person"),
    [
        ("case_lift_presumption", "open", "approver"),
        ("case_plan_draft", "running", "analyst"),
        ("case_plan_agree", "running", "approver"),
        ("case_plan_agree", "shown", "approver"),
        ("case_plan_agree", "open", "approver"),
        ("case_plan_agree", "judged", "approver"),
        ("case_plan_continue", "shown", "approver"),
        ("case_plan_close", "running", "approver"),
        ("case_suspend", "answering", "approver"),
        ("case_suspension", "open", "approver"),
        ("case_resume", "open", "approver"),
    ],
)
def test_a_page_at_the_wrong_moment_is_a_conflict(client, built, page, stage, person):
    sign_in(client, getattr(built.made, person))

    answer = client.get(reverse(f"workflows:{page}", args=[getattr(built, stage).pk]))

    assert answer.status_code == 409


# sources ------------------------------------------------------------------------------------


def typed_source(case, **given):
    return {
        "task": engine.open_task(case),
        "kind": "REPORT",
        "title": "Demo report on yarn",
        "publisher": "Demo Institute",
        "about": "company",
        "subject": "Demo Spinning",
        "says": "The mill is named on page 12.",
        "grade": "B",
        **given,
    }


def test_a_source_is_recorded_with_its_file_and_the_supplier_finds_neither(client, built):
    case, path = go(client, built, "source_new")

    answer = client.post(
        path,
        typed_source(
            case,
            file=remedies.file("report.pdf"),
            published_on_day="3",
            published_on_month="5",
            published_on_year="2026",
            page="12",
            address="https://institute.example/report",
        ),
    )

    assert answer.headers["Location"].endswith("#sources")
    source = Source.objects.get(case=case, page="12")
    assert source.evidence.origin == "BUYER"
    page = client.get(reverse("workflows:case", args=[case.pk])).text
    assert "Demo report on yarn" in page
    assert "Other files" not in page
    remedies.released(source.evidence)
    download = reverse("documents:download", args=[source.evidence_id])
    sign_in(client, case.contact, second_factor=False)
    assert client.get(download).status_code == 404
    assert "Demo report" not in client.get(reverse("workflows:request", args=[case.pk])).text


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"title": ""}, "Title"),
        ({"kind": ""}, "Choose what it is."),
        ({"grade": "S"}, "Grade"),
        (
            {"published_on_day": "1", "published_on_month": "1", "published_on_year": "2199"},
            "This date lies in the future.",
        ),
        ({"published_on_day": "31", "published_on_month": "2", "published_on_year": "2026"},
         "This is not a date of the calendar."),
    ],
)  # fmt: skip
def test_a_source_with_a_fault_keeps_what_was_typed(client, built, given, said):
    case, path = go(client, built, "source_new")
    before = Source.objects.count()

    answer = client.post(path, typed_source(case, **given))

    assert answer.status_code == 200
    assert said in answer.text
    assert "The mill is named on page 12." in answer.text
    assert Source.objects.count() == before


def test_an_empty_file_is_refused_at_its_field(client, built):
    case, path = go(client, built, "source_new")

    answer = client.post(path, typed_source(case, file=remedies.file(data=b"")))

    assert "The file is empty." in answer.text


def test_a_source_is_weighed_anew(client, built):
    case, path = go(client, built, "source")

    client.post(
        path,
        {"task": engine.open_task(case), "grade": "A", "counts": "no", "reason": REASON},
    )

    source = Source.objects.get(pk=built.source.pk)
    assert (source.grade, source.counts, source.weighed_by) == ("A", False, built.made.analyst)
    assert "Does not count" in client.get(reverse("workflows:case", args=[case.pk])).text


def test_a_finding_is_raised_upon_a_source_and_the_form_stays_open(client, built):
    case, path = go(client, built, "raise_finding")
    sent = {
        "task": engine.open_task(case),
        "sources": [str(built.source.pk)],
        "clause": "B3",
        "about": "company",
        "subject": "Demo Spinning",
        "scope": "any_production",
        "text": "The mill took in workers of a transfer scheme.",
    }

    none = client.post(path, sent | {"sources": []})
    assert "Choose at least one source" in none.text
    assert "The mill took in workers" in none.text
    client.post(path, sent)

    after = acts.fresh(case)
    assert (after.stage, after.left_open_at is not None) == (Stage.REVIEW, True)
    finding = Finding.objects.get(case=case, submission=None)
    assert (finding.raised_by, finding.level) == (built.made.analyst, "exit")
    sign_in(client, case.contact, second_factor=False)
    hub = client.get(reverse("workflows:request", args=[case.pk])).text
    assert "The form stays open all the same" in hub
    assert "Time ran out" not in hub
    assert client.post(path, sent).status_code == 403


def test_what_may_be_found_is_named_in_the_readers_language(client, built):
    User.objects.filter(pk=built.made.analyst.pk).update(language="zh-hans")
    path = go(client, built, "raise_finding")[1]

    text = client.get(path).text

    with translation.override("zh-hans"):
        assert all(f"{clause}: {found}" in text for clause, found in CLAUSES.items())


def test_without_a_source_the_page_says_what_is_missing(client, built):
    sign_in(client, built.made.analyst)

    answer = client.get(reverse("workflows:case_raise_finding", args=[built.drafted.pk]))

    assert "No source is recorded yet" in answer.text
    assert "<form" not in answer.text.split("<main")[1]


@pytest.mark.parametrize(
    ("who", "opens_file"), [("approver", True), ("counsel", True), ("manager", False)]
)
def test_a_source_is_read_by_all_who_work_on_the_case_and_weighed_by_none_of_them(
    client, built, who, opens_file
):
    case, made = built.open, built.made
    source = remedies.source(
        made, case, author="Demo Author", page="p. 7", file=remedies.file("source.pdf")
    )
    paper = remedies.released(source.evidence)
    sign_in(client, getattr(made, who))
    path = reverse("workflows:case_source", args=[case.pk, source.pk])

    text = client.get(path).text.split("<main")[1]

    assert "Demo Author" in text
    assert "page p. 7" not in text
    assert "<form" not in text
    assert paper.name in text
    assert (reverse("documents:download", args=[paper.pk]) in text) == opens_file
    assert client.post(path, {"grade": "A"}).status_code == 403


# hearing the supplier -------------------------------------------------------------------------


def test_a_question_is_shown_as_the_letter_it_will_be_and_then_sent(client, built):
    case, path = go(client, built, "ask")
    sent = {"task": engine.open_task(case), "question": remedies.QUESTION, "do": "preview"}

    shown = client.post(path, sent)
    assert not Inquiry.objects.filter(case=case).exists()
    seen = shown.context["form"].preview.letter.sha256
    answer = client.post(path, sent | {"do": "send", "seen": seen})

    assert answer.status_code == 302
    inquiry = Inquiry.objects.get(case=case)
    assert inquiry.letter.sha256 == seen
    page = client.get(reverse("workflows:case", args=[case.pk])).text
    assert remedies.QUESTION in page.replace("&#x27;", "'")


def test_the_next_act_of_an_analyst_is_to_hear_the_supplier_first(client, built):
    sign_in(client, built.made.analyst)

    unasked = client.get(reverse("workflows:case", args=[built.open.pk])).text
    waiting = client.get(reverse("workflows:case", args=[built.asked.pk])).text

    assert (
        reverse("workflows:case_ask_supplier", args=[built.open.pk, built.finding.pk]) in unasked
    )
    assert "Ask the supplier about it" in unasked
    assert "Ask the supplier about it" not in waiting
    assert "No reply yet." in waiting


def test_confirming_says_at_its_field_what_is_missing(client, built):
    case, path = go(client, built, "judge")
    sent = {"task": engine.open_task(case), "state": "CONFIRMED", "reason": REASON}

    page = client.get(path).text
    answer = client.post(path, sent)

    assert "Before it can be confirmed" in page
    assert "two sources from different publishers" in answer.text
    assert "The supplier has not been heard yet" in answer.text
    assert REASON in answer.text
    assert Finding.objects.get(pk=built.finding.pk).state == FindingState.OPEN


def test_a_reply_with_a_file_stands_beside_the_finding(client, built):
    case, path = go(client, built, "question")
    file = reverse("workflows:request_question_file", args=[case.pk, built.inquiry.pk])
    said = {"kind": "invoice", "issuer": "Demo Mill Two", "file": remedies.file()}

    assert client.get(reverse("workflows:request", args=[case.pk])).text.count(path) >= 1
    assert client.post(file, {**said, "file": ""}).status_code == 200
    assert client.post(file, said).status_code == 302
    assert client.post(path, {"text": ""}).status_code == 200
    assert client.post(path, {"text": "We bought it from Demo Mill Two."}).status_code == 302

    inquiry = Inquiry.objects.get(pk=built.inquiry.pk)
    assert (inquiry.replied_by, inquiry.files.count()) == (case.contact, 1)
    assert "We bought it from Demo Mill Two." in client.get(path).text
    sign_in(client, built.made.analyst)
    page = client.get(reverse("workflows:case", args=[case.pk])).text
    assert "We bought it from Demo Mill Two." in page
    assert "demo.pdf" in page


def test_a_reply_that_differs_from_the_first_is_a_conflict(client, built):
    _case, path = go(client, built, "question")

    client.post(path, {"text": "One reply."})

    assert client.post(path, {"text": "One reply."}).status_code == 302
    assert client.post(path, {"text": "Another reply."}).status_code == 409


def test_the_presumption_is_lifted_upon_documents(client, built):
    case, path = go(client, built, "presumption")
    sent = {"task": engine.open_task(case), "evidence": [str(built.paper.pk)], "reason": REASON}

    none = client.post(path, sent | {"evidence": []})
    assert "Choose at least one document" in none.text
    page = client.get(reverse("workflows:case", args=[case.pk])).text
    assert "The presumption of clause B stands" in page.replace("\n", " ")
    client.post(path, sent)

    assert acts.fresh(case).presumed_at is None


def test_where_only_the_presumption_is_left_the_analyst_turns_to_an_approver(client, built):
    made = built.made
    case = world.judged_case(made, supplier=acts.another(made))
    Case.objects.filter(pk=case.pk).update(presumed_at=clock.now(), reviewer=made.analyst)
    sign_in(client, made.analyst)

    answer = client.get(reverse("workflows:case", args=[case.pk]))

    assert answer.context["offered"].next.title == "Put the case before an approver"


# plans ----------------------------------------------------------------------------------------


def typed_plan(due, **given):
    return {
        "line-TOTAL_FORMS": "2",
        "line-INITIAL_FORMS": "0",
        "line-0-cause": "The yarn comes from a mill that was not listed.",
        "line-0-action": "Buy yarn from Demo Mill Two.",
        "line-0-owner": "SUPPLIER",
        "line-1-owner": "SUPPLIER",
        "step-TOTAL_FORMS": "2",
        "step-INITIAL_FORMS": "0",
        "step-0-title": "First delivery",
        "step-0-due_on_day": str(due.day),
        "step-0-due_on_month": str(due.month),
        "step-0-due_on_year": str(due.year),
        "trading": "NO_NEW_ORDERS",
        "orders": "Placed orders go on.",
        "consequence": "A person looks at it again.",
        **given,
    }


def test_a_plan_is_drafted_shown_and_read_by_the_supplier(client, built):
    case = built.open
    path = reverse("workflows:case_plan_draft", args=[case.pk])
    sign_in(client, built.made.analyst)

    assert client.post(path, typed_plan(remedies.day(20))).status_code == 302
    page = client.get(path)
    assert "Buy yarn from Demo Mill Two." in page.text
    show = reverse("workflows:case_plan_show", args=[case.pk])
    assert client.post(show, {"sha256": "0" * 64}).status_code == 409
    assert client.post(show, {"sha256": page.context["sha256"]}).status_code == 302
    assert client.post(show, {"sha256": page.context["sha256"]}).status_code == 409
    assert client.get(show).status_code == 405

    sign_in(client, case.contact, second_factor=False)
    read = client.get(reverse("workflows:request_plan", args=[case.pk])).text
    assert "First delivery" in read
    assert reverse("workflows:request_plan_accept", args=[case.pk]) in read


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"orders": ""}, "Say what the supplier may count on."),
        ({"line-0-cause": ""}, "Say what caused it."),
        ({"step-0-due_on_year": "2020"}, "Choose a day after today."),
        ({"step-0-title": ""}, "Say what is to be done."),
    ],
)
def test_a_draft_with_a_fault_keeps_what_was_typed(client, built, given, said):
    case = built.open
    sign_in(client, built.made.analyst)

    answer = client.post(
        reverse("workflows:case_plan_draft", args=[case.pk]),
        typed_plan(remedies.day(20), **given),
    )

    assert answer.status_code == 200
    assert said in answer.text
    assert "Buy yarn from Demo Mill Two." in answer.text
    assert queries.open_plan(case) is None


def test_a_line_and_a_step_can_be_taken_out_again(client, built):
    case, path = go(client, built, "plan_draft")
    page = client.get(path)
    lines, steps, form = (page.context[key] for key in ("lines", "steps", "form"))
    sent = {name: form[name].value() for name in ("trading", "orders", "consequence")}
    for rows in (lines, steps):
        sent |= {
            f"{rows.prefix}-TOTAL_FORMS": rows.total_form_count(),
            f"{rows.prefix}-INITIAL_FORMS": rows.initial_form_count(),
        }
        for row in rows.forms[: rows.initial_form_count()]:
            for name in row.fields:
                value = row[name].value()
                if name == "due_on":
                    day = row[name].initial
                    sent |= {
                        f"{row.add_prefix(name)}_day": day.day,
                        f"{row.add_prefix(name)}_month": day.month,
                        f"{row.add_prefix(name)}_year": day.year,
                    }
                elif value not in (None, False):
                    sent[row.add_prefix(name)] = value
    sent |= {"line-1-DELETE": "on", "step-1-DELETE": "on"}

    client.post(path, sent)

    draft = queries.open_plan(case).draft
    assert [one["owner"] for one in draft["lines"]] == ["SUPPLIER"]
    assert [one["key"] for one in draft["steps"]] == ["s1"]


def test_for_what_is_confirmed_a_line_is_proposed(client, built):
    case = world.submitted_case(built.made, supplier=acts.another(built.made))
    remedies.confirmed_b4(built.made, case)
    sign_in(client, built.made.analyst)

    page = client.get(reverse("workflows:case_plan_draft", args=[case.pk]))

    (line,) = page.context["lines"].initial
    assert line["step"] == "Demo cotton yarn"
    assert line["action"].startswith("Replace the source.")
    assert line["cause"]


def test_a_plan_is_agreed_with_its_letter_and_the_case_waits_for_the_supplier(client, built):
    case, path = go(client, built, "plan_agree")
    page = client.get(path)
    sent = {
        "task": engine.open_task(case),
        "sha256": page.context["version"].sha256,
        "reason": REASON,
        "do": "preview",
    }
    seen = client.post(path, sent).context["form"].preview.letter.sha256

    client.post(path, sent | {"do": "send", "seen": seen})

    after = acts.fresh(case)
    assert (after.stage, after.trading) == (Stage.REMEDIATION, Trading.NO_NEW_ORDERS)
    assert after.letters.get(kind="PLAN").sha256 == seen
    sign_in(client, case.contact, second_factor=False)
    hub = client.get(reverse("workflows:request", args=[case.pk])).text
    assert "Next step: Demo step 1" in hub
    assert "No new orders for the time being" in hub


def test_who_wrote_the_plan_does_not_agree_it(client, built):
    case, path = go(client, built, "plan_agree")
    MembershipFactory(user=built.made.analyst, organisation=built.made.buyer, role=Role.APPROVER)
    sign_in(client, User.objects.get(pk=built.made.analyst.pk))
    page = client.get(path)
    sent = {
        "task": engine.open_task(case),
        "sha256": page.context["version"].sha256,
        "reason": REASON,
    }
    seen = client.post(path, sent).context["form"].preview.letter.sha256

    answer = client.post(path, sent | {"do": "send", "seen": seen})

    assert answer.status_code == 403
    assert "You wrote this plan, so a colleague must agree it." in answer.text


def test_the_plan_goes_on_after_a_step_was_accepted(client, built):
    case, path = go(client, built, "plan_continue")
    sha256 = queries.remedy(case).version.sha256

    client.post(path, {"task": engine.open_task(case), "sha256": sha256, "reason": REASON})

    after = acts.fresh(case)
    assert (after.stage, after.lapse_at) == (
        Stage.REMEDIATION,
        remedies.steps(case)[1].due_at,
    )


def test_a_step_is_judged_and_its_files_may_count_as_proof(client, built):
    case, path = go(client, built, "milestone")
    step = remedies.steps(case)[0]
    evidence = case.response.evidence_links.first().evidence
    step.files.add(evidence)

    client.post(
        path,
        {
            "task": engine.open_task(case),
            "accepted": "yes",
            "reason": "The invoice of the new mill is there.",
            "claim": "ended",
        },
    )

    step.refresh_from_db()
    assert step.state == MilestoneState.ACCEPTED
    assert case.proofs.filter(evidence=evidence, claim="ended").exists()


def test_a_plan_is_ended_without_success(client, built):
    case, path = go(client, built, "plan_close")

    client.post(path, {"task": engine.open_task(case), "reason": REASON})

    assert Plan.objects.get(case=case).state == PlanState.FAILED
    assert f"Plan 1: {PlanState.FAILED.label}" in " ".join(
        client.get(reverse("workflows:case", args=[case.pk])).text.split()
    )


def test_a_plan_that_has_ended_stays_to_be_read_by_its_supplier(client, built):
    case = acts.fresh(built.reported)
    actions.close_plan(case=case, by=built.made.approver, reason=REASON)
    path = reverse("workflows:request_plan", args=[case.pk])
    sign_in(client, User.objects.get(pk=case.contact.pk))

    hub = client.get(reverse("workflows:request", args=[case.pk])).text
    page = " ".join(client.get(path).text.split())
    sent = client.post(path, {"text": "One more thing."})

    assert path in hub
    assert "agreed this plan. It ended on" in page
    assert remedies.steps(case)[0].title in page
    assert REASON not in page
    assert "Send the comment" not in page
    assert sent.headers["Location"] == reverse("workflows:request", args=[case.pk])
    assert not PlanRemark.objects.filter(version__plan__case=case).exists()


def test_a_comment_on_the_plan_reaches_the_desk(client, built):
    case, path = go(client, built, "plan")

    assert client.post(path, {"text": ""}).status_code == 200
    client.post(path, {"text": "The second step needs two more weeks."})

    assert PlanRemark.objects.get(version=built.version).by == case.contact
    sign_in(client, built.made.analyst)
    page = client.get(reverse("workflows:case", args=[case.pk])).text
    assert "The second step needs two more weeks." in page
    assert "Read what the supplier says of the plan" in page


def code_of(case):
    asked = StepUp.objects.filter(purpose=StepUpPurpose.PLAN).latest("asked_at")
    return world.code_in_mail(asked)


def test_the_signatory_accepts_by_a_code_bound_to_the_plan(client, built):
    case, path = go(client, built, "accept")
    typed = {
        "sha256": built.version.sha256,
        "name": "Demo Signatory",
        "title": "Director",
        "authority": "Legal representative",
    }
    code = reverse("workflows:request_plan_code", args=[case.pk])

    assert client.get(code).headers["Location"] == path
    assert client.post(path, typed | {"title": ""}).status_code == 200
    assert client.post(path, typed | {"sha256": "0" * 64}).status_code == 409
    assert client.post(path, typed).headers["Location"] == code
    assert client.get(code).status_code == 200
    assert "This is not the code" in client.post(code, {"code": "1234-5678"}).text
    assert client.post(code, {"again": "1"}).headers["Location"] == code
    assert client.post(code, {"code": code_of(case)}).status_code == 302

    version = queries.newest_version(queries.open_plan(case))
    assert (version.accepted_by, version.signatory_title) == (case.contact, "Director")
    assert "It begins once" in client.get(
        reverse("workflows:request_plan", args=[case.pk])
    ).text.replace("\n", " ")
    for page in (path, code):
        assert client.get(page).headers["Location"].endswith("/plan/")


def test_a_plan_that_changed_after_the_code_was_asked_for_is_not_accepted(client, built):
    case, path = go(client, built, "accept")
    code = reverse("workflows:request_plan_code", args=[case.pk])
    client.post(
        path,
        {
            "sha256": built.version.sha256,
            "name": "Demo Signatory",
            "title": "Director",
            "authority": "Legal representative",
        },
    )
    typed = code_of(case)
    remedies.shown(built.made, case, orders="Nothing is paused.")

    answer = client.post(code, {"code": typed})

    assert answer.headers["Location"] == path
    assert queries.newest_version(queries.open_plan(case)).accepted_at is None


def test_before_a_plan_is_shown_the_supplier_has_no_page_of_it(client, built):
    path = reverse("workflows:request_plan", args=[built.drafted.pk])
    sign_in(client, built.drafted.contact, second_factor=False)

    assert client.get(path).headers["Location"].endswith(f"/requests/{built.drafted.pk}/")
    hub = client.get(reverse("workflows:request", args=[built.drafted.pk])).text
    assert path not in hub


def test_proof_is_added_to_a_step_and_the_step_reported(client, built):
    case, path = go(client, built, "step")
    report = reverse("workflows:request_plan_report", args=[case.pk])
    step = remedies.steps(case)[0]
    said = {"kind": "invoice", "issuer": "Demo Mill Two", "file": remedies.file()}

    assert client.post(path, {**said, "file": ""}).status_code == 200
    assert client.post(path, said).status_code == 302
    page = client.get(reverse("workflows:request_plan", args=[case.pk])).text
    assert "demo.pdf" in page
    sent = {"task": engine.open_task(case), "steps": [str(step.pk)], "note": "Delivered."}
    assert client.post(report, sent | {"note": ""}).status_code == 200
    assert client.post(report, sent).status_code == 302

    step.refresh_from_db()
    assert (acts.fresh(case).stage, step.state) == (Stage.REVIEW, MilestoneState.REPORTED)
    assert client.post(report, sent).status_code == 409
    assert Evidence.objects.get(name="demo.pdf", about=f"step:{step.pk}").origin == "SUPPLIER"


# pauses ---------------------------------------------------------------------------------------


def typed_day(name, day):
    return {f"{name}_day": day.day, f"{name}_month": day.month, f"{name}_year": day.year}


def test_trade_is_suspended_with_its_letter_and_resumed(client, built):
    case, path = go(client, built, "suspend")
    today = clock.today(case.buyer.zone)
    sent = {
        "task": engine.open_task(case),
        "trading": "PAUSED",
        "paused": "All new orders for Demo shirts.",
        "needed": "The first invoice of the new mill.",
        "reason": REASON,
        **typed_day("from_on", today),
    }

    past = client.post(path, sent | typed_day("from_on", today - timedelta(days=3)))
    assert "Choose today or a later day." in past.text
    far = client.post(path, sent | typed_day("from_on", today + timedelta(days=999)))
    assert "Choose a day within a year." in far.text
    seen = client.post(path, sent).context["form"].preview.letter.sha256
    client.post(path, sent | {"do": "send", "seen": seen})

    case = acts.fresh(case)
    assert (case.stage, case.trading) == (Stage.SUSPENDED, Trading.PAUSED)
    page = client.get(reverse("workflows:case", args=[case.pk])).text
    assert "Look at the suspension again" in page
    sign_in(client, case.contact, second_factor=False)
    hub = client.get(reverse("workflows:request", args=[case.pk])).text
    assert "Orders are paused" in hub
    assert "Paused for the time being" in hub

    sign_in(client, built.made.approver)
    resume = reverse("workflows:case_resume", args=[case.pk])
    back = {
        "task": engine.open_task(case),
        "to": "review",
        "trading": "OPEN",
        "reason": REASON,
        **typed_day("from_on", today),
    }
    assert "Choose where the case goes." in client.post(resume, back | {"to": "remediation"}).text
    seen = client.post(resume, back).context["form"].preview.letter.sha256
    client.post(resume, back | {"do": "send", "seen": seen})
    case = acts.fresh(case)
    assert (case.stage, case.trading) == (Stage.REVIEW, Trading.OPEN)


def test_a_pause_is_looked_at_again(client, built):
    case, path = go(client, built, "suspension")
    before = queries.suspension_of(case).review_at

    with clock.at(clock.now() + timedelta(days=40)):
        client.post(path, {"task": engine.open_task(case), "reason": REASON})

    pause = queries.suspension_of(case)
    assert pause.reviews == 1
    assert pause.review_at > before


@pytest.mark.parametrize("page", ["ask", "suspend", "plan_draft"])
def test_words_that_say_more_than_the_wording_are_refused_at_their_field(client, built, page):
    made = built.made
    case = world.submitted_case(made, supplier=acts.another(made), wording=Wording.TRACEABILITY)
    finding = remedies.finding(made, case)
    person = made.approver if page == "suspend" else made.analyst
    name, more = PAGES[page][0], [finding.pk] if page == "ask" else []
    sent = {
        "ask": {"question": "Does the yarn come from Xinjiang, please?"},
        "suspend": {
            "trading": "PAUSED",
            "paused": "All orders from Xinjiang.",
            "needed": "A new source.",
            "reason": REASON,
            **typed_day("from_on", clock.today()),
        },
        "plan_draft": typed_plan(remedies.day(20), **{"line-0-cause": "Yarn of Xinjiang."}),
    }[page]
    sign_in(client, person)

    answer = client.post(
        reverse(f"workflows:{name}", args=[case.pk, *more]),
        {"task": engine.open_task(case), **sent},
    )

    assert answer.status_code == 200
    assert "Say it without: “Xinjiang”." in answer.text


def test_an_old_page_acts_on_nothing(client, built):
    for page, sent in (
        ("milestone", {"accepted": "yes", "reason": REASON}),
        ("plan_close", {"reason": REASON}),
        ("suspension", {"reason": REASON}),
        ("judge", {"state": "DISMISSED", "reason": REASON}),
    ):
        case, path = go(client, built, page)
        answer = client.post(path, sent | {"task": str(engine.open_task(case) + 999_999)})
        assert answer.status_code == 409, page


def test_each_role_opens_each_of_these_cases(client, built):
    for name in ("answering", "open", "asked", "presumed", "drafted", "shown", "accepted",
                 "running", "reported", "judged", "suspended"):  # fmt: skip
        case = Case.objects.get(pk=getattr(built, name).pk)
        for person in ("manager", "analyst", "approver", "counsel"):
            sign_in(client, getattr(built.made, person))
            assert client.get(reverse("workflows:case", args=[case.pk])).status_code == 200
        sign_in(client, case.contact, second_factor=False)
        assert client.get(reverse("workflows:request", args=[case.pk])).status_code == 200
