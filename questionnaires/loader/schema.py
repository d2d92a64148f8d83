"""The shape of a definition, as JSON Schema; what keys mean is checked elsewhere."""

from typing import Any

KEY = {"type": "string", "pattern": "^[a-z][a-z0-9_]*$", "maxLength": 60}
CODE = {"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9_]*$", "maxLength": 40}
WORDS = {"type": "string", "minLength": 1}
BY_LANGUAGE = {
    "type": "object",
    "minProperties": 1,
    "propertyNames": {"pattern": "^[a-z]{2,3}(-[A-Za-z]+)*$"},
    "additionalProperties": WORDS,
}
TEXT: dict[str, Any] = {
    "type": "object",
    "if": {"anyOf": [{"required": ["explicit"]}, {"required": ["traceability"]}]},
    "then": {
        "required": ["explicit", "traceability"],
        "properties": {"explicit": BY_LANGUAGE, "traceability": BY_LANGUAGE},
        "additionalProperties": False,
    },
    "else": BY_LANGUAGE,
}
RULE = {"type": "string", "minLength": 1}


def _object(must: str, **properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "required": must.split(),
        "properties": properties,
        "additionalProperties": False,
    }


CHOICE = _object("code label", code=CODE, label=TEXT, group={"type": "string"})
CHOICE_LIST = {
    "if": {"type": "object"},
    "then": _object("external", external={"enum": ["cn_province", "iso3166"]}),
    "else": {"type": "array", "minItems": 1, "items": CHOICE},
}
ROLES = [
    "own_company",
    "facility",
    "subsidiary",
    "owner",
    "sub_supplier",
    "input_source",
    "labour_agent",
]
PREFILL = {"enum": ["never", "confirm", "buyer"]}
MAY_DECLINE = {"enum": ["any", "cannot_say", "no"]}
SEEN_BY = {"enum": ["all", "counsel"]}
USE = _object(
    "use prefix role",
    use={"const": "party"},
    prefix=KEY,
    role={"enum": ROLES},
    label=TEXT,
    hint=TEXT,
    relevant=RULE,
    prefill=PREFILL,
    may_decline=MAY_DECLINE,
    seen_by=SEEN_BY,
)
PARTY = _object("prefix role", prefix=KEY, role={"enum": ROLES}, label=TEXT, hint=TEXT)
EVIDENCE = _object(
    "claim kinds",
    claim=KEY,
    step=KEY,
    kinds={"type": "array", "minItems": 1, "items": KEY, "uniqueItems": True},
    months={"type": "integer", "minimum": 1, "maximum": 120},
)
QUESTION = _object(
    "key type label",
    key=KEY,
    type={
        "type": "string",
        "pattern": r"^(text|integer|decimal|date|file|note|declaration"
        r"|select_(one|multiple) [a-z][a-z0-9_]*|select_one \$\{[a-z][a-z0-9_]*\})$",
    },
    label=TEXT,
    hint=TEXT,
    relevant=RULE,
    required={"if": {"type": "string"}, "then": RULE, "else": {"type": "boolean"}},
    constraint=RULE,
    message=TEXT,
    format={"enum": ["uscc", "hs_code", "email"]},
    lines={"enum": ["one", "several"]},
    may_decline=MAY_DECLINE,
    prefill=PREFILL,
    seen_by=SEEN_BY,
    evidence=EVIDENCE,
    statements={
        "type": "array",
        "minItems": 1,
        "items": _object(
            "code label", code={**CODE, "not": {"enum": ["declined", "raw"]}}, label=TEXT
        ),
    },
    party=KEY,
    part={"enum": ["country", "province", "name", "name_en", "code", "address"]},
)
SECTION = _object(
    "key title questions",
    key=KEY,
    title=TEXT,
    intro=TEXT,
    clause=WORDS,
    relevant=RULE,
    repeat=_object(
        "key min max item_title",
        key=KEY,
        min={"type": "integer", "minimum": 0},
        max={"type": "integer", "minimum": 1, "maximum": 2000},
        item_title=WORDS,
    ),
    questions={
        "type": "array",
        "minItems": 1,
        "items": {
            "type": "object",
            "if": {"required": ["use"]},
            "then": USE,
            "else": QUESTION,
        },
    },
    parties={"type": "array", "items": PARTY},
)
FINDING = _object(
    "key level scope about when text",
    key=KEY,
    clause=WORDS,
    limb={"enum": ["agreement", "proof"]},
    level={"enum": ["exit", "remediate", "counsel", "duty", "follow_up", "note"]},
    scope={"enum": ["own_products", "any_production"]},
    about={"enum": ["supplier", "link", "buyer"]},
    when=RULE,
    each=KEY,
    text=TEXT,
)
DEFINITION = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    **_object(
        "format key version languages sections",
        format={"const": 1},
        key={"type": "string", "pattern": "^[a-z][a-z0-9]*(-[a-z0-9]+)*$", "maxLength": 60},
        version={"type": "string", "pattern": r"^[0-9]+(\.[0-9]+)*$", "maxLength": 20},
        languages={
            "type": "array",
            "minItems": 1,
            "uniqueItems": True,
            "items": {"type": "string", "pattern": "^[a-z]{2,3}(-[A-Za-z]+)*$"},
        },
        basis=_object("title date", title=WORDS, date=WORDS),
        choices={
            "type": "object",
            "propertyNames": {"pattern": KEY["pattern"]},
            "additionalProperties": CHOICE_LIST,
        },
        sections={"type": "array", "minItems": 1, "items": SECTION},
        findings={"type": "array", "items": FINDING},
        changes={
            "type": "array",
            "items": _object("place reason", place=WORDS, reason=WORDS),
        },
    ),
}
