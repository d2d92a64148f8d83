"""Texts: complete in each wording and language, and neutral where they must be."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from questionnaires.definition import Question, Section, Text
from questionnaires.loader import Draft, Problem

# What no supplier in traceability wording may read: the region and its names, the laws, the
# schemes, and the words for what is suspected.
LEAKS = re.compile(
    r"xinjiang|u[iy]gh?ur|\bxuar\b|\bxpcc\b|\buflpa\b|\bthe region\b|production and construction"
    r"|call to action|forced.?labou?r|slave|genocide|atrocit|human rights|minorit"
    r"|labou?r.transfer|transfer.schemes?|state.sponsored|state.run|\bpairing|poverty.alleviation"
    r"|prohibited (?:compan|dealing)|prison"
    r"|新疆|维吾尔|该地区|兵团|强迫劳动|劳动力转移|富余劳动力|对口支援|援疆|扶贫"
    r"|禁止往来企业|行动呼吁|种族灭绝|人权|少数民族|监狱",
    re.IGNORECASE | re.ASCII,  # so that Chinese around a Latin word bounds it
)
# Keys and codes reach HTML, workbooks and file names in both wordings.
LEAKS_IN_KEYS = re.compile(
    r"xinjiang|uyg|uig|xuar|xpcc|uflpa|forced|prohibited|labou?r_transfer|prison|minorit"
)
CLAUSE_ID = re.compile(r"(?:^|_)(?:a[1-4]|b[1-6]|c[12])(?:_|$)")


class Said(NamedTuple):
    place: str
    text: Text
    reaches_supplier: bool = True


def leaks(text: str) -> list[str]:
    """The words in `text` that must not reach a reader of the traceability wording."""
    return [found.group() for found in LEAKS.finditer(text)]


def check(draft: Draft) -> Iterator[Problem]:
    for said in all_texts(draft):
        yield from _missing(draft, said)
        if said.reaches_supplier:
            yield from _leaking(draft, said)
    yield from _external(draft)
    yield from _keys(draft)


def all_texts(draft: Draft) -> Iterator[Said]:
    """Every text of a definition with its place; those of external lists aside."""
    definition = draft.definition
    for choices in definition.choices.values():
        if not choices.external:
            for choice in choices.choices:
                yield Said(f"choices.{choices.key}.{choice.code}.label", choice.label)
    for section in definition.sections:
        yield from _of_section(section)
    for rule in definition.findings:
        yield Said(f"findings.{rule.key}.text", rule.text, reaches_supplier=False)


def _of_section(section: Section) -> Iterator[Said]:
    place = f"sections.{section.key}"
    yield Said(f"{place}.title", section.title)
    yield from _given(f"{place}.intro", section.intro)
    for party in section.parties:
        yield from _given(f"{place}.parties.{party.prefix}.label", party.label)
        yield from _given(f"{place}.parties.{party.prefix}.hint", party.hint)
    for question in section.questions:
        yield from _of_question(question)


def _of_question(question: Question) -> Iterator[Said]:
    place = f"questions.{question.key}"
    yield Said(f"{place}.label", question.label)
    yield from _given(f"{place}.hint", question.hint)
    yield from _given(f"{place}.message", question.message)
    for statement in question.statements:
        yield Said(f"{place}.statements.{statement.code}.label", statement.label)


def _given(place: str, text: Text | None) -> Iterator[Said]:
    if text:
        yield Said(place, text)


def _missing(draft: Draft, said: Said) -> Iterator[Problem]:
    languages = set(draft.definition.languages)
    wordings = {"explicit": said.text.explicit, "traceability": said.text.traceability}
    if not said.text.is_worded_twice:
        wordings = {"": said.text.explicit}
    for wording, texts in wordings.items():
        of_wording = f" in {wording} wording" if wording else ""
        for language in sorted(languages - set(texts)):
            yield draft.problem(said.place, f"no text for {language!r}{of_wording}")
        for language in sorted(set(texts) - languages):
            yield draft.problem(
                said.place, f"{language!r}{of_wording} is none of the questionnaire's languages"
            )
        for language in sorted(languages & set(texts)):
            if not texts[language].strip():
                yield draft.problem(said.place, f"the text for {language!r}{of_wording} is blank")


def _leaking(draft: Draft, said: Said) -> Iterator[Problem]:
    for language, text in said.text.traceability.items():
        for word in leaks(text):
            yield draft.problem(
                said.place, f"{word!r} must not stand in a traceability text ({language})"
            )


def _external(draft: Draft) -> Iterator[Problem]:
    for choices in draft.definition.choices.values():
        if choices.external:
            known = set(choices.choices[0].label.traceability)
            for language in sorted(set(draft.definition.languages) - known):
                yield draft.problem(
                    f"choices.{choices.key}",
                    f"the list {choices.external!r} has no names for {language!r}",
                )


def _keys(draft: Draft) -> Iterator[Problem]:
    for place, key in _all_keys(draft):
        if found := LEAKS_IN_KEYS.search(key):
            yield draft.problem(place, f"{found.group()!r} must not stand in the key {key!r}")
        elif CLAUSE_ID.search(key) and not place.startswith("choices."):
            yield draft.problem(place, f"the key {key!r} names a clause")


def _all_keys(draft: Draft) -> Iterator[tuple[str, str]]:
    definition = draft.definition
    yield "key", definition.key
    for choices in definition.choices.values():
        yield f"choices.{choices.key}", choices.key
        if not choices.external:
            for choice in choices.choices:
                yield f"choices.{choices.key}.{choice.code}", choice.code.lower()
    for section in definition.sections:
        yield f"sections.{section.key}", section.key
        if section.table:
            yield f"sections.{section.key}.repeat", section.table
        for question in section.questions:
            yield f"questions.{question.key}", question.key
            for statement in question.statements:
                yield (
                    f"questions.{question.key}.statements.{statement.code}",
                    statement.code.lower(),
                )
