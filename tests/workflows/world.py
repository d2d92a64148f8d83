"""A buyer with all its people, one supplier, and cases brought to a stage by real actions."""

from dataclasses import dataclass
from datetime import timedelta
from types import SimpleNamespace

from django.contrib.sessions.backends.db import SessionStore
from django.core.files.uploadedfile import SimpleUploadedFile

from documents.enums import Grade
from portal import clock
from portal.actions import step_up
from portal.enums import Role, StepUpPurpose, Wording
from portal.models import Organisation, OutboxMessage, User
from questionnaires import actions as answering
from questionnaires.models import QuestionnaireVersion, SectionDocument
from tests.factories.portal import OrganisationFactory, UserFactory
from tests.factories.questionnaires import (
    NEWEST,
    QuestionnaireVersionFactory,
    attach,
    content,
    split_files,
)
from tests.questionnaires import personas
from workflows import actions, engine
from workflows.enums import FindingState, WordingReason
from workflows.models import Campaign, Case, Finding, ProhibitedList, Proof


@dataclass
class World:
    """One buyer with its people, and a campaign in preparation."""

    buyer: Organisation
    manager: User
    analyst: User
    approver: User
    second_approver: User
    counsel: User
    administrator: User
    supplier: Organisation
    contact: User
    campaign: Campaign
    prohibited_list: ProhibitedList


def world(*, name: str = "Demo Buyer GmbH", wording: str = "", language: str = "en") -> World:
    """Make a buyer, one person for each role, a supplier with its contact, and a campaign."""
    buyer = OrganisationFactory(name=name)
    roles = {
        "manager": Role.CAMPAIGN_MANAGER,
        "analyst": Role.ANALYST,
        "approver": Role.APPROVER,
        "second_approver": Role.APPROVER,
        "counsel": Role.COUNSEL,
        "administrator": Role.ADMINISTRATOR,
    }
    people = {key: UserFactory(holds=(role, buyer)) for key, role in roles.items()}
    supplier = new_supplier(buyer, language=language)
    listed = actions.upload_list(
        buyer=buyer,
        by=people["counsel"],
        title="Demo list",
        dated_on=clock.today(),
        file=SimpleUploadedFile("list.csv", b"name\nDemo Prohibited Company\n"),
    )
    campaign = actions.create_campaign(
        buyer=buyer,
        by=people["manager"],
        name="Demo campaign",
        version=QuestionnaireVersionFactory(),
        due_on=clock.today() + timedelta(days=30),
        prohibited_list=listed,
    )
    made = World(
        buyer=buyer,
        supplier=supplier,
        contact=_contact(supplier),
        campaign=campaign,
        prohibited_list=listed,
        **people,
    )
    if wording:
        draft_case(made, wording=wording)
    return made


def newest_version() -> QuestionnaireVersion:
    """Publish content 2026.1 after whatever was published before."""
    return QuestionnaireVersionFactory(
        questionnaire=content(NEWEST), published_at=clock.now() + timedelta(seconds=1)
    )


def new_supplier(buyer: Organisation, *, language: str = "en", **fields) -> Organisation:
    supplier = OrganisationFactory(supplier=True, buyer=buyer, language=language, **fields)
    supplier.zone = "Asia/Shanghai"
    supplier.contact_name = "Demo Contact"
    supplier.contact_email = f"contact-{supplier.pk.hex[:8]}@supplier.example"
    supplier.save()
    return supplier


def _contact(supplier: Organisation) -> User:
    """The person the supplier's mail goes to; also its signatory."""
    return UserFactory(
        email=supplier.contact_email,
        name=supplier.contact_name,
        language=supplier.language,
        holds=[(Role.CONTACT, supplier), (Role.SIGNATORY, supplier)],
    )


def draft_case(
    made: World, *, wording: str = Wording.EXPLICIT, supplier: Organisation | None = None
) -> Case:
    """Put a supplier into the campaign, with counsel's choice recorded."""
    (case,) = actions.add_suppliers(
        campaign=made.campaign, by=made.manager, suppliers=[supplier or made.supplier]
    )
    actions.choose_wording(
        cases=[case], by=made.counsel, wording=wording, reason=WordingReason.CLARITY
    )
    return Case.objects.get(pk=case.pk)


