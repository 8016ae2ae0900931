"""Words as bytes: reading them with a small CNN, writing them with a small LSTM.

Reading: every word is read through its spelling as well as through its embedding, so that a word never seen in
training is not blank.  ``BEGIN bytes END`` (UTF-8, cut to 16) goes through a convolution with zero padding, bias
and ReLU, and is max-pooled over positions (Kim et al. 2016).

Writing: a word outside the vocabulary is spelled byte by byte by an LSTM that starts from the word LSTM's hidden
state.  Bytes can write every Unicode string; when sampling, bytes that could not continue valid UTF-8 are masked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from scriptbot.lm.lstm import advance, log_softmax
from scriptbot.lm.params import BEGIN, END, FIRST_BYTE, PAD, Array, Parameters

READ = 16  # positions the CNN looks at, BEGIN and END included
AT_ONCE = 1024  # words whose features are computed together
LONGEST_WORD_BYTES = 96  # a piece has at most 24 letters of four bytes


def codes(stem: str) -> list[int]:
    """The bytes of a stem, numbered as the speller writes them, END included."""
    return [byte + FIRST_BYTE for byte in stem.encode("utf-8", "surrogatepass")] + [END]


def reading_table(stems: Sequence[str]) -> NDArray[np.int32]:
    """What the CNN reads, [N, READ]: BEGIN, bytes, END, padding.  An empty stem (structure) is padding only."""
    table = np.full((len(stems), READ), PAD, np.int32)
    for row, stem in zip(table, stems, strict=True):
        if stem:
            word = [BEGIN, *codes(stem)][:READ]
            row[: len(word)] = word
    return table


def features(parameters: Parameters, table: NDArray[np.int32]) -> Array:
    """[N, F] the character CNN's features of words, from their codes [N, READ]."""
    kernel, width = parameters.spelling_kernel, parameters.byte_embedding.shape[1]
    span = kernel.shape[0] // width
    filled = (table != PAD)[..., None]
    embedded = np.where(filled, parameters.byte_embedding[table], np.float32(0.0))
    left = (span - 1) // 2
    padded = np.pad(embedded, ((0, 0), (left, span - 1 - left), (0, 0)))
    windows = np.concatenate([padded[:, k : k + table.shape[1]] for k in range(span)], axis=2)
    activations = np.maximum(windows @ kernel + parameters.spelling_bias, np.float32(0.0))
    pooled: Array = (activations * filled).max(axis=1)
    return pooled


def features_of(parameters: Parameters, stems: Sequence[str]) -> Array:
    """[N, F] the same of stems, computed some at a time: all their windows together may take gigabytes."""
    result = np.empty((len(stems), parameters.spelling_bias.shape[0]), np.float32)
    for part in chunks(len(stems), AT_ONCE):
        result[part] = features(parameters, reading_table(stems[part]))
    return result


def start(parameters: Parameters, hidden: Array, form: int | NDArray[np.int64]) -> Array:
    """The speller's first hidden state [..., G] from the word LSTM's [..., H]; its first cell is zero."""
    return np.tanh(hidden @ parameters.speller_start + parameters.speller_form[form])


def step(
    parameters: Parameters, code: int | NDArray[np.int32], hidden: Array, cell: Array
) -> tuple[Array, Array, Array]:
    """(log-probabilities [..., Y] of the next code, hidden [..., G], cell [..., G]) after reading ``code``."""
    z = (
        parameters.speller_embedding[code] @ parameters.speller_kernel
        + hidden @ parameters.speller_recurrent_kernel
        + parameters.speller_bias
    )
    hidden, cell = advance(z, cell)
    return log_softmax(hidden @ parameters.speller_output + parameters.speller_output_bias), hidden, cell


def log_probabilities(parameters: Parameters, words: Sequence[str], hidden: Array, forms: NDArray[np.int64]) -> Array:
    """Natural log-probability, [N], of spelling each word, given hidden states [N, H] and forms [N]."""
    spelled = [codes(word) for word in words]
    total = np.zeros(len(words), np.float32)
    h = start(parameters, hidden, forms)
    c = np.zeros_like(h)
    previous: NDArray[np.int32] = np.full(len(words), BEGIN, np.int32)
    for position in range(max(map(len, spelled), default=0)):
        alive = np.array([len(word) > position for word in spelled])
        current = np.array([word[position] if len(word) > position else PAD for word in spelled], np.int32)
        logs, h, c = step(parameters, previous, h, c)
        total += np.where(alive, logs[np.arange(len(words)), current], np.float32(0.0))
        previous = current
    return total


class Utf8:
    """Which bytes may follow in valid UTF-8 (Unicode 15, table 3-7)."""

    def __init__(self) -> None:
        self.left = 0  # continuation bytes still owed
        self.low, self.high = 0x80, 0xBF

    def allowed(self) -> NDArray[np.bool_]:
        """[Y] codes that may come next."""
        mask = np.zeros(FIRST_BYTE + 256, np.bool_)
        if self.left:
            mask[FIRST_BYTE + self.low : FIRST_BYTE + self.high + 1] = True
        else:
            mask[END] = True
            mask[FIRST_BYTE + 0x21 : FIRST_BYTE + 0x7F] = True
            mask[FIRST_BYTE + 0xC2 : FIRST_BYTE + 0xF5] = True
        return mask

    def feed(self, byte: int) -> None:
        """Take one allowed byte."""
        if self.left:
            self.left -= 1
            self.low, self.high = 0x80, 0xBF
        elif byte >= 0xC2:
            self.left = 1 if byte < 0xE0 else 2 if byte < 0xF0 else 3
            self.low = {0xE0: 0xA0, 0xF0: 0x90}.get(byte, 0x80)
            self.high = {0xED: 0x9F, 0xF4: 0x8F}.get(byte, 0xBF)


def spell(ahead: Callable[[int], Array], rng: np.random.Generator, temperature: float) -> str:
    """A word drawn byte by byte, always valid Unicode and never empty.

    Args:
        ahead: code just written (BEGIN first) → [Y] log-probabilities of the next one; the array may be changed.
    """
    code, word, grammar = BEGIN, bytearray(), Utf8()
    while len(word) < LONGEST_WORD_BYTES:
        logs = ahead(code)
        allowed = grammar.allowed()
        allowed[END] &= len(word) > 0
        logs[~allowed] = -np.inf
        weights = np.exp((logs - logs.max()) / np.float32(temperature), dtype=np.float64)
        code = int(np.searchsorted(np.cumsum(weights), rng.random() * weights.sum(), side="right"))
        code = min(code, int(np.flatnonzero(weights)[-1]))  # rounding can lead just beyond the last one
        if code == END:
            break
        word.append(code - FIRST_BYTE)
        grammar.feed(code - FIRST_BYTE)
    return word.decode("utf-8", "ignore")


def chunks(count: int, size: int) -> Iterator[slice]:
    """Slices that cover ``range(count)`` in pieces of ``size``."""
    for begin in range(0, count, size):
        yield slice(begin, min(begin + size, count))
