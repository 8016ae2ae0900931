"""A conversation keeps its state, and gives it back."""

from __future__ import annotations

import dataclasses
import itertools
from pathlib import Path

import numpy as np
import pytest
import support

from scriptbot.config import SampleConfig
from scriptbot.errors import UsageError
from scriptbot.lm import candidates
from scriptbot.lm.params import END, FIRST_BYTE
from scriptbot.lm.state import Piece
from scriptbot.session.session import Session, Swap
from scriptbot.text.vocabulary import analyse

SETTINGS = SampleConfig(seed=5, max_words=6)


def session(seed: int = 5, **options: str) -> Session:
    return Session(support.model(), name="tiny", settings=SampleConfig(seed=seed, max_words=6), **options)


def text(pieces: list[Piece]) -> str:
    return "".join(piece.text for piece in pieces)


def talk(of: Session, *lines: str) -> list[str]:
    return [text(list(of.say(line))) for line in lines]


LINES = ("What light?", "I love the moon.", "ROMEO: But soft!", "zebra")


def test_the_same_seed_says_the_same() -> None:
    assert talk(session(), *LINES) == talk(session(), *LINES)
    assert talk(session(), *LINES) != talk(session(6), *LINES)


def test_a_seed_is_made_up_and_known() -> None:
    first = Session(support.model(), name="tiny", settings=SampleConfig(max_words=6))
    again = Session(support.model(), name="tiny", settings=SampleConfig(max_words=6, seed=first.seed))
    assert talk(first, *LINES) == talk(again, *LINES)


def test_the_state_lives_on_from_turn_to_turn() -> None:
    one, other = session(), session()
    talk(one, "the night", "what?")
    talk(other, "a moon", "what?")
    assert not np.allclose(one.state.hidden, other.state.hidden)
    assert len(one.state.cache) > 8


@pytest.mark.parametrize("seed", range(10))
def test_everything_said_is_in_the_state(seed: int) -> None:
    """Who reads what was said, as text, gets into the state of who said it."""
    one = session(seed)
    talk(one, *LINES)
    state = one.engine.start()
    for line in one.transcript:
        cue = one.engine.coder.open_speech(line.character)
        state = one.engine.read(state, [*cue, *one.engine.coder.encode(line.text, cue[-1].speaker)])
    assert np.allclose(state.recurrent.cell, one.state.recurrent.cell, atol=1e-5)


def test_undo_gives_the_state_back() -> None:
    one = session()
    talk(one, "the night")
    before = one.state
    talk(one, "a moon", "zebra")
    one.undo()
    turn = one.undo()
    assert turn is not None and turn.read[0].text == "a moon"
    assert one.state is before
    one.undo()
    assert one.undo() is None


def test_retry_draws_another_from_the_same_state() -> None:
    one = session()
    first = talk(one, "What light?")[0]
    heard = one._turns[-1].heard
    others = {text(list(one.retry())) for _ in range(5)}
    assert one._turns[-1].heard is heard and len(one.transcript) == 2
    assert others - {first}
    with pytest.raises(UsageError):
        session().retry()


def test_a_broken_off_reply_keeps_what_was_said() -> None:
    one = session()
    reply = one.say("What light?")
    taken = [next(reply), next(reply), next(reply)]
    reply.close()
    assert one.state is taken[-1].state
    assert one.transcript[-1].text == text(taken[1:])


def test_a_character_is_chosen_announced_or_cast() -> None:
    one = session(character="JULIET")
    assert {next(iter(one.say("hello"))).character for _ in range(3)} == {"JULIET"}
    one.character = None
    assert next(iter(one.say("ROMEO:"))).character == "ROMEO"
    found = set()
    for _ in range(40):
        one.reset()
        found.add(next(iter(one.say("hello"))).character)
    assert found == set(support.CAST)


