"""Keeps the one translation catalogue complete: collects texts, compiles, or only checks.

`catalogues.py` rewrites the .po file from code and templates and compiles it; with --check it
writes nothing and says what is missing, fuzzy, malformed or not compiled. No gettext needed.
"""

import io
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

TOP = Path(__file__).resolve().parent.parent
PO = TOP / "portal/locale/zh_Hans/LC_MESSAGES/django.po"
MO = PO.with_suffix(".mo")
APPS = ("portal", "documents", "questionnaires", "workflows")
KEYWORDS = {
    name + lazy: places
    for lazy in ("", "_lazy")
    for name, places in {
        "gettext": None,
        "ngettext": (1, 2),
        "pgettext": ((1, "c"), 2),
        "npgettext": ((1, "c"), 2, 3),
    }.items()
} | {"_": None, "gettext_noop": None}
ALIAS = re.compile(r"\bn?p?gettext\w* as (\w+)")


def sources() -> Iterator[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *APPS, "templates"],
        cwd=TOP,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    for name in sorted(listed):
        is_code = name.endswith(".py") and "/migrations/" not in name
        if (is_code or name.startswith("templates/")) and (TOP / name).exists():
            yield TOP / name


def texts(path: Path) -> Iterator[tuple]:
    """Each text for translation in a file, with its line, comments and context."""
    source = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        # in brackets the indentation of a template means nothing to Python's tokenizer
        source = f"({templatize(source, origin=str(path))}\n)"
    yield from extract("python", io.BytesIO(source.encode()), KEYWORDS, ["Translators:"])


def uncollected() -> Iterator[str]:
    """Names under which code asks for texts that this script would pass over."""
    for path in sources():
        if path.suffix == ".py":
            for name in ALIAS.findall(path.read_text(encoding="utf-8")):
                if name not in KEYWORDS:
                    yield f"{path.relative_to(TOP)}: texts of {name}() are not collected"


def collected() -> Catalog:
    catalog = Catalog(locale="zh_Hans", charset="utf-8")
    for path in sources():
        for _line, message, comments, context in texts(path):
            catalog.add(message, auto_comments=comments, context=context)
    return catalog


def kept() -> Catalog:
    if not PO.exists():
        return Catalog(
            locale="zh_Hans",
            project="Extricate",
            version="1",
            header_comment="# Extricate in Simplified Chinese; AGPL-3.0-or-later.",
            last_translator="Extricate's authors",
            language_team="Extricate's authors",
            fuzzy=False,
        )
    with PO.open("rb") as file:
        return read_po(file, locale="zh_Hans")


def compiled(catalog: Catalog) -> bytes:
    out = io.BytesIO()
    write_mo(out, catalog)
    return out.getvalue()


def is_translated(message: Message) -> bool:
    strings = message.string if isinstance(message.string, tuple) else (message.string,)
    return bool(message.string) and all(strings) and not message.fuzzy


def complaints(catalog: Catalog, needed: Catalog) -> Iterator[str]:
    yield from uncollected()
    for message in needed:
        if not message.id:
            continue
        found = catalog.get(message.id, message.context)
        if found is None:
            yield f"missing: {message.id!r}"
        elif not is_translated(found):
            yield f"{'fuzzy' if found.fuzzy else 'no translation'}: {message.id!r}"
    for message, errors in catalog.check():
        yield from (f"{error}: {message.id!r}" for error in errors)
    if not MO.exists() or MO.read_bytes() != compiled(catalog):
        yield f"{MO.relative_to(TOP)} is not compiled from the .po file: make messages"


def update() -> None:
    catalog, needed = kept(), collected()
    needed.creation_date = catalog.creation_date
    catalog.update(needed, no_fuzzy_matching=True)
    catalog.obsolete.clear()
    PO.parent.mkdir(parents=True, exist_ok=True)
    with PO.open("wb") as file:
        write_po(file, catalog, width=99, omit_header=False, sort_output=True)
    MO.write_bytes(compiled(kept()))
    left = sum(1 for message in kept() if message.id and not is_translated(message))
    print(f"{len(kept())} texts, {left} without a translation")


def main() -> int:
    if "--check" not in sys.argv:
        update()
        return 0
    found = list(complaints(kept(), collected()))
    print("\n".join(found) or "The catalogue is complete.")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
