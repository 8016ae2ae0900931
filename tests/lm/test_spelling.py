"""What is spelled byte by byte is a word that can be written down, whatever the network thinks."""

from __future__ import annotations

import numpy as np
import pytest

from scriptbot.lm.params import BYTES, FIRST_BYTE, Array
from scriptbot.lm.spelling import LONGEST_WORD_BYTES, spell


@pytest.mark.parametrize("first", [0x00, 0x80, 0xC0, 0xE0, 0xED, 0xF0, 0xF4])
@pytest.mark.parametrize("temperature", [0.05, 1.0, 5.0])
def test_every_word_is_valid_unicode(first: int, temperature: float) -> None:
    rng, likely = np.random.default_rng(first), np.random.default_rng(7)

    def ahead(code: int) -> Array:
        logs = likely.normal(0.0, 4.0, BYTES).astype(np.float32)
        logs[FIRST_BYTE + first : FIRST_BYTE + first + 32] += 6.0
        return logs

    for _ in range(100):
        word = spell(ahead, rng, temperature)
        assert 0 < len(word.encode("utf-8")) <= LONGEST_WORD_BYTES and "\ufffd" not in word
        assert not any(sign.isspace() and sign < "\x80" for sign in word)