def test_what_is_typed_is_a_speech_of_my_own() -> None:
    one = session(me="Mercutio")
    talk(one, "the night", "JULIET: love")
    assert [line.character for line in one.transcript[::2]] == ["Mercutio", "JULIET"]


def test_lines() -> None:
    one = session()
    one.settings = SampleConfig(seed=5, max_words=4, lines=3)
    assert sum(piece.kind == "cue" for piece in one.say("hello")) == 3


def test_sowing_again_begins_again() -> None:
    one = session()
    first = "".join(piece.text for piece in one.proceed())
    one.reset()
    one.sow(5)
    assert "".join(piece.text for piece in one.proceed()) == first


def test_names_in_any_spelling() -> None:
    one = session()
    one.choose("juliet")
    one.be("romeo")
    assert (one.character, one.me) == ("JULIET", "ROMEO")
    one.choose("Anyone")
    one.be("Nurse")
    assert (one.character, one.me) == (None, "Nurse")
    with pytest.raises(UsageError):
        one.choose("Hamlet")


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


def test_settings_keep_the_random_numbers_unless_the_seed_changes() -> None:
    one, other = session(), session()
    talk(one, "hello")
    talk(other, "hello")
    one.settings = SampleConfig(seed=5, max_words=6, temperature=0.8)
    assert talk(one, "a") == talk(other, "a")
    one.settings = SampleConfig(seed=77, max_words=6)
    assert one.seed == 77


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
    one.saved.append(path)
    assert one.swap(there, "cat") is Swap.BEGINS_ANEW
    assert one.transcript == () and one.undo() is None and not one.saved
    assert one.swap(there, "cat") is Swap.GOES_ON  # there is nothing to be lost
    talk(one, letters[0])
    spaceless = one.transcript
    assert one.swap(other, "tiny") is Swap.TAKEN_UP and one.transcript == said and one.saved == [path]
    assert one.undo() is not None and one.transcript == said[:-2]
    other_one = one.fork()
    assert other_one.swap(there, "cat") is Swap.TAKEN_UP and one.transcript == said[:-2]
    list(other_one.retry())
    assert one.swap(there, "cat") is Swap.TAKEN_UP and one.transcript == spaceless
    one.reset()
    assert one.swap(other, "tiny") is Swap.TAKEN_UP and one.transcript == said[:-2]
    one.reset()
    assert one.swap(there, "cat") is Swap.GOES_ON


def test_who_would_speak_and_is_nobody_yet() -> None:
    one = session(me="Visitor")
    assert one.strangers("Romeo: Hi.\nVISITOR: Oh.\nNote: the boat is late.\nBob: Yes.\nNote: no.\nDear:") == [
        "Note",
        "Bob",
        "Dear",
    ]
    assert one.strangers("It is 12:30, and the moon: late.") == []
    list(one.say("Bob: Yes."))
    assert one.strangers("BOB: No.") == []
    one.swap(support.model(cast=()), "plain")
    assert one.strangers("Note: late.") == []


def test_whoever_is_made_for_a_person_does_not_answer_another_person() -> None:
    one = Session(support.model(cast=("VISITOR", "ADA", "TOM")), name="tiny", settings=SETTINGS, me="Clara")
    said = [piece.character for _ in range(12) for piece in one.say("What light?") if piece.kind == "cue"]
    assert set(said) == {"ADA", "TOM"}
    assert next(one.say("VISITOR:")).character == "VISITOR"  # but for being asked


def test_what_is_said_is_read_aloud_and_names_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    """A model of Japanese by its sound hears what is said by its sound; whoever says it is called as before."""
    monkeypatch.setattr("scriptbot.session.session.reader", lambda how: str.upper if how == "hiragana" else str)
    model = dataclasses.replace(support.model(), provenance={"reading": "hiragana"})
    one = Session(model, name="tiny", settings=SampleConfig(seed=1, max_words=6))
    list(one.say("Bob: What light?\nMoon."))
    assert [(line.character, line.text) for line in one.transcript[:1]] == [("Bob", "WHAT LIGHT?\nMOON.")]
    assert one.strangers("Bob: no.") == []


