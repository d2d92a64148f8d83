"""Small invented documents, as PDF, so that evidence is real in every part but its facts."""

import io

import pikepdf
from django.core.files.base import ContentFile

LINE = 16
TOP = 760


def paper(title: str, lines: list[str], name: str) -> ContentFile:
    """Return a one-page PDF in plain Latin letters, marked as invented."""
    pdf = pikepdf.new()
    said = [title, "", *lines, "", "Demonstration document. Every name and number is invented."]
    text = "\n".join(
        f"1 0 0 1 72 {TOP - LINE * n} Tm ({_escaped(line)}) Tj" for n, line in enumerate(said)
    )
    page = pdf.add_blank_page(page_size=(595, 842))
    page.Contents = pdf.make_stream(f"BT /F1 11 Tf\n{text}\nET".encode("latin-1"))
    page.Resources = pikepdf.Dictionary(
        Font=pikepdf.Dictionary(
            F1=pikepdf.Dictionary(
                Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica
            )
        )
    )
    out = io.BytesIO()
    pdf.save(out, deterministic_id=True)
    return ContentFile(out.getvalue(), name=name)


def _escaped(line: str) -> str:
    plain = line.encode("latin-1", "replace").decode("latin-1")
    return plain.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
