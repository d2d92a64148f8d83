"""For each finding of content version 2026.0: what raises it, and a near miss that doesn't.

A change is `{path: value}`; a path is `key` or `table[row id].key`, as everywhere. A value of
None takes the answer away.
"""

from datetime import date, timedelta
from typing import Any, NamedTuple

from tests.questionnaires.personas import TODAY, Answers, clean_weaver, files, party, row

Change = dict[str, Any]
YESTERDAY = (TODAY - timedelta(days=1)).isoformat()
CANNOT_SAY = {"declined": "cannot_say", "why": "none"}


class Case(NamedTuple):
    raises: Change
    misses: Change


def busy_weaver(today: date = TODAY) -> Answers:
    """The clean weaver with a row in every table that a yes opens, none of them remarkable."""
    document = clean_weaver(today)
    document["arrangements"]["answers"]["arr_any"] = "yes"
    document["arrangement_list"] = {
        "rows": [
            row(
                "arr-1",
                arr_kind="park",
                arr_place="33",
                **party(
                    "arrp",
                    "绍兴示例园区有限公司",
                    "Demo Park (Shaoxing) Co., Ltd.",
                    "91330621MADEM0006D",
                    "绍兴市柯桥区示例路11号",
                ),
                arr_from="2019-01-01",
                arr_doc=files("arr-1", "lease"),
            )
        ]
    }
    document["closures"]["answers"]["closed_any"] = "yes"
    document["closure_list"] = {
        "rows": [
            row(
                "closed-1",
                **party(
                    "closed",
                    "苏州示例纺织有限公司",
                    "Demo Weaving (Suzhou) Co., Ltd.",
                    "91320500MADEM00118",
                    "苏州市示例路4号",
                    province="32",
                ),
                closed_on="2020-06-30",
                closed_how="sold",
                **party(
                    "taker",
                    "成都示例投资有限公司",
                    "Demo Holding (Chengdu) Co., Ltd.",
                    "91510100MADEM0009L",
                    "成都市示例路7号",
                    province="51",
                ),
                closed_related="no",
                closed_doc=files("closed-1", "sale_deed", "bank_slip"),
            )
        ]
    }
    document["owners"]["rows"].append(
        row(
            "owner-2",
            owner_kind="company",
            **party(
                "owner",
                "成都示例投资有限公司",
                "Demo Holding (Chengdu) Co., Ltd.",
                "91510100MADEM0009L",
                "成都市示例路7号",
                province="51",
            ),
            owner_share="0",
        )
    )
    return document


def placement(**answers: Any) -> dict[str, Any]:
    """A row of workers taken in; an answer of None is left out."""
    given = {
        "pl_site": "site-1",
        "pl_origin": "65",
        "pl_by": "public_body",
        "pl_count": 12,
        "pl_from": "2021-03-01",
        "pl_doc": files("pl-1", "official_notice"),
        **answers,
    }
    return row("pl-1", **{key: value for key, value in given.items() if value is not None})


def taken_in(**answers: Any) -> Change:
    return {"groups_any": "yes", "placements": [placement(**answers)]}


def paid(**answers: Any) -> Change:
    given = {
        "aid_payer": "示例市财政局",
        "aid_place": "33",
        "aid_for": "tax",
        "aid_band": "b1",
        "aid_doc": files("aid-1", "official_notice"),
        **answers,
    }
    return {"aid_any": "yes", "aid_list": [row("aid-1", **given)]}


def mixed(places: list[str], how: str | None) -> Change:
    return {"mix_any": "yes", "mix_places": places, "mix_how": how}