def test_swap_to_a_model_without_the_character() -> None:
    one = session(character="JULIET")
    one.swap(support.model(cast=("MOE",)), "other")
    assert one.character is None


def test_a_character_is_known_in_another_spelling() -> None:
    one = session(character="JULIET", me="romeo")
    one.swap(support.model(cast=("Juliet", "Romeo")), "other")
    assert (one.character, one.me) == ("Juliet", "Romeo")


def test_a_fork_shares_the_past_only() -> None:
    one = session()
    talk(one, "What light?")
    other = one.fork()
    assert talk(one, "a", "b") == talk(other, "a", "b")
    talk(one, "only here")
    assert len(one.transcript) == len(other.transcript) + 2


def test_reset_forgets() -> None:
    one = session()
    talk(one, *LINES)
    one.reset()
    assert one.transcript == () and len(one.state.cache) == 0


def test_plain_text_goes_on_where_it_ends() -> None:
    one = Session(support.model(cast=()), name="plain", settings=SETTINGS)
    assert not one.is_script
    pieces = list(one.say("the night "))
    assert not any(piece.character for piece in pieces)
    assert text(pieces)[:1] not in {" ", "\n"}


def test_what_nobody_has_used_is_invented_only_when_asked() -> None:
    model = support.model()
    model.parameters.output_bias[0] = 4.0  # gladly outside the softmax
    model.parameters.novel_bias[0] = 0.0  # and there as gladly new,
    model.parameters.sentinel_bias[0] = 90.0  # not one that was just said
    model.parameters.speller_output_bias[FIRST_BYTE + ord("a") : FIRST_BYTE + ord("z")] = 9.0
    model.parameters.speller_output_bias[END] = 9.0
    known = {*support.FREQUENT, *support.RARE, "hello", "you", ""}
    for invent in (False, True):
        settings = SampleConfig(seed=5, max_words=20, candidates=1, invent=invent)
        one = Session(model, name="tiny", settings=settings)
        talk(one, *["hello"] * 30)
        replies = " ".join(line.text for line in one.transcript if line.character != "You")
        said = {stem for stem, _ in analyse(replies)}
        assert bool(said - known) == invent
        assert invent or said & set(support.RARE)


# ---------------------------------------------------------------- who the person is


@pytest.mark.parametrize(
    ("cast", "me", "expected"),
    [
        (("ADA", "VISITOR", "TOM"), None, "VISITOR"),
        (("assistant", "user"), None, "user"),
        (("ADA", "TOM"), None, "You"),
        (("ADA", "VISITOR"), "ada", "ADA"),
        (("ADA", "VISITOR"), "Eva", "Eva"),
    ],
)
def test_the_person_is_whom_the_script_has_for_them(cast: tuple[str, ...], me: str | None, expected: str) -> None:
    one = Session(support.model(cast=cast), name="tiny", settings=SETTINGS, me=me)
    assert one.me == expected


def test_nobody_speaks_for_the_person() -> None:
    one = Session(support.model(cast=("ADA", "VISITOR")), name="tiny", settings=SETTINGS)
    speakers = {piece.character for _ in range(40) for piece in one.proceed() if piece.kind == "cue"}
    assert speakers == {"ADA"}
    one.be("Eva")
    turns = [[piece.character for piece in one.proceed() if piece.kind == "cue"] for _ in range(20)]
    assert {"ADA", "VISITOR"} == {name for turn in turns for name in turn}  # by turns: nobody goes on alone
    assert all(a != b for a, b in itertools.pairwise(turns))  # nor for two turns on end
    one.be("ADA")
    assert {piece.character for _ in range(40) for piece in one.proceed() if piece.kind == "cue"} == {"VISITOR"}
    one.choose("ADA")  # asked for outright
    assert {piece.character for piece in one.proceed() if piece.kind == "cue"} == {"ADA"}


