"""Excel workbooks of suppliers: read in a child process that can be killed, and a template."""

import io
import json
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from documents import children
from documents.enums import Problem
from documents.inspection import archives
from documents.inspection.finding import Found

SECONDS = 20
MEMORY = 768 * 1024 * 1024
MOST_ROWS_LOOKED_AT = 50_000
MOST_COLUMNS = 60
MOST_DIGITS = 15  # a spreadsheet keeps no more of a number
TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

BROKEN, TOO_LONG = "broken", "too long"


@dataclass
class Sheet:
    """The first sheet of a workbook: rows with their numbers, and cells that are not plain text.

    `odd` maps (row, column counted from 0) to what the cell should be instead.
    """

    name: str
    lines: list[tuple[int, list[str]]] = field(default_factory=list)
    odd: dict[tuple[int, int], str] = field(default_factory=dict)


def is_workbook(data: bytes) -> bool:
    return data[:4] == b"PK\x03\x04"


def read(data: bytes) -> Sheet:
    """Return the first sheet of an xlsx file.

    Nothing in it is run or fetched. Raises ValidationError, in a sentence, for anything else,
    and for what is built to do harm.
    """
    with tempfile.NamedTemporaryFile(suffix=".xlsx") as file:
        file.write(data)
        file.flush()
        try:
            said = children.run(cells_of, Path(file.name), seconds=SECONDS, memory=MEMORY)
        except children.ChildFailed as error:
            raise ValidationError(_unreadable()) from error
    answer = json.loads(said)
    if "problem" in answer:
        raise ValidationError(_sentence(answer["problem"]))
    sheet = Sheet(answer["name"])
    for number, cells in answer["rows"]:
        sheet.lines.append((number, [text for _kind, text in cells]))
        for column, (kind, _text) in enumerate(cells):
            if kind:
                sheet.odd[number, column] = _wanted(kind)
    return sheet


def _sentence(problem: str) -> str:
    said = {
        Problem.BOMB: _(
            "This file unpacks to far more than a table of suppliers. It was not read."
        ),
        Problem.ACTIVE: _(
            "This workbook holds macros, or fetches something from elsewhere. Save it as .xlsx"
            " without them, or as CSV."
        ),
        Problem.EMBEDDED: _("This workbook holds other files. Save the table alone."),
        Problem.ENCRYPTED: _("This workbook is locked by a password. Save it without one."),
        Problem.ID_NUMBERS: _(
            "This workbook seems to hold identity numbers of persons. Remove them first."
        ),
        TOO_LONG: _("More than 10,000 rows. Split the file into several."),
    }
    return str(said.get(problem, "")) or _unreadable()


def _unreadable() -> str:
    return _("This workbook cannot be read. Save it as .xlsx or CSV (UTF-8) once more.")


def _wanted(kind: str) -> str:
    return {
        "formula": _("Text; this looks like a formula."),
        "error": _("Text; this cell holds an error of the spreadsheet."),
        "digits": _("Text; a number this long has lost its last digits. Type it as text."),
    }[kind]


# In the child ------------------------------------------------------------------------------


def cells_of(path: Path) -> bytes:
    """Return the first sheet as JSON, or the problem; run under limits, believes nothing."""
    try:
        archives.judge(path)
        return json.dumps(_first_sheet(path)).encode()
    except Found as found:
        return json.dumps({"problem": str(found.problem)}).encode()
    except Exception:  # noqa: BLE001 - a library may raise anything over a crafted file
        return json.dumps({"problem": BROKEN}).encode()


def _first_sheet(path: Path) -> dict[str, Any]:
    from openpyxl import load_workbook

    book = load_workbook(path, read_only=True, keep_links=False, rich_text=False)
    sheet = next(one for one in book.worksheets if one.sheet_state == "visible")
    # what a sheet says of its own size is often wrong, and cuts rows off
    sheet.reset_dimensions()
    rows: list[tuple[int, list[tuple[str, str]]]] = []
    for number, cells in enumerate(sheet.iter_rows(max_col=MOST_COLUMNS), 1):
        if number > MOST_ROWS_LOOKED_AT:
            return {"problem": TOO_LONG}
        found = [_plain(cell) for cell in cells]
        while found and not found[-1][1].strip():
            found.pop()
        if found:
            rows.append((number, found))
    return {"name": sheet.title, "rows": rows}


def _plain(cell: Any) -> tuple[str, str]:
    """Return what is odd about a cell, if anything, and its text."""
    value = cell.value
    odd = {"f": "formula", "e": "error"}.get(cell.data_type or "", "")
    if odd:
        return odd, str(getattr(value, "text", value))
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _number(value)
    if isinstance(value, date):
        return "", value.isoformat()
    return "", "" if value is None else str(value)


def _number(value: float) -> tuple[str, str]:
    whole = int(value) if float(value).is_integer() else None
    text = str(value if whole is None else whole)
    return ("digits" if len(text.strip("-")) > MOST_DIGITS else ""), text


# A template to fill in ---------------------------------------------------------------------


def template(columns: Iterable[tuple[str, str]]) -> bytes:
    """Return a workbook whose first sheet waits for suppliers; the second says what goes where.

    `columns` are names and what each should hold. Cells are text, so that no number loses
    digits and no sign is taken for a formula.
    """
    from openpyxl import Workbook
    from openpyxl.styles import Font

    known = list(columns)
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = _("Suppliers")
    notes = book.create_sheet(_("Notes"))
    notes.append([_("Column"), _("What goes there")])
    for place, (name, about) in enumerate(known, 1):
        head = sheet.cell(row=1, column=place, value=name)
        head.font = Font(bold=True)
        letter = head.column_letter
        sheet.column_dimensions[letter].width = max(16, len(name) + 4)
        for row in range(2, 202):
            sheet.cell(row=row, column=place).number_format = "@"
        notes.append([name, about])
    sheet.freeze_panes = "A2"
    notes.column_dimensions["A"].width, notes.column_dimensions["B"].width = 20, 90
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
