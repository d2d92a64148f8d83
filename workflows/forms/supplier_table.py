"""A table of suppliers, CSV or Excel: each error with its cell, what was seen and wanted."""

import csv
import io
import re
import unicodedata
from dataclasses import dataclass, field
from zoneinfo import available_timezones

from babel import Locale
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from stdnum.cn import uscc

from portal.enums import Language
from workflows.actions import SupplierRow
from workflows.forms import spreadsheet

COLUMNS = (
    "reference",
    "name",
    "name_en",
    "country",
    "registration",
    "address",
    "contact_name",
    "contact_email",
    "language",
    "zone",
)
ABOUT = {
    "reference": gettext_lazy("Your own number of the supplier; a known one is updated."),
    "name": gettext_lazy("The name as registered, in its own script. Needed."),
    "name_en": gettext_lazy("The name in Latin letters, if there is one."),
    "country": gettext_lazy("Two letters of ISO 3166, such as CN or BD. Needed."),
    "registration": gettext_lazy(
        "The number in the company register; in China the Unified Social Credit Code."
    ),
    "address": gettext_lazy("The registered address, on one line."),
    "contact_name": gettext_lazy("The person who answers."),
    "contact_email": gettext_lazy("The address of that person, not of a department. Needed."),
    "language": gettext_lazy("en or zh. Left empty: zh for China, else en."),
    "zone": gettext_lazy("A time zone such as Asia/Shanghai. Left empty: that of the country."),
}
REQUIRED = ("name", "country", "contact_email")
LONGEST = {"reference": 60, "registration": 60, "contact_name": 120, "address": 400, "zone": 60}
MOST_BYTES = 2 * 1024 * 1024
MOST_ROWS = 10_000
COUNTRIES = frozenset(
    code for code in map(str, Locale("en").territories) if re.fullmatch("[A-Z]{2}", code)
)
ZONES = {"CN": "Asia/Shanghai", "BD": "Asia/Dhaka", "VN": "Asia/Ho_Chi_Minh", "IN": "Asia/Kolkata"}
# a cell that a spreadsheet would run, and marks that turn the reading direction
FORMULA = re.compile(r"^[=+@\t\r]|^-[^0-9 ]")
TURNERS = re.compile("[\u202a-\u202e\u2066-\u2069\u200e\u200f]")
SPOKEN = {"en": Language.EN, "english": Language.EN, "zh": Language.ZH, "zh-hans": Language.ZH,
          "zh-cn": Language.ZH, "中文": Language.ZH, "chinese": Language.ZH}  # fmt: skip


@dataclass(frozen=True)
class Problem:
    """One cell that cannot be taken: row as a spreadsheet counts it, and the column's name.

    `cell` is its place in a workbook, such as C7.
    """

    row: int
    column: str
    seen: str
    wanted: str
    cell: str = ""


@dataclass
class Table:
    """What a file held: rows that can be taken, and what is wrong with the others."""

    rows: list[SupplierRow] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    encoding: str = ""
    sheet: str = ""
    letters: dict[str, str] = field(default_factory=dict)

    @property
    def is_good(self) -> bool:
        return bool(self.rows) and not self.problems

    def refuse(self, row: int, column: str, seen: str, wanted: str) -> None:
        letter = self.letters.get(column, "")
        cell = f"{letter}{row}" if letter else ""
        self.problems.append(Problem(row, column, seen[:80], wanted, cell))


def decode(data: bytes) -> tuple[str, str]:
    """Return the text and its encoding: UTF-8, with or without mark, else GB18030.

    Raises ValidationError, in a sentence, for anything else.
    """
    if len(data) > MOST_BYTES:
        raise ValidationError(_("The file is larger than 2 MB. Split it into several."))
    if not data.strip():
        raise ValidationError(_("The file is empty."))
    if data[:4] == b"\xd0\xcf\x11\xe0":
        raise ValidationError(
            _(
                "This is an old or locked workbook of Excel. Save it as .xlsx without a password,"
                " or as CSV (UTF-8)."
            )
        )
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text, "UTF-8" if encoding == "utf-8-sig" else "GB18030"
    raise ValidationError(_("The characters cannot be read. Save the file as CSV (UTF-8)."))


def read(text: str, encoding: str = "") -> Table:
    """Read a table whose first line names the columns, in any order; extra columns are left."""
    reader = csv.reader(io.StringIO(text, newline=""), dialect=_dialect(text), strict=False)
    lines = [(reader.line_num, line) for line in reader if any(cell.strip() for cell in line)]
    return _table(Table(encoding=encoding), lines, {})


def read_workbook(data: bytes) -> tuple[Table, str]:
    """Read the first sheet of an xlsx file like a CSV; return it as CSV text too, to be kept.

    Raises ValidationError in a sentence, beside the field.
    """
    if len(data) > MOST_BYTES:
        raise ValidationError(_("The file is larger than 2 MB. Split it into several."))
    sheet = spreadsheet.read(data)
    table = _table(Table(sheet=sheet.name), sheet.lines, sheet.odd)
    out = io.StringIO(newline="")
    csv.writer(out).writerows(cells for _number, cells in sheet.lines)
    return table, out.getvalue()


