import hashlib
import io
import tracemalloc
from types import SimpleNamespace

import pytest
from django.core.files.uploadhandler import StopUpload
from django.http.multipartparser import MultiPartParser
from django.utils import translation

from documents import uploads
from documents.forms import EvidenceForm, LoggedEvidenceForm
from portal import clock

BOUNDARY = "demo-boundary"
SAID = {"kind": "invoice", "issuer": "Demo Spinning", "number": "17"}


def posted(name, content, fields=SAID):
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode()
        for key, value in fields.items()
    ]
    disposition = f'Content-Disposition: form-data; name="file"; filename="{name}"'
    parts.append(
        f"--{BOUNDARY}\r\n{disposition}\r\nContent-Type: application/pdf\r\n\r\n".encode()
    )
    return b"".join([*parts, content, f"\r\n--{BOUNDARY}--\r\n".encode()])


OPEN = []


@pytest.fixture(autouse=True)
def _requests_end():
    """Django closes the files of a request with it."""
    yield
    while OPEN:
        OPEN.pop().close()


def parsed(body):
    meta = {
        "CONTENT_TYPE": f"multipart/form-data; boundary={BOUNDARY}",
        "CONTENT_LENGTH": len(body),
    }
    handler = uploads.HashingUploadHandler(SimpleNamespace())
    fields, files = MultiPartParser(meta, io.BytesIO(body), [handler]).parse()
    OPEN.extend(files.values())
    return fields, files


def test_a_file_is_hashed_while_it_arrives():
    content = b"invoice" * 50_000

    _fields, files = parsed(posted("a.pdf", content))

    file = files["file"]
    assert file.sha256 == hashlib.sha256(content).hexdigest()
    assert uploads.sha256_of(file) == (file.sha256, len(content))
    assert file.read() == content


def test_a_file_past_the_limit_gets_an_answer_and_leaves_no_bytes(settings):
    settings.EVIDENCE_MAX_BYTES = 1024 * 1024

    fields, files = parsed(posted("a.pdf", b"x" * 1_200_000))

    assert files["file"].read() == b""
    form = EvidenceForm(fields, files)
    assert form.errors == {
        "file": ["The file is larger than 1 MB. Send it in parts, or ask your contact."]
    }


def test_a_body_far_past_the_limit_is_hung_up_on(settings):
    settings.EVIDENCE_MAX_BYTES = 1_000

    with pytest.raises(StopUpload) as stopped:
        parsed(posted("a.pdf", b"x" * 10_000))

    assert stopped.value.connection_reset


def test_an_upload_does_not_grow_the_memory(settings):
    body = posted("a.pdf", b"x" * 30_000_000)

    tracemalloc.start()
    parsed(body)
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak - len(body) < 3_000_000


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("invoice.pdf", "invoice.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\x\\发票.pdf", "发票.pdf"),
        ("a\u202efdp.exe", "afdp.exe"),
        ("a\x00b\n.pdf", "ab.pdf"),
        ("e\u0301.pdf", "é.pdf"),
        ("..", "file"),
        ("", "file"),
        ("/", "file"),
        ("a" * 300 + ".pdf", "a" * 195 + "….pdf"),
        ("../" * 100 + "x" * 300, "x" * 199 + "…"),
    ],
)
def test_a_name_is_only_ever_shown(raw, shown):
    assert uploads.display_name(raw) == shown
    assert len(uploads.display_name(raw)) <= 200


def form_of(content=b"%PDF-", name="a.pdf", fields=SAID, **options):
    fields, files = parsed(posted(name, content, fields))
    return EvidenceForm(fields, files, **options)


def test_the_form_says_what_was_handed_in():
    form = form_of(
        fields=SAID | {"issued_on_day": "3", "issued_on_month": "9", "issued_on_year": "2026"}
    )

    assert form.is_valid(), form.errors
    described = form.described(about="2.1")
    assert (described.kind, described.issuer, described.number, described.about) == (
        "invoice",
        "Demo Spinning",
        "17",
        "2.1",
    )
    assert described.issued_on.isoformat() == "2026-09-03"


def test_only_the_kinds_asked_for_can_be_chosen():
    form = form_of(kinds=["contract", "lease"])

    assert [value for value, _label in form.fields["kind"].choices] == ["", "contract", "lease"]
    assert "kind" in form.errors


@pytest.mark.parametrize(
    ("fields", "content", "field", "said"),
    [
        (SAID, b"", "file", "The file is empty."),
        (SAID | {"issuer": ""}, b"x", "issuer", "This field is required."),
        (
            SAID | {"issued_on_day": "1", "issued_on_month": "1", "issued_on_year": "2999"},
            b"x",
            "issued_on",
            "This date lies in the future.",
        ),
    ],
)
def test_bad_input_gets_a_sentence_at_its_place(fields, content, field, said):
    assert form_of(content, fields=fields).errors == {field: [said]}


def test_a_logged_file_needs_its_way_and_its_sender():
    fields, files = parsed(posted("a.pdf", b"x"))
    assert set(LoggedEvidenceForm(fields, files).errors) == {"way", "sender"}

    fields, files = parsed(posted("a.pdf", b"x", SAID | {"way": "POST", "sender": "Demo Contact"}))
    form = LoggedEvidenceForm(fields, files)
    assert form.is_valid()
    assert (form.arrival().way, form.arrival().sender) == ("POST", "Demo Contact")


def test_a_date_of_today_in_shanghai_is_not_the_future():
    with clock.at(clock.now().replace(hour=20)), translation.override("en"):
        tomorrow = clock.today("Asia/Shanghai")
        form = form_of(
            fields=SAID
            | {
                "issued_on_day": str(tomorrow.day),
                "issued_on_month": str(tomorrow.month),
                "issued_on_year": str(tomorrow.year),
            }
        )
        assert form.is_valid()
