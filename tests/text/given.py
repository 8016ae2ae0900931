"""Files as somebody gives them, and what was read."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from types import ModuleType

from scriptbot.text.load import Source, open_source
from scriptbot.text.script import Scene, Span, Speech

NOWHERE = Span(0, 0)
Plain = list[list[tuple[str, str]]]


def source(tmp_path: Path, name: str, text: str, encoding: str = "utf-8", **options: str) -> Source:
    path = tmp_path / name
    path.write_bytes(text.encode(encoding))
    return open_source([path], **options)  # type: ignore[arg-type]


def scenes(read: Source) -> list[list[tuple[str, str]]]:
    return [[(speech.character, speech.text) for speech in scene.speeches] for scene in read.scenes()]


def plain(found: Iterable[Scene]) -> Plain:
    """Scenes without spans: (name or "", text), and headings: ("#", text)."""
    return [
        [("#", scene.heading)] * bool(scene.heading.strip())
        + [(e.character if isinstance(e, Speech) else "", e.text) for e in scene.elements]
        for scene in found
    ]


def read(module: ModuleType, script: str) -> list[Scene]:
    return list(module.parse(script.splitlines(keepends=True)))


def rewrite(module: ModuleType, script: Iterable[Scene]) -> str:
    return "".join(module.write(script))
