"""Rules: nothing later, nothing unknown, nothing compared that cannot be equal."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from questionnaires.definition import Question, Questionnaire, QuestionType
from questionnaires.expressions import (
    Call,
    Chain,
    Expression,
    Name,
    Node,
    below,
    table_gone_through,
)
from questionnaires.expressions import Scope as RuleScope
from questionnaires.loader import Draft, Problem
from questionnaires.static_checks.kinds import Fault, Kinds

AFTER_ALL = 1_000_000


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule where it stands: it may name the questions before position `before`."""

    place: str
    expression: Expression
    before: int = AFTER_ALL
    home: str = ""
    asked: Question | None = None  # the question it belongs to
    names_itself: bool = field(default=False)


def check(draft: Draft) -> Iterator[Problem]:
    definition = draft.definition
    places = {key: position for position, key in enumerate(definition.questions)}
    for rule in all_rules(definition):
        tree = rule.expression.tree
        kinds = Kinds(definition, rule.asked if rule.names_itself else None)
        kinds.of(tree)
        faults = [*_later(rule, tree, places), *_own_table(definition, rule, tree), *kinds.faults]
        for fault in [*faults, *_unguarded(tree, frozenset())]:
            yield draft.problem(
                rule.place, fault.text, column=fault.column, is_warning=fault.is_warning
            )
    yield from _row_choices(draft)


def all_rules(definition: Questionnaire) -> Iterator[Rule]:
    """Every rule of a definition, in file order."""
    position = 0
    for section in definition.sections:
        if section.relevant:
            yield Rule(f"sections.{section.key}.relevant", section.relevant, position)
        for question in section.questions:
            yield from _rules_of(question, position)
            position += 1
    for finding in definition.findings:
        yield Rule(f"findings.{finding.key}.when", finding.when, home=finding.each)


def _rules_of(question: Question, position: int) -> Iterator[Rule]:
    place, home = f"questions.{question.key}", question.table
    if question.relevant:
        yield Rule(f"{place}.relevant", question.relevant, position, home, question)
    if not isinstance(question.required, bool):
        yield Rule(f"{place}.required", question.required, position, home, question)
    if question.constraint:
        yield Rule(
            f"{place}.constraint", question.constraint, position, home, question, names_itself=True
        )


def _walk(node: Node) -> Iterator[Node]:
    yield node
    for child in below(node):
        yield from _walk(child)


def _later(rule: Rule, tree: Node, places: dict[str, int]) -> Iterator[Fault]:
    for node in _walk(tree):
        if not isinstance(node, Name) or node.key not in places:
            continue
        if rule.asked and node.key == rule.asked.key:
            text = "a question cannot depend on itself"
            yield Fault(f"{text}; in a constraint its value is `.`", node.column)
        elif places[node.key] >= rule.before:
            yield Fault(f"{node.key!r} is asked later than this", node.column)


def _own_table(definition: Questionnaire, rule: Rule, tree: Node) -> Iterator[Fault]:
    """While a table is being answered its rows cannot be counted."""
    if not (rule.asked and rule.home):
        return
    table_of = {key: question.table for key, question in definition.questions.items()}
    scope = RuleScope(table_of, rule.home)
    for node in _walk(tree):
        if not isinstance(node, Call):
            continue
        if node.function in {"any", "all"}:
            table = table_gone_through(node, scope)
        elif node.function in {"count", "sum"} and isinstance(node.arguments[0], Name):
            table = table_of.get(node.arguments[0].key, "")
        else:
            continue
        if table == rule.home:
            yield Fault(
                f"{node.function}() goes through the table this question stands in; "
                "ask after the table",
                node.column,
            )


# `!=` and not(… = …) hold for what was never answered


def _answered_names(node: Node) -> set[str]:
    if isinstance(node, Call) and node.function == "answered":
        return {name.key for name in node.arguments if isinstance(name, Name)}
    return set()


def _unanswered_names(node: Node) -> set[str]:
    if isinstance(node, Call) and node.function == "not":
        return _answered_names(node.arguments[0])
    return set()


def _unguarded(node: Node, guarded: frozenset[str]) -> Iterator[Fault]:
    if isinstance(node, Chain):
        operands = below(node)
        operator = node.rest[0][0]
        if operator == "and":
            guarded = guarded.union(*map(_answered_names, operands))
        elif operator == "or":
            guarded = guarded.union(*map(_unanswered_names, operands))
        yield from _unequal(node, guarded)
    if isinstance(node, Call) and node.function == "not":
        yield from _not_equal(node, guarded)
    for child in below(node):
        yield from _unguarded(child, guarded)


def _is_blank(node: Node) -> bool:
    return getattr(node, "value", None) == ""


def _bare_names(chain: Chain, sign: str, guarded: frozenset[str]) -> Iterator[Name]:
    left = chain.first
    for operator, right in chain.rest:
        if operator == sign and not (_is_blank(left) or _is_blank(right)):
            for node in (left, right):
                if isinstance(node, Name) and node.key not in guarded:
                    yield node
        left = right


def _unequal(chain: Chain, guarded: frozenset[str]) -> Iterator[Fault]:
    for name in _bare_names(chain, "!=", guarded):
        yield Fault(
            f"!= holds while {name.key!r} is unanswered: put answered(${{{name.key}}}) beside it",
            name.column,
        )


def _not_equal(call: Call, guarded: frozenset[str]) -> Iterator[Fault]:
    inner = call.arguments[0]
    if isinstance(inner, Chain):
        for name in _bare_names(inner, "=", guarded):
            yield Fault(
                f"this holds while {name.key!r} is unanswered; is that meant?",
                name.column,
                is_warning=True,
            )


def _row_choices(draft: Draft) -> Iterator[Problem]:
    """A question that names a row comes after that table."""
    order = {section.table: i for i, section in enumerate(draft.definition.sections)}
    for i, section in enumerate(draft.definition.sections):
        for question in section.questions:
            if question.type is QuestionType.SELECT_ROW and order.get(question.rows_of, 0) >= i:
                yield draft.problem(
                    f"questions.{question.key}.type",
                    f"the table {question.rows_of!r} is not answered before this",
                )
