"""Whole answers to content version 2026.1: the suppliers of 2026.0, and one for each sector.

The shape is that of `personas`. `brought_up` adds what 2026.1 asks beyond 2026.0 to the answers
of a weaver; the makers of the other sectors are the weaver's company with other goods.
"""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

from tests.questionnaires.content_cases import busy_weaver
from tests.questionnaires.personas import (
    PERSONAS,
    TODAY,
    Answers,
    answers_of,
    clean_weaver,
    files,
    party,
    party_abroad,
    row,
)

PAPERS = ("invoice", "bank_slip", "transport_note")
PACKS = {
    "cot": "p_cotton",
    "sil": "p_silica",
    "tom": "p_tomato",
    "pvc": "p_pvc",
    "alu": "p_aluminium",
}

COTTON: Mapping[str, Any] = {
    "cot_order": "DEMO-PO-1001",
    "cot_yarn": "Y-2026-0415",
    "cot_share": "98.5",
    "cot_grown": ["BR"],
    "cot_bales": 60,
    "cot_bale_list": files("cot", "gin_bale_record"),
    "cot_kg_in": "13400",
    "cot_kg_yarn": "12000",
    "cot_laydown": files("cot-spin", "production_log"),
    "cot_reserve": "no",
    "cot_waste": "no",
    "cot_fabric_lots": "F-881\nD-4402",
    "cot_viscose": "no",
    "cot_lab": "isotope",
    "cot_lab_doc": files("cot-lab", "lab_report"),
}
SILICA: Mapping[str, Any] = {
    "sil_order": "DEMO-PO-2001",
    "sil_serials": "DM26-000001 to DM26-000400",
    "sil_cell_lot": "C-77",
    "sil_wafer_lot": "W-31",
    "sil_ingot_lot": "I-12",
    "sil_poly_lot": "P-5, bags 101 to 160",
    "sil_blend": "no",
    "sil_poly_places": ["51"],
    "sil_mgs_places": ["53"],
    "sil_quartz_places": ["34", "42"],
    "sil_kg_poly": "480",
    "sil_kw": "220",
    "sil_scrap": "no",
    "sil_batch_doc": files("sil-batch", "production_log"),
    "sil_poly_doc": files("sil-poly", *PAPERS),
    "sil_mgs_doc": files("sil-mgs", "invoice", "mill_certificate"),
    "sil_quartz_doc": files("sil-quartz", "licence_extract", "transport_note"),
}
TOMATO: Mapping[str, Any] = {
    "tom_order": "DEMO-PO-3001",
    "tom_batch": "L26044",
    "tom_paste_lots": "T-9, drums 1 to 40",
    "tom_season": 2026,
    "tom_grown": ["CN"],
    "tom_provinces": ["15"],
    "tom_farms": files("tom-farms", "farm_list"),
    "tom_weigh": files("tom-weigh", "transport_note"),
    "tom_brix": "28",
    "tom_kg_fresh": "60000",
    "tom_kg_paste": "10000",
    "tom_repack": "no",
    "tom_label": "Product of China",
}
PVC: Mapping[str, Any] = {
    "pvc_order": "DEMO-PO-4001",
    "pvc_route": "ethylene",
    "pvc_grade": "Demo S-1000",
    "pvc_lots": "R-204",
    "pvc_plants": ["37"],
    "pvc_alkali_places": ["37"],
    "pvc_trader": "no",
    "pvc_kg_in": "5000",
    "pvc_kg_out": "4900",
    "pvc_recycled": "0",
    "pvc_resin_doc": files("pvc-resin", *PAPERS),
    "pvc_mix_doc": files("pvc-mix", "production_log"),
}
ALUMINIUM: Mapping[str, Any] = {
    "alu_order": "DEMO-PO-5001",
    "alu_alloy": "6063-T5",
    "alu_heats": "H-3301\nH-3302",
    "alu_recycled": "0",
    "alu_brand": "Demo Primary",
    "alu_smelt_places": ["53"],
    "alu_alumina_places": ["45"],
    "alu_power": ["own_hydro"],
    "alu_warrant": "no",
    "alu_kg_in": "8000",
    "alu_kg_out": "7900",
    "alu_mill_doc": files("alu-mill", "mill_certificate"),
    "alu_ingot_doc": files("alu-ingot", *PAPERS),
    "alu_melt_doc": files("alu-melt", "production_log"),
}
LOTS = {"cot": COTTON, "sil": SILICA, "tom": TOMATO, "pvc": PVC, "alu": ALUMINIUM}
STEPS = {
    "cot": ("c_grow", "c_gin", "c_spin", "c_fabric", "c_dye"),
    "sil": ("s_quartz", "s_mgs", "s_poly", "s_ingot", "s_wafer", "s_cell", "s_module"),
    "tom": ("t_farm", "t_paste", "t_fill"),
    "pvc": ("v_alkali", "v_resin", "v_form"),
    "alu": ("a_alumina", "a_smelt", "a_cast", "a_form"),
}
ALL_STEPS = frozenset(step for steps in STEPS.values() for step in steps)
SECTOR = {"cot": "cotton", "sil": "silica", "tom": "tomato", "pvc": "pvc", "alu": "aluminium"}


def lot(table: str, goods: str = "goods-1") -> dict[str, Any]:
    """One row of a sector pack, in order."""
    return row(f"{table}-1", **{f"{table}_goods": goods}, **LOTS[table])


