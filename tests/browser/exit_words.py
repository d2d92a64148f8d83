"""What people write in an exit's plan: in Chinese where the company reads it."""

from datetime import timedelta
from typing import Any

from portal import clock
from workflows import exit_plan
from workflows.enums import ExitTrack

SPEAKER = "示例买方采购部 王示例，+49 30 0000 0000"
WORDS = {
    "leverage": "Two talks, a joint letter with another buyer, and a higher price offered.",
    "help_offered": "Two other mills were named and eight weeks more were offered.",
    "alternatives": "Smaller orders would leave the cause as it is.",
    "experts": "Two researchers abroad who follow the sector, and a trade union federation.",
    "local_law": "Thirty days' notice by contract; no export rule stands against it.",
    "reply_weighed": "It tells of the company's worries and does not change what was found.",
    "leaving_who": "About a quarter of the weaving mill, most of them from the province.",
    "leaving_number": "About 40 people",
    "leaving_severity": "Loss of work for some months; other mills nearby take people on.",
    "leaving_vulnerable": "People with short contracts.",
    "leaving_source": "The company's own totals, and the trade union federation.",
    "staying_who": "People whom our orders would keep in conditions they did not choose.",
    "staying_number": "Not known",
    "staying_severity": "Grave, lasting, and hardly to be made good.",
    "staying_vulnerable": "Those far from home.",
    "staying_source": "Published research. Nobody there was contacted.",
    "notice_days": 60,
    "ramp_down": "Order 4711 is finished by January; order 4712 is shortened by half.",
    "payment": "已完成的货物、在制品及为我方订单采购的原料，均按合同付款。",
    "owed": "在途货物与应付款项由双方另行书面商定。",
    "tooling": "Two moulds of ours are collected in January.",
    "goods": "留存的我方面料由贵公司保管至二月，之后由我方取回。",
    "stock": "One lot in Hamburg is set apart and is not sold.",
    "severance": "Totals of wages and severance paid, by month, from the company.",
    "remedy": "A tenth of the last orders' value into the federation's fund.",
    "people_words": "请按法律和合同向受影响的员工支付工资和补偿。",
    "notice_text": "感谢贵公司多年的合作。经过核查与沟通，我方决定按以下安排结束交易。",
    "ground_words": "贵公司提供的营业执照显示，一处生产场所位于我方不能采购的地点。",
    "spoken_languages": "中文、英文",
    "speaker": SPEAKER,
    "follow_up": "The analyst asks the federation and reads the sector's reports.",
    "reentry": "提供新来源的首批订单、交货单和付款凭证，并签署我方的要求。",
    "reentry_b1": "A registry extract that shows the site is closed or sold.",
}


def plan(track: ExitTrack) -> dict[str, Any]:
    """Return what is typed into a plan of this track, by field."""
    days = {"last_order_on": 40, "ends_on": 110}
    skipped = set(exit_plan.not_applicable_at_first()) if track == ExitTrack.IMMEDIATE else set()
    return {
        asked.name: clock.today() + timedelta(days=days[asked.name])
        if asked.name in days
        else WORDS[asked.name]
        for section in exit_plan.sections_of(track)
        if section.key not in skipped
        for asked in section.fields
        if asked.name != "no_notice_reason"
    }
