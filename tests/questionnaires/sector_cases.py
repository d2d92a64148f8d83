"""For each finding that 2026.1 adds: what raises it, and a near miss that doesn't.

Changes are those of `content_cases`, made to the answers of `sectors.everything`.
"""

from typing import Any

from tests.questionnaires.content_cases import Case, Change
from tests.questionnaires.personas import row
from tests.questionnaires.sectors import lot, new_source


def without(*steps: str) -> Change:
    """Name other steps in their place: the rows stay, the kind is gone."""
    return {f"step[step-{step}].step_kind": "trade" for step in steps}


def line(**answers: Any) -> Change:
    given = {"line_goods": "goods-1", "line_market": "us", "line_places": ["33"], **answers}
    return {"market_split": "yes", "market_lines": [row("line-1", **given)]}


def denied(**answers: Any) -> Change:
    return {f"denied[denied-1].denied_{key}": value for key, value in answers.items()}


def of_cotton(**answers: Any) -> Change:
    return {f"cot[cot-1].cot_{key}": value for key, value in answers.items()}


def of_silicon(**answers: Any) -> Change:
    return {f"sil[sil-1].sil_{key}": value for key, value in answers.items()}


def of_tomato(**answers: Any) -> Change:
    return {f"tom[tom-1].tom_{key}": value for key, value in answers.items()}


def of_resin(**answers: Any) -> Change:
    return {f"pvc[pvc-1].pvc_{key}": value for key, value in answers.items()}


def of_metal(**answers: Any) -> Change:
    return {f"alu[alu-1].alu_{key}": value for key, value in answers.items()}


