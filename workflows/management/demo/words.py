"""What people of the demonstration write into an exit plan and a remediation plan."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from portal import clock
from workflows import calendar, exit_plan, plans
from workflows.enums import LineOwner, Trading

SPEAKER = "Demo Analyst, analyst@outfitters.example"
RUNNING = "Orders that were placed run to their end as agreed. We place no new ones meanwhile."

EXIT: Mapping[str, str] = {
    "leverage": "Two talks, an offer to move the date, and a joint letter with another buyer.",
    "help_offered": "Two other mills and a longer order were offered; both were turned down.",
    "alternatives": "Buying one product less was weighed: the refusal concerns all of them.",
    "experts": "A trade union federation abroad and a demonstration law firm.",
    "local_law": "Notice of 60 days by contract; counsel found no further duty.",
    "reply_weighed": "It names cost alone. Our offer to share the cost was not taken up.",
    "leaving_who": "Weavers and packers on our line.",
    "leaving_number": "About 40 of 310",
    "leaving_severity": "Shorter hours for some months; other customers use the same looms.",
    "leaving_vulnerable": "People on contracts shorter than a year.",
    "leaving_source": "Public accounts and a trade union outside; nobody was asked at the works.",
    "staying_who": "Whoever is made to work where the material comes from.",
    "staying_number": "Not known",
    "staying_severity": "Grave, lasting, and beyond what money makes good.",
    "staying_vulnerable": "People who cannot refuse and cannot complain.",
    "staying_source": "The reports that counsel keeps with the advice.",
    "ramp_down": "Order DEMO-7 is finished; DEMO-8 is shortened to what is on the looms.",
    "payment": "Finished goods, goods on the looms and material for them are paid in 30 days.",
    "owed": "Invoices for goods delivered before this letter are paid when due.",
    "tooling": "Two jacquard cards are ours and come back with the last delivery.",
    "goods": "Goods that stay behind are yours to sell without our labels.",
    "stock": "Held apart in our warehouse; counsel decides what becomes of it.",
    "severance": "Totals of wages and severance paid, for the quarter after the last order.",
    "remedy": "We pay the last orders at the price agreed for the full volume.",
    "people_words": "Please tell us in totals how the end of our orders affects your people.",
    "ground_words": "A site that makes our goods lies where goods of ours may not be made.",
    "notice_text": "We asked for an agreement, and could not reach one. We thank you for the years"
    " in which we worked together, and end our orders step by step.",
    "spoken_languages": "English, Chinese",
    "speaker": SPEAKER,
    "follow_up": "The analyst, from public sources and the trade union abroad.",
    "reentry": "The signed agreement, and proof for each lot back to the farm.",
    "reentry_b1": "That no site of the company and no input of our goods lies there any more.",
}


def exit_words(track: str) -> dict[str, Any]:
    """Return something true to this world for every field of a track."""
    today = clock.today()
    days = {"last_order_on": today + timedelta(days=30), "ends_on": today + timedelta(days=90)}
    found: dict[str, Any] = {**EXIT, **days, "notice_days": 60}
    names = {field.name for section in exit_plan.sections_of(track) for field in section.fields}
    return {name: value for name, value in found.items() if name in names}


def remedy(finding: str, country: str) -> plans.Content:
    """Return a plan in two steps that ends a link and shows the new source."""

    def day(days: int) -> str:
        return calendar.add_working_days(clock.today(), days, country).isoformat()

    return plans.Content(
        lines=(
            plans.Line(
                finding=finding,
                cause="一家纺纱厂的所在地不在贵方可供货的范围内。",
                step="纺纱",
                action="改由“潍坊示例纺纱有限公司”供应棉纱。",
                evidence="新纱厂的首张发票和送货单",
                grade="B",
                help="我方推荐两家纱厂，并预付首批棉纱的一半。",
            ),
            plans.Line(
                cause="新棉纱价格较高。",
                action="我方六个月内承担差价的一半。",
                owner=LineOwner.BUYER,
            ),
        ),
        steps=(
            plans.Step("s1", "与新纱厂签订合同", day(12), "合同"),
            plans.Step("s2", "首批棉纱到厂", day(30), "发票、送货单"),
        ),
        trading=Trading.NO_NEW_ORDERS,
        orders="已下的订单照常执行，新订单暂缓。",
        consequence="由专人再次审阅，订单可能暂停。",
    )
