"""A content in, the bytes of a PDF out: the only importer of WeasyPrint.

Fonts come from `documents/fonts` alone, nothing is fetched, and the same content gives
the same bytes. Anything WeasyPrint has to say about a document fails it.
"""

import base64
import hashlib
import logging
import os
import re
import struct
import tempfile
import unicodedata
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _
from fontTools.ttLib import TTFont

from documents import children
from documents.dossier import Content, Picture, to_json

SECONDS = 240
MEMORY = 3 * 1024**3

FONTS = Path(__file__).resolve().parent / "fonts"
FACES = (
    ("Noto Sans", "normal", "NotoSans-Regular.ttf"),
    ("Noto Sans", "bold", "NotoSans-Bold.ttf"),
    ("Noto Sans SC", "normal", "NotoSansSC-Regular.otf"),
    ("Noto Sans SC", "bold", "NotoSansSC-Bold.otf"),
    ("Noto Naskh Arabic", "normal", "NotoNaskhArabic-Regular.ttf"),
    ("Noto Naskh Arabic", "bold", "NotoNaskhArabic-Bold.ttf"),
    ("Noto Sans Mono", "normal", "NotoSansMono-Regular.ttf"),
    ("Noto Sans SC Marks", "normal", "NotoSansSCMarks-Regular.otf"),
    ("Noto Sans SC Marks", "bold", "NotoSansSCMarks-Bold.otf"),
)
MARK = Path(__file__).resolve().parent.parent / "portal" / "static" / "portal" / "mark.svg"

FAMILY = re.compile(r'font-family="[^"]*"')
HALO = re.compile(r'<text\b[^>]*\bpaint-order="stroke"[^>]*>[^<]*</text>')
STROKE = re.compile(r' (?:stroke|stroke-width|paint-order)="[^"]*"')

# Marks and overrides that turn text round: shown by number, and set by us alone.
BIDI = {*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x061C}
ISOLATE, RELEASE = "\u2068", "\u2069"
RIGHT_TO_LEFT = {"R", "AL", "AN"}

UA_MARK = b"""<rdf:Description rdf:about=""
 xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/" pdfuaid:part="1"/>
<rdf:Description rdf:about=""
 xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
 xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#"
 xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>PDF/UA identification</pdfaSchema:schema>
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
<pdfaProperty:name>part</pdfaProperty:name>
<pdfaProperty:valueType>Integer</pdfaProperty:valueType>
<pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>Part of the standard</pdfaProperty:description>
</rdf:li></rdf:Seq></pdfaSchema:property>
</rdf:li></rdf:Bag></pdfaExtension:schemas>
</rdf:Description>
"""


class RenderFailed(Exception):
    """The document cannot be written; the text says why, for the operator."""


@dataclass(frozen=True)
class Rendered:
    data: bytes
    sha256: str
    pages: int


def render(content: Content) -> Rendered:
    """Return the PDF of a content, written in a child with limits. Raises RenderFailed."""
    identifier = hashlib.sha256(to_json(content).encode()).hexdigest()
    html = compose(content)
    try:
        answer = children.run(_write, html, identifier, seconds=SECONDS, memory=MEMORY)
    except children.ChildFailed as failed:
        raise RenderFailed(str(failed)) from failed
    (pages,) = struct.unpack("!L", answer[:4])
    data = answer[4:]
    return Rendered(data=data, sha256=hashlib.sha256(data).hexdigest(), pages=pages)


# ---- what is printed -------------------------------------------------------------------


def compose(content: Content) -> str:
    """Return the HTML of a content, in its language, with its style sheet inside."""
    shown = for_print(content)
    with translation.override(content.imprint.language):
        page, of, end = _("Page {page} of {pages}").replace("{pages}", "{page}").split("{page}")
        context = {
            "it": shown,
            "imprint": shown.imprint,
            "faces": [(name, weight, own_font(file)) for name, weight, file in FACES],
            "mark": _data_uri(MARK.read_text()) if shown.imprint.service == "Extricate" else "",
            "page_words": (page, of, end),
        }
        return render_to_string(f"documents/pdf/{content.kind.lower()}.html", context)


