"""Maps places in a cleaned text to places in the file that it comes from."""

from __future__ import annotations

from bisect import bisect_left, bisect_right


class LeftOut:
    """What was left out of a text, in the order of the text.

    Attributes:
        characters: how many characters, in all.
    """

    def __init__(self) -> None:
        self.characters = 0
        self._places: list[int] = []  # in the cleaned text, ascending
        self._before: list[int] = []  # for each place, how many characters are missing up to and at it
        self._forgotten = 0

    def add(self, place: int, characters: int) -> None:
        """Record that characters are missing at a place of the cleaned text."""
        self.characters += characters
        if self._places and self._places[-1] == place:
            self._before[-1] = self.characters
        else:
            self._places.append(place)
            self._before.append(self.characters)

    def place(self, place: int, *, end: bool = False) -> int:
        """The place in the file for a place in the cleaned text.

        Args:
            end: whether something ends there, so that what is missing right there comes after it.
        """
        if end:  # right after its last character
            return self.place(place - 1) + 1 if place else 0
        index = bisect_right(self._places, place)
        return place + (self._before[index - 1] if index else self._forgotten)

    def forget(self, place: int) -> None:
        """Forget all places before one in the cleaned text; they will not be asked for any more."""
        index = bisect_left(self._places, place) - 1
        if index > 256:
            self._forgotten = self._before[index - 1]
            del self._places[:index], self._before[:index]