CASES: dict[str, Case] = {
    "help_wanted": Case({"help": ["price"], "help_text": "Demo text."}, {"help": ["none"]}),
    "new_source_there": Case(
        {
            "help": ["source"],
            "new_sources": [new_source(ns_country="CN", ns_province="65")],
        },
        # the table is asked for only where a source is to change
        {"new_sources": [new_source(ns_country="CN", ns_province="65")]},
    ),
    "split_market": Case(line(), {"markets": ["us"], **line()}),
    "no_one_standard": Case(
        {"one_standard": "no"}, {"one_standard": "no", "markets": ["eu"], "trade_role": ["maker"]}
    ),
    "split_there": Case(line(line_places=["33", "65"]), line()),
    "resold": Case(denied(fate="exported"), denied(fate="exported", ground="other")),
    "fate_unknown": Case(denied(fate="unknown"), denied(fate="destroyed")),
    "cot_there": Case(
        of_cotton(grown=["CN"], provinces=["65"]), of_cotton(grown=["BR"], provinces=["65"])
    ),
    "cot_unknown": Case(
        of_cotton(grown=["BR", "CN"]), of_cotton(grown=["BR", "CN"], provinces=["37"])
    ),
    # 12,000 kg at 98.5 % hold 11,820 kg of cotton.
    "cot_ratio": Case(of_cotton(kg_in="11819.9"), of_cotton(kg_in="11820")),
    "cot_reserve": Case(of_cotton(reserve="yes"), of_cotton(reserve="yes", share="0")),
    "cot_waste": Case(of_cotton(waste="yes"), of_cotton(waste="yes", share="0")),
    "cot_viscose": Case(of_cotton(viscose="yes", share="0"), of_cotton(viscose="no")),
    "sil_there": Case(of_silicon(quartz_places=["34", "65"]), of_silicon(quartz_places=["15"])),
    "sil_blend": Case(of_silicon(blend="yes"), {**of_silicon(blend="yes"), **without("s_ingot")}),
    # 220 kW: from 330 to 1,100 kg.
    "sil_ratio": Case(of_silicon(kg_poly="1100.1"), of_silicon(kg_poly="1100")),
    "sil_scrap": Case(of_silicon(scrap="yes"), of_silicon(scrap="no")),
    "tom_there": Case(of_tomato(provinces=["65"]), of_tomato(grown=["IT"], provinces=["65"])),
    "tom_unknown": Case(of_tomato(provinces=None), of_tomato(grown=["IT"], provinces=None)),
    # 10,000 kg at 28 degrees hold what 50,909.1 kg of fruit hold at 5.5.
    "tom_ratio": Case(of_tomato(kg_fresh="50909"), of_tomato(kg_fresh="50909.1")),
    "tom_repack": Case(of_tomato(repack="yes"), of_tomato(repack="no")),
    "pvc_there": Case(
        of_resin(route="carbide", carbide_places=["65"]),
        of_resin(route="ethylene", carbide_places=["65"]),
    ),
    "pvc_route": Case(of_resin(route=None), of_resin(route="alkali")),
    "pvc_trader": Case(of_resin(trader="yes"), of_resin(trader="no")),
    "pvc_ratio": Case(of_resin(kg_out="5100.1"), of_resin(kg_out="5100")),
    "alu_there": Case(of_metal(silicon=["65"]), of_metal(silicon=["53"])),
    "alu_recycled": Case(of_metal(recycled="0.1"), of_metal(recycled="0")),
    "alu_warrant": Case(of_metal(warrant="yes"), of_metal(warrant="no")),
    "alu_ratio": Case(of_metal(kg_out="8160.1"), of_metal(kg_out="8160")),
    "missing_c_grow": Case(
        {"step[step-grow].step_kind": "c_trade"},
        {"step[step-grow].step_kind": "c_trade", **of_cotton(share="0")},
    ),
    "missing_c_gin": Case(
        {"step[step-gin].step_kind": "c_trade"},
        {"step[step-gin].step_kind": "c_trade", "goods[goods-1].goods_sectors": ["other"]},
    ),
    "missing_c_spin": Case(
        {"step[step-spin].step_kind": "c_trade"},
        {"step[step-spin].step_kind": "c_trade", **of_cotton(share="0")},
    ),
    "missing_c_fabric": Case(
        {"step[step-weave].step_kind": "c_sew", **of_cotton(share="0")},
        {"step[step-weave].step_kind": "c_sew", "goods[goods-1].goods_sectors": ["seafood"]},
    ),
    "missing_s_quartz": Case(
        without("s_quartz"), {**without("s_quartz"), "goods[goods-sil].goods_sectors": ["steel"]}
    ),
    "missing_s_mgs": Case(without("s_mgs"), without("s_quartz")),
    "missing_s_poly": Case(
        without("s_poly"), without("s_poly", "s_ingot", "s_wafer", "s_cell", "s_module")
    ),
    "missing_t_farm": Case(without("t_farm"), without("t_paste")),
    "missing_t_paste": Case(without("t_paste"), without("t_farm")),
    "missing_v_alkali": Case(
        {**without("v_alkali"), **of_resin(route="alkali")},
        {**without("v_alkali"), "goods[goods-pvc].goods_sectors": ["other"]},
    ),
    "missing_v_resin": Case(
        without("v_resin"), {**without("v_resin"), **of_resin(route="alkali")}
    ),
    "missing_a_alumina": Case(
        without("a_alumina"), {**without("a_alumina"), **of_metal(recycled="100")}
    ),
    "missing_a_smelt": Case(
        without("a_smelt"), {**without("a_smelt"), **of_metal(recycled="100")}
    ),
    "missing_a_form": Case({**without("a_form"), **of_metal(recycled="100")}, without("a_cast")),
}

# What stands for which clause, beside what 2026.0 asks (`content_cases.COVERAGE`).
COVERAGE: dict[str, tuple[str, str]] = {
    "A4": (
        """cot_grown cot_provinces cot_bale_list cot_laydown sil_poly_places sil_mgs_places
        sil_quartz_places sil_batch_doc tom_grown tom_provinces tom_farms tom_weigh pvc_route
        pvc_plants pvc_carbide_places pvc_alkali_places pvc_resin_doc alu_smelt_places
        alu_alumina_places alu_silicon alu_mill_doc line_places""",
        """cot_there cot_unknown cot_ratio cot_reserve cot_waste cot_viscose sil_there sil_blend
        sil_ratio sil_scrap tom_there tom_unknown tom_ratio tom_repack pvc_there pvc_route
        pvc_trader pvc_ratio alu_there alu_recycled alu_warrant alu_ratio split_there
        missing_c_grow missing_c_gin missing_c_spin missing_c_fabric missing_s_quartz
        missing_s_mgs missing_s_poly missing_t_farm missing_t_paste missing_v_alkali
        missing_v_resin missing_a_alumina missing_a_smelt missing_a_form""",
    ),
    "B4": (
        "help help_text ns_input ns_* ns_from ns_doc",
        "help_wanted new_source_there",
    ),
    "C1": (
        "trade_role markets market_split one_standard line_goods line_market line_places",
        "split_market no_one_standard split_there",
    ),
    "C2": (
        "denied_any denied_ref denied_on denied_by denied_ground denied_fate denied_doc",
        "resold fate_unknown",
    ),
}