def _table(
    table: Table, lines: list[tuple[int, list[str]]], odd: dict[tuple[int, int], str]
) -> Table:
    if not lines:
        raise ValidationError(_("The file is empty."))
    head = [_heading(cell) for cell in lines[0][1]]
    if table.sheet:
        table.letters = {name: _letter(place) for place, name in enumerate(head)}
    missing = [name for name in REQUIRED if name not in head]
    if missing:
        raise ValidationError(
            _("The first line must name the columns. Missing: %(names)s.")
            % {"names": ", ".join(missing)}
        )
    if len(lines) - 1 > MOST_ROWS:
        raise ValidationError(_("More than 10,000 rows. Split the file into several."))
    seen: dict[tuple[str, str], int] = {}
    for number, cells in lines[1:]:
        strange = {
            name: odd[number, place] for place, name in enumerate(head) if (number, place) in odd
        }
        _take(table, number, dict(zip(head, cells, strict=False)), strange, seen)
    return table


def _letter(place: int) -> str:
    """Return a column's letters as a spreadsheet has them; 0 is A."""
    first, last = divmod(place, 26)
    return (chr(64 + first) if first else "") + chr(65 + last)


def _dialect(text: str) -> type[csv.Dialect]:
    """Tell commas from semicolons and tabs by the first line, where the names stand."""
    first = text.split("\n", 1)[0]

    class Found(csv.excel):
        delimiter = max(",;\t", key=first.count)

    return Found


def _heading(cell: str) -> str:
    return "_".join(cell.strip().strip("\ufeff").casefold().split())


def _clean(cell: str) -> str:
    composed = unicodedata.normalize("NFC", cell or "")
    return " ".join(
        "".join(" " if unicodedata.category(c) == "Cc" else c for c in composed).split()
    )


def _take(
    table: Table,
    number: int,
    cells: dict[str, str],
    strange: dict[str, str],
    seen: dict[tuple[str, str], int],
) -> None:
    values = {name: _clean(cells.get(name, "")) for name in COLUMNS}
    before = len(table.problems)
    for name, value in values.items():
        wanted = strange.get(name) or _wanted(name, value, values)
        if wanted:
            table.refuse(number, name, value, wanted)
    _require_once(table, number, values, seen)
    if len(table.problems) == before:
        table.rows.append(_row(values))


def _wanted(name: str, value: str, values: dict[str, str]) -> str:
    """Return what the cell should hold, or nothing when it is fine."""
    if not value:
        return _("This cell may not be empty.") if name in REQUIRED else ""
    if FORMULA.search(value):
        return _("Text; this looks like a formula.")
    if TURNERS.search(value):
        return _("Text without marks that turn the reading direction.")
    if len(value) > LONGEST.get(name, 200):
        return _("At most %d characters.") % LONGEST.get(name, 200)
    check = CHECKS.get(name)
    return check(value, values) if check else ""


def _country(value: str, _values: dict[str, str]) -> str:
    if value.upper() in COUNTRIES:
        return ""
    return _("Two letters of ISO 3166, such as CN or BD.")


def _email(value: str, _values: dict[str, str]) -> str:
    try:
        validate_email(value)
    except ValidationError:
        return _("An address such as name@company.example.")
    return ""


def _language(value: str, _values: dict[str, str]) -> str:
    return "" if value.casefold() in SPOKEN else _("en or zh.")


def _zone(value: str, _values: dict[str, str]) -> str:
    return "" if value in available_timezones() else _("A time zone such as Asia/Shanghai.")


def _registration(value: str, values: dict[str, str]) -> str:
    if values["country"].upper() != "CN" or uscc.is_valid(value):
        return ""
    return _("The 18 characters of the Unified Social Credit Code.")


CHECKS = {
    "country": _country,
    "contact_email": _email,
    "language": _language,
    "zone": _zone,
    "registration": _registration,
}


def _require_once(
    table: Table, number: int, values: dict[str, str], seen: dict[tuple[str, str], int]
) -> None:
    for name in ("reference", "registration"):
        key = (name, values[name].casefold())
        if not key[1]:
            continue
        if key in seen:
            wanted = _("Each supplier once; row %d has it too.") % seen[key]
            table.refuse(number, name, values[name], wanted)
        seen.setdefault(key, number)


def _row(values: dict[str, str]) -> SupplierRow:
    country = values["country"].upper()
    language = SPOKEN.get(values["language"].casefold(), "")
    return SupplierRow(
        **values
        | {
            "country": country,
            "contact_email": values["contact_email"].lower(),
            "language": language or (Language.ZH if country == "CN" else Language.EN),
            "zone": values["zone"] or ZONES.get(country, "UTC"),
        }
    )
