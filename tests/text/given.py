"""Files as somebody gives them, and what was read."""

from __future__ import annotations

from pathlib import Path

from scriptbot.text.load import Source, open_source


def source(tmp_path: Path, name: str, text: str, encoding: str = "utf-8", **options: str) -> Source:
    path = tmp_path / name
    path.write_bytes(text.encode(encoding))
    return open_source([path], **options)  # type: ignore[arg-type]


def scenes(read: Source) -> list[list[tuple[str, str]]]:
    return [[(speech.character, speech.text) for speech in scene.speeches] for scene in read.scenes()]
