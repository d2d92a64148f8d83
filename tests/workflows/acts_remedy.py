"""The acts on sources, inquiries, plans and suspensions, ready to be done."""

from tests.workflows import remedies as r
from tests.workflows import world
from tests.workflows.acts import Ready, _from_page, _held, fresh
from workflows import actions, engine, plans, queries
from workflows.models import Case


def _review(made, supplier) -> Case:
    return world.submitted_case(made, supplier=supplier)


def record_source(made, supplier):
    case = world.issued_case(made, supplier=supplier)
    return _held(case, made.analyst, actions.record_source, case=case, learned=r.learned())


def weigh_source(made, supplier):
    case = world.issued_case(made, supplier=supplier)
    weight = actions.Weight(grade="A", counts=True, findings=(), reason="Read in full.")
    source = r.source(made, case)
    return _held(case, made.analyst, actions.weigh_source, source=source, weight=weight)


def raise_finding(made, supplier):
    case = world.acknowledged_case(made, supplier=supplier)
    given = {"raised": r.raised(r.source(made, case))}
    return _from_page(case, made.analyst, actions.raise_finding, **given)


def raise_finding_in_review(made, supplier):
    case = _review(made, supplier)
    given = {"raised": r.raised(r.source(made, case))}
    return _from_page(case, made.analyst, actions.raise_finding, **given)


def raise_finding_on_a_cleared_case(made, supplier):
    case = world.cleared_case(made, supplier=supplier)
    raised = r.raised(r.source(made, case))
    return _held(case, made.analyst, actions.raise_finding, case=case, task=None, raised=raised)


def ask_supplier(made, supplier):
    case = _review(made, supplier)
    finding = r.finding(made, case)
    return _from_page(
        fresh(case), made.analyst, actions.ask_supplier, finding=finding, question=r.QUESTION
    )


def reply_to_inquiry(made, supplier):
    case = _review(made, supplier)
    inquiry = r.ask(made, r.finding(made, case))
    return _held(case, case.contact, actions.reply_to_inquiry, inquiry=inquiry, text="Demo reply.")


def lift_presumption(made, supplier):
    case = _review(made, supplier)
    r.presumed(made, case)
    evidence = r.released(case.response.evidence_links.first().evidence)
    return _from_page(
        fresh(case),
        made.approver,
        actions.lift_presumption,
        evidence=(evidence.pk,),
        reason="Shown.",
    )


def draft_plan(made, supplier):
    case = _review(made, supplier)
    return _held(case, made.analyst, actions.draft_plan, case=case, content=r.content())


def show_plan(made, supplier):
    case = _review(made, supplier)
    plan = r.drafted(made, case)
    sha256 = plans.digest(case.pk, plans.restored(plan.draft))
    return _held(case, made.analyst, actions.show_plan, case=case, sha256=sha256)


def remark_plan(made, supplier):
    case = _review(made, supplier)
    version = r.shown(made, case)
    return _held(case, case.contact, actions.remark_plan, version=version, text="Demo remark.")


def accept_plan(made, supplier):
    case = _review(made, supplier)
    version = r.shown(made, case)
    acceptance = r.acceptance(version, case.signatory)
    return _held(case, case.signatory, actions.accept_plan, version=version, acceptance=acceptance)


def agree_plan(made, supplier):
    case = _review(made, supplier)
    version = r.accepted(made, case)
    return _from_page(
        fresh(case), made.approver, actions.agree_plan, sha256=version.sha256, reason="Good."
    )


def continue_plan(made, supplier):
    case = r.judged(made, r.reported(r.planned(made, _review(made, supplier)), "s1"), "s1")
    version = queries.newest_version(queries.open_plan(case))
    return _from_page(
        case, made.approver, actions.agree_plan, sha256=version.sha256, reason="It goes on."
    )


def close_plan(made, supplier):
    case = _review(made, supplier)
    r.shown(made, case)
    return _held(case, made.approver, actions.close_plan, case=case, reason="It failed.")


def report(made, supplier):
    case = r.planned(made, _review(made, supplier))
    done = [r.steps(case)[0].pk]
    return _from_page(case, case.contact, actions.report, steps=done, note="It is done.")


def judge_milestone(made, supplier):
    case = r.reported(r.planned(made, _review(made, supplier)), "s1")
    return _held(
        case,
        made.analyst,
        actions.judge_milestone,
        milestone=r.steps(case)[0],
        accepted=True,
        reason="Read and good.",
    )


def suspend(made, supplier):
    return _from_page(_review(made, supplier), made.approver, actions.suspend, pause=r.pause())


def suspend_a_plan(made, supplier):
    case = r.planned(made, _review(made, supplier))
    return _from_page(case, made.approver, actions.suspend, pause=r.pause())


def review_suspension(made, supplier):
    case = r.suspended(made, _review(made, supplier))
    return _from_page(case, made.approver, actions.review_suspension, reason="It stays.")


def resume(made, supplier):
    case = r.suspended(made, _review(made, supplier))
    return _from_page(case, made.approver, actions.resume, back=r.back())


def resume_to_a_plan(made, supplier):
    case = r.suspended(made, r.planned(made, _review(made, supplier)))
    assert engine.open_task(case)
    return _from_page(case, made.approver, actions.resume, back=r.back("remediation"))


ACTS = {
    act.__name__: act
    for act in (
        record_source, weigh_source, raise_finding, raise_finding_in_review,
        raise_finding_on_a_cleared_case, ask_supplier, reply_to_inquiry, lift_presumption,
        draft_plan, show_plan, remark_plan, accept_plan, agree_plan, continue_plan, close_plan,
        report, judge_milestone, suspend, suspend_a_plan, review_suspension, resume,
        resume_to_a_plan,
    )
}  # fmt: skip
__all__ = ["ACTS", "Ready"]
