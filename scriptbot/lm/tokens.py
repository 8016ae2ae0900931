"""Scenes as the token stream that the network reads.

A script::

    <scene> [cue] words … [cue] words … <direction> words …

A cue is one token for a cast member; anybody else is ``<cue> name <says>``.  There is no end of speech: the next cue,
direction or scene says that it is over, which is also how a reply ends.  Plain text is one ``<scene>`` at the very
start and words from there on.
"""

from __future__ import annotations

from collections.abc import Iterator

from scriptbot.text.script import Direction, Scene
from scriptbot.text.vocabulary import DIRECTION, SCENE, STRUCTURE, Coder, Token


class Reader:
    """Turns scenes into tokens and counts the characters they stand for.

    Args:
        coder: numbers the stems.
        as_text: whether the scenes are blocks of one plain text, joined without anything between them.

    Attributes:
        characters: how many the tokens so far stand for.
        begun: whether there were any tokens.
    """

    def __init__(self, coder: Coder, *, as_text: bool) -> None:
        self.coder = coder
        self.as_text = as_text
        self.characters = 0
        self.begun = False

    def resume(self, characters: int) -> None:
        """Go on as if scenes of so many characters had been read before."""
        self.characters, self.begun = characters, characters > 0

    def scene(self, scene: Scene) -> Iterator[Token]:
        """The tokens of one scene."""
        if not self.as_text or not self.begun:
            yield Token(SCENE, STRUCTURE)
            self.characters += 0 if self.as_text or not self.begun else 2  # the blank lines between scenes
            self.begun = True
        for element in scene.played:
            if self.as_text:
                self.characters += len(element.text)
                yield from self.coder.encode(element.text)
            elif isinstance(element, Direction):
                self.characters += len(element.text) + 1
                yield Token(DIRECTION, STRUCTURE)
                yield from self.coder.encode(element.text)
            else:
                self.characters += len(element.character) + 2 + len(element.text) + 1
                yield from self.speech(element.character, element.text)

    def speech(self, character: str, text: str) -> Iterator[Token]:
        """The cue and the words of one speech."""
        cue = self.coder.open_speech(character)
        yield from cue
        yield from self.coder.encode(text, cue[-1].speaker)
