"""Whole answers of invented suppliers, one function each, in the shape drafts are stored in.

Each returns `{section: {"answers": {...}} | {"rows": [{"id": ..., "answers": {...}}]}}` for the
content version 2026.0. A file's id ends in `/` and the kind of document it stands for. Answers
are fresh on every call: change them freely. Dates count from the day given.
"""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

Answers = dict[str, dict[str, Any]]

TODAY = date(2026, 11, 20)
STATEMENTS = tuple(f"d{n}" for n in range(1, 10))


def party(prefix: str, *written: str, province: str = "33") -> dict[str, Any]:
    """The columns of one company in China: name, English name, code and address as written."""
    parts = ("name", "name_en", "code", "address")
    columns = {"country": "CN", "province": province, **dict(zip(parts, written, strict=True))}
    return {f"{prefix}_{part}": value for part, value in columns.items()}


def party_abroad(prefix: str, country: str, *written: str) -> dict[str, Any]:
    """The same outside China, where no province is asked for."""
    columns = {**party(prefix, *written), f"{prefix}_country": country}
    return {key: value for key, value in columns.items() if key != f"{prefix}_province"}


def files(where: str, *kinds: str) -> list[str]:
    return [f"{where}/{kind}" for kind in kinds]


def row(key: str, **answers: Any) -> dict[str, Any]:
    return {"id": key, "answers": answers}


def answers_of(document: Answers, section: str, row_id: str = "") -> dict[str, Any]:
    """The answers of a page, or of one row of a table; raises KeyError if there are none."""
    if not row_id:
        return document[section]["answers"]
    for found in document[section]["rows"]:
        if found["id"] == row_id:
            return found["answers"]
    raise KeyError(f"{section}[{row_id}]")


