"""Cases with sources, inquiries, plans and suspensions, brought there by real actions."""

from datetime import date, timedelta

from django.core.files.uploadedfile import SimpleUploadedFile

from documents.actions.evidence import Description
from documents.enums import EvidenceKind, EvidenceState
from documents.models import Evidence
from portal import clock
from portal.actions import step_up
from portal.enums import Delivery, StepUpPurpose
from portal.models import OutboxMessage
from tests.workflows import acts, world
from workflows import actions, calendar, engine, plans, queries
from workflows.enums import FindingState, SourceKind, Trading
from workflows.models import Case, Finding, Milestone, PlanVersion, Source

QUESTION = "Please tell us who made the yarn of order 7, and show the delivery note."
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def learned(**given) -> actions.Learned:
    return actions.Learned(
        **{
            "kind": SourceKind.REPORT,
            "title": "Demo report on yarn",
            "publisher": "Demo Institute",
            "about": "company",
            "subject": "Demo Spinning",
            "says": "The mill took in workers of a transfer scheme in the Uyghur Region.",
            "grade": "B",
            **given,
        }
    )


def source(made, case, **given) -> Source:
    return actions.record_source(case=case, by=made.analyst, learned=learned(**given))


def raised(*sources, clause="B3", **given) -> actions.Raised:
    return actions.Raised(
        **{
            "clause": clause,
            "scope": "any_production",
            "about": "company",
            "subject": "Demo Spinning",
            "text": "The mill took in workers of a transfer scheme in the Uyghur Region.",
            "sources": tuple(one.pk for one in sources),
            **given,
        }
    )


def finding(made, case, *sources, **given) -> Finding:
    found = sources or (source(made, case),)
    return actions.raise_finding(
        case=case,
        task=engine.open_task(case),
        by=made.analyst,
        raised=raised(*found, **given),
    )


def ask(made, finding, question=QUESTION):
    case = acts.fresh(finding.case)
    return actions.ask_supplier(
        case=case, task=engine.open_task(case), by=made.analyst, finding=finding, question=question
    )


def heard(made, finding):
    inquiry = ask(made, finding)
    return actions.reply_to_inquiry(
        inquiry=inquiry, by=finding.case.contact, text="It was bought elsewhere."
    )


def confirm(made, finding, reason="Two sources say so."):
    return actions.judge_finding(
        finding=finding, by=made.analyst, state=FindingState.CONFIRMED, reason=reason
    )


def confirmed_b4(made, case) -> Finding:
    """A finding on the origin of an input, raised upon a source, heard and confirmed."""
    found = finding(
        made, case, source(made, case), clause="B4", about="input", subject="Demo cotton yarn"
    )
    heard(made, found)
    return confirm(made, found)


def day(days: int, country: str = "CN") -> date:
    return calendar.add_working_days(clock.today("Asia/Shanghai"), days, country)


def content(*, finding="", dues=(15, 40), **given) -> plans.Content:
    return plans.Content(
        **{
            "lines": (
                plans.Line(
                    finding=str(finding),
                    cause="The yarn comes from a mill that was not listed.",
                    step="Spinning, cotton yarn",
                    action="Buy yarn from Demo Mill Two.",
                    evidence="First invoice and delivery note of the new mill",
                    grade="B",
                ),
                plans.Line(
                    cause="The new yarn costs more.",
                    action="Pay the higher price for six months.",
                    owner="BUYER",
                ),
            ),
            "steps": tuple(
                plans.Step(
                    key=f"s{number}",
                    title=f"Demo step {number}",
                    due_on=day(due).isoformat(),
                    expected="Invoice",
                )
                for number, due in enumerate(dues, start=1)
            ),
            "trading": Trading.NO_NEW_ORDERS,
            "orders": "Orders that were placed go on. New orders wait.",
            "consequence": "A person looks at the case again; orders may pause.",
            **given,
        }
    )


