"""The rules in a questionnaire: XLSForm's expressions, parsed once, run as closures."""

from questionnaires.expressions.compiling import (
    Expression,
    Row,
    Scope,
    State,
    compile_rule,
    table_gone_through,
)
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

__all__ = [
    "Call",
    "Chain",
    "Dot",
    "Expression",
    "ExpressionError",
    "Literal",
    "Name",
    "Negative",
    "Node",
    "Row",
    "Scope",
    "State",
    "Value",
    "below",
    "compile_rule",
    "parse",
    "table_gone_through",
    "walk",
]