def clean_weaver(today: date = TODAY) -> Answers:
    """A weaver in Shaoxing whose cotton comes from Brazil: agrees, has done it, proves it."""
    year_start, year_end = date(today.year - 1, 1, 1), date(today.year - 1, 12, 31)
    trade_papers = ("purchase_order", "invoice", "bank_slip", "transport_note")
    return {
        "you": {
            "answers": {
                **party(
                    "own",
                    "绍兴示例纺织有限公司",
                    "Demo Weaving (Shaoxing) Co., Ltd.",
                    "91330600MADEM0001G",
                    "绍兴市柯桥区示例路1号",
                ),
                "own_licence": files("own", "licence_extract"),
                "job_title": "Demo export manager",
                "may_bind": "yes",
                "limits": ["none"],
            }
        },
        "goods_made": {
            "rows": [
                row(
                    "goods-1",
                    goods_name="Cotton poplin, dyed",
                    goods_ref="DEMO-4711",
                    goods_hs="520832",
                    goods_sectors=["apparel", "cotton"],
                )
            ]
        },
        "sites": {
            "rows": [
                row(
                    "site-1",
                    **party(
                        "site",
                        "绍兴示例纺织有限公司一厂",
                        "Demo Weaving (Shaoxing), mill 1",
                        "91330600MADEM0001G",
                        "绍兴市柯桥区示例路1号",
                    ),
                    site_roles=["make", "pack", "store"],
                    site_for_us="yes",
                    site_since="2009-05-01",
                    site_doc=files("site-1", "licence_extract", "utility_bill"),
                ),
                row(
                    "site-2",
                    **party(
                        "site",
                        "绍兴示例纺织有限公司杭州办事处",
                        "Demo Weaving (Shaoxing), Hangzhou office",
                        "91330600MADEM0001G",
                        "杭州市示例大道20号",
                    ),
                    site_roles=["office"],
                    site_for_us="no",
                ),
            ]
        },
        "affiliates": {"answers": {"affil_any": "yes"}},
        "affiliate_list": {
            "rows": [
                row(
                    "affil-1",
                    **party(
                        "affil",
                        "绍兴示例贸易有限公司",
                        "Demo Trading (Shaoxing) Co., Ltd.",
                        "91330600MADEM0002K",
                        "绍兴市柯桥区示例路3号",
                    ),
                    affil_link="subsidiary",
                    affil_share="100",
                    affil_doc=files("affil-1", "registry_extract"),
                )
            ]
        },
        "arrangements": {"answers": {"arr_any": "no"}},
        "closures": {"answers": {"closed_any": "no"}},
        "owners": {"rows": [row("owner-1", owner_kind="person", owner_share="100")]},
        "inputs": {
            "rows": [
                row(
                    "input-1",
                    input_name="Combed cotton yarn 32s",
                    input_goods="goods-1",
                    input_stage="semi",
                    input_sector="cotton",
                    input_share="98.5",
                    input_traced="full",
                    input_bom=files("input-1", "bom"),
                )
            ]
        },
        "chain": {
            "rows": [
                row(
                    "step-grow",
                    step_input="input-1",
                    step_kind="c_grow",
                    **party_abroad(
                        "step",
                        "BR",
                        "Fazenda Exemplo Ltda.",
                        "Demo Farm Ltd.",
                        "00.000.000/0001-00",
                        "Rodovia Exemplo, km 12, Luís Eduardo Magalhães",
                    ),
                    step_doc=files("step-grow", "invoice", "bank_slip"),
                ),
                row(
                    "step-gin",
                    step_input="input-1",
                    step_kind="c_gin",
                    **party_abroad(
                        "step",
                        "BR",
                        "Algodoeira Exemplo Ltda.",
                        "Demo Gin Ltd.",
                        "00.000.000/0002-00",
                        "Rodovia Exemplo, km 14, Luís Eduardo Magalhães",
                    ),
                    step_doc=files("step-gin", "bill_of_lading", "customs_declaration"),
                ),
                row(
                    "step-spin",
                    step_input="input-1",
                    step_kind="c_spin",
                    **party(
                        "step",
                        "潍坊示例纺纱有限公司",
                        "Demo Spinning (Weifang) Co., Ltd.",
                        "91370700MADEM0003C",
                        "潍坊市示例街5号",
                        province="37",
                    ),
                    step_doc=files("step-spin", *trade_papers),
                ),
                row(
                    "step-weave",
                    step_input="input-1",
                    step_kind="c_fabric",
                    **party(
                        "step",
                        "绍兴示例纺织有限公司",
                        "Demo Weaving (Shaoxing) Co., Ltd.",
                        "91330600MADEM0001G",
                        "绍兴市柯桥区示例路1号",
                    ),
                    step_doc=files("step-weave", "production_log", "bank_slip"),
                ),
                row(
                    "step-dye",
                    step_input="input-1",
                    step_kind="c_dye",
                    **party(
                        "step",
                        "绍兴示例印染有限公司",
                        "Demo Dyeing (Shaoxing) Co., Ltd.",
                        "91330600MADEM0005W",
                        "绍兴市柯桥区示例路9号",
                    ),
                    step_doc=files("step-dye", *trade_papers),
                ),
            ]
        },
        "balance": {
            "rows": [
                row(
                    "bal-1",
                    bal_input="input-1",
                    bal_from=year_start.isoformat(),
                    bal_to=year_end.isoformat(),
                    bal_unit="kg",
                    bal_open="12000",
                    bal_in="240000",
                    bal_used="236500",
                    bal_sold="3500",
                    bal_close="12000",
                    bal_made="229400",
                    bal_ours="81250.5",
                    bal_doc=files("bal-1", "stock_ledger", "production_log"),
                )
            ]
        },
        "mixing": {"answers": {"mix_any": "no"}},
        "subs": {
            "rows": [
                row(
                    "sub-spin",
                    **party(
                        "sub",
                        "潍坊示例纺纱有限公司",
                        "Demo Spinning (Weifang) Co., Ltd.",
                        "91370700MADEM0003C",
                        "潍坊市示例街5号",
                        province="37",
                    ),
                    sub_work="Spins the yarn.",
                    sub_places=["37"],
                    sub_groups="no",
                    sub_forward="we",
                    sub_agreed="yes",
                    sub_agreed_doc=files("sub-spin", "contract"),
                ),
                row(
                    "sub-dye",
                    **party(
                        "sub",
                        "绍兴示例印染有限公司",
                        "Demo Dyeing (Shaoxing) Co., Ltd.",
                        "91330600MADEM0005W",
                        "绍兴市柯桥区示例路9号",
                    ),
                    sub_work="Dyes and finishes the fabric.",
                    sub_places=["33"],
                    sub_groups="no",
                    sub_forward="you",
                    sub_agreed="yes",
                    sub_agreed_doc=files("sub-dye", "contract", "own_declaration"),
                ),
            ]
        },
        "workforce": {
            "rows": [
                row(
                    "wf-1",
                    wf_site="site-1",
                    wf_total=118,
                    wf_agency=6,
                    wf_intern=0,
                    wf_away=41,
                    wf_insured=112,
                    wf_doc=files("wf-1", "payroll_totals", "insurance_totals"),
                ),
                row(
                    "wf-2",
                    wf_site="site-2",
                    wf_total=9,
                    wf_agency=0,
                    wf_intern=1,
                    wf_away=2,
                    wf_insured=8,
                    wf_doc=files("wf-2", "insurance_totals"),
                ),
            ]
        },
        "recruitment": {
            "answers": {
                "recruit": ["direct", "private_agency"],
                "groups_any": "no",
                "aid_any": "no",
                "conditions": ["none"],
                "conditions_doc": files("conditions", "contract", "policy"),
            }
        },
        "agents": {
            "rows": [
                row(
                    "agent-1",
                    **party(
                        "agent",
                        "杭州示例人力资源有限公司",
                        "Demo Staffing (Hangzhou) Co., Ltd.",
                        "91330100MADEM00079",
                        "杭州市示例大道88号",
                    ),
                    agent_doc=files("agent-1", "agency_contract"),
                )
            ]
        },
        "commitments": {
            "answers": {
                "agree_sourcing": "already",
                "agree_dealings": "already",
                "agree_no_groups": "already",
            }
        },
        "steps_done": {
            "rows": [
                row(
                    "did-1",
                    did_what="traced",
                    did_on=(today - timedelta(days=200)).isoformat(),
                    did_about="Combed cotton yarn 32s, back to the farm.",
                    did_doc=files("did-1", "purchase_order"),
                ),
                row(
                    "did-2",
                    did_what="contract",
                    did_on=(today - timedelta(days=170)).isoformat(),
                    did_about="Demo Spinning (Weifang), Demo Dyeing (Shaoxing)",
                    did_doc=files("did-2", "contract"),
                ),
            ]
        },
        "encouraged": {"answers": {"all_sourcing": "yes", "all_dealings": "thinking"}},
        "proof": {
            "answers": {
                "doc_ended": files("ended", "purchase_order", "invoice", "bank_slip"),
                "doc_relation": files("relation", "termination_letter", "registry_extract"),
            }
        },
        "declaration": {"answers": {"declare": dict.fromkeys(STATEMENTS, True)}},
    }


