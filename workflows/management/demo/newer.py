"""A newer questionnaire comes out while suppliers answer the older one."""

from io import StringIO
from typing import Any

from django.core.management import call_command

from documents.enums import EvidenceKind
from portal import clock
from questionnaires import actions as answering
from questionnaires import queries as answers
from questionnaires.models import QuestionnaireVersion
from workflows import actions
from workflows.management.demo.answers import Answers, Reply, Typist, plain
from workflows.management.demo.stage import Actor

BEGUN = ("you", "goods_made", "sites", "affiliates", "inputs", "chain")
# what the older version did not ask
COTTON: dict[str, Any] = {
    "cot_goods": "@goods",
    "cot_order": "DEMO-PO-1042",
    "cot_yarn": "Y-0415",
    "cot_share": "100",
    "cot_grown": ["BR"],
    "cot_bales": "60",
    "cot_kg_in": "13400",
    "cot_kg_yarn": "12000",
    "cot_reserve": "no",
    "cot_waste": "no",
    "cot_fabric_lots": "F-881\nD-4402",
    "cot_viscose": "no",
    "cot_lab": "none",
}
ADDED: Answers = {
    "p_cotton": {"cot": COTTON},
    "help": {"help": ["none"]},
    "markets": {
        "trade_role": ["maker", "exporter"],
        "markets": ["eu", "us"],
        "market_split": "no",
        "one_standard": "yes",
        "denied_any": "no",
    },
}


def publish(which: int) -> QuestionnaireVersion:
    """Publish one questionnaire of the repository by its place in the order of versions."""
    path = sorted(answers.DEFINITIONS.glob("*.yaml"))[which]
    # warnings are for the authors of questionnaires, not for who looks at a demonstration
    call_command("publish_questionnaires", str(path), stdout=StringIO(), stderr=StringIO())
    return QuestionnaireVersion.objects.latest("published_at")


def begin(player: Actor) -> None:
    """Type the first parts of the answers and stop there."""
    given = plain(player.maker, Reply(), clock.today())
    typist = Typist(player.response, player.contact, player.maker)
    typist.type_all({key: answer for key, answer in given.items() if key in BEGUN})


def offer(player: Actor, version: QuestionnaireVersion) -> None:
    analyst = player.people["analyst"]
    actions.offer_version(case=player.case, version=version, by=analyst)
    player.stage.settle()


def change_over(player: Actor) -> None:
    """Carry the answers over, confirm them, answer what is new."""
    by, response, language = player.contact, player.response, player.maker.language
    version = str(response.offered_id)
    actions.change_version(case=player.case, response=response, by=by, version=version)
    response = player.response
    for section in ("goods_made", "chain"):
        answering.confirm_rows(response=response, section=section, by=by, language=language)
    typist = Typist(response, by, player.maker)
    goods = answers.draft(response).answers["goods_made"]["rows"][0]
    typist.rows["goods"] = goods["id"]
    for link in response.evidence_links.current().select_related("evidence"):
        typist.papers[EvidenceKind(link.evidence.kind)] = link.evidence
    typist.type_all(ADDED)
    typist.attach_all()
    player.stage.settle()
