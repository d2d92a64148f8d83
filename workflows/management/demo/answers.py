"""What an invented supplier answers, and how it is typed in through the same actions."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from django.utils.datastructures import MultiValueDict

from documents.actions.evidence import Description
from documents.enums import EvidenceKind
from portal.models import User
from questionnaires import actions, queries
from questionnaires.definition import Question, QuestionType
from questionnaires.models import Response, SectionDocument
from workflows.management.demo.companies import Maker, Step
from workflows.management.demo.files import paper

if TYPE_CHECKING:
    from documents.models import Evidence

Answers = Mapping[str, Any]


@dataclass(frozen=True)
class Reply:
    """How a supplier replies to section 5; `reasons` are codes of why_not."""

    code: str = "already"
    reasons: tuple[str, ...] = ()
    limits: tuple[str, ...] = ("none",)
    note: str = ""


# which kind of paper stands for each file question
PAPERS: Mapping[str, tuple[EvidenceKind, ...]] = {
    "own_licence": (EvidenceKind.LICENCE_EXTRACT,),
    "site_doc": (EvidenceKind.LICENCE_EXTRACT,),
    "input_bom": (EvidenceKind.BOM,),
    "step_doc": (EvidenceKind.BANK_SLIP, EvidenceKind.INVOICE),
    "bal_doc": (EvidenceKind.STOCK_LEDGER,),
    "wf_doc": (EvidenceKind.INSURANCE_TOTALS,),
    "doc_ended": (EvidenceKind.BANK_SLIP,),
    "doc_relation": (EvidenceKind.REGISTRY_EXTRACT,),
    "conditions_doc": (EvidenceKind.POLICY,),
    "cot_bale_list": (EvidenceKind.GIN_BALE_RECORD,),
    "cot_laydown": (EvidenceKind.PRODUCTION_LOG,),
}
ISSUERS: Mapping[EvidenceKind, str] = {
    EvidenceKind.BANK_SLIP: "Demo Bank",
    EvidenceKind.LICENCE_EXTRACT: "Demo Registry",
    EvidenceKind.REGISTRY_EXTRACT: "Demo Registry",
    EvidenceKind.INSURANCE_TOTALS: "Demo Insurance Office",
    EvidenceKind.STOCK_LEDGER: "Demo Warehouse",
    EvidenceKind.GIN_BALE_RECORD: "Demo Gin Ltd.",
    EvidenceKind.PRODUCTION_LOG: "Demo Spinning Mill",
}


def plain(maker: Maker, reply: Reply, today: date) -> dict[str, Any]:
    """Return sections outside tables as answers, tables as lists of rows by local name."""
    own = {
        f"own_{part}": value
        for part, value in _party(maker.country, maker.province, maker).items()
    }
    site = {
        f"site_{part}": value
        for part, value in _party(maker.country, maker.province, maker).items()
    }
    replies = dict.fromkeys(("agree_sourcing", "agree_dealings", "agree_no_groups"), reply.code)
    more: dict[str, Any] = {}
    if reply.code == "refused":
        more["why_not"] = list(reply.reasons)
    if reply.code == "agreed":
        more["agree_by"] = (today + timedelta(days=60)).isoformat()
    you: dict[str, Any] = own | {
        "job_title": "Demo sales manager",
        "may_bind": "yes",
        "limits": list(reply.limits),
    }
    if reply.note:
        you["limits_note"] = reply.note
    return {
        "you": you,
        "goods_made": {"goods": {"goods_name": maker.product, "goods_sectors": [maker.sector]}},
        "sites": {
            "site": site
            | {"site_roles": ["make", "pack"], "site_for_us": "yes", "site_since": "2009-05-01"}
        },
        "affiliates": {"affil_any": "no"},
        "arrangements": {"arr_any": "no"},
        "closures": {"closed_any": "no"},
        "owners": {"owner": {"owner_kind": "person", "owner_share": "100"}},
        "inputs": {
            "input": {
                "input_name": maker.material,
                "input_goods": "@goods",
                "input_stage": "semi",
                "input_sector": maker.sector,
                "input_traced": "full",
            }
        },
        "chain": {f"step{n}": _step(one) for n, one in enumerate(_chain(maker))},
        "balance": {"bal": _balance(today)},
        "mixing": {"mix_any": "no"},
        "workforce": {
            "wf": {
                "wf_site": "@site",
                "wf_total": "118",
                "wf_agency": "0",
                "wf_intern": "0",
                "wf_away": "41",
                "wf_insured": "112",
            }
        },
        "recruitment": {"recruit": ["direct"], "groups_any": "no", "aid_any": "no"},
        "commitments": replies | more,
        "steps_done": {
            "did": {
                "did_what": "traced",
                "did_on": (today - timedelta(days=90)).isoformat(),
                "did_about": maker.material,
            }
        }
        if reply.code in {"already", "agreed"}
        else {},
        "encouraged": {"all_sourcing": "yes", "all_dealings": "thinking"},
    }


def _party(country: str, province: str, who: Maker | Step) -> dict[str, str]:
    found = {
        "country": country,
        "name": who.name,
        "name_en": who.name_en,
        "code": who.code,
        "address": who.address,
    }
    return found | ({"province": province} if country == "CN" else {})


def _chain(maker: Maker) -> tuple[Step, ...]:
    own = Step(
        "c_fabric" if maker.sector == "cotton" else "assemble",
        maker.country, maker.province, maker.name, maker.name_en, maker.code, maker.address,
    )  # fmt: skip
    return (*maker.steps, own)


def _step(step: Step) -> dict[str, Any]:
    party = _party(step.country, step.province, step)
    return {"step_input": "@input", "step_kind": step.kind} | {
        f"step_{part}": value for part, value in party.items()
    }


def _balance(today: date) -> dict[str, Any]:
    return {
        "bal_input": "@input",
        "bal_from": date(today.year - 1, 1, 1).isoformat(),
        "bal_to": date(today.year - 1, 12, 31).isoformat(),
        "bal_unit": "kg",
        "bal_open": "12000",
        "bal_in": "240000",
        "bal_used": "236500",
        "bal_sold": "3500",
        "bal_close": "12000",
        "bal_made": "229400",
        "bal_ours": "81250",
    }


class Typist:
    """Types answers into a response and attaches papers, as its contact would."""

    def __init__(self, response: Response, by: User, maker: Maker) -> None:
        self.response = response
        self.by = by
        self.maker = maker
        self.rows: dict[str, str] = {}
        self.papers: dict[EvidenceKind, Evidence] = {}
        self.language = maker.language

    def type_all(self, answers: Answers) -> None:
        for section in queries.questionnaire(self.response.version).sections:
            given = answers.get(section.key)
            if given is None:
                continue
            if section.repeat is None:
                self._save(section.key, section.questions, given, "")
                continue
            for name, row in given.items():
                found = actions.add_row(
                    response=self.response, section=section.key, by=self.by, language=self.language
                )
                self.rows[name] = found
                self._save(section.key, section.questions, row, found)

    def _save(
        self, section: str, questions: tuple[Question, ...], given: Answers, row: str
    ) -> None:
        document = SectionDocument.objects.get(response=self.response, section=section)
        actions.save_section(
            response=self.response,
            section=section,
            data=self._typed(questions, given),
            rev=document.rev,
            by=self.by,
            explicit=True,
            language=self.language,
            row=row,
        )

    def _typed(self, questions: tuple[Question, ...], given: Answers) -> MultiValueDict:
        typed = MultiValueDict({"asked": [" ".join(question.key for question in questions)]})
        for question in questions:
            if question.key not in given:
                continue
            value = given[question.key]
            if question.type == QuestionType.DATE:
                year, month, day = value.split("-")
                parts = {"day": day, "month": month, "year": year}
                for part, number in parts.items():
                    typed.setlist(f"{question.key}_{part}", [number])
            elif isinstance(value, list):
                typed.setlist(question.key, value)
            else:
                known = self.rows[value[1:]] if value.startswith("@") else value
                typed.setlist(question.key, [known])
        return typed

    def attach_all(self) -> None:
        """Give each file question that is asked the papers that answer it."""
        for asked in queries.requests(queries.draft(self.response)):
            if asked.links:
                continue
            for kind in PAPERS.get(asked.question.key, ()):
                self._attach(asked.path, kind)

    def _attach(self, path: str, kind: EvidenceKind) -> None:
        if kind in self.papers:
            actions.link(response=self.response, path=path, evidence=self.papers[kind], by=self.by)
            return
        number = f"DEMO-{self.maker.key.upper()}-{len(self.papers) + 1:03}"
        file = paper(
            str(kind.label),
            [f"Company: {self.maker.name_en}", f"Number: {number}"],
            f"{kind.value}-{number.lower()}.pdf",
        )
        link = actions.attach(
            response=self.response,
            path=path,
            file=file,
            described=Description(
                kind=kind,
                issuer=ISSUERS.get(kind, self.maker.name_en),
                number=number,
            ),
            by=self.by,
        )
        self.papers[kind] = link.evidence
