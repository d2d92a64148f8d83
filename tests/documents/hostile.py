"""Files as suppliers and attackers send them, made here."""

import io
import struct
import zipfile

import pikepdf
import pillow_heif
from PIL import Image

# A number of the kind printed as an example in GB 11643: nobody's.
ID_NUMBER = "11010519491231002X"
CONTENT_TYPES = "[Content_Types].xml"


def saved(pdf, **options):
    out = io.BytesIO()
    pdf.save(out, **options)
    return out.getvalue()


def pdf(text="", **options):
    """A PDF of one page, with `text` in a standard font."""
    made = pikepdf.new()
    page = made.add_blank_page(page_size=(300, 300))
    font = pikepdf.Dictionary(
        Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica
    )
    page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font))
    shown = text.encode("latin-1").replace(b"(", b"\\(").replace(b")", b"\\)")
    page.Contents = made.make_stream(b"BT /F1 12 Tf 20 20 Td (" + shown + b") Tj ET")
    return saved(made, **options)


def encrypted_pdf():
    return pdf("secret", encryption=pikepdf.Encryption(owner="o", user="u"))


def scripted_pdf():
    made = pikepdf.open(io.BytesIO(pdf()))
    made.Root.OpenAction = pikepdf.Dictionary(
        S=pikepdf.Name.JavaScript, JS=pikepdf.String("app.alert(1)")
    )
    return saved(made)


def launching_pdf():
    made = pikepdf.open(io.BytesIO(pdf()))
    action = pikepdf.Dictionary(S=pikepdf.Name.Launch, F=pikepdf.String("cmd.exe"))
    made.pages[0].Annots = pikepdf.Array(
        [
            pikepdf.Dictionary(
                Type=pikepdf.Name.Annot,
                Subtype=pikepdf.Name.Link,
                Rect=[0, 0, 9, 9],
                A=action,
            )
        ]
    )
    return saved(made)


def carrying_pdf():
    made = pikepdf.open(io.BytesIO(pdf()))
    made.attachments["inner.txt"] = pikepdf.AttachedFileSpec(made, b"inner")
    return saved(made)


def html_then_pdf():
    return b"<html><script>alert(1)</script></html>\n" + pdf()


def pdf_with_markup():
    return pdf().replace(b"\n", b"\n%<html><script>alert(1)</script>\n", 1)


def pdf_then_zip():
    return pdf() + zipped({"a.txt": b"a"})


def zipped(members, compression=zipfile.ZIP_DEFLATED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def docx(text="Hello", **members):
    return zipped(
        {
            CONTENT_TYPES: "<Types/>",
            "word/document.xml": f"<w:document><w:t>{text}</w:t></w:document>",
        }
        | {name.replace("__", "/"): content for name, content in members.items()}
    )


def docx_with(name, content):
    return zipped({CONTENT_TYPES: "<Types/>", "word/document.xml": "<w:document/>", name: content})


def xlsx(text="Hello"):
    return zipped(
        {
            CONTENT_TYPES: "<Types/>",
            "xl/workbook.xml": "<workbook/>",
            "xl/sharedStrings.xml": f"<sst><si><t>{text}</t></si></sst>",
        }
    )


def ofd():
    return zipped({"OFD.xml": "<ofd:OFD/>", "Doc_0/Document.xml": "<ofd:Document/>"})


def zip_bomb():
    """60 MB of zeros in 60 kB, dressed as a document."""
    return docx_with("word/media/zero.bin", b"\0" * 60_000_000)


def overlapping_zip():
    """Two members of the directory that share one span of bytes."""
    raw = docx_with("word/a.bin", b"a" * 100)
    start = raw.rindex(b"PK\x01\x02")
    first = struct.pack("<I", 0)
    return raw[: start + 42] + first + raw[start + 46 :]


def encrypted_zip():
    raw = bytearray(docx())
    at = 0
    while (at := raw.find(b"PK\x01\x02", at)) >= 0:
        raw[at + 8] |= 1
        at += 4
    return bytes(raw)


def compound(*names):
    """An OLE2 file after [MS-CFB] whose directory holds `names`."""
    free, end = 0xFFFFFFFF, 0xFFFFFFFE
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    head += struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    head += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, end, 0, end, 0)
    head += struct.pack("<109I", 0, *([free] * 108))
    table = struct.pack("<128I", 0xFFFFFFFD, end, *([free] * 126))
    directory = b"".join(
        (name.encode("utf-16-le") + bytes(2)).ljust(64, b"\0")
        + struct.pack("<H", len(name) * 2 + 2)
        + bytes(62)
        for name in ("Root Entry", *names)
    )
    return head + table + directory.ljust(512, b"\0")


def picture(kind, *, size=(32, 24), place=False):
    image = Image.new("RGB", size, "#0b5563")
    exif = Image.Exif()
    if place:
        exif.get_ifd(0x8825)[1] = "N"
        exif.get_ifd(0x8825)[2] = (30.0, 0.0, 0.0)
    if kind == "HEIF":
        pillow_heif.register_heif_opener()
    out = io.BytesIO()
    image.save(out, kind, exif=exif.tobytes())
    return out.getvalue()
