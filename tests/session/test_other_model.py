"""Another model in the middle of a conversation: what goes on, what begins anew, and the settings that suit it."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import support
from talk import LINES, SETTINGS, session, talk

from scriptbot.config import SampleConfig
from scriptbot.errors import UsageError
from scriptbot.session.conversation import Stamp
from scriptbot.session.history import MOST_TURNS
from scriptbot.session.session import Session, Swap


def test_a_conversation_moves_to_a_model_of_plain_text_and_back() -> None:
    one = session()
    list(one.say("The moon!"))
    one.swap(support.model(cast=()), "plain")
    list(one.say("What light"))
    one.swap(support.model(), "tiny")
    list(one.say("The moon!"))
    assert [line.character for line in one.transcript][:1] == ["You"] and len(one.transcript) == 6
    while one.undo():
        pass


def test_swap_goes_on_with_the_conversation() -> None:
    one = session(character="JULIET")
    talk(one, *LINES)
    said = one.transcript
    one.swap(support.model(2, seed=3), "other")
    assert one.transcript == said and one.name == "other" and one.character == "JULIET"
    state = one.engine.start()
    for line in said:
        state = one.engine.read_speech(state, line.character, line.text)
    assert np.allclose(state.recurrent.cell, one.state.recurrent.cell, atol=1e-5)
    assert one.undo() is not None and one.transcript == said[:-2]


def test_to_a_model_of_another_writing_a_conversation_would_be_noise() -> None:
    one, other, there = session(), support.model(), support.unspaced()
    assert there.vocabulary.unspaced and not other.vocabulary.unspaced
    letters = there.vocabulary.frequent
    talk(one, *LINES)
    said, path = one.transcript, Path("kept.fountain")
    one.history.saved[path] = Stamp(1, 2)
    assert one.swap(there, "cat") is Swap.BEGINS_ANEW
    assert one.transcript == () and one.undo() is None and not one.history.saved
    assert one.swap(there, "cat") is Swap.GOES_ON  # there is nothing to be lost
    talk(one, letters[0])
    spaceless = one.transcript
    assert (
        one.swap(other, "tiny") is Swap.TAKEN_UP and one.transcript == said and one.history.saved == {path: Stamp(1, 2)}
    )
    assert one.undo() is not None and one.transcript == said[:-2]
    other_one = one.fork()
    assert other_one.swap(there, "cat") is Swap.TAKEN_UP and one.transcript == said[:-2]
    list(other_one.retry())
    assert one.swap(there, "cat") is Swap.TAKEN_UP and one.transcript == spaceless
    one.reset()
    assert one.swap(other, "tiny") is Swap.TAKEN_UP and one.transcript == said[:-2]
    one.reset()
    assert one.swap(there, "cat") is Swap.GOES_ON


def test_what_was_forgotten_comes_back_behind_a_model_of_another_writing() -> None:
    """To the model that it was with, and to nobody else."""
    one, there = session(), support.unspaced()
    talk(one, "The moon!")
    said = one.transcript
    one.reset()
    one.swap(there, "cat")
    assert not one.restore()
    talk(one, there.vocabulary.frequent[0])
    spaceless = one.transcript
    one.reset()
    one.swap(support.model(), "tiny")
    assert one.restore() and one.transcript == said
    assert one.swap(there, "cat") is Swap.BEGINS_ANEW
    assert one.restore() and one.transcript == spaceless


def test_one_that_was_kept_waits_for_a_model_of_its_kind() -> None:
    before, one = session(), Session(support.unspaced(), name="cat", settings=SETTINGS)
    talk(before, "The moon!")
    one.let_wait(before.conversation)
    assert one.transcript == () and not one.restore()
    talk(one, one.model.vocabulary.frequent[0])
    spaceless = one.transcript
    assert one.swap(support.model(), "tiny") is Swap.TAKEN_UP and one.transcript == before.transcript
    assert one.swap(support.unspaced(), "cat") is Swap.TAKEN_UP and one.transcript == spaceless


def test_swap_to_a_model_without_the_character() -> None:
    one = session(character="JULIET")
    one.swap(support.model(cast=("MOE",)), "other")
    assert one.character is None


def test_a_character_is_known_in_another_spelling() -> None:
    one = session(character="JULIET", me="romeo")
    one.swap(support.model(cast=("Juliet", "Romeo")), "other")
    assert (one.character, one.me) == ("Juliet", "Romeo")


def test_who_spoke_is_known_in_another_spelling() -> None:
    """To the new model, which knows their cues, and to the rule that nobody speaks twice in a row."""
    one = session(me="Clara")
    one.put("candidates", "1")
    talk(one, *["Juliet, the moon!"] * (MOST_TURNS + 2), "ROMEO: But soft!")
    list(one.edit("JULIET: Love."))
    texts = [line.text for line in one.transcript]
    one.swap(support.model(cast=("Juliet", "Romeo")), "other")
    assert {line.character for line in one.transcript} == {"Clara", "Juliet", "Romeo"}
    assert [line.text for line in one.transcript] == texts
    for seed in range(12):
        other = one.fork()
        other.reseed(seed)
        assert next(other.proceed()).character == "Romeo"
    one.undo()
    assert {next(iter(one.retry())).character for _ in range(6)} == {"Juliet"}  # who was addressed
    one.swap(support.model(cast=()), "plain")
    assert {line.character for line in one.transcript} == {"Clara", "Juliet"}


def test_another_model_has_another_person_unless_one_was_named() -> None:
    one = Session(support.model(cast=("ADA", "TOM")), name="tiny", settings=SETTINGS)
    one.swap(support.model(cast=("ADA", "VISITOR")), "other")
    assert one.me == "VISITOR"
    one.set_person("Eva")
    one.swap(support.model(cast=("ADA", "VISITOR")), "third")
    assert one.me == "Eva"


def test_what_nobody_chose_is_what_suits_the_model() -> None:
    """And the next model's own when that one talks; what was chosen stays."""
    model = dataclasses.replace(support.model(), sampling={"temperature": 0.6, "candidates": 3, "top_p": 0.9})
    free = frozenset({"temperature", "candidates"})
    one = Session(model, name="tiny", settings=SampleConfig(top_p=0.8), free=free)
    assert (one.settings.temperature, one.settings.candidates, one.settings.top_p) == (0.6, 3, 0.8)
    one.put("candidates", "2")
    one.put("top-p", "0.8")  # the same again
    one.swap(support.model(), "another")
    assert (one.settings.temperature, one.settings.candidates) == (SampleConfig().temperature, 2)
    one.swap(model, "tiny")
    assert (one.settings.temperature, one.settings.candidates, one.settings.top_p) == (0.6, 2, 0.8)


