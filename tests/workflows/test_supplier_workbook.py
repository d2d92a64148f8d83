"""Suppliers from an Excel workbook: read like CSV, each error at its cell, nothing trusted."""

import io
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from portal.enums import Role
from portal.models import Organisation
from tests.factories.portal import UserFactory
from tests.sessions import sign_in
from tests.workflows import world
from workflows.forms import supplier_table

pytestmark = pytest.mark.django_db

HEAD = ["reference", "name", "country", "contact_email", "language"]
GOOD = ["A-1", "绍兴示例织造有限公司", "CN", "a@weaver.example", "zh"]
URL = "/suppliers/import/"


def workbook(*rows, head=HEAD, change=None):
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.active
    sheet.title = "供应商"
    for row in (head, *rows):
        sheet.append(row)
    if change:
        change(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def file(data, name="suppliers.xlsx"):
    return SimpleUploadedFile(name, data)


def with_member(data, name, body):
    out = io.BytesIO(data)
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr(name, body)
    return out.getvalue()


def with_part(data, name, change):
    """The same workbook with one part rewritten."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for one in old.namelist():
            body = old.read(one)
            new.writestr(one, change(body) if one == name else body)
    return out.getvalue()


@pytest.fixture
def made():
    return world.world()


@pytest.fixture
def manager(client, made):
    return sign_in(client, made.manager)


def test_a_workbook_is_previewed_then_imported(manager, made):
    seen = manager.post(URL, {"file": file(workbook(GOOD))})
    kept = Organisation.objects.filter(reference="A-1").count()
    done = manager.post(URL, {"confirm": "1"})

    assert "Read from the sheet" in seen.text
    assert "供应商" in seen.text
    assert kept == 0
    assert done.status_code == 302
    supplier = Organisation.objects.get(reference="A-1")
    assert (supplier.buyer, supplier.name, supplier.zone) == (
        made.buyer,
        "绍兴示例织造有限公司",
        "Asia/Shanghai",
    )


def test_each_wrong_cell_is_named_as_the_spreadsheet_names_it(manager):
    data = workbook(
        GOOD,
        ["A-2", '=HYPERLINK("http://x")', "CN", "no address", "en"],
        [],
        ["A-1", "Demo Ltd.", "Atlantis", "b@b.example", "klingon"],
    )

    seen = manager.post(URL, {"file": file(data)})
    table, _text = supplier_table.read_workbook(data)

    assert [(one.cell, one.row, one.column) for one in table.problems] == [
        ("B3", 3, "name"),
        ("D3", 3, "contact_email"),
        ("C5", 5, "country"),
        ("E5", 5, "language"),
        ("A5", 5, "reference"),
    ]
    assert all(one.cell in seen.text for one in table.problems)
    assert "this looks like a formula" in seen.text
    manager.post(URL, {"confirm": "1"})
    assert not Organisation.objects.filter(reference="A-2").exists()


def test_numbers_dates_and_switches_are_read_as_people_see_them():
    table, _text = supplier_table.read_workbook(
        workbook([4711, "Demo Ltd.", "BD", "c@c.example", "en"])
    )

    assert table.rows[0].reference == "4711"


def test_a_number_that_lost_its_last_digits_is_refused_not_guessed():
    table, _text = supplier_table.read_workbook(
        workbook([913306001234567890, "Demo Ltd.", "BD", "c@c.example", "en"])
    )

    assert [(one.cell, one.column) for one in table.problems] == [("A2", "reference")]
    assert "lost its last digits" in table.problems[0].wanted


def test_a_cell_with_an_error_of_the_spreadsheet_is_refused():
    def change(book):
        cell = book.active["B2"]
        cell.value, cell.data_type = "#REF!", "e"

    table, _text = supplier_table.read_workbook(workbook(GOOD, change=change))

    assert [(one.cell, one.seen) for one in table.problems] == [("B2", "#REF!")]


def test_only_the_first_visible_sheet_counts():
    def change(book):
        hidden = book.create_sheet("hidden", 0)
        hidden.append(["name"])
        hidden.sheet_state = "hidden"
        book.create_sheet("notes").append(["=EVIL()"])

    table, _text = supplier_table.read_workbook(workbook(GOOD, change=change))

    assert (table.sheet, len(table.rows)) == ("供应商", 1)


def test_columns_beyond_z_are_named_too():
    head = [f"own {number}" for number in range(26)] + HEAD
    table, _text = supplier_table.read_workbook(
        workbook([""] * 26 + ["A-1", "", "CN", "a@a.example", "en"], head=head)
    )

    assert [one.cell for one in table.problems] == ["AB2"]


BOMB = b"<a>" + b"0" * (150 * 1024 * 1024)
DTD = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'


def bombed():
    out = io.BytesIO(workbook(GOOD))
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/x.xml", BOMB)
    return out.getvalue()


def fetching():
    relation = (
        b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        b'<Relationship Id="r1" Type="http://x/externalLinkPath" Target="http://127.0.0.1:9/x"'
        b' TargetMode="External"/></Relationships>'
    )
    return with_member(workbook(GOOD), "xl/externalLinks/_rels/externalLink1.xml.rels", relation)


def entities():
    return with_part(
        workbook(GOOD),
        "xl/worksheets/sheet1.xml",
        lambda body: DTD + body.partition(b"?>")[2] if b"?>" in body else DTD + body,
    )


def tall():
    """A sheet that claims a row at the very bottom."""
    return with_part(
        workbook(GOOD),
        "xl/worksheets/sheet1.xml",
        lambda body: (
            body.replace(b'<row r="2"', b'<row r="1048576"')
            .replace(b'r="A2"', b'r="A1048576"')
            .replace(b'r="B2"', b'r="B1048576"')
            .replace(b'r="C2"', b'r="C1048576"')
            .replace(b'r="D2"', b'r="D1048576"')
            .replace(b'r="E2"', b'r="E1048576"')
        ),
    )


def test_a_sheet_that_lies_about_its_size_is_read_whole():
    data = with_part(
        workbook(GOOD),
        "xl/worksheets/sheet1.xml",
        lambda body: body.replace(b'ref="A1:E2"', b'ref="A1:A1"'),
    )

    table, _text = supplier_table.read_workbook(data)

    assert [one.reference for one in table.rows] == ["A-1"]


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (bombed, "unpacks to far more"),
        (lambda: with_member(workbook(GOOD), "xl/vbaProject.bin", b"x"), "holds macros"),
        (fetching, "fetches something"),
        (entities, "fetches something"),
        (lambda: with_member(workbook(GOOD), "xl/embeddings/o.bin", b"x"), "holds other files"),
        (tall, "More than 10,000 rows"),
        (lambda: b"PK\x03\x04" + b"x" * 50, "cannot be read"),
        (lambda: b"\xd0\xcf\x11\xe0" + b"x" * 50, "old or locked workbook"),
        (lambda: with_member(b"", "word/document.xml", b"<a/>"), "cannot be read"),
        (lambda: workbook(head=["name"]), "Missing: country, contact_email"),
        (lambda: workbook(head=[]), "The file is empty."),
        (lambda: workbook(GOOD) + b"\0" * (2 * 1024 * 1024), "larger than 2 MB"),
    ],
)
def test_what_is_no_good_workbook_is_told_beside_its_field(manager, make, sentence):
    seen = manager.post(URL, {"file": file(make())})

    assert seen.status_code == 200
    assert sentence in seen.text
    assert 'href="#id_file"' in seen.text
    assert not Organisation.objects.filter(reference="A-1").exists()


def test_more_rows_than_one_import_takes_are_refused(manager):
    rows = ([f"R-{n}", "Demo Ltd.", "BD", f"n{n}@x.example", "en"] for n in range(10_001))

    assert "More than 10,000 rows" in manager.post(URL, {"file": file(workbook(*rows))}).text


def test_a_workbook_whose_reading_runs_out_of_its_limits_is_told(manager, monkeypatch):
    monkeypatch.setattr("workflows.forms.spreadsheet.MEMORY", 1024)

    assert "cannot be read" in manager.post(URL, {"file": file(workbook(GOOD))}).text


@pytest.mark.parametrize(("kind", "begins"), [("xlsx", b"PK"), ("csv", b"\xef\xbb\xbfreference,")])
def test_an_empty_table_to_fill_in_names_every_column(manager, kind, begins):
    answer = manager.get(reverse(f"workflows:suppliers_{kind}"))

    assert answer.content.startswith(begins)
    assert f'filename="suppliers.{kind}"' in answer["Content-Disposition"]


def test_the_template_filled_in_is_what_the_import_reads(manager):
    from openpyxl import load_workbook

    empty = manager.get(reverse("workflows:suppliers_xlsx")).content
    book = load_workbook(io.BytesIO(empty))
    sheet = book.worksheets[0]
    place = {cell.value: cell.column for cell in sheet[1]}
    for name, value in zip(HEAD, GOOD, strict=True):
        sheet.cell(row=2, column=place[name], value=value)
    out = io.BytesIO()
    book.save(out)

    table, _text = supplier_table.read_workbook(out.getvalue())

    assert (table.problems, [one.reference for one in table.rows]) == ([], ["A-1"])
    assert [row[0].value for row in book.worksheets[1].iter_rows(min_row=2)] == [
        *supplier_table.COLUMNS
    ]


@pytest.mark.parametrize("name", ["suppliers_xlsx", "suppliers_csv"])
def test_the_template_is_the_campaign_managers(client, made, name):
    url = reverse(f"workflows:{name}")
    sign_in(client, UserFactory(holds=(Role.ANALYST, made.buyer)))

    assert "not open to your role" in client.get(url).text
    assert client.get(url).status_code == 403
    assert sign_in(client, made.manager).post(url).status_code == 405
