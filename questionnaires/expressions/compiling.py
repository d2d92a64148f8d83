"""Tree to closure: how each operator and function treats what is empty."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Context, Decimal
from typing import cast

from questionnaires.expressions.parsing import (
    Call,
    Chain,
    Dot,
    ExpressionError,
    Literal,
    Name,
    Negative,
    Node,
    Value,
    below,
    parse,
    walk,
)

# Nothing traps: a result that is no finite number is empty.
ARITHMETIC = Context(prec=50, traps=[])


@dataclass(slots=True)
class Row:
    """What was answered, and what was declined (`unknown`, `cannot_say`), by question key."""

    id: str = ""
    values: dict[str, Value] = field(default_factory=dict)
    declined: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class State:
    """All a rule may see. Hidden, raw and unanswered questions are absent."""

    today: str  # ISO
    top: Row = field(default_factory=Row)
    rows: dict[str, list[Row]] = field(default_factory=dict)  # visible rows by table
    row: Row = field(default_factory=Row)  # the row the rule is asked in
    other: Row = field(default_factory=Row)  # the row any() or all() has come to
    value: Value = None  # what `.` stands for


Run = Callable[[State], Value]


@dataclass(frozen=True, slots=True)
class Scope:
    """Where a rule stands, and in which table (or none, "") every question stands."""

    table_of: Mapping[str, str]
    home: str = ""
    other: str = ""  # the table any() or all() goes through
    has_value: bool = False  # whether `.` means anything here


@dataclass(frozen=True, slots=True)
class Expression:
    """A compiled rule; `run` never raises."""

    source: str
    tree: Node
    run: Run

    def holds(self, state: State) -> bool:
        """Whether the rule is true; empty counts as false."""
        return bool(self.run(state))


def compile_rule(source: str, scope: Scope) -> Expression:
    """Parse and compile; raises ExpressionError with the column."""
    tree = parse(source)
    return Expression(source, tree, _compiled(tree, scope))


def _compiled(node: Node, scope: Scope) -> Run:
    match node:
        case Literal(value=value):
            return _constant(value if value != "" else None)
        case Name():
            return _name(node, scope)
        case Dot(column=column):
            if not scope.has_value:
                raise ExpressionError("`.` stands for a value in a constraint only", column)
            return lambda state: state.value
        case Negative(operand=operand):
            return _negative(_compiled(operand, scope))
        case Chain():
            return _chain(node, scope)
        case Call():
            return _call(node, scope)


def _constant(value: Value) -> Run:
    return lambda _: value


def _negative(operand: Run) -> Run:
    return lambda state: _arithmetic("-", Decimal(0), operand(state))


def _row_of(node: Name, scope: Scope) -> Callable[[State], Row]:
    table = scope.table_of.get(node.key)
    if table is None:
        raise ExpressionError(f"there is no question {node.key!r}", node.column)
    if not table:
        return lambda state: state.top
    if table == scope.other:
        return lambda state: state.other
    if table == scope.home:
        return lambda state: state.row
    raise ExpressionError(
        f"{node.key!r} stands in the table {table!r}: use any(), all(), count() or sum()",
        node.column,
    )


def _name(node: Name, scope: Scope) -> Run:
    row_of, key = _row_of(node, scope), node.key
    return lambda state: row_of(state).values.get(key)


# Operators


def _equal(left: Value, right: Value) -> bool:
    # Decimal(1) == True in Python, but not here; None is of one type with None alone.
    return type(left) is type(right) and left == right


COMPARISONS: dict[str, Callable[[Decimal, Decimal], bool]] = {
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
}


def _compare(operator: str, left: Value, right: Value) -> Value:
    if operator == "=":
        return _equal(left, right)
    if operator == "!=":
        return not _equal(left, right)
    numbers = isinstance(left, Decimal) and isinstance(right, Decimal)
    texts = isinstance(left, str) and isinstance(right, str)
    return (numbers or texts) and COMPARISONS[operator](left, right)  # type: ignore[arg-type]


CALCULATIONS: dict[str, Callable[[Decimal, Decimal], Decimal]] = {
    "+": ARITHMETIC.add,
    "-": ARITHMETIC.subtract,
    "*": ARITHMETIC.multiply,
    "div": ARITHMETIC.divide,
    "mod": ARITHMETIC.remainder,
}


def _arithmetic(operator: str, left: Value, right: Value) -> Value:
    if not (isinstance(left, Decimal) and isinstance(right, Decimal)):
        return None
    result = CALCULATIONS[operator](left, right)
    return result if result.is_finite() else None


def _chain(node: Chain, scope: Scope) -> Run:
    first = _compiled(node.first, scope)
    operators = [operator for operator, _ in node.rest]
    operands = [_compiled(operand, scope) for _, operand in node.rest]
    if operators[0] in {"or", "and"}:
        every = (first, *operands)
        if operators[0] == "or":
            return lambda state: any(run(state) for run in every)
        return lambda state: all(run(state) for run in every)
    apply = _arithmetic if operators[0] in CALCULATIONS else _compare
    if len(operands) == 1:
        operator, second = operators[0], operands[0]
        return lambda state: apply(operator, first(state), second(state))

    def run(state: State) -> Value:
        result = first(state)
        for operator, operand in zip(operators, operands, strict=True):
            result = apply(operator, result, operand(state))
        return result

    return run


# Functions


def _selected(value: Value, code: Value) -> bool:
    if isinstance(value, tuple):
        return code in value
    return value is not None and _equal(value, code)


def _count_selected(value: Value) -> Decimal:
    if isinstance(value, tuple):
        return Decimal(len(value))
    return Decimal(value is not None)


def _length(value: Value) -> Decimal:
    return Decimal(len(value) if isinstance(value, str) else 0)


def _contains(value: Value, part: Value) -> bool:
    return isinstance(value, str) and isinstance(part, str) and part in value


PLAIN: dict[str, Callable[..., Value]] = {
    "not": lambda value: not value,
    "true": lambda: True,
    "false": lambda: False,
    "selected": _selected,
    "count-selected": _count_selected,
    "string-length": _length,
    "contains": _contains,
}


def _call(node: Call, scope: Scope) -> Run:
    if special := SPECIAL.get(node.function):
        return special(node, scope)
    function = PLAIN[node.function]
    arguments = [_compiled(argument, scope) for argument in node.arguments]
    match arguments:
        case []:
            return _constant(function())
        case [one]:
            return lambda state: function(one(state))
        case _:
            return lambda state: function(*(argument(state) for argument in arguments))


def _today(_node: Call, _scope: Scope) -> Run:
    return lambda state: state.today


def _if(node: Call, scope: Scope) -> Run:
    condition, then, otherwise = (_compiled(argument, scope) for argument in node.arguments)
    return lambda state: then(state) if condition(state) else otherwise(state)


def _coalesce(node: Call, scope: Scope) -> Run:
    first, second = (_compiled(argument, scope) for argument in node.arguments)

    def run(state: State) -> Value:
        value = first(state)
        return second(state) if value is None else value

    return run


def _named(node: Call) -> Name:
    return cast("Name", node.arguments[0])  # the parser has seen to it


def _answered(node: Call, scope: Scope) -> Run:
    name = _named(node)
    row_of = _row_of(name, scope)
    return lambda state: name.key in row_of(state).values


def _declined(node: Call, scope: Scope) -> Run:
    name = _named(node)
    row_of = _row_of(name, scope)
    return lambda state: row_of(state).declined.get(name.key)


def _column(node: Call, scope: Scope) -> Callable[[State], list[Value]]:
    name = _named(node)
    table = scope.table_of.get(name.key)
    if table is None:
        raise ExpressionError(f"there is no question {name.key!r}", name.column)
    if not table:
        raise ExpressionError(
            f"{node.function}() takes a question of a table, and {name.key!r} stands in none",
            name.column,
        )
    key = name.key
    return lambda state: [
        row.values[key] for row in state.rows.get(table, ()) if key in row.values
    ]


def _count(node: Call, scope: Scope) -> Run:
    column = _column(node, scope)
    return lambda state: Decimal(len(column(state)))


def _sum(node: Call, scope: Scope) -> Run:
    column = _column(node, scope)

    def run(state: State) -> Value:
        total: Value = Decimal(0)
        for value in column(state):
            if isinstance(value, Decimal):
                total = _arithmetic("+", total, value)
        return total

    return run


def _names_read_by_row(node: Node) -> list[Name]:
    """Names outside count() and sum(), which go through the rows by themselves."""
    if isinstance(node, Name):
        return [node]
    if isinstance(node, Call) and node.function in {"count", "sum"}:
        return []
    return [name for child in below(node) for name in _names_read_by_row(child)]


def table_gone_through(node: Call, scope: Scope) -> str:
    """The one table that any() or all() names; one's own row may be named beside it."""
    inner = node.arguments[0]
    if any(isinstance(child, Call) and child.function in {"any", "all"} for child in walk(inner)):
        raise ExpressionError(f"{node.function}() cannot hold any() or all()", node.column)
    tables = {scope.table_of.get(name.key, "") for name in _names_read_by_row(inner)} - {""}
    if len(tables) > 1:
        tables.discard(scope.home)
    if len(tables) != 1:
        raise ExpressionError(
            f"{node.function}() must name questions of one table, not of {len(tables)}",
            node.column,
        )
    return tables.pop()


def _any_or_all(node: Call, scope: Scope) -> Run:
    table = table_gone_through(node, scope)
    inner = _compiled(node.arguments[0], Scope(scope.table_of, scope.home, table, scope.has_value))
    wanted = node.function == "any"  # any() stops at a row that holds, all() at one that fails

    def run(state: State) -> Value:
        for row in state.rows.get(table, ()):
            state.other = row
            if bool(inner(state)) == wanted:
                return wanted
        return not wanted

    return run


SPECIAL: dict[str, Callable[[Call, Scope], Run]] = {
    "today": _today,
    "if": _if,
    "coalesce": _coalesce,
    "answered": _answered,
    "declined": _declined,
    "count": _count,
    "sum": _sum,
    "any": _any_or_all,
    "all": _any_or_all,
}