def drafted(made, case, **given):
    return actions.draft_plan(case=case, by=made.analyst, content=content(**given))


def shown(made, case, **given) -> PlanVersion:
    plan = drafted(made, case, **given)
    sha256 = plans.digest(case.pk, plans.restored(plan.draft))
    return actions.show_plan(case=case, by=made.analyst, sha256=sha256)


def acceptance(version: PlanVersion, by) -> actions.Acceptance:
    typed = {"name": by.name, "title": "Director", "authority": "Legal representative"}
    own = world.session()
    asked = step_up.ask(
        user=by,
        session=own,
        purpose=StepUpPurpose.PLAN,
        content_hash=plans.acceptance(version.sha256, **typed),
        what="demo plan",
    )
    return actions.Acceptance(**typed, step_up=asked, code=world.code_in_mail(asked), session=own)


def accepted(made, case, **given) -> PlanVersion:
    version = shown(made, case, **given)
    by = case.signatory
    return actions.accept_plan(version=version, by=by, acceptance=acceptance(version, by))


def planned(made, case, **given) -> Case:
    """A case whose plan both sides agreed: in remediation."""
    version = accepted(made, case, **given)
    case = acts.fresh(case)
    actions.agree_plan(
        case=case,
        task=engine.open_task(case),
        by=made.approver,
        sha256=version.sha256,
        reason="The plan answers what was found.",
    )
    return acts.fresh(case)


def steps(case) -> list[Milestone]:
    plan = queries.open_plan(case) or queries.past_plans(case).first()
    return list(queries.milestones_of(plan))


def reported(case, *keys) -> Case:
    done = [one.pk for one in steps(case) if one.key in keys]
    actions.report(
        case=case, task=engine.open_task(case), by=case.contact, steps=done, note="It is done."
    )
    return acts.fresh(case)


def judged(made, case, *keys, accepted=True) -> Case:
    for one in steps(case):
        if one.key in keys:
            actions.judge_milestone(
                milestone=one, by=made.analyst, accepted=accepted, reason="Read and found good."
            )
    return acts.fresh(case)


def pause(**given) -> actions.Pause:
    return actions.Pause(
        **{
            "trading": Trading.PAUSED,
            "reason": "Two sources say so and the plan does not go on.",
            "from_on": clock.today(),
            "paused": "All new orders for Demo shirts.",
            "needed": "The first invoice of the new mill.",
            **given,
        }
    )


def suspended(made, case) -> Case:
    actions.suspend(case=case, task=engine.open_task(case), by=made.approver, pause=pause())
    return acts.fresh(case)


def back(to="review", **given) -> actions.Return:
    return actions.Return(
        **{
            "to": to,
            "trading": Trading.OPEN,
            "reason": "What was needed was shown.",
            "from_on": clock.today(),
            "orders": "Orders go on as before.",
            **given,
        }
    )


def delivered(case) -> None:
    """The mail server accepted every letter of a case."""
    mails = OutboxMessage.objects.filter(chain_id=case.chain_id, key__startswith="letter:")
    mails.update(delivery=Delivery.ACCEPTED, accepted_at=clock.now())


def released(evidence: Evidence) -> Evidence:
    """The file was checked and nothing stood against it."""
    Evidence.objects.filter(pk=evidence.pk).update(
        state=EvidenceState.RELEASED, judged_at=clock.now(), media_type="pdf"
    )
    return Evidence.objects.get(pk=evidence.pk)


def file(name="demo.pdf", data=PDF) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data)


def described() -> Description:
    return Description(kind=EvidenceKind.INVOICE, issuer="Demo Mill Two")


def presumed(made, case) -> Finding:
    """A case over which clause B's presumption stands, though what raised it is remedied."""
    found = confirmed_b4(made, case)
    return actions.judge_finding(
        finding=found, by=made.analyst, state=FindingState.REMEDIED, reason="The source is gone."
    )


def late(days: int):
    return clock.at(clock.now() + timedelta(days=days))
