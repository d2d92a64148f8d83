"""Stories of putting right: a plan that worked, trade suspended, sources from elsewhere."""

from collections.abc import Iterator

from documents.actions.evidence import Description
from documents.enums import EvidenceKind
from portal import clock
from workflows import actions, plans, queries
from workflows.enums import FindingState, Outcome, SourceKind, Trading
from workflows.management.demo.answers import Reply
from workflows.management.demo.files import paper
from workflows.management.demo.stage import TOLD, Actor
from workflows.management.demo.words import SPEAKER, remedy
from workflows.models import Finding, Inquiry, Milestone, Plan, PlanVersion, Source

Days = Iterator[int]
LINK = "input_there"


def remediated(player: Actor) -> Days:
    """A mill was replaced: plan shown, accepted and agreed, shown to be done, cleared."""
    yield -426
    player.acknowledge()
    yield -418
    player.answer(Reply(code="agreed"))
    player.sign()
    yield -410
    player.grade()
    found = link(player)
    yield -405
    version = propose(player, found)
    yield -400
    player.accept(version)
    yield -398
    agree(player, version)
    yield from _done(player, version.plan)


def _done(player: Actor, plan: Plan) -> Days:
    analyst = player.people["analyst"]
    yield -392
    steps = list(queries.milestones_of(plan))
    for step in steps:
        _show(player, step)
    player.do("report", "contact", steps=[one.pk for one in steps], note="两个步骤均已完成。")
    yield -386
    for step in steps:
        actions.judge_milestone(
            milestone=step, by=analyst, accepted=True, reason=TOLD + "contract and invoice hold."
        )
    player.grade()
    player.judge(None, FindingState.REMEDIED, TOLD + "the yarn comes from another mill now.")
    yield -382
    shown = tuple(steps[-1].files.values_list("pk", flat=True))
    player.do(
        "lift_presumption", "approver", evidence=shown, reason=TOLD + "the new lots are shown."
    )
    player.recommend(TOLD + "the plan is fulfilled, and nothing is open.")
    yield -379
    player.clear(TOLD + "I read plan, papers and answers.")
    actions.set_trading(
        case=player.case,
        by=player.people["approver"],
        trading=Trading.OPEN,
        reason=TOLD + "new orders may be placed again.",
    )


def propose(player: Actor, found: Finding) -> PlanVersion:
    """Write a plan about a finding and show it to the supplier."""
    analyst = player.people["analyst"]
    content = remedy(str(found.pk), player.maker.country)
    plan = actions.draft_plan(case=player.case, by=analyst, content=content)
    sha256 = plans.digest(player.pk, plans.restored(plan.draft))
    version = actions.show_plan(case=player.case, by=analyst, sha256=sha256)
    player.stage.settle()
    return version


def agree(player: Actor, version: PlanVersion) -> None:
    player.do("agree_plan", "approver", sha256=version.sha256, reason=TOLD + "it ends the link.")


def _show(player: Actor, step: Milestone) -> None:
    number = f"DEMO-SOCKS-{step.key.upper()}"
    actions.add_to_step(
        milestone=step,
        by=player.contact,
        file=paper("Invoice", [f"Number: {number}"], f"{number.lower()}.pdf"),
        described=Description(
            kind=EvidenceKind.INVOICE, issuer="Demo Spinning (Weifang)", number=number
        ),
    )
    player.stage.settle()


def link(player: Actor) -> Finding:
    """Confirm what the supplier's own answers say of an input, and settle the rest."""
    player.judge((LINK,), FindingState.CONFIRMED, TOLD + "it stands in its own answers.")
    return Finding.objects.filter(case_id=player.pk, key=LINK).earliest("pk")


def suspended(player: Actor) -> Days:
    """Trade waits while the supplier looks for another mill."""
    yield -74
    player.acknowledge()
    yield -60
    player.answer(Reply(code="agreed"))
    player.sign()
    yield -48
    player.grade()
    link(player)
    yield -16
    player.do(
        "suspend",
        "approver",
        pause=actions.Pause(
            trading=Trading.PAUSED,
            reason=TOLD + "the company asked for time and named no other mill so far.",
            from_on=clock.today(),
            paused="松紧带的全部新订单。",
            needed="新纱厂的首张发票和送货单。",
            ground="一种原料的来源尚未改变。",
        ),
    )


def heard(player: Actor) -> Days:
    """Two sources from elsewhere, a question to the supplier, its reply, an exit proposed."""
    yield -73
    player.acknowledge()
    yield -59
    player.answer(Reply())
    player.sign()
    yield -42
    sources = [_learned(player, number) for number in (1, 2)]
    player.stage.settle()
    case = player.case
    finding = actions.raise_finding(
        case=case,
        task=player.task(case),
        by=player.people["analyst"],
        raised=actions.Raised(
            clause="B3",
            scope="any_production",
            about="company",
            subject=player.maker.name_en,
            text="The company took in workers through a placement scheme of the Region.",
            sources=tuple(one.pk for one in sources),
        ),
    )
    player.do(
        "ask_supplier",
        "analyst",
        finding=finding,
        question="2025年以来，贵公司的员工经由哪些机构介绍入职？请附上合同。",
    )
    yield -30
    inquiry = Inquiry.objects.get(case_id=player.pk)
    actions.reply_to_inquiry(
        inquiry=inquiry, by=player.contact, text="示例：经由一家县级机构，合同仍然有效。"
    )
    yield -21
    actions.judge_finding(
        finding=finding,
        by=player.people["analyst"],
        state=FindingState.CONFIRMED,
        reason=TOLD + "two independent sources, and the company's own reply.",
    )
    yield -3
    player.do(
        "propose_exit",
        "analyst",
        proposal=actions.Proposal(
            ground=Outcome.B3,
            reason=TOLD + "the scheme goes on, and the contract is in force.",
            ground_words="贵公司的部分员工经由一家县级机构成批安排入职，合同仍然有效。",
            orders="已下的订单照常执行，暂不新增订单。",
            speaker=SPEAKER,
        ),
    )


def _learned(player: Actor, number: int) -> Source:
    title, publisher = (
        ("Demonstration report on placements", "Demo Institute"),
        ("Demonstration notice of a county office", "Demo County Gazette"),
    )[number - 1]
    return actions.record_source(
        case=player.case,
        by=player.people["analyst"],
        learned=actions.Learned(
            kind=SourceKind.REPORT if number == 1 else SourceKind.NEWS,
            title=title,
            publisher=publisher,
            about="company",
            subject=player.maker.name_en,
            says="It names the company among those that took in workers through the scheme.",
            grade="B",
            page=f"p. {number + 3}",
            file=paper(title, [f"Publisher: {publisher}"], f"source-{number}.pdf"),
        ),
    )
