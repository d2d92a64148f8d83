"""What happened in the demonstration, day by day, over the last months."""

import heapq
from collections.abc import Iterator
from datetime import timedelta

from django.urls import reverse

from documents import actions as documents
from documents.enums import Edition
from portal import clock
from portal.enums import Door, Wording
from portal.models import DemoDoor, User
from questionnaires.models import QuestionnaireVersion
from workflows import actions, collect
from workflows.enums import FindingState, ReplyCode
from workflows.management.demo import leaving, newer, remedy
from workflows.management.demo.answers import Reply
from workflows.management.demo.stage import TOLD, Actor, Stage

Days = Iterator[int]

NEUTRAL, OPEN = Wording.TRACEABILITY, Wording.EXPLICIT
FIRST, SPRING, AUTUMN = "First round", "Cotton and trims 2026", "Garments, autumn 2026"
WORDINGS: dict[str, dict[str, Wording | None]] = {
    FIRST: {"socks": NEUTRAL, "lining": OPEN},
    SPRING: {
        "towels": OPEN,
        "knitter": OPEN,
        "dyer": OPEN,
        "buttons": NEUTRAL,
        "labels": OPEN,
        "thread": OPEN,
        "cartons": OPEN,
        "zips": OPEN,
        "elastic": NEUTRAL,
        "batting": NEUTRAL,
        "gloves": OPEN,
        "canvas": OPEN,
    },
    AUTUMN: {"weaver": NEUTRAL, "zips": OPEN, "cartons": OPEN, "labels": OPEN},
}
NEXT: dict[str, Wording | None] = {"weaver": NEUTRAL, "thread": OPEN, "buttons": None}
FOUNDED, FIRST_DAY = -441, -433


def tell(version: QuestionnaireVersion) -> int:
    """Play the whole story in order of days; returns how many steps it took.

    Days are counted from today, so that a demonstration is never old.
    """
    start = clock.now().replace(hour=8, minute=12, second=0, microsecond=0)
    with clock.at(start + timedelta(days=FOUNDED)):
        stage = Stage(version, start)
        stage.suppliers()
        stage.settle()
    spring = {
        "towels": cleared,
        "knitter": decision,
        "dyer": in_the_region,
        "buttons": for_counsel,
        "labels": declined,
        "thread": silent,
        "cartons": duplicate,
        "zips": queried,
        "elastic": remedy.suspended,
        "batting": remedy.heard,
        "gloves": leaving.at_once,
        "canvas": leaving.by_reply,
    }
    players = [
        launches(stage),
        remedy.remediated(Actor(stage, FIRST, "socks")),
        leaving.returned(Actor(stage, FIRST, "lining")),
        *(play(Actor(stage, SPRING, key)) for key, play in spring.items()),
        autumn(stage),
    ]
    return _play(stage, players)


def _play(stage: Stage, players: list[Days]) -> int:
    """Let each player act on its next day, the earliest first; the clock does its part between."""
    waiting: list[tuple[int, int, Days]] = []
    for number, player in enumerate(players):
        heapq.heappush(waiting, (next(player), number, player))
    steps = 0
    morning = FIRST_DAY
    while waiting:
        day, number, player = heapq.heappop(waiting)
        for one in range(morning + 1, day + 1):
            stage.morning(stage.start + timedelta(days=one))
        morning = max(morning, day)
        with clock.at(stage.start + timedelta(days=day, minutes=7 * number)):
            following = next(player, None)
        steps += 1
        if following is not None:
            heapq.heappush(waiting, (following, number, player))
    return steps


def launches(stage: Stage) -> Days:
    yield FIRST_DAY
    stage.launch(stage.campaign(FIRST, WORDINGS[FIRST], due_in=30))
    yield -84
    stage.launch(stage.campaign(SPRING, WORDINGS[SPRING], due_in=30))


def _door(kind: Door, person: User, path: str) -> None:
    DemoDoor.objects.update_or_create(kind=kind, defaults={"person": person, "path": path})


def cleared(player: Actor) -> Days:
    yield -80
    player.acknowledge()
    yield -72
    player.answer(Reply())
    player.sign()
    yield -65
    player.grade()
    player.judge(None, FindingState.DISMISSED, TOLD + "explained by the papers.")
    yield -60
    player.recommend(TOLD + "every claim is proven by a record of a third party.")
    yield -57
    player.clear(TOLD + "I read the answers and the papers and find nothing open.")
    yield -56
    case = player.case
    for edition in (Edition.COUNSEL, Edition.WORKING):
        documents.request_dossier(
            chain=case.chain,
            buyer=case.buyer,
            supplier=case.supplier,
            content=collect.dossier(case, edition=edition, language="en"),
            by=player.people["counsel"],
        )
    player.stage.settle()
    path = reverse("workflows:case", args=[case.pk])
    _door(Door.DOSSIER, player.people["counsel"], path)