def brought_up(document: Answers, today: date = TODAY) -> Answers:
    """Answers to 2026.0 of somebody who makes cotton goods, with what 2026.1 asks beyond it."""
    document[PACKS["cot"]] = {"rows": [lot("cot")]}
    document["help"] = {"answers": {"help": ["none"]}}
    document["markets"] = {
        "answers": {
            "trade_role": ["maker", "exporter"],
            "markets": ["eu", "us"],
            "market_split": "no",
            "one_standard": "yes",
            "denied_any": "no",
        }
    }
    if any(step["id"] == "step-gin-2" for step in document["chain"]["rows"]):
        document["new_sources"] = {"rows": [new_source(today)]}
    return document


def new_source(today: date = TODAY, **answers: Any) -> dict[str, Any]:
    """A row of the section on new sources: a gin in Brazil."""
    given = {
        "ns_input": "input-1",
        **party_abroad(
            "ns",
            "BR",
            "Algodoeira Exemplo Ltda.",
            "Demo Gin Ltd.",
            "00.000.000/0002-00",
            "Rodovia Exemplo, km 14, Luís Eduardo Magalhães",
        ),
        "ns_from": (today + timedelta(days=60)).isoformat(),
        "ns_doc": files("ns-1", "quote"),
    }
    return row("ns-1", **(given | answers))


def _made_of(document: Answers, table: str, name: str) -> None:
    """Add goods of one sector, with their input, the steps behind it and one lot."""
    goods, material = f"goods-{table}", f"input-{table}"
    document["goods_made"]["rows"].append(
        row(goods, goods_name=name, goods_sectors=[SECTOR[table]])
    )
    document["inputs"]["rows"].append(
        row(
            material,
            input_name=f"Material of {name}",
            input_goods=goods,
            input_stage="semi",
            input_sector=SECTOR[table],
            input_traced="full",
            input_bom=files(material, "bom"),
        )
    )
    for kind in STEPS[table]:
        columns = party(
            "step",
            f"示例企业{kind}",
            f"Demo Company {kind}",
            "91510100MADEM0009L",
            "成都市示例路7号",
            province="51",
        )
        document["chain"]["rows"].append(
            row(
                f"step-{kind}",
                step_input=material,
                step_kind=kind,
                **columns,
                step_doc=files(f"step-{kind}", "invoice", "bank_slip"),
            )
        )
    document[PACKS[table]] = {"rows": [lot(table, goods)]}


def _maker_of(table: str, name: str, today: date) -> Answers:
    """The clean company with goods of one sector instead of cloth."""
    document = brought_up(clean_weaver(today), today)
    del document[PACKS["cot"]]
    document["goods_made"]["rows"].clear()
    document["chain"]["rows"].clear()
    document["inputs"]["rows"].clear()
    _made_of(document, table, name)
    document["balance"]["rows"][0]["answers"]["bal_input"] = f"input-{table}"
    return document


def cotton_weaver(today: date = TODAY) -> Answers:
    return brought_up(clean_weaver(today), today)


def solar_module_maker(today: date = TODAY) -> Answers:
    return _maker_of("sil", "Solar modules", today)


def tomato_canner(today: date = TODAY) -> Answers:
    return _maker_of("tom", "Tomato paste in tins", today)


def pvc_pipe_maker(today: date = TODAY) -> Answers:
    return _maker_of("pvc", "PVC pipes", today)


def aluminium_extruder(today: date = TODAY) -> Answers:
    return _maker_of("alu", "Aluminium profiles", today)


def caustic_soda_user(today: date = TODAY) -> Answers:
    """Uses caustic soda and no PVC: the questions on resin fall away."""
    document = pvc_pipe_maker(today)
    kept = {"pvc_goods", "pvc_order", "pvc_alkali_places", "pvc_trader"}
    answers = answers_of(document, "p_pvc", "pvc-1")
    document["p_pvc"]["rows"] = [
        row("pvc-1", pvc_route="alkali", **{key: answers[key] for key in answers if key in kept})
    ]
    document["chain"]["rows"] = [
        step for step in document["chain"]["rows"] if step["answers"]["step_kind"] != "v_resin"
    ]
    return document


def everything(today: date = TODAY) -> Answers:
    """A row in every table that a yes opens and goods of all five sectors, none remarkable."""
    document = brought_up(busy_weaver(today), today)
    for table, name in (
        ("sil", "Solar modules"),
        ("tom", "Tomato paste in tins"),
        ("pvc", "PVC pipes"),
        ("alu", "Aluminium profiles"),
    ):
        _made_of(document, table, name)
    answers_of(document, "markets").update(market_split="no", denied_any="yes")
    document["denied_list"] = {
        "rows": [
            row(
                "denied-1",
                denied_ref="DEMO-ENTRY-1",
                denied_on="2025-05-06",
                denied_by="US",
                denied_ground="inputs",
                denied_fate="returned",
                denied_doc=files("denied-1", "official_notice", "stock_ledger"),
            )
        ]
    }
    return document


MAKERS: dict[str, Callable[[date], Answers]] = {
    maker.__name__: maker
    for maker in (
        cotton_weaver,
        solar_module_maker,
        tomato_canner,
        pvc_pipe_maker,
        aluminium_extruder,
        caustic_soda_user,
        everything,
    )
}


def _up(persona: Callable[[date], Answers]) -> Callable[[date], Answers]:
    return lambda today: brought_up(persona(today), today)


# The suppliers of 2026.0, brought up to 2026.1, and the makers of each sector.
ALL: dict[str, Callable[[date], Answers]] = {
    **{name: _up(persona) for name, persona in PERSONAS.items()},
    **MAKERS,
}