def issued_case(made: World, *, wording: str = Wording.EXPLICIT, **kwargs) -> Case:
    case = draft_case(made, wording=wording, **kwargs)
    actions.issue(case=case, by=made.manager)
    return Case.objects.get(pk=case.pk)


def acknowledged_case(made: World, **kwargs) -> Case:
    case = issued_case(made, **kwargs)
    contact = case.contact
    actions.acknowledge(case=case, task=engine.open_task(case), by=contact)
    actions.name_signatory(case=case, by=contact, email=contact.email, name=contact.name)
    return Case.objects.get(pk=case.pk)


def answer(case: Case, persona=personas.clean_weaver) -> None:
    """Write a persona's answers and files into the drafts, as if typed and uploaded."""
    given = persona(clock.today("Asia/Shanghai"))
    response = case.response
    for document in SectionDocument.objects.filter(response=response):
        if document.section in given:
            document.data, files = split_files(given[document.section], response, document.section)
            document.rev += 1
            document.save()
            for path, name in files:
                attach(response, path, name)


def session() -> SessionStore:
    made = SessionStore()
    made.create()
    return made


def signature(case: Case, by: User, *, language: str = "en", kind: str = "", reply: str = ""):
    """Ask for a code bound to what would be signed now, and read it from the mail."""
    typed = {"name": by.name, "title": "Director", "authority": "Legal representative"}
    statements = () if kind else personas.STATEMENTS
    extra = {"kind": kind, "reply": reply} if kind else {}
    content = answering.content_to_sign(
        case.response, by=by, statements=statements, language=language, **typed, **extra
    )
    own = session()
    asked = step_up.ask(
        user=by,
        session=own,
        purpose=StepUpPurpose.SIGN,
        content_hash=content.sha256,
        what=f"case {case.reference}",
    )
    return actions.Signature(
        **typed,
        language=language,
        statements=statements,
        step_up=asked,
        code=code_in_mail(asked),
        session=own,
        reply=reply,
    )


def code_in_mail(asked) -> str:
    body = OutboxMessage.objects.get(key=f"step-up:{asked.pk}").body
    (code,) = {word for word in body.split() if word.replace("-", "").isdigit() and "-" in word}
    return code


def submitted_case(made: World, persona=personas.clean_weaver, **kwargs) -> Case:
    case = acknowledged_case(made, **kwargs)
    answer(case, persona)
    return submit(case)


def submit(case: Case) -> Case:
    by = case.signatory
    actions.submit(case=case, task=engine.open_task(case), by=by, signature=signature(case, by))
    return Case.objects.get(pk=case.pk)


def judged_case(made: World, persona=personas.clean_weaver, **kwargs) -> Case:
    """A case in review whose findings are dismissed and whose proof is graded A."""
    case = submitted_case(made, persona, **kwargs)
    for finding in Finding.objects.filter(case=case):
        by = made.counsel if finding.level == "counsel" else made.analyst
        actions.judge_finding(
            finding=finding, by=by, state=FindingState.DISMISSED, reason="Looked at in the demo."
        )
    for proof in Proof.objects.filter(case=case):
        actions.grade_proof(
            proof=proof, by=made.analyst, grade=Grade.A, counts=True, reason="An official record."
        )
    return Case.objects.get(pk=case.pk)


def recommended_case(made: World, **kwargs) -> Case:
    case = judged_case(made, **kwargs)
    actions.recommend(
        case=case,
        task=engine.open_task(case),
        by=made.analyst,
        reason="Nothing is open in this demo case.",
    )
    return Case.objects.get(pk=case.pk)


def cleared_case(made: World, **kwargs) -> Case:
    case = recommended_case(made, **kwargs)
    actions.clear(
        case=case,
        task=engine.open_task(case),
        by=made.approver,
        reason="Read and found nothing open.",
        knows_unscanned=True,
    )
    return Case.objects.get(pk=case.pk)


def two_worlds() -> SimpleNamespace:
    """Two buyers that know nothing of each other, each with an issued case."""
    one, other = world(name="Demo Buyer One GmbH"), world(name="Demo Buyer Two GmbH")
    return SimpleNamespace(
        one=one, other=other, case=issued_case(one), foreign_case=issued_case(other)
    )