def test_another_model_has_another_person_unless_one_was_named() -> None:
    one = Session(support.model(cast=("ADA", "TOM")), name="tiny", settings=SETTINGS)
    one.swap(support.model(cast=("ADA", "VISITOR")), "other")
    assert one.me == "VISITOR"
    one.be("Eva")
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


def test_a_setting_chosen_at_its_present_value_is_chosen() -> None:
    model = dataclasses.replace(support.model(), sampling={"temperature": 0.6})
    one = Session(support.model(), name="tiny", settings=SampleConfig(), free=frozenset({"temperature"}))
    one.put("temperature", "0.8")
    one.swap(model, "another")
    assert one.settings.temperature == 0.8


def test_replies_are_the_best_of_several() -> None:
    from scriptbot.lm import candidates

    one = Session(support.model(), name="tiny", settings=SampleConfig(seed=5, max_words=6, candidates=7))
    said = text(list(one.say("What light?")))
    other = Session(support.model(), name="tiny", settings=SampleConfig(seed=5, max_words=6))
    state = other.engine.read_speech(other.engine.start(), "You", "What light?")
    settings, rng = dataclasses.replace(other.settings, candidates=7), np.random.default_rng(5)
    assert said == text(list(candidates.speak(other.engine, state, None, settings, rng, ("You",))))
    assert said != text(list(other.say("What light?")))


def test_who_is_addressed_answers() -> None:
    cast = ("ADA", "TOM", "EVA", "VISITOR")
    for seed in range(6):
        one = Session(support.model(cast=cast), name="tiny", settings=SampleConfig(seed=seed, max_words=4))
        (first, *_) = one.say("Hello Tom.")
        assert first.character == "TOM"
        (first, *_) = one.say("Eva, what light?")
        assert first.character == "EVA"
    one.choose("Ada")
    (first, *_) = one.say("Tom, the moon!")  # who was chosen answers all the same
    assert first.character == "ADA"


def test_nobody_answers_all_the_time() -> None:
    for seed in range(12):
        one = Session(support.model(cast=("ADA", "TOM")), name="tiny", settings=SampleConfig(seed=seed, max_words=3))
        answers = ["".join(piece.text for piece in one.say("the moon") if piece.kind == "cue") for _ in range(8)]
        assert all(len(set(answers[begin : begin + 4])) > 1 for begin in range(5)), answers


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


def test_who_answers_is_asked_anew_when_a_reply_is_drawn_again() -> None:
    one = session(character="JULIET")
    talk(one, "hi")
    one.choose(None)
    again = {next(iter(one.retry())).character for _ in range(12)}
    assert again == {"ROMEO", "JULIET"}
    one.swap(support.model(cast=("MOE", "BARNEY")), "bar")
    assert next(iter(one.retry())).character in ("MOE", "BARNEY")


def test_a_retry_that_is_broken_off_before_its_first_word_leaves_the_reply(monkeypatch: pytest.MonkeyPatch) -> None:
    one = session()
    talk(one, "hi")
    before, state = one.transcript, one.state

    def broken(*arguments: object) -> list[float]:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:  # Ctrl-C comes while the candidates are weighed
        patched.setattr(candidates, "scores", broken)
        with pytest.raises(KeyboardInterrupt):
            list(one.retry())
    assert one.transcript == before and one.state is state
    list(one.retry())
    assert one.transcript[:1] == before[:1] and len(one.transcript) == 2


def test_a_line_of_ones_own_is_there_when_the_reply_is_broken_off(monkeypatch: pytest.MonkeyPatch) -> None:
    one = session()

    def broken(*arguments: object) -> list[float]:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(candidates, "scores", broken)
        with pytest.raises(KeyboardInterrupt):
            list(one.say("hi"))
    assert [line.text for line in one.transcript] == ["hi"] and one.state is one._turns[-1].heard
