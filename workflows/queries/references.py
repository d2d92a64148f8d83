"""A case's reference, as people say and type it."""


def as_reference(words: str) -> str:
    """Read a case reference as it was said or typed: k7qf 3mx9, K7QF3MX9, O for 0."""
    plain = "".join(words.upper().replace("-", "").split())
    plain = plain.translate(str.maketrans("OIL", "011"))
    return f"{plain[:4]}-{plain[4:]}" if len(plain) > 4 else plain