# Answers given and then hidden: what is given, what hides it.
HIDDEN: tuple[tuple[Change, Change], ...] = (
    (of_cotton(grown=["CN"], provinces=["65"]), of_cotton(share="0")),
    (of_cotton(reserve="yes"), {"goods[goods-1].goods_sectors": ["other"]}),
    (of_silicon(poly_places=["65"]), {"goods[goods-sil].goods_sectors": ["other"]}),
    (of_tomato(provinces=["65"]), of_tomato(grown=["PT"])),
    (of_tomato(repack="yes"), {"goods[goods-tom].goods_sectors": ["other"]}),
    (of_resin(plants=["65"]), of_resin(route="alkali")),
    (of_metal(alumina_places=["65"]), {"goods[goods-alu].goods_sectors": ["other"]}),
    (line(line_places=["65"]), {"market_split": "no"}),
    (denied(fate="unknown"), {"denied_any": "no"}),
    (
        {"help": ["time"], "new_sources": [new_source(ns_country="CN", ns_province="65")]},
        {"help": ["none"]},
    ),
)

FLAWED: tuple[tuple[Change, str], ...] = (
    ({"help": ["none", "price"]}, "help"),
    (of_cotton(share="100.1"), "cot[cot-1].cot_share"),
    (of_cotton(bales=0), "cot[cot-1].cot_bales"),
    (of_cotton(kg_in="0"), "cot[cot-1].cot_kg_in"),
    (of_silicon(kw="0"), "sil[sil-1].sil_kw"),
    (of_tomato(brix="45.1"), "tom[tom-1].tom_brix"),
    (of_tomato(season=2016), "tom[tom-1].tom_season"),
    (of_resin(recycled="-1"), "pvc[pvc-1].pvc_recycled"),
    (of_metal(kg_out="0"), "alu[alu-1].alu_kg_out"),
    (denied(on="2026-11-21"), "denied[denied-1].denied_on"),
    ({"p_cotton": [lot("cot", "goods-gone")]}, "cot[cot-1].cot_goods"),
)

MISSING: tuple[tuple[Change, set[str]], ...] = (
    ({"help": ["advice"]}, {"help_text"}),
    ({"p_cotton": []}, {"cot"}),
    ({"denied_list": []}, {"denied"}),
    ({"market_split": "yes"}, {"line"}),
    (of_tomato(repack="yes"), {"tom[tom-1].tom_repack_doc"}),
    (of_cotton(share="0", grown=None, bales=None), set()),
    (of_cotton(lab="dna", lab_doc=None), {"cot[cot-1].cot_lab_doc"}),
    (
        of_resin(route="mixed"),
        {"pvc[pvc-1].pvc_carbide_places", "pvc[pvc-1].pvc_plant_doc"},
    ),
    # without a module nobody is asked how much silicon is in one
    ({**without("s_module"), **of_silicon(kg_poly=None, kw=None)}, set()),
    ({"step[step-s_cell].step_kind": "trade", **of_silicon(cell_lot=None)}, set()),
    (of_metal(recycled="100", brand=None, power=None, ingot_doc=None), set()),
    ({"markets": ["eu"], "trade_role": ["maker"], "one_standard": None}, set()),
    ({"help": ["source"], "help_text": "Demo text.", "new_sources": []}, set()),
    ({"p_pvc": [row("pvc-1", pvc_goods="goods-pvc", pvc_order="1", pvc_route="alkali",
                    pvc_alkali_places=["37"], pvc_trader="no")]}, set()),
)  # fmt: skip