CASES: dict[str, Case] = {
    "own_there": Case({"own_province": "65"}, {"own_province": "62"}),
    "limits_law": Case({"limits": ["data_rules"]}, {"limits": ["contract"]}),
    "limits_contract": Case({"limits": ["contract"]}, {"limits": ["law"]}),
    "site_ours_there": Case(
        {"site[site-1].site_province": "65"},
        {"site[site-1].site_province": "65", "site[site-1].site_for_us": "no"},
    ),
    "site_other_there": Case(
        {"site[site-2].site_province": "65"},
        {"site[site-2].site_province": "65", "site[site-2].site_for_us": "yes"},
    ),
    "affil_there": Case(
        {"affil[affil-1].affil_province": "65"}, {"affil[affil-1].affil_province": "63"}
    ),
    "arr_there": Case(
        {"arr[arr-1].arr_place": "65", "arr[arr-1].arr_to": TODAY.isoformat()},
        {"arr[arr-1].arr_place": "65", "arr[arr-1].arr_to": YESTERDAY},
    ),
    "arr_there_ended": Case(
        {"arr[arr-1].arr_place": "65", "arr[arr-1].arr_to": YESTERDAY},
        {"arr[arr-1].arr_place": "65"},
    ),
    "closed_related_there": Case(
        {"closed[closed-1].closed_province": "65", "closed[closed-1].closed_related": "yes"},
        {"closed[closed-1].closed_province": "65"},
    ),
    "closed_there": Case(
        {"closed[closed-1].closed_province": "65"},
        {"closed[closed-1].closed_province": "65", "closed[closed-1].closed_related": "yes"},
    ),
    "owner_there": Case(
        {"owner[owner-2].owner_province": "65"},
        {"owner[owner-2].owner_province": "65", "owner[owner-2].owner_kind": "listed"},
    ),
    "owner_public": Case(
        {"owner[owner-2].owner_kind": "state_company"}, {"owner[owner-2].owner_kind": "listed"}
    ),
    "untraced_priority": Case(
        {"input[input-1].input_traced": "part"},
        {"input[input-1].input_traced": "part", "input[input-1].input_sector": "other"},
    ),
    "untraced_other": Case(
        {"input[input-1].input_traced": "none", "input[input-1].input_sector": "other"},
        {"input[input-1].input_traced": "none"},
    ),
    "producer_there": Case(
        {"step[step-spin].step_province": "65"}, {"step[step-spin].step_province": "64"}
    ),
    "input_there": Case(
        {"step[step-spin].step_province": "65"}, {"step[step-spin].step_province": "64"}
    ),
    # 252,000 came together: 5,040 are 2 %.
    "balance_off": Case({"bal[bal-1].bal_close": "6959.9"}, {"bal[bal-1].bal_close": "6960"}),
    "more_out": Case({"bal[bal-1].bal_made": "241230.1"}, {"bal[bal-1].bal_made": "241230"}),
    "mix_there": Case(mixed(["33", "65"], "not_apart"), mixed(["33", "65"], "lots")),
    "mix_there_apart": Case(mixed(["65"], "lines"), mixed(["65"], None)),
    "mix_unknown": Case(mixed(["33"], "not_apart"), mixed(["33"], "time")),
    "sub_there": Case({"sub[sub-dye].sub_province": "65"}, {"sub[sub-dye].sub_province": "15"}),
    "sub_deal_there": Case(
        {"sub[sub-dye].sub_province": "65"}, {"sub[sub-dye].sub_province": "15"}
    ),
    "sub_ops_there": Case(
        {"sub[sub-dye].sub_places": ["33", "65"]},
        {"sub[sub-dye].sub_places": ["65"], "sub[sub-dye].sub_province": "65"},
    ),
    "sub_groups_there": Case(
        {"sub[sub-dye].sub_groups": "yes", "sub[sub-dye].sub_groups_from": ["53", "65"]},
        {"sub[sub-dye].sub_groups": "yes", "sub[sub-dye].sub_groups_from": ["53"]},
    ),
    "sub_groups_else": Case(
        {"sub[sub-dye].sub_groups": "yes"},
        {"sub[sub-dye].sub_groups": "yes", "sub[sub-dye].sub_groups_from": ["65"]},
    ),
    "tier_gap": Case({"sub[sub-dye].sub_forward": "no"}, {"sub[sub-dye].sub_forward": "sealed"}),
    "sub_not_agreed": Case({"sub[sub-dye].sub_agreed": "no"}, {"sub[sub-dye].sub_agreed": None}),
    "few_insured": Case(
        {"wf[wf-1].wf_total": 100, "wf[wf-1].wf_insured": 59},
        {"wf[wf-1].wf_total": 100, "wf[wf-1].wf_insured": 60},
    ),
    "agent_there": Case(
        {"agent[agent-1].agent_province": "65"},
        {"agent[agent-1].agent_province": "65", "recruit": ["direct"]},
    ),
    "transfer": Case(taken_in(), taken_in(pl_by="private")),
    "transfer_private": Case(taken_in(pl_by=None), taken_in(pl_by="school")),
    "groups_else": Case(taken_in(pl_origin="53"), taken_in()),
    "arranged_no_groups": Case(
        {"recruit": ["arranged"]}, {"recruit": ["arranged"], **taken_in(pl_origin="53")}
    ),
    "aid_tied": Case(paid(aid_for="groups"), paid()),
    "controlled_there": Case(
        {**taken_in(), "conditions": ["papers"]}, {**taken_in(), "conditions": ["none"]}
    ),
    "controlled": Case(
        {"conditions": ["wages", "notice"]}, {**taken_in(), "conditions": ["wages", "notice"]}
    ),
    "refused_sourcing": Case({"agree_sourcing": "refused"}, {"agree_sourcing": CANNOT_SAY}),
    "refused_dealings": Case({"agree_dealings": "refused"}, {"agree_dealings": "conditions"}),
    "not_said": Case(
        {"agree_dealings": CANNOT_SAY, "why_not": ["upstream"]},
        {"agree_dealings": CANNOT_SAY, "why_not": ["upstream", "safety"]},
    ),
    "refused_groups": Case({"agree_no_groups": "refused"}, {"agree_no_groups": "conditions"}),
    "conditional": Case({"agree_no_groups": "conditions"}, {"agree_no_groups": "agreed"}),
    "breach_agreed": Case(
        {"step[step-gin].step_country": "CN", "step[step-gin].step_province": "65"},
        {
            "step[step-gin].step_country": "CN",
            "step[step-gin].step_province": "65",
            "agree_sourcing": "agreed",
        },
    ),
    "refusal_law": Case(
        {"agree_sourcing": "refused", "why_not": ["law"]},
        {"agree_sourcing": "refused", "why_not": ["cost"]},
    ),
    "refusal_confidential": Case(
        {"agree_no_groups": "refused", "why_not": ["confidential"]}, {"why_not": ["confidential"]}
    ),
    "nothing_done": Case(
        {"steps_done": []}, {"steps_done": [row("did-1", did_what="told", did_on=YESTERDAY)]}
    ),
    "encourage": Case({"all_dealings": "no"}, {"all_sourcing": None, "all_dealings": None}),
    "inspect": Case({"inspect_only": ["place"]}, {"inspect_where": "At our office."}),
}