def test_models_that_reply_in_words_are_spoken_with_contrast() -> None:
    """Whoever goes on with plain text, writes without spaces or has no exchanges has the usual settings; so has who
    chooses them."""
    free = frozenset({"top_p", "contrast"})
    others = support.model(cast=()), support.unspaced(), dataclasses.replace(support.model(), exchanges=None)
    for model, contrast in ((support.model(), 1.0), *((other, 0.0) for other in others)):
        one = Session(model, name="tiny", settings=SampleConfig(), free=free)
        assert (one.settings.contrast, one.settings.top_p) == (contrast, 0.88 if contrast else SampleConfig().top_p)
    own = dataclasses.replace(support.model(), sampling={"contrast": 0.5})
    assert Session(own, name="tiny", settings=SampleConfig(), free=free).settings.contrast == 0.5
    assert Session(own, name="tiny", settings=SampleConfig()).settings.contrast == 0.0


def test_a_setting_chosen_at_its_present_value_is_chosen() -> None:
    model = dataclasses.replace(support.model(), sampling={"temperature": 0.6})
    one = Session(support.model(), name="tiny", settings=SampleConfig(), free=frozenset({"temperature"}))
    one.put("temperature", "0.8")
    one.swap(model, "another")
    assert one.settings.temperature == 0.8


def test_a_setting_is_left_to_the_model_again() -> None:
    model = dataclasses.replace(support.model(), sampling={"temperature": 0.9})
    free = frozenset(field.name for field in dataclasses.fields(SampleConfig)) - {"seed"}
    one = Session(model, name="tiny", settings=SampleConfig(seed=1), free=free)
    one.put("temperature", "0.3")
    one.put("max-words", "7")
    assert one.settings.temperature == 0.3
    one.put("temperature", "Default")
    one.put("max-words", "default")
    assert (one.settings.temperature, one.settings.max_words) == (0.9, SampleConfig().max_words)
    one.swap(dataclasses.replace(model, sampling={"temperature": 0.7}), "other")
    assert one.settings.temperature == 0.7
    with pytest.raises(UsageError, match="no option"):
        one.put("tempo", "default")