def own_font(file: str) -> str:
    return (FONTS / file).as_uri()


def _data_uri(svg: str) -> str:
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()


def for_print(value: Any) -> Any:
    """Return the same content with every text made printable and kept to itself."""
    if isinstance(value, str):
        return _isolated(printable(value))
    if isinstance(value, tuple):
        return tuple(for_print(one) for one in value)
    if isinstance(value, Picture):
        return Picture(svg=_data_uri(_drawable(value.svg)), alt=for_print(value.alt))
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{f.name: for_print(getattr(value, f.name)) for f in fields(value)})
    return value


def _drawable(svg: str) -> str:
    """Return a picture in our own faces; WeasyPrint draws the outline over its letters."""
    svg = FAMILY.sub('font-family="Noto Sans, Noto Sans SC"', printable(svg))
    return HALO.sub(lambda found: found[0] + STROKE.sub("", found[0]), svg)


def printable(text: str) -> str:
    """Show what our fonts cannot, and what would confuse the reader, as `[U+20BB7]`.

    The ledger keeps the original; a glyph that is missing would be a blank in a proof.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(_shown(one) for one in text.replace("\r\n", "\n").replace("\t", " "))


def _shown(one: str) -> str:
    if one == "\n":
        return one
    code = ord(one)
    hidden = unicodedata.category(one) in {"Cc", "Cs", "Co", "Cn"} or code in BIDI
    if hidden or code not in _coverage():
        return f"[U+{code:04X}]"
    return one


@lru_cache(maxsize=1)
def _coverage() -> frozenset[int]:
    found: set[int] = set()
    for _name, _weight, file in FACES:
        with TTFont(FONTS / file, lazy=True) as font:
            found.update(font.getBestCmap())
    return frozenset(found)


def _isolated(text: str) -> str:
    if any(unicodedata.bidirectional(one) in RIGHT_TO_LEFT for one in text):
        return f"{ISOLATE}{text}{RELEASE}"
    return text


# ---- in the child ----------------------------------------------------------------------


def _write(html: str, identifier: str) -> bytes:
    os.environ["FONTCONFIG_FILE"] = _no_fonts_of_the_host()
    import weasyprint
    from weasyprint.urls import URLFetcher

    own = {own_font(file) for _name, _weight, file in FACES}

    class SealedFetcher(URLFetcher):
        """Lets through our own fonts and what is written inside the document."""

        def fetch(self, url: str, headers: Any = None) -> Any:
            if url.startswith("data:") or url in own:
                return super().fetch(url, headers)
            raise ValueError(f"refused: {url}")

    heard = _Listener()
    logger = logging.getLogger("weasyprint")
    logger.handlers[:] = [heard]
    logger.setLevel(logging.WARNING)
    document = weasyprint.HTML(string=html, url_fetcher=SealedFetcher()).render()
    data = document.write_pdf(
        pdf_variant="pdf/a-3a",
        pdf_identifier=bytes.fromhex(identifier)[:16],
        pdf_tags=True,
        finisher=_claim_ua,
    )
    if heard.said:
        raise RenderFailed("; ".join(heard.said)[:1500])
    return struct.pack("!L", len(document.pages)) + data


class _Listener(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(record.getMessage())


def _no_fonts_of_the_host() -> str:
    # without an empty configuration a missing glyph is silently taken from the host
    path = Path(tempfile.gettempdir()) / "fonts.conf"
    cache = path.with_name("fonts-cache")
    path.write_text(
        '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">'
        f"<fontconfig><cachedir>{cache}</cachedir></fontconfig>"
    )
    return str(path)


def _claim_ua(_document: Any, pdf: Any) -> None:
    # WeasyPrint writes one standard; the marks of PDF/UA-1 go into the same metadata
    stream = pdf.objects[int(pdf.catalog["Metadata"].split()[0])]
    stream.stream[0] = stream.stream[0].replace(b"</rdf:RDF>", UA_MARK + b"</rdf:RDF>")