# Which question and which finding stands for which clause (prefixes of parties as `prefix_*`).
COVERAGE: dict[str, tuple[str, str]] = {
    "A1": (
        "own_* site_* site_for_us step_* sub_* sub_forward",
        "own_there site_ours_there site_other_there producer_there sub_there tier_gap",
    ),
    "A2": (
        """site_for_us affil_any affil_* affil_share arr_any arr_kind arr_place arr_to closed_any
        closed_* closed_how taker_* closed_related owner_kind owner_* owner_share sub_places""",
        """site_other_there affil_there arr_there arr_there_ended closed_related_there
        closed_there owner_there owner_public sub_ops_there""",
    ),
    "A3": (
        """wf_site wf_total wf_agency wf_intern wf_away wf_insured wf_doc recruit groups_any
        aid_any conditions conditions_doc agent_* agent_doc pl_site pl_origin pl_by pl_count
        pl_from pl_to pl_end_how pl_doc aid_payer aid_place aid_for aid_band aid_doc
        sub_groups sub_groups_from""",
        """transfer transfer_private groups_else agent_there aid_tied few_insured
        arranged_no_groups controlled controlled_there sub_groups_there sub_groups_else""",
    ),
    "A4": (
        """input_name input_goods input_sector input_traced input_plan input_bom step_input
        step_kind step_* step_doc bal_input bal_open bal_in bal_used bal_sold bal_close
        bal_made bal_ours bal_doc mix_any mix_places mix_how mix_doc""",
        """input_there mix_there mix_there_apart mix_unknown untraced_priority untraced_other
        balance_off more_out""",
    ),
    "B3": ("agree_no_groups", "transfer controlled_there refused_groups"),
    "B4": (
        """agree_sourcing agree_dealings agree_by agree_terms did_what did_on did_about did_doc
        doc_ended doc_relation sub_agreed sub_agreed_doc inspect_only inspect_where""",
        """refused_sourcing refused_dealings conditional breach_agreed input_there sub_deal_there
        sub_ops_there sub_groups_there sub_not_agreed inspect""",
    ),
    "B5": ("why_not why_not_text", "refused_sourcing refused_dealings not_said nothing_done"),
    "B6": ("all_sourcing all_dealings", "encourage"),
    "": (
        "own_licence job_title may_bind limits limits_note goods_name goods_sectors declare",
        "limits_law limits_contract refusal_law refusal_confidential",
    ),
}
