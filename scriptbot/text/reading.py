"""Converts Japanese to its pronunciation, 吾輩は猫である → わがはいはねこである, as a person may want before training.

The dictionary is UniDic (unidic-lite), read by MeCab through fugashi; both are an optional part of the installation.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

from scriptbot.errors import UsageError
from scriptbot.text.script import Element, Scene

READINGS = ("hiragana",)
_JAPANESE = re.compile(
    "[々〆〇ヶ\u3041-\u3096\u309d\u309e\u30a1-\u30fa\u30fc-\u30fe\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+"
)
_KANA = {code: code - 0x60 for code in (*range(0x30A1, 0x30F7), 0x30FD, 0x30FE)}  # katakana → hiragana

Reader = Callable[[str], str]


def reader(name: str) -> Reader:
    """The function that converts a text to a reading.

    Raises:
        UsageError: there is no such reading, or the dictionary is not installed.
    """
    if name not in READINGS:
        raise UsageError(f"There is no reading called “{name}”.", f"Readings: {', '.join(READINGS)}.")
    _tagger()
    return hiragana


@lru_cache(maxsize=1)
def _tagger() -> Any:
    try:
        import fugashi
    except ImportError:
        raise UsageError(
            "Japanese readings need a dictionary that is not installed.", "pip install fugashi unidic-lite"
        ) from None
    try:
        return fugashi.Tagger()
    except RuntimeError:
        raise UsageError("The Japanese dictionary cannot be opened.", "pip install unidic-lite") from None


def hiragana(text: str) -> str:
    """A text with every Japanese word written as it is pronounced, in hiragana; everything else stays."""
    return "\n".join(map(_line, text.split("\n"))) if _JAPANESE.search(text) else text


@lru_cache(maxsize=100_000)  # a training reads its text several times, and the dictionary is slow
def _line(line: str) -> str:
    return _JAPANESE.sub(lambda run: _read(run[0]), line)


def _read(run: str) -> str:
    words = (getattr(word.feature, "kana", None) or word.surface for word in _tagger()(run))
    return "".join(words).translate(_KANA)


def read(scenes: Iterator[Scene], convert: Reader) -> Iterator[Scene]:
    """Scenes with their words converted; names stay as they are, and marks of emphasis are dropped."""
    for scene in scenes:
        elements = tuple(_converted(element, convert) for element in scene.elements)
        yield dataclasses.replace(scene, elements=elements)


def _converted(element: Element, convert: Reader) -> Element:
    return element._replace(text=convert(element.text), marked="")
