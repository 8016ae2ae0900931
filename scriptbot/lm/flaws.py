"""What is wrong with a reply, as far as its words alone can tell, without the network.

A flaw is something that people hardly ever do and small models often do.  Flaws are counted, not weighted: of several
replies one of those with the fewest is chosen, see :mod:`scriptbot.lm.candidates`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from scriptbot.lm.engine import Engine, Speech
from scriptbot.lm.state import State
from scriptbot.text.vocabulary import Vocabulary, pieces, split_case

RECENT_WORDS = 200  # of the conversation that a reply is compared with
# Words in a row that count as repeated: within a reply; from the conversation; and from there, as the whole reply.
LOOP_WORDS, AGAIN_WORDS, WHOLE_WORDS = 4, 6, 3
CHARACTERS_A_WORD = 3  # in scripts written without spaces, where characters are the pieces
UNKNOWN_STEM = -1  # the number of a word that the model has never read

_OPENS = {"(": ")", "[": "]", "{": "}", "（": "）", "「": "」", "『": "』", "《": "》", "【": "】"}
_CLOSES = frozenset(_OPENS.values())
_QUOTES = "“”„«»"  # which of them opens depends on the language, so they are only counted
_TWICE = re.compile(r"\b([^\W\d_]+(?:['’][^\W\d_]+)?) \1\b", re.IGNORECASE)
_STRAY = re.compile(r"\s*(?:(?!\.\.)[,;:.!?)\]、。，）」』]|['’](?:\s|$)|-)")  # what no reply begins with
_ADRIFT = re.compile(r'(?:^|\s)["“„”](?:\s|$)')  # a quotation mark that neither opens nor closes
_FACE = re.compile(r"(?<!\w)[:;=]['’]?-?[()\[\]]")  # :-)
_INCHES = re.compile(r'(?<=\d)"')


def count(engine: Engine, state: State, speech: Speech) -> int:
    """How many things are wrong with a speech: it was cut short or has no words, begins in the middle, leaves something
    open, goes round in circles, stutters or hammers, says again what was said before, or copies the training text."""
    words = [split_case(body)[1] for _, body in pieces(speech.text) if body[:1].isalnum()]
    before = [engine.coder.stem(number) for number in state.cache.latest(RECENT_WORDS)]
    longer = pieces_a_word(engine.model.vocabulary)
    said = [stem for stem in before if stem[:1].isalnum()]
    again = _runs(words, AGAIN_WORDS * longer) & _runs(said, AGAIN_WORDS * longer)
    if len(words) >= WHOLE_WORDS * longer:  # a short speech as a whole
        again |= _runs(words, len(words)) & _runs(said, len(words))
    round_ = goes_round(words, LOOP_WORDS * longer) or (longer == 1 and (stutters(speech.text) or hammers(words)))
    short = not speech.whole or not words
    stray = bool(words) and (_STRAY.match(_FACE.sub("", speech.text)) or _ADRIFT.search(speech.text)) is not None
    return short + stray + (not balanced(speech.text)) + round_ + bool(again) + copied(engine, words)


def pieces_a_word(vocabulary: Vocabulary) -> int:
    """How many pieces a word takes, roughly."""
    return CHARACTERS_A_WORD if vocabulary.unspaced else 1


def balanced(text: str) -> bool:
    """Whether every bracket that opens is closed, in order, and quotation marks come in pairs.

    A bracket that closes without having been opened is accepted, as in “a)”.
    """
    opened: list[str] = []
    text = _FACE.sub("", text)
    for sign in text:
        if sign in _OPENS:
            opened.append(_OPENS[sign])
        elif sign in _CLOSES and opened and opened.pop() != sign:
            return False
    marks = text.count('"') % 2 and _INCHES.sub("", text).count('"') % 2  # if one is left over, 7" may be inches
    pairs = not marks and sum(map(text.count, _QUOTES)) % 2 == 0
    return not opened and pairs


def goes_round(words: Sequence[str], length: int = LOOP_WORDS) -> bool:
    """Whether some ``length`` words in a row are said twice."""
    return len(_runs(words, length)) < max(len(words) - length + 1, 0)


def stutters(text: str) -> bool:
    """Whether a word is said twice with nothing but a space between."""
    return _TWICE.search(text) is not None


def hammers(words: Sequence[str]) -> bool:
    """Whether a word is said three times in a row, or three words twice in a row, whatever punctuation stands between;
    repetitions of more words are what :func:`goes_round` finds."""
    thrice = any(one == two == three for one, two, three in zip(words, words[1:], words[2:], strict=False))
    return thrice or any(words[at : at + 3] == words[at + 3 : at + 6] for at in range(len(words) - 5))


def copied(engine: Engine, words: Sequence[str]) -> bool:
    """Whether a run of the words is in the training text, as far as the model remembers that."""
    copies, vocabulary = engine.model.copies, engine.model.vocabulary
    numbers = (vocabulary.number(word) for word in words)
    return copies is not None and copies.among([UNKNOWN_STEM if number is None else number for number in numbers]) > 0


def _runs(words: Iterable[str], length: int) -> set[tuple[str, ...]]:
    listed = list(words)
    return {tuple(listed[begin : begin + length]) for begin in range(len(listed) - length + 1)}
