"""The token stream, cut into parallel streams and chunks of time.

The stream is split into ``batch`` equal parts that are read side by side.  A chunk is the next ``steps`` tokens of
each; the recurrent state is carried from chunk to chunk, so that what the network remembers reaches further back
than its gradients.  For every epoch the stream is split anew, from a random offset.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scriptbot.lm.recall import NONE, lately, nothing

Ints = NDArray[np.int32]
Floats = NDArray[np.float32]


ROUND = 256  # the different stems are padded to a multiple of it: every new count is compiled anew
RELEASE = 1000  # chunks after which the pages of a mapped file are released


@dataclass(frozen=True, slots=True)
class Stream:
    """Tokens as columns, each [T]; seven bytes a token.

    Attributes:
        stems: numbers below twice the known stems; those from ``known`` on are treated as new, see :class:`Batcher`.
        file: the mapped file that the columns are views of, if they are.
    """

    stems: Ints
    forms: NDArray[np.uint8]
    speakers: NDArray[np.uint16]
    file: mmap.mmap | None = None

    def __len__(self) -> int:
        return len(self.stems)

    def release(self) -> None:
        """Drop the pages of a mapped file from memory; they are read again when they are needed."""
        if self.file is not None and hasattr(self.file, "madvise"):
            self.file.madvise(mmap.MADV_DONTNEED)


@dataclass(frozen=True, slots=True)
class Place:
    """How far a stream has been read.

    Attributes:
        epoch: epochs that are complete.
        chunks: chunks of the next one that are read.
        past: [N, K] the words spelled lately in every stream; None before the first chunk.
    """

    epoch: int = 0
    chunks: int = 0
    past: Ints | None = None


@dataclass(frozen=True, slots=True)
class Chunk:
    """``steps`` tokens of every stream, M = T · N places in row-major order.

    Attributes:
        different: [U] the stems that are read, spelled, sampled or recalled in the chunk, each once; padded with 0.
        stems: [M] what is read, as places in ``different``.
        forms, speakers: [M] what is read.
        next_stems, next_forms: [M] what follows each; stems by their numbers.
        spelled: [P] places whose next stem is spelled, first those outside the softmax, then some for practice; padded
            with 0.
        spelled_stems: [P] those stems, as places in ``different``.
        recalled: [P, K] words spelled lately before each place, the latest last, as places in ``different``; NONE for
            none.
        again: [P, K] whether each of these is the word that follows.
        outside: [P] 1 for those outside the softmax, else 0.
        weight: [P] of the spellings: 1 outside the softmax (more if there was no room for all of those), less for
            practice, 0 for padding.
        sample: [J] rare stems sampled as negatives.
        sampled: [J] the same, as places in ``different``.
        fresh: whether it is the first chunk of an epoch, so that the state starts at zero.
        after: the place behind this chunk.
    """

    different: Ints
    stems: Ints
    forms: Ints
    speakers: Ints
    next_stems: Ints
    next_forms: Ints
    spelled: Ints
    spelled_stems: Ints
    recalled: Ints
    again: NDArray[np.bool_]
    outside: Floats
    weight: Floats
    sample: Ints
    sampled: Ints
    fresh: bool
    after: Place


@dataclass(frozen=True, slots=True)
class Batcher:
    """Cuts a stream into chunks.

    A new text brings words that this one lacks, names above all.  To prepare the network for them, some of the words
    that occur in one part of the text only are treated as new, different ones in every epoch: their numbers are raised
    by ``known``.

    Attributes:
        batch, steps: N and T.
        words: size of the softmax; stems from there on are spelled.
        known: size of the softmax and the rare stems together.
        spelled: P.
        recall: K.
        practice: weight of a spelled word that the softmax has.
        practised_share: [V] share of the occurrences of each stem of the softmax that may be spelled for practice.
        sample: J, at most.
        local: [known] whether a stem occurs in one part of the text only.
        novelty: share of the local stems that are treated as new.
    """

    batch: int
    steps: int
    words: int
    known: int
    spelled: int
    recall: int
    practice: float
    practised_share: Floats
    sample: int
    local: NDArray[np.bool_]
    novelty: float

    def chunks(self, stream: Stream, seed: Sequence[int], place: Place = Place()) -> Iterator[Chunk]:
        """Chunks without end, epoch after epoch.

        Args:
            seed: of the random numbers; every chunk has its own, so that it is the same wherever reading was resumed.
            place: where to go on.
        """
        size = len(stream) - 1
        length = size // self.batch
        while True:
            rng = np.random.default_rng([*seed, place.epoch, 0])
            offset = int(rng.integers(0, size)) if len(stream) > self.batch * 2 else 0
            starts = (offset + np.arange(self.batch) * length) % size
            new = self.local & (rng.random(self.known) < self.novelty)
            for number in range(place.chunks, -(-length // self.steps)):
                if number % RELEASE == 0:
                    stream.release()
                cells = (starts[None, :] + number * self.steps + np.arange(self.steps)[:, None]) % size
                rng = np.random.default_rng([*seed, place.epoch, number + 1])
                chunk = self._chunk(stream, cells.reshape(-1), new, place, rng)
                yield chunk
                place = chunk.after
            place = Place(place.epoch + 1)

    def _chunk(
        self,
        stream: Stream,
        cells: NDArray[np.int64],
        new: NDArray[np.bool_],
        before: Place,
        rng: np.random.Generator,
    ) -> Chunk:
        stems, following = (
            np.where((part < self.known) & new[part % self.known], part + self.known, part).astype(np.int32)
            for part in (stream.stems[cells], stream.stems[cells + 1])
        )
        spelled, weight, outside = self._spelled(following, rng)
        past = nothing(self.batch, self.recall) if before.past is None else before.past
        memory, past = lately(stems.reshape(self.steps, self.batch), past, self.words)
        lately_spelled = memory.reshape(len(stems), -1)[spelled]
        held = lately_spelled != NONE
        rare = self.known - self.words
        sample = rng.choice(rare, min(self.sample, rare), replace=False).astype(np.int32) + self.words
        parts = np.concatenate([stems, following[spelled], sample, lately_spelled[held]])
        different, which = np.unique(parts, return_inverse=True)
        different = np.pad(different, (0, -len(different) % ROUND))
        borders = np.cumsum([len(stems), len(spelled), len(sample)])
        read, spelled_stems, sampled, remembered = np.split(which.astype(np.int32), borders)
        recalled = np.full(lately_spelled.shape, NONE, np.int32)
        recalled[held] = remembered
        return Chunk(
            different,
            read,
            stream.forms[cells].astype(np.int32),
            stream.speakers[cells].astype(np.int32),
            following,
            stream.forms[cells + 1].astype(np.int32),
            spelled,
            spelled_stems,
            recalled,
            held & (lately_spelled == following[spelled][:, None]),
            outside,
            weight,
            sample,
            sampled,
            before.chunks == 0,
            Place(before.epoch, before.chunks + 1, past),
        )

    def _spelled(self, following: Ints, rng: np.random.Generator) -> tuple[Ints, Floats, Floats]:
        outside = np.flatnonzero(following >= self.words)
        found = len(outside)
        if found > self.spelled:
            outside = np.sort(rng.choice(outside, self.spelled, replace=False))
        share = np.where(following < self.words, self.practised_share[np.minimum(following, self.words - 1)], 0.0)
        # Of more than there is room for, the earliest in the chunk: every epoch cuts the chunks elsewhere.
        practised = np.flatnonzero(rng.random(len(following)) < share)[: self.spelled - len(outside)]
        places = np.zeros(self.spelled, np.int32)
        weight, is_outside = np.zeros(self.spelled, np.float32), np.zeros(self.spelled, np.float32)
        end = len(outside) + len(practised)
        places[: len(outside)], places[len(outside) : end] = outside, practised
        weight[: len(outside)], weight[len(outside) : end] = found / max(len(outside), 1), self.practice
        is_outside[: len(outside)] = 1.0
        return places, weight, is_outside
