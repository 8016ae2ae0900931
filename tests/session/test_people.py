"""Who speaks, who answers, and whom the person at the prompt is."""

from __future__ import annotations

import dataclasses
import itertools

import pytest
import support
from talk import SETTINGS, session, talk

from scriptbot.config import SampleConfig
from scriptbot.errors import UsageError
from scriptbot.session.conversation import Line
from scriptbot.session.session import Session


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


def test_names_in_any_spelling() -> None:
    one = session()
    one.set_answering("juliet")
    one.set_person("romeo")
    assert (one.character, one.me) == ("JULIET", "ROMEO")
    one.set_answering("Anyone")
    one.set_person("Nurse")
    assert (one.character, one.me) == (None, "Nurse")
    with pytest.raises(UsageError):
        one.set_answering("Hamlet")


def test_a_blank_name_is_none_and_any_other_stands_on_one_line() -> None:
    for blank in ("", "  ", "\n"):
        one = session(me=blank)
        assert (one.me, one.named) == ("You", None)
        talk(one, "the night")
        assert one.transcript[0] == Line("You", "the night")
    one.set_person(" Mary \n\t Ann ")
    assert (one.me, one.named) == ("Mary Ann", "Mary Ann")


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
    one.set_person("Eva")  # for whom a person's part does not speak either, though nobody but Ada is left
    assert {piece.character for _ in range(20) for piece in one.proceed() if piece.kind == "cue"} == {"ADA"}
    one.swap(support.model(cast=("ADA", "TOM", "VISITOR")), "three")
    turns = [[piece.character for piece in one.proceed() if piece.kind == "cue"] for _ in range(20)]
    assert {"ADA", "TOM"} == {name for turn in turns for name in turn}  # by turns: nobody goes on alone
    assert all(a != b for a, b in itertools.pairwise(turns))  # nor for two turns on end
    one.swap(support.model(cast=("ADA", "VISITOR")), "two")
    one.set_person("ADA")
    assert {piece.character for _ in range(40) for piece in one.proceed() if piece.kind == "cue"} == {"VISITOR"}
    with pytest.raises(UsageError, match="You are ADA, and nobody else speaks for you") as told:
        one.set_answering("ada")
    assert ":me NAME" in told.value.hint and "--me" not in told.value.hint
    assert one.character is None
    assert next(one.say("ADA:")).character == "ADA"  # asked for outright


def test_who_answers_is_not_the_person_of_the_next_model() -> None:
    one = Session(support.model(cast=("ADA", "VISITOR", "USER")), name="tiny", settings=SETTINGS)
    one.set_answering("user")
    one.swap(support.model(cast=("ADA", "User")), "other")
    assert (one.me, one.character) == ("User", None)


def test_who_is_addressed_answers() -> None:
    cast = ("ADA", "TOM", "EVA", "VISITOR")
    for seed in range(6):
        one = Session(support.model(cast=cast), name="tiny", settings=SampleConfig(seed=seed, max_words=4))
        (first, *_) = one.say("Hello Tom.")
        assert first.character == "TOM"
        (first, *_) = one.say("Eva, what light?")
        assert first.character == "EVA"
        one.set_person("Clara")
        (first, *_) = one.say("CLARA: Tom, the moon!")
        assert first.character == "TOM"
    one.set_answering("Ada")
    (first, *_) = one.say("Tom, the moon!")  # who was chosen answers all the same
    assert first.character == "ADA"


def test_a_part_of_a_name_is_enough_if_nobody_else_has_it() -> None:
    cast = ("Homer_Simpson", "Marge_Simpson", "Moe_Szyslak")
    for seed in range(6):
        one = Session(support.model(cast=cast), name="tiny", settings=SampleConfig(seed=seed, max_words=4))
        (first, *_) = one.say("Homer, where are you?")
        assert first.character == "Homer_Simpson"
        one.set_person("Homer_Simpson")
        (first, *_) = one.say("A beer, Mrs. Simpson.")  # the person is the other one
        assert first.character == "Marge_Simpson"


def test_nobody_answers_all_the_time() -> None:
    for seed in range(12):
        one = Session(support.model(cast=("ADA", "TOM")), name="tiny", settings=SampleConfig(seed=seed, max_words=3))
        answers = ["".join(piece.text for piece in one.say("the moon") if piece.kind == "cue") for _ in range(8)]
        assert all(len(set(answers[begin : begin + 4])) > 1 for begin in range(5)), answers


def test_nobody_answers_most_of_the_time() -> None:
    """Of any six answers four at most are one's; of somebody who is likely to answer every time."""
    model = support.model(cast=("ADA", "TOM", "EVA"))
    model.parameters.output_bias[model.vocabulary.cue(0)] += 20.0
    for seed in range(6):
        one = Session(model, name="tiny", settings=SampleConfig(seed=seed, max_words=3))
        answers = ["".join(piece.text for piece in one.say("the moon") if piece.kind == "cue") for _ in range(20)]
        windows = [answers[begin : begin + 6] for begin in range(15)]
        assert all(window.count(name) <= 4 for window in windows for name in set(window)), answers


def test_who_answers_is_asked_anew_when_a_reply_is_drawn_again() -> None:
    one = session(character="JULIET")
    talk(one, "hi")
    one.set_answering(None)
    again = {next(iter(one.retry())).character for _ in range(12)}
    assert again == {"ROMEO", "JULIET"}
    one.swap(support.model(cast=("MOE", "BARNEY")), "bar")
    assert next(iter(one.retry())).character in ("MOE", "BARNEY")
