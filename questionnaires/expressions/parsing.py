"""Text to tree, by precedence. Columns count characters from 1."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import NoReturn

MOST_CHARACTERS = 2000
DEEPEST = 40

# Dates are ISO text; a tuple holds codes, row ids or evidence ids; None is empty.
Value = str | Decimal | bool | tuple[str, ...] | None

# From the loosest to the tightest; operators of one level go from left to right.
LEVELS: tuple[frozenset[str], ...] = (
    frozenset({"or"}),
    frozenset({"and"}),
    frozenset({"=", "!="}),
    frozenset({"<", "<=", ">", ">="}),
    frozenset({"+", "-"}),
    frozenset({"*", "div", "mod"}),
)

TOKEN = re.compile(
    r"(?P<number>[0-9]+(?:\.[0-9]+)?)"
    r"|'(?P<text>[^']*)'"
    r"|\$\{(?P<name>[^{}]*)\}"
    r"|(?P<word>[a-z]+(?:-[a-z]+)*)"
    r"|(?P<sign><=|>=|!=|[-+*=<>(),.])"
)
SPACE = re.compile(r"\s*")
KEY = re.compile(r"[a-z][a-z0-9_]*")

# How many arguments each function takes.
FUNCTIONS: dict[str, int] = {
    "not": 1,
    "true": 0,
    "false": 0,
    "if": 3,
    "coalesce": 2,
    "today": 0,
    "selected": 2,
    "count-selected": 1,
    "count": 1,
    "sum": 1,
    "string-length": 1,
    "contains": 2,
    "answered": 1,
    "declined": 1,
    "any": 1,
    "all": 1,
}
TAKE_A_NAME = frozenset({"count", "sum", "answered", "declined"})


class ExpressionError(ValueError):
    """A rule that cannot be read or run."""

    def __init__(self, message: str, column: int) -> None:
        super().__init__(message)
        self.column = column


@dataclass(frozen=True, slots=True)
class Literal:
    value: str | Decimal
    column: int


@dataclass(frozen=True, slots=True)
class Name:
    key: str
    column: int


@dataclass(frozen=True, slots=True)
class Dot:
    column: int


@dataclass(frozen=True, slots=True)
class Call:
    function: str
    arguments: tuple["Node", ...]
    column: int


@dataclass(frozen=True, slots=True)
class Negative:
    operand: "Node"
    column: int


@dataclass(frozen=True, slots=True)
class Chain:
    """Operands joined by operators of one level: `first`, then (operator, operand) pairs."""

    first: "Node"
    rest: tuple[tuple[str, "Node"], ...]
    column: int


Node = Literal | Name | Dot | Call | Negative | Chain


@dataclass(frozen=True, slots=True)
class Token:
    kind: str  # number, text, name, word, sign, end
    text: str
    column: int


def tokens(source: str) -> Iterator[Token]:
    at = SPACE.match(source).end()  # type: ignore[union-attr]  # it matches nothing, too
    while at < len(source):
        if not (found := TOKEN.match(source, at)):
            raise ExpressionError(_unreadable(source[at]), at + 1)
        kind = found.lastgroup or ""
        yield Token(kind, found[kind], at + 1)
        at = SPACE.match(source, found.end()).end()  # type: ignore[union-attr]
    yield Token("end", "", len(source) + 1)


def _unreadable(character: str) -> str:
    if character == "'":
        return "this text has no closing quotation mark"
    if character == "$":
        return "a question is named as ${key}"
    return f"unexpected character {character!r}"


class Parser:
    def __init__(self, source: str) -> None:
        self.tokens = list(tokens(source))
        self.position = 0
        self.depth = 0

    @property
    def token(self) -> Token:
        return self.tokens[self.position]

    def advance(self) -> Token:
        token = self.token
        self.position += 1
        return token

    def accepts(self, sign: str) -> bool:
        if self.token.kind == "sign" and self.token.text == sign:
            self.position += 1
            return True
        return False

    def expect(self, sign: str) -> None:
        if not self.accepts(sign):
            self.fail(f"{sign!r} expected")

    def fail(self, message: str) -> NoReturn:
        token = self.token
        seen = "the end of the rule" if token.kind == "end" else repr(token.text)
        raise ExpressionError(f"{message}, found {seen}", token.column)

    def whole(self) -> Node:
        node = self.level(0)
        if self.token.kind != "end":
            self.fail("an operator or the end expected")
        return node

    def level(self, level: int) -> Node:
        if level == len(LEVELS):
            return self.unary()
        column = self.token.column
        first = self.level(level + 1)
        rest = []
        while self.token.kind in {"word", "sign"} and self.token.text in LEVELS[level]:
            operator = self.advance().text
            rest.append((operator, self.level(level + 1)))
        return Chain(first, tuple(rest), column) if rest else first

    def unary(self) -> Node:
        self.depth += 1
        if self.depth > DEEPEST:
            raise _too_deep(self.token.column)
        column = self.token.column
        node = Negative(self.unary(), column) if self.accepts("-") else self.atom()
        self.depth -= 1
        return node

    def atom(self) -> Node:
        if self.accepts("("):
            node = self.level(0)
            self.expect(")")
            return node
        token = self.token
        if self.accepts("."):
            return Dot(token.column)
        if token.kind == "name":
            return self.name()
        if token.kind == "word":
            return self.call()
        if token.kind not in {"number", "text"}:
            self.fail("a value expected")
        self.advance()
        value = Decimal(token.text) if token.kind == "number" else token.text
        return Literal(value, token.column)

    def name(self) -> Name:
        token = self.advance()
        if not KEY.fullmatch(token.text):
            raise ExpressionError(f"{token.text!r} cannot be the key of a question", token.column)
        return Name(token.text, token.column)

    def call(self) -> Call:
        token = self.token
        if token.text not in FUNCTIONS:
            if token.text in {"or", "and", "div", "mod"}:
                self.fail("a value expected")
            raise ExpressionError(f"there is no function {token.text!r}", token.column)
        self.advance()
        self.expect("(")
        arguments: list[Node] = []
        if not self.accepts(")"):
            arguments.append(self.level(0))
            while self.accepts(","):
                arguments.append(self.level(0))
            self.expect(")")
        return _checked(Call(token.text, tuple(arguments), token.column))


def _checked(call: Call) -> Call:
    wanted = FUNCTIONS[call.function]
    if len(call.arguments) != wanted:
        raise ExpressionError(
            f"{call.function}() takes {wanted} values, not {len(call.arguments)}", call.column
        )
    if call.function in TAKE_A_NAME and not isinstance(call.arguments[0], Name):
        raise ExpressionError(
            f"{call.function}() takes a question, as ${{key}}", call.arguments[0].column
        )
    return call


def parse(source: str) -> Node:
    """The tree of a rule.

    Raises ExpressionError for anything outside the grammar, for more than 2,000 characters
    and for more than 40 levels of nesting.
    """
    if len(source) > MOST_CHARACTERS:
        raise ExpressionError(f"longer than {MOST_CHARACTERS} characters", MOST_CHARACTERS + 1)
    tree = Parser(source).whole()
    _measure(tree, 1)
    return tree


def _too_deep(column: int) -> ExpressionError:
    return ExpressionError(f"nested deeper than {DEEPEST} levels", column)


def _measure(node: Node, depth: int) -> None:
    # Chains nest without parentheses, so the tree is measured as well as the text.
    if depth > DEEPEST:
        raise _too_deep(node.column)
    for child in below(node):
        _measure(child, depth + 1)


def below(node: Node) -> tuple[Node, ...]:
    """What the node is made of, from left to right."""
    match node:
        case Call(arguments=arguments):
            return arguments
        case Negative(operand=operand):
            return (operand,)
        case Chain(first=first, rest=rest):
            return (first, *(operand for _, operand in rest))
        case _:
            return ()


def walk(node: Node) -> Iterator[Node]:
    """The node and all below it, from left to right."""
    yield node
    for child in below(node):
        yield from walk(child)
