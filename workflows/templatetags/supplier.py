"""How a letter's text is set on a page."""

from django import template

register = template.Library()


@register.filter
def letter(text: str) -> list[tuple[str, str]]:
    """Cut a letter into (`heading` or `paragraph`, text), in order."""
    pieces = [piece.strip() for piece in text.split("\n\n") if piece.strip()]
    return [
        ("heading", piece[2:]) if piece.startswith("# ") else ("paragraph", piece)
        for piece in pieces
    ]
