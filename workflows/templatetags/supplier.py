"""How a letter's text is set on a page."""

from django import template

register = template.Library()

SORTS = {"# ": "heading", "- ": "item"}


@register.filter
def letter(text: str) -> list[tuple[str, str]]:
    """Cut a letter into (`heading`, `item` or `paragraph`, text), in order."""
    pieces = [piece.strip() for piece in text.split("\n\n") if piece.strip()]
    return [
        (SORTS[piece[:2]], piece[2:]) if piece[:2] in SORTS else ("paragraph", piece)
        for piece in pieces
    ]