def producer_in_the_region(today: date = TODAY) -> Answers:
    """The weaver again, but one lot of yarn holds cotton ginned in Aksu; agrees to end it."""
    document = clean_weaver(today)
    document["chain"]["rows"].append(
        row(
            "step-gin-2",
            step_input="input-1",
            step_kind="c_gin",
            **party(
                "step",
                "阿克苏示例轧花有限公司",
                "Demo Ginning (Aksu) Co., Ltd.",
                "91652900MADEM0004E",
                "阿克苏市示例路8号",
                province="65",
            ),
            step_doc=files("step-gin-2", "purchase_order", "invoice"),
        )
    )
    answers_of(document, "commitments").update(
        agree_sourcing="agreed",
        agree_dealings="agreed",
        agree_by=(today + timedelta(days=60)).isoformat(),
    )
    answers_of(document, "proof")["doc_ended"] = {
        "declined": "cannot_say",
        "why": "none",
    }
    return document


def refuses_without_reason(today: date = TODAY) -> Answers:
    """Says no to all three requests and gives no reason."""
    return _refusing(today, ["no_reason"])


def refuses_with_reason(today: date = TODAY) -> Answers:
    """Says no: no other source, and the price."""
    document = _refusing(today, ["no_source", "cost"])
    answers_of(document, "commitments")["why_not_text"] = (
        "Demo text: the only other mill asks a fifth more for the same yarn."
    )
    return document


def legally_bound(today: date = TODAY) -> Answers:
    """Cannot answer the commitments, because a law forbids it."""
    document = _refusing(today, ["law"])
    answers_of(document, "you").update(
        limits=["law"],
        limits_note="Demo text: our lawyer advises us not to answer section 5.",
    )
    for key in ("agree_sourcing", "agree_dealings", "agree_no_groups"):
        answers_of(document, "commitments")[key] = {
            "declined": "cannot_say",
            "why": "law",
        }
    return document


def wants_confidentiality(today: date = TODAY) -> Answers:
    """Agrees, but shows its papers only once confidentiality is agreed."""
    document = clean_weaver(today)
    answers_of(document, "you").update(
        limits=["contract"],
        limits_note="Demo text: the yarn contract has a secrecy clause.",
    )
    answers_of(document, "chain", "step-spin")["step_doc"] = {
        "declined": "cannot_say",
        "why": "confidential",
    }
    answers_of(document, "proof").update(
        inspect_only=["origin"], inspect_where="At our office in Shaoxing, Demo Road 1."
    )
    return document


def others_hold_the_proof(today: date = TODAY) -> Answers:
    """Agrees, but the papers of farm and gin lie with the spinner's merchant."""
    document = clean_weaver(today)
    for step in ("step-grow", "step-gin"):
        answers_of(document, "chain", step)["step_doc"] = {
            "declined": "cannot_say",
            "why": "others_hold",
        }
    answers_of(document, "subs", "sub-spin")["sub_forward"] = "sealed"
    return document


def agrees_on_conditions(today: date = TODAY) -> Answers:
    """Agrees if price and lead time are talked about."""
    document = clean_weaver(today)
    answers_of(document, "commitments").update(
        agree_sourcing="conditions",
        agree_dealings="agreed",
        agree_no_groups="agreed",
        agree_by=(today + timedelta(days=90)).isoformat(),
        agree_terms="Demo text: 4 % on the price.\nDemo text: three weeks more lead time.",
    )
    document["proof"] = {"answers": {}}
    return document


