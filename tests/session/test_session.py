"""A conversation keeps its state, and gives it back."""

from __future__ import annotations

import dataclasses
import re

import numpy as np
import pytest
import support
from talk import LINES, SETTINGS, session, talk, text

from scriptbot.config import SampleConfig
from scriptbot.errors import UsageError
from scriptbot.lm import candidates
from scriptbot.lm.params import END, FIRST_BYTE
from scriptbot.session.conversation import state_after
from scriptbot.session.session import Session
from scriptbot.text.vocabulary import analyse


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


def test_clitics_before_another_script_are_in_the_state_as_well() -> None:
    model, stems = support.model(), ("’t", "'ll", *"天し。で猫あt’", *"abcdefghi")
    words = dataclasses.replace(model.vocabulary, frequent=stems[: len(model.vocabulary.frequent)])
    model = dataclasses.replace(model, vocabulary=words, ngrams=None, copies=None, exchanges=None)
    said = ""
    for seed in range(4):
        settings = SampleConfig(seed=seed, max_words=60, temperature=3.0, top_p=1.0, min_p=0.0)
        one = Session(model, name="mixed", settings=settings)
        list(one.proceed())
        (line,) = one.transcript
        state = state_after(one.engine, one.engine.start(), [line])
        assert np.allclose(state.recurrent.cell, one.state.recurrent.cell, atol=1e-5)
        said += line.text
    assert re.search(r"\w(?:’t|'ll)[天しで猫あ]", said)


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


def test_a_turn_that_was_taken_back_is_not_drawn_again() -> None:
    one = session()
    talk(one, "What light?", "I love the moon.")
    first, again = one.transcript[:2], one.retry()
    one.undo()
    assert list(again) == [] and one.transcript == first


def test_retry_draws_another_from_the_same_state() -> None:
    one = session()
    first = talk(one, "What light?")[0]
    heard = one.history.turns[-1].heard
    others = {text(list(one.retry())) for _ in range(5)}
    assert one.history.turns[-1].heard is heard and len(one.transcript) == 2
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


def test_lines() -> None:
    one = session()
    one.settings = SampleConfig(seed=5, max_words=4, lines=3)
    assert sum(piece.kind == "cue" for piece in one.say("hello")) == 3


def test_reseeding_begins_again() -> None:
    one = session()
    first = "".join(piece.text for piece in one.proceed())
    one.reset()
    one.reseed(5)
    assert "".join(piece.text for piece in one.proceed()) == first


def test_settings_keep_the_random_numbers_unless_the_seed_changes() -> None:
    one, other = session(), session()
    talk(one, "hello")
    talk(other, "hello")
    one.settings = SampleConfig(seed=5, max_words=6, temperature=0.8)
    assert talk(one, "a") == talk(other, "a")
    one.settings = SampleConfig(seed=77, max_words=6)
    assert one.seed == 77


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
    said, state = one.transcript, one.state
    one.reset()
    assert one.transcript == () and len(one.state.cache) == 0
    assert one.restore() and one.transcript == said and not one.restore()
    assert np.allclose(one.state.recurrent.cell, state.recurrent.cell, atol=1e-5)
    assert one.undo() is not None and one.transcript == said[:-2]
    one.reset()
    talk(one, "What light?")
    assert not one.restore() and len(one.transcript) == 2


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


def test_replies_are_the_best_of_several() -> None:
    from scriptbot.lm import candidates

    one = Session(support.model(), name="tiny", settings=SampleConfig(seed=5, max_words=6, candidates=7))
    said = text(list(one.say("What light?")))
    other = Session(support.model(), name="tiny", settings=SampleConfig(seed=5, max_words=6))
    state = other.engine.read_speech(other.engine.start(), "You", "What light?")
    settings, rng = dataclasses.replace(other.settings, candidates=7), np.random.default_rng(5)
    assert said == text(list(candidates.speak(other.engine, state, None, settings, rng, ("You",))))
    assert said != text(list(other.say("What light?")))


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
    assert [line.text for line in one.transcript] == ["hi"] and one.state is one.history.turns[-1].heard


@pytest.mark.parametrize("typed", ["", "Juliet:"])
def test_a_turn_in_which_nobody_said_anything_does_not_stay(typed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    one = session()
    talk(one, "hi")
    before, state = one.transcript, one.state
    support.stop_at_once(one.say(typed), monkeypatch)
    assert one.transcript == before and one.state is state and len(one.history.turns) == 1
    list(one.say(typed))
    assert one.transcript[:-1] == before and len(one.history.turns) == 2
    one.undo()
    assert one.transcript == before and one.state is state
