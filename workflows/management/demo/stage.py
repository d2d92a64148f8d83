"""The stage of the demonstration: who is on it, and the hands that act for them."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any
from uuid import UUID

from django.contrib.sessions.backends.db import SessionStore
from django.core.files.base import ContentFile

from documents import tasks as documents
from documents.enums import Grade
from documents.models import Dossier, Evidence
from portal import clock
from portal.actions import organisations, people, step_up
from portal.enums import Role, StepUpPurpose, Wording, WorkState
from portal.models import Organisation, OutboxMessage, User
from portal.tasks import deliver
from questionnaires import actions as answering
from questionnaires.models import QuestionnaireVersion, Response
from workflows import actions, engine, plans, reminders, timers
from workflows.enums import FindingState, Level, WordingReason
from workflows.management.demo.answers import Reply, Typist, plain
from workflows.management.demo.companies import BUYER, MAKER, STAFF, Maker
from workflows.models import Campaign, CampaignSlice, Case, Finding, PlanVersion, Proof
from workflows.tasks import issue_slice

TOLD = "Demonstration: "
STATEMENTS = tuple(f"d{n}" for n in range(1, 10))


class Stage:
    """The buyer, its people and its campaigns; each method is something people do."""

    def __init__(self, version: QuestionnaireVersion, start: datetime) -> None:
        self.version = version
        self.start = start
        self.people: dict[str, User] = {}
        self.buyer = self._buyer()
        self.listed = actions.upload_list(
            buyer=self.buyer,
            by=self.people["counsel"],
            title="Demonstration list",
            dated_on=clock.today(),
            file=ContentFile(
                b"name,note\nDemo Prohibited Company,invented\n", name="demonstration-list.csv"
            ),
        )

    def _buyer(self) -> Organisation:
        first = next(one for one in STAFF if one.role == Role.ADMINISTRATOR)
        offer = organisations.create_buyer(
            name=BUYER,
            administrator_email=first.email,
            administrator_name=first.name,
            by="installation",
            country="DE",
            service_name="Demo Supplier Desk",
            zone="Europe/Berlin",
        )
        self._join(first.key, offer.user, first.name, "en")
        for staff in STAFF:
            if staff is not first:
                offer = people.invite(
                    organisation=offer.organisation,
                    role=staff.role,
                    email=staff.email,
                    by=self.people[first.key],
                    name=staff.name,
                )
                self._join(staff.key, offer.user, staff.name, "en")
        return offer.organisation

    def _join(self, key: str, user: User, name: str, language: str) -> None:
        people.accept_open(by=user)
        people.welcome(by=user, name=name, language=language)
        self.people[key] = user

    def suppliers(self) -> dict[str, Organisation]:
        """Import all makers as one table, as a campaign manager would."""
        rows = [
            actions.SupplierRow(
                reference=f"D-{number:03}",
                name=maker.name,
                name_en=maker.name_en if maker.name_en != maker.name else "",
                country=maker.country,
                registration=maker.code,
                address=maker.address,
                contact_name=maker.contact,
                contact_email=maker.email,
                language=maker.language,
                zone=maker.zone,
            )
            for number, maker in enumerate(MAKER.values(), start=1)
        ]
        found = actions.import_suppliers(
            buyer=self.buyer, by=self.people["manager"], rows=rows
        ).suppliers
        return dict(zip(MAKER, found, strict=True))

    def campaign(self, name: str, keys: Mapping[str, Wording | None], due_in: int) -> Campaign:
        """Prepare a campaign; counsel records a wording for each supplier that has one here."""
        campaign = actions.create_campaign(
            buyer=self.buyer,
            by=self.people["manager"],
            name=name,
            version=self.version,
            due_on=clock.today() + timedelta(days=due_in),
            prohibited_list=self.listed,
        )
        suppliers = Organisation.objects.filter(
            buyer=self.buyer, registration__in=[MAKER[key].code for key in keys]
        )
        cases = actions.add_suppliers(
            campaign=campaign, by=self.people["manager"], suppliers=suppliers.order_by("pk")
        )
        by_code = {MAKER[key].code: wording for key, wording in keys.items()}
        for case in cases:
            wording = by_code[case.supplier.registration]
            if wording:
                is_neutral = wording == Wording.TRACEABILITY
                actions.choose_wording(
                    cases=[case],
                    by=self.people["counsel"],
                    wording=wording,
                    reason=WordingReason.LOCAL_LAW if is_neutral else WordingReason.CLARITY,
                    note="Advice note DEMO-1 in counsel's files.",
                )
        return campaign

    def launch(self, campaign: Campaign) -> None:
        actions.launch(campaign=campaign, by=self.people["manager"])
        for found in CampaignSlice.objects.filter(campaign=campaign):
            issue_slice.call(str(found.pk))
        self.settle()

    def morning(self, day: datetime) -> None:
        """Let time do its part as the ticker would, while offices are open in Asia."""
        with clock.at(day.replace(hour=3, minute=5)):
            if reminders.climb_due() + timers.fire_due() + reminders.tell_missed():
                self.settle()

    def day_after(self, moment: datetime) -> int:
        """Return the first day, counted from the start, on which `moment` has passed."""
        return (moment - self.start).days + 1

    def settle(self) -> None:
        """Do what workers would: send mails, judge files, write documents."""
        for model, handler in (
            (OutboxMessage, deliver),
            (Evidence, documents.inspect),
            (Dossier, documents.render),
        ):
            waiting = model.objects.filter(work_state=WorkState.PENDING).order_by("pk")
            for pk in list(waiting.values_list("pk", flat=True)):
                handler.call(str(pk))


class Actor:
    """One case on the stage, with its supplier's contact and the buyer's people."""

    def __init__(self, stage: Stage, campaign: str, key: str) -> None:
        self.stage = stage
        self.campaign = campaign
        self.maker: Maker = MAKER[key]
        self.people = stage.people

    @cached_property
    def pk(self) -> UUID:
        found = Case.objects.filter(campaign__name=self.campaign)
        return found.get(supplier__registration=self.maker.code).pk

    @property
    def case(self) -> Case:
        related = ("buyer", "supplier", "chain", "policy", "response__version", "campaign")
        return Case.objects.select_related(*related).get(pk=self.pk)

    @property
    def response(self) -> Response:
        return Response.objects.select_related("version").get(case=self.pk)

    @property
    def contact(self) -> User:
        return User.objects.get(email=self.maker.email)

    def acknowledge(self) -> None:
        by = self.contact
        people.accept_open(by=by)
        people.welcome(by=by, name=self.maker.contact, language=self.maker.language)
        by = self.contact
        case = self.case
        actions.acknowledge(case=case, task=self.task(case), by=by)
        actions.name_signatory(case=case, by=by, email=by.email, name=by.name)

    def answer(self, reply: Reply, *, with_files: bool = True) -> None:
        typist = Typist(self.response, self.contact, self.maker)
        typist.type_all(plain(self.maker, reply, clock.today()))
        if with_files:
            typist.attach_all()
        self.stage.settle()

    def sign(self, *, reply: str = "") -> None:
        """Ask for a code bound to what is signed, and submit or, with `reply`, decline."""
        case, by = self.case, self.contact
        typed = self._typed()
        statements = () if reply else STATEMENTS
        more = {"kind": "DECLINE", "reply": reply} if reply else {}
        content = answering.content_to_sign(
            self.response,
            by=by,
            statements=statements,
            language=self.maker.language,
            **typed,
            **more,
        )
        with self._confirmed(StepUpPurpose.SIGN, content.sha256) as confirmation:
            signature = actions.Signature(
                **typed,
                **confirmation,
                language=self.maker.language,
                statements=statements,
                reply=reply,
            )
            act = actions.decline if reply else actions.submit
            act(case=case, task=self.task(case), by=by, signature=signature)
        self.stage.settle()

    def accept(self, version: PlanVersion) -> None:
        """Accept a plan for the company, with a code bound to its hash."""
        typed = self._typed()
        hashed = plans.acceptance(version.sha256, **typed)
        with self._confirmed(StepUpPurpose.PLAN, hashed) as confirmation:
            acceptance = actions.Acceptance(**typed, **confirmation)
            actions.accept_plan(version=version, by=self.contact, acceptance=acceptance)
        self.stage.settle()

    def _typed(self) -> dict[str, Any]:
        return {
            "name": self.maker.contact,
            "title": "Demo director",
            "authority": "Legal representative",
        }

    @contextmanager
    def _confirmed(self, purpose: StepUpPurpose, content_hash: str) -> Iterator[dict[str, Any]]:
        """Ask for a code by mail and read it there."""
        case, session = self.case, SessionStore()
        session.create()
        asked = step_up.ask(
            user=self.contact,
            session=session,
            purpose=purpose,
            content_hash=content_hash,
            what=case.reference,
            buyer=case.buyer,
            supplier=case.supplier,
        )
        yield {"step_up": asked, "code": self._code(f"step-up:{asked.pk}"), "session": session}
        session.delete()

    def _code(self, key: str) -> str:
        body = OutboxMessage.objects.get(key=key).body
        return next(
            word for word in body.split() if "-" in word and word.replace("-", "").isdigit()
        )

    def task(self, case: Case | None = None) -> int:
        case = case or self.case
        found = engine.open_task(case)
        if found is None:
            raise LookupError(f"no open task in {case}")
        return found

    def grade(self) -> None:
        for proof in Proof.objects.filter(case_id=self.pk, grade="").select_related("evidence"):
            grade = str(proof.evidence.proposed_grade)
            actions.grade_proof(
                proof=proof,
                by=self.people["analyst"],
                grade=grade,
                counts=True,
                reason={
                    Grade.A: "Record of a third party, tied to the company.",
                    Grade.B: "Kept in the ordinary course of business.",
                }.get(Grade(grade), "A declaration alone."),
            )

    def judge(self, keys: tuple[str, ...] | None, state: FindingState, reason: str) -> None:
        for finding in Finding.objects.filter(case_id=self.pk).exclude(level=Level.COUNSEL):
            if keys is None or finding.key in keys:
                actions.judge_finding(
                    finding=finding, by=self.people["analyst"], state=state, reason=reason
                )

    def judge_clause(self, clause: str, reason: str) -> None:
        """Confirm each finding under a clause that would lead to an exit."""
        for finding in Finding.objects.filter(case_id=self.pk, clause=clause, level=Level.EXIT):
            actions.judge_finding(
                finding=finding,
                by=self.people["analyst"],
                state=FindingState.CONFIRMED,
                reason=reason,
            )

    def recommend(self, reason: str) -> None:
        case = self.case
        actions.recommend(
            case=case, task=self.task(case), by=self.people["analyst"], reason=reason
        )
        self.stage.settle()

    def clear(self, reason: str) -> None:
        case = self.case
        actions.clear(
            case=case,
            task=self.task(case),
            by=self.people["approver"],
            reason=reason,
            knows_unscanned=True,
        )
        self.stage.settle()

    def do(self, act: str, by: str, **words: object) -> None:
        """Take any other step of the open task."""
        case = self.case
        person = self.contact if by == "contact" else self.people[by]
        getattr(actions, act)(case=case, task=self.task(case), by=person, **words)
        self.stage.settle()

    def call(self, note: str, *, is_reached: bool) -> None:
        actions.log_contact(
            case=self.case,
            by=self.people["analyst"],
            contacted=actions.Contacted(
                channel="CALL", at=clock.now(), is_reached=is_reached, note=note
            ),
        )
