"""Where models are kept, and what they are called."""

from __future__ import annotations

from pathlib import Path

import pytest

from scriptbot.session import library


@pytest.mark.parametrize("name", ["あ" * 83, "a" * 300, "x" + "𠮷" * 90, "b" * 199 + " . ." + "c" * 9])
def test_a_new_model_has_a_name_that_a_file_can_have(name: str, home: Path) -> None:
    first = library.place_for(name)
    first.write_bytes(b"")
    second = library.place_for(name)
    second.write_bytes(b"")
    assert name.startswith(first.stem) and second.stem == f"{first.stem}-2"
    assert 190 < len(first.stem.encode()) <= library.LONGEST
    assert first.stem == first.stem.rstrip(" .")
