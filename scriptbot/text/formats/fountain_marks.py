"""What distinguishes the parts of a Fountain file, for its reader and its writer."""

from __future__ import annotations

FORCING = frozenset("!.@#=>~")  # marks at the head of a line that force its meaning


def name_on(text: str) -> str:
    """The name on a line that could open a speech, without its marks; empty if the line could not."""
    text, forced = text.removesuffix("^").rstrip(), text[:1] == "@"
    if forced:
        return text[1:].strip()
    name = text.partition("(")[0].rstrip()
    return text if name.upper() == name and name.lower() != name else ""