def decision(player: Actor) -> Days:
    yield -79
    player.acknowledge()
    yield -66
    player.answer(Reply(code="agreed"))
    player.sign()
    yield -50
    player.do(
        "query",
        "analyst",
        questions=[
            actions.Question("agree_by", "Can you be ready before the next season begins?"),
        ],
        due_on=clock.today() + timedelta(days=20),
    )
    yield -38
    case = player.case
    actions.write_message(case=case, by=player.contact, text=TOLD + "we moved the date, as asked.")
    player.sign()
    yield -20
    player.grade()
    player.judge(None, FindingState.DISMISSED, TOLD + "answered in the second submission.")
    actions.set_reply_code(
        case=player.case,
        by=player.people["analyst"],
        code=ReplyCode.AGREES_PROVES,
        reason=TOLD + "agrees by a date, and the papers hold.",
    )
    yield -2
    player.recommend(TOLD + "agrees, and proves it back to the farm.")
    path = reverse("workflows:case", args=[player.pk])
    _door(Door.DECISION, player.people["approver"], path)


def in_the_region(player: Actor) -> Days:
    """Buys from a mill there: a plan to replace it, agreed by both, is under way."""
    yield -78
    player.acknowledge()
    yield -61
    player.answer(Reply(code="agreed"))
    player.sign()
    yield -55
    player.grade()
    found = remedy.link(player)
    yield -30
    player.do(
        "escalate",
        "analyst",
        to=player.people["approver"],
        reason=TOLD + "a spinner of our yarn lies in the Region; the link must end.",
    )
    yield -14
    version = remedy.propose(player, found)
    yield -11
    player.accept(version)
    yield -10
    remedy.agree(player, version)


def for_counsel(player: Actor) -> Days:
    yield -76
    player.acknowledge()
    yield -58
    player.answer(
        Reply(
            code="refused",
            reasons=("law",),
            limits=("law",),
            note="示例：当地法规限制我们对此作出书面声明，请贵方法律顾问与我们联系。",
        )
    )
    player.sign()
    yield -12
    player.do("refer", "analyst", note=TOLD + "a law is named; counsel should read the note.")


def declined(player: Actor) -> Days:
    yield -75
    player.acknowledge()
    yield -47
    actions.prepare_decline(case=player.case, by=player.contact)
    player.answer(Reply(code="refused", reasons=("disagree", "cost")), with_files=False)
    player.sign(reply=ReplyCode.DECLINES_DISAGREES)
    yield -44
    player.call(TOLD + "spoke to the contact, offered help with other sources.", is_reached=True)


def silent(player: Actor) -> Days:
    yield -40
    player.call(TOLD + "the switchboard took a message.", is_reached=False)
    yield -33
    player.call(TOLD + "the contact has the mail and asks for patience.", is_reached=True)


def queried(player: Actor) -> Days:
    """Was asked again and has not answered: its time runs out in a few days."""
    yield -77
    player.acknowledge()
    yield -70
    player.answer(Reply(code="agreed"))
    player.sign()
    yield -24
    player.do(
        "query",
        "analyst",
        questions=[actions.Question("agree_by", "This date lies after the season. Why?")],
        due_on=clock.today() + timedelta(days=12),
    )


def duplicate(player: Actor) -> Days:
    yield -70
    actions.withdraw(
        case=player.case,
        by=player.people["manager"],
        reason=TOLD + "sent in error; the cartons are bought through another company.",
    )
    player.stage.settle()


def autumn(stage: Stage) -> Days:
    yield -18
    stage.launch(stage.campaign(AUTUMN, WORDINGS[AUTUMN], due_in=33))
    weaver, zips = Actor(stage, AUTUMN, "weaver"), Actor(stage, AUTUMN, "zips")
    labels = Actor(stage, AUTUMN, "labels")
    yield -15
    weaver.acknowledge()
    actions.acknowledge(case=zips.case, task=zips.task(), by=zips.contact)
    people_of = labels.contact
    labels_case = labels.case
    yield -9
    weaver.answer(Reply())
    newer.begin(zips)
    yield -8
    stage.version = newer.publish(-1)
    for player in (weaver, zips):
        newer.offer(player, stage.version)
    yield -7
    newer.change_over(weaver)
    path = reverse("workflows:request_sign", args=[weaver.case.response_id])
    _door(Door.SIGNING, weaver.contact, path)
    yield -6
    actions.report_wrong_person(
        case=labels_case, by=people_of, note=TOLD + "purchasing is looked after elsewhere now."
    )
    stage.settle()
    yield -4
    stage.campaign("Spring 2027, in preparation", NEXT, due_in=60)
