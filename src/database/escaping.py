"""Texts with characters that Postgres cannot hold: NUL, and halves of surrogate pairs."""


def escaped(text: str) -> str:
    """Return a text with such characters spelt out as `\\0` and `\\ud800`; all others are as they were."""
    return text.replace("\0", "\\0").encode(errors="backslashreplace").decode()
