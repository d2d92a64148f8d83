"""Stories of leaving: at once, with a reply before it, and a company that came back."""

from collections.abc import Iterator
from datetime import timedelta

from documents.actions.evidence import Arrival, Description
from documents.enums import EvidenceKind, Grade, ReceivedBy
from portal import clock
from workflows import actions, exit_plan
from workflows.enums import Effect, ExitRole, Outcome, ReplyCode, Trading
from workflows.management.demo.answers import Reply
from workflows.management.demo.files import paper
from workflows.management.demo.stage import TOLD, Actor
from workflows.management.demo.words import EXIT, RUNNING, SPEAKER, exit_words
from workflows.models import ExitPlan, ExitReview, Proof

Days = Iterator[int]


def at_once(player: Actor) -> Days:
    """The company's own works lie in the Region: orders stopped, counsel's word awaited."""
    yield -71
    player.acknowledge()
    yield -52
    player.answer(Reply(code="agreed"))
    player.sign()
    yield -2
    player.grade()
    player.judge_clause("B1", TOLD + "the licence it uploaded names the place.")
    actions.set_trading(
        case=player.case,
        by=player.people["approver"],
        trading=Trading.NO_NEW_ORDERS,
        reason=TOLD + "no further goods are taken while the exit is decided.",
    )
    player.do("propose_immediate_exit", "analyst", proposal=_proposal(Outcome.B1))
    _write(player)
    yield -1
    _agree(player, ExitRole.APPROVER)


def by_reply(player: Actor) -> Days:
    """Agreed to nothing, was heard, and trade with it is winding down."""
    yield -72
    player.acknowledge()
    yield -64
    _decline(player)
    yield -50
    player.judge_clause("B5", TOLD + "it was asked twice, and said no.")
    player.do("propose_exit", "analyst", proposal=_proposal(Outcome.B5_AGREEMENT))
    yield -43
    _reply(player)
    yield -12
    _write(player)
    player.do("present_plan", "analyst", reason=TOLD + "the plan is whole.", rev=_plan(player).rev)
    yield -11
    _agree(player, ExitRole.APPROVER)
    yield -9
    _agree(player, ExitRole.COUNSEL)
    yield -3
    actions.meet_exit_point(
        case=player.case,
        by=player.people["analyst"],
        key="notice",
        applies=True,
        note=TOLD + "the contact confirmed it on the telephone.",
    )
    actions.look_at_exit(
        case=player.case, by=player.people["analyst"], note=TOLD + "as planned so far."
    )


def returned(player: Actor) -> Days:
    """Left a year ago, was looked at twice since, showed what was missing, and is asked anew."""
    yield -427
    player.acknowledge()
    yield -420
    _decline(player)
    yield -411
    player.judge_clause("B5", TOLD + "it was asked twice, and said no.")
    player.do("propose_exit", "analyst", proposal=_proposal(Outcome.B5_AGREEMENT))
    yield -404
    _reply(player)
    yield -390
    _write(player)
    player.do("present_plan", "analyst", reason=TOLD + "the plan is whole.", rev=_plan(player).rev)
    yield -388
    _agree(player, ExitRole.APPROVER)
    yield -387
    _agree(player, ExitRole.COUNSEL)
    for day in range(-381, -300, 7):
        yield day
        actions.look_at_exit(
            case=player.case, by=player.people["analyst"], note=TOLD + "as planned so far."
        )
    yield -299
    for key in exit_plan.CHECKLIST:
        actions.meet_exit_point(
            case=player.case,
            by=player.people["analyst"],
            key=key,
            applies=True,
            note=TOLD + "seen in the books.",
        )
    actions.look_at_exit(
        case=player.case, by=player.people["analyst"], note=TOLD + "everything ended as planned."
    )
    player.do("complete_exit", "approver", reason=TOLD + "every point of the list is met.")
    yield from _afterwards(player)


def _afterwards(player: Actor) -> Days:
    for months in (3, 6):
        row = ExitReview.objects.get(plan__case=player.pk, months=months)
        yield player.stage.day_after(row.due_at)
        _look(player, row)
    yield -70
    _prove(player)
    yield -62
    actions.open_reentry(
        case=player.case,
        by=player.people["approver"],
        reason=TOLD + "it agrees now, and shows each lot.",
        facts={
            "from_on": clock.today() + timedelta(days=3),
            "needed": "The signed agreement, and proof for each lot back to the farm.",
        },
    )
    player.stage.settle()
    yield -8
    player.do(
        "query",
        "analyst",
        questions=[
            actions.Question(key, "You declined last year. Please say whether you agree now.")
            for key in ("agree_sourcing", "agree_dealings")
        ],
        due_on=clock.today() + timedelta(days=21),
    )


def _proposal(ground: Outcome) -> actions.Proposal:
    return actions.Proposal(
        ground=ground,
        reason=TOLD + "nothing milder was found that would end the link.",
        ground_words=EXIT["ground_words"]
        if ground == Outcome.B1
        else "We asked for an agreement, and it was not given.",
        orders="" if ground == Outcome.B1 else RUNNING,
        speaker=SPEAKER,
    )


def _decline(player: Actor) -> None:
    actions.prepare_decline(case=player.case, by=player.contact)
    player.answer(Reply(code="refused", reasons=("no_reason",)), with_files=False)
    player.sign(reply=ReplyCode.DECLINES_NO_REASON)


def _reply(player: Actor) -> None:
    said = actions.reply_to_exit(
        case=player.case,
        by=player.contact,
        reply=actions.Reply("Demonstration: tracing each lot costs more than these orders bring."),
    )
    actions.answer_exit_reply(
        case=player.case,
        by=player.people["analyst"],
        reply=said,
        text="We offered to share that cost for a year. The offer stands until this is decided.",
    )
    player.stage.settle()


def _plan(player: Actor) -> ExitPlan:
    return ExitPlan.objects.filter(case=player.pk).latest("proposed_at")


def _write(player: Actor) -> None:
    plan = _plan(player)
    actions.save_exit_plan(
        case=player.case,
        by=player.people["analyst"],
        values=exit_words(plan.track),
        not_applicable=plan.not_applicable,
        rev=plan.rev,
    )


def _agree(player: Actor, role: ExitRole) -> None:
    word = actions.Word(
        role=role,
        reason=TOLD + "I read the plan, the reply and what was answered.",
        rev=_plan(player).rev,
    )
    player.do("approve_exit", role.lower(), word=word)


def _look(player: Actor, row: ExitReview) -> None:
    actions.review_exit(
        case=player.case,
        by=player.people["analyst"],
        review=row,
        effects=actions.Effects(
            effect=Effect.AS_PLANNED,
            found="Other customers took up the looms. No claim reached us.",
            lessons="Talk about cost a season earlier.",
        ),
    )


def _prove(player: Actor) -> None:
    number = "DEMO-LINING-OUT-1"
    actions.log_evidence(
        case=player.case,
        by=player.people["analyst"],
        logged=actions.LoggedFile(
            file=paper("Gin bale record", [f"Number: {number}"], "bales.pdf"),
            described=Description(
                kind=EvidenceKind.GIN_BALE_RECORD, issuer="Demo Gin Ltd.", number=number
            ),
            arrival=Arrival(way=ReceivedBy.POST, sender="Demo Lining Spa"),
            claim="origin",
        ),
    )
    player.stage.settle()
    proof = Proof.objects.filter(case=player.pk).latest("pk")
    actions.grade_proof(
        proof=proof,
        by=player.people["analyst"],
        grade=Grade.A,
        counts=True,
        reason="Record of a third party, tied to the company.",
    )
