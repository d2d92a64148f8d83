"""Plain data of the right shape to frozen dataclasses, with every rule compiled."""

from collections.abc import Callable
from typing import Any

from questionnaires.definition import (
    About,
    Choice,
    ChoiceList,
    EvidenceRequest,
    FindingRule,
    Level,
    Lines,
    MayDecline,
    Party,
    PartyRole,
    Prefill,
    Question,
    Questionnaire,
    QuestionType,
    Repeat,
    Scope,
    Section,
    SeenBy,
    Statement,
    Text,
)
from questionnaires.expressions import Expression, ExpressionError, compile_rule
from questionnaires.expressions import Scope as RuleScope
from questionnaires.loader.external import EXTERNAL

Data = dict[str, Any]
# place (dotted), what is wrong, column in the rule or 0
Complain = Callable[[str, str, int], None]


def text_of(data: Data | None) -> Text | None:
    return required_text(data) if data else None


def required_text(data: Data) -> Text:
    if "explicit" in data:
        return Text(_small(data["explicit"]), _small(data["traceability"]))
    both = _small(data)
    return Text(both, both)


def _small(texts: dict[str, str]) -> dict[str, str]:
    return {language.lower(): text for language, text in texts.items()}


class Builder:
    """Builds one definition; faults go to `complain`, and a stand-in goes in their place."""

    def __init__(self, data: Data, complain: Complain) -> None:
        self.data = data
        self.complain = complain
        self.table_of = {
            question["key"]: section.get("repeat", {}).get("key", "")
            for section in data["sections"]
            for question in section["questions"]
        }
        self.choices = {
            key: self.choice_list(key, found) for key, found in data.get("choices", {}).items()
        }

    def questionnaire(self, text: str, sha256: str) -> Questionnaire:
        data = self.data
        return Questionnaire(
            key=data["key"],
            version=data["version"],
            languages=tuple(language.lower() for language in data["languages"]),
            choices=self.choices,
            sections=tuple(map(self.section, data["sections"])),
            findings=tuple(map(self.finding, data.get("findings", ()))),
            basis=data.get("basis", {}),
            changes={change["place"]: change["reason"] for change in data.get("changes", ())},
            text=text,
            sha256=sha256,
        )

    def choice_list(self, key: str, data: Any) -> ChoiceList:
        if isinstance(data, dict):
            return EXTERNAL[data["external"]](key)
        by_code: dict[str, Choice] = {}
        for item in data:
            code = item["code"]
            if code in by_code:
                self.complain(f"choices.{key}.{code}", f"the code {code!r} stands twice", 0)
            by_code[code] = Choice(code, required_text(item["label"]), item.get("group", ""))
        return ChoiceList(key, by_code)

    def rule(self, source: str | None, place: str, scope: RuleScope) -> Expression | None:
        return None if source is None else self.required_rule(source, place, scope)

    def required_rule(self, source: str, place: str, scope: RuleScope) -> Expression:
        try:
            return compile_rule(source, scope)
        except ExpressionError as error:
            self.complain(place, str(error), error.column)
            return compile_rule("false()", scope)

    def section(self, data: Data) -> Section:
        key = data["key"]
        repeat = Repeat(**data["repeat"]) if "repeat" in data else None
        table = repeat.key if repeat else ""
        parties = tuple(
            Party(
                prefix=party["prefix"],
                role=PartyRole(party["role"]),
                section=key,
                table=table,
                label=text_of(party.get("label")),
                hint=text_of(party.get("hint")),
            )
            for party in data.get("parties", ())
        )
        return Section(
            key=key,
            title=required_text(data["title"]),
            questions=tuple(self.question(item, key, table) for item in data["questions"]),
            intro=text_of(data.get("intro")),
            clause=data.get("clause", ""),
            relevant=self.rule(
                data.get("relevant"), f"sections.{key}.relevant", RuleScope(self.table_of)
            ),
            repeat=repeat,
            parties=parties,
        )

    def question(self, data: Data, section: str, table: str) -> Question:
        key = data["key"]
        place = f"questions.{key}"
        scope = RuleScope(self.table_of, table)
        kind, choices, rows_of = self.type_of(data["type"], place)
        required = data.get("required", False)
        if isinstance(required, str):
            required = self.required_rule(required, f"{place}.required", scope)
        return Question(
            key=key,
            type=kind,
            label=required_text(data["label"]),
            section=section,
            table=table,
            hint=text_of(data.get("hint")),
            choices=choices,
            rows_of=rows_of,
            relevant=self.rule(data.get("relevant"), f"{place}.relevant", scope),
            required=required,
            constraint=self.rule(
                data.get("constraint"),
                f"{place}.constraint",
                RuleScope(self.table_of, table, has_value=True),
            ),
            message=text_of(data.get("message")),
            format=data.get("format", ""),
            lines=Lines(data["lines"]) if "lines" in data else None,
            may_decline=MayDecline(data.get("may_decline", "any")),
            prefill=Prefill(data.get("prefill", "never")),
            seen_by=SeenBy(data.get("seen_by", "all")),
            evidence=self.evidence(data.get("evidence")),
            statements=tuple(
                Statement(item["code"], required_text(item["label"]))
                for item in data.get("statements", ())
            ),
            prefix=data.get("party", ""),
            part=data.get("part", ""),
        )

    def type_of(self, written: str, place: str) -> tuple[QuestionType, ChoiceList | None, str]:
        name, _, of = written.partition(" ")
        if not of:
            return QuestionType(name), None, ""
        if of.startswith("$"):
            rows_of = self.table_of.get(of[2:-1], "")
            if not rows_of:
                self.complain(f"{place}.type", f"{of} is no question of a table", 0)
            return QuestionType.SELECT_ROW, None, rows_of
        if of not in self.choices:
            self.complain(f"{place}.type", f"there is no choice list {of!r}", 0)
            return QuestionType(name), ChoiceList(of, {}), ""
        return QuestionType(name), self.choices[of], ""

    def evidence(self, data: Data | None) -> EvidenceRequest | None:
        if data is None:
            return None
        step = data.get("step", "")
        is_question = step in self.table_of
        return EvidenceRequest(
            claim=data["claim"],
            kinds=tuple(data["kinds"]),
            step="" if is_question else step,
            step_question=step if is_question else "",
            months=data.get("months"),
        )

    def finding(self, data: Data) -> FindingRule:
        key, each = data["key"], data.get("each", "")
        return FindingRule(
            key=key,
            level=Level(data["level"]),
            scope=Scope(data["scope"]),
            about=About(data["about"]),
            when=self.required_rule(
                data["when"], f"findings.{key}.when", RuleScope(self.table_of, each)
            ),
            text=required_text(data["text"]),
            clause=data.get("clause", ""),
            limb=data.get("limb", ""),
            each=each,
        )