def agrees_without_proof(today: date = TODAY) -> Answers:
    """Agrees by a date and has not begun."""
    document = clean_weaver(today)
    answers_of(document, "commitments").update(
        agree_sourcing="agreed",
        agree_dealings="agreed",
        agree_no_groups="agreed",
        agree_by=(today + timedelta(days=45)).isoformat(),
    )
    document["steps_done"] = {"rows": []}
    document["proof"] = {"answers": {}}
    for step in document["chain"]["rows"]:
        step["answers"]["step_doc"] = {"declined": "cannot_say", "why": "none"}
    return document


def site_in_the_region(today: date = TODAY) -> Answers:
    """A second mill, in Kashgar, weaves for us (B1)."""
    document = clean_weaver(today)
    document["sites"]["rows"].append(
        row(
            "site-3",
            **party(
                "site",
                "喀什示例纺织有限公司",
                "Demo Weaving (Kashgar) Co., Ltd.",
                "91653100MADEM0012C",
                "喀什市示例路6号",
                province="65",
            ),
            site_roles=["make"],
            site_for_us="yes",
            site_since="2018-09-01",
            site_doc=files("site-3", "licence_extract"),
        )
    )
    document["workforce"]["rows"].append(
        row(
            "wf-3",
            wf_site="site-3",
            wf_total=60,
            wf_agency=0,
            wf_intern=0,
            wf_away=4,
            wf_insured=50,
            wf_doc=files("wf-3", "insurance_totals"),
        )
    )
    return document


def branch_in_the_region(today: date = TODAY) -> Answers:
    """A trading company of the group in Urumqi makes nothing for us (B2)."""
    document = clean_weaver(today)
    document["affiliate_list"]["rows"].append(
        row(
            "affil-2",
            **party(
                "affil",
                "乌鲁木齐示例贸易有限公司",
                "Demo Trading (Urumqi) Co., Ltd.",
                "91659000MADEM00083",
                "乌鲁木齐市示例路2号",
                province="65",
            ),
            affil_link="sister",
            affil_doc=files("affil-2", "registry_extract"),
        )
    )
    return document


def takes_part_in_transfers(today: date = TODAY) -> Answers:
    """The Shaoxing mill took in a group sent by a county office from the Region (B3)."""
    document = clean_weaver(today)
    answers_of(document, "recruitment").update(
        recruit=["direct", "private_agency", "arranged"],
        groups_any="yes",
        aid_any="yes",
        conditions=["outsiders", "escort"],
    )
    document["agents"]["rows"].append(
        row(
            "agent-2",
            **party(
                "agent",
                "示例县人力资源和社会保障局",
                "Demo County Human Resources Office",
                "12652900MADEM00108",
                "阿克苏地区示例县示例路1号",
                province="65",
            ),
            agent_doc=files("agent-2", "agency_contract"),
        )
    )
    document["placements"] = {
        "rows": [
            row(
                "pl-1",
                pl_site="site-1",
                pl_origin="65",
                pl_by="public_body",
                pl_count=35,
                pl_from="2023-03-01",
                pl_doc=files("pl-1", "official_notice"),
            ),
            row(
                "pl-2",
                pl_site="site-1",
                pl_origin="53",
                pl_by="for_public",
                pl_count=20,
                pl_from="2021-03-01",
                pl_to="2022-02-28",
                pl_end_how="Demo text: wages paid to each person, papers in their hands.",
                pl_doc=files("pl-2", "agency_contract", "termination_letter"),
            ),
        ]
    }
    document["aid_list"] = {
        "rows": [
            row(
                "aid-1",
                aid_payer="示例县财政局",
                aid_place="65",
                aid_for="groups",
                aid_band="b2",
                aid_doc=files("aid-1", "official_notice"),
            )
        ]
    }
    return document


def _refusing(today: date, reasons: list[str]) -> Answers:
    document = clean_weaver(today)
    document["commitments"] = {
        "answers": {
            "agree_sourcing": "refused",
            "agree_dealings": "refused",
            "agree_no_groups": "refused",
            "why_not": reasons,
        }
    }
    document["steps_done"] = {"rows": []}
    document["proof"] = {"answers": {}}
    del document["encouraged"]
    return document


PERSONAS: dict[str, Callable[[date], Answers]] = {
    persona.__name__: persona
    for persona in (
        clean_weaver,
        producer_in_the_region,
        refuses_without_reason,
        refuses_with_reason,
        legally_bound,
        wants_confidentiality,
        others_hold_the_proof,
        agrees_on_conditions,
        agrees_without_proof,
        site_in_the_region,
        branch_in_the_region,
        takes_part_in_transfers,
    )
}
