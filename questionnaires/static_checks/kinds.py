"""What kind of value each part of a rule has, so that like is compared with like."""

import re
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from questionnaires.definition import ChoiceList, Question, Questionnaire, QuestionType
from questionnaires.expressions import Call, Chain, Dot, Literal, Name, Negative, Node

ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
COMPARISONS = frozenset({"=", "!=", "<", "<=", ">", ">="})
KIND_OF = {
    QuestionType.TEXT: "text",
    QuestionType.INTEGER: "number",
    QuestionType.DECIMAL: "number",
    QuestionType.DATE: "date",
    QuestionType.SELECT_ONE: "choice",
    QuestionType.SELECT_MULTIPLE: "choices",
    QuestionType.SELECT_ROW: "row",
    QuestionType.FILE: "files",
    QuestionType.DECLARATION: "ticks",
    QuestionType.NOTE: "nothing",
}
# What a function gives, and what its arguments must be ("" is anything).
GIVES: dict[str, str] = {
    "today": "date",
    "count-selected": "number",
    "count": "number",
    "sum": "number",
    "string-length": "number",
    "declined": "declined",
}
TAKES: dict[str, tuple[tuple[str, ...], ...]] = {
    "selected": (("choices", "choice"), ("literal", "text", "choice")),
    "count-selected": (("choices", "files", "ticks"),),
    "string-length": (("text", "literal"),),
    "contains": (("text", "literal"), ("text", "literal")),
    "sum": (("number",),),
}


@dataclass(frozen=True, slots=True)
class Fault:
    text: str
    column: int
    is_warning: bool = False


@dataclass(frozen=True, slots=True)
class Kind:
    """`name` is one of KIND_OF's, bool, declined, literal, or anything."""

    name: str
    choices: ChoiceList | None = None
    literal: str = ""
    key: str = ""  # of the question, for messages

    def __str__(self) -> str:
        if self.name == "literal":
            return f"the text {self.literal!r}"
        return f"{self.key!r} ({self.name})" if self.key else f"a {self.name}"


ANYTHING = Kind("anything")
BOOL = Kind("bool")
NUMBER = Kind("number")


@dataclass(slots=True)
class Kinds:
    """Finds the kind of a rule's parts; `asked` is what `.` stands for."""

    definition: Questionnaire
    asked: Question | None = None
    faults: list[Fault] = field(default_factory=list)

    def fault(self, text: str, node: Node) -> None:
        self.faults.append(Fault(text, node.column))

    def of(self, node: Node) -> Kind:
        match node:
            case Literal(value=value):
                return NUMBER if isinstance(value, Decimal) else Kind("literal", literal=value)
            case Name(key=key):
                return self.of_question(self.definition.questions.get(key), node)
            case Dot():
                return self.of_question(self.asked, node)
            case Negative(operand=operand):
                self.expect(operand, self.of(operand), ("number",), "-")
                return NUMBER
            case Call():
                return self.of_call(node)
            case Chain():
                return self.of_chain(node)

    def of_question(self, question: Question | None, node: Node) -> Kind:
        if question is None:
            return ANYTHING
        if question.type is QuestionType.NOTE:
            self.fault(f"{question.key!r} is a note and has no answer", node)
            return ANYTHING
        return Kind(KIND_OF[question.type], question.choices, key=question.key)

    def of_call(self, call: Call) -> Kind:
        kinds = [self.of(argument) for argument in call.arguments]
        wanted = TAKES.get(call.function, ())
        for argument, kind, names in zip(call.arguments, kinds, wanted, strict=False):
            self.expect(argument, kind, names, f"{call.function}()")
        if call.function == "selected":
            self.choice(kinds[0], kinds[1], call.arguments[1])
        if call.function in {"if", "coalesce"}:
            first, second = kinds[-2:]
            return first if first.name == second.name else ANYTHING
        return Kind(GIVES.get(call.function, "bool"))

    def expect(self, node: Node, kind: Kind, names: tuple[str, ...], what: str) -> None:
        if kind.name not in {*names, "anything"}:
            wanted = " or ".join(name for name in names if name != "literal")
            self.fault(f"{what} takes {wanted}, not {kind}", node)

    def of_chain(self, chain: Chain) -> Kind:
        left, kind = chain.first, self.of(chain.first)
        for operator, right in chain.rest:
            other = self.of(right)
            if operator in {"=", "!="}:
                self.equal(kind, other, left, right)
            elif operator in COMPARISONS:
                self.ordered(kind, other, left, right)
            elif operator not in {"and", "or"}:
                self.expect(left, kind, ("number",), operator)
                self.expect(right, other, ("number",), operator)
            numbers = operator in {"+", "-", "*", "div", "mod"}
            left, kind = right, NUMBER if numbers else BOOL
        return kind

    def equal(self, left: Kind, right: Kind, left_node: Node, right_node: Node) -> None:
        for kind, other, node in ((left, right, left_node), (right, left, right_node)):
            if kind.name in {"choices", "files", "ticks"} and other.literal != "":
                self.fault(f"{kind} holds several values: use selected()", node)
                return
            if other.name == "literal":
                self.literal(kind, other, right_node if kind is left else left_node)
                return
        if "anything" not in {left.name, right.name} and left.name != right.name:
            self.fault(f"{left} is never equal to {right}", left_node)

    def literal(self, kind: Kind, literal: Kind, node: Node) -> None:
        """Judge a comparison for equality with quoted text."""
        if not literal.literal or kind.name in {"text", "literal", "anything"}:
            return  # '' is empty, and anything may be that
        if kind.name == "choice":
            self.choice(kind, literal, node)
        elif kind.name == "date":
            self.iso(literal, node)
        elif kind.name == "declined":
            if literal.literal not in {"unknown", "cannot_say"}:
                self.fault(f"declined() is 'unknown' or 'cannot_say', never {literal}", node)
        else:
            self.fault(f"{kind} is never equal to {literal}", node)

    def choice(self, kind: Kind, literal: Kind, node: Node) -> None:
        if literal.name != "literal" or kind.choices is None:
            return
        if literal.literal not in kind.choices.by_code:
            self.fault(f"{literal.literal!r} is no choice of {kind.key!r}", node)

    def iso(self, literal: Kind, node: Node) -> None:
        if ISO_DATE.fullmatch(literal.literal):
            try:
                date.fromisoformat(literal.literal)
            except ValueError:
                pass
            else:
                return
        self.fault(f"{literal} is no date, like '2026-11-20'", node)

    def ordered(self, left: Kind, right: Kind, left_node: Node, right_node: Node) -> None:
        names = {left.name, right.name}
        if names == {"date", "literal"}:
            literal, node = (left, left_node) if left.name == "literal" else (right, right_node)
            self.iso(literal, node)
        elif "anything" not in names and names not in ({"number"}, {"date"}):
            self.fault(f"{left} and {right} have no order between them", left_node)
