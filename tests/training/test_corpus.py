"""What is trained on, and what is held out."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from scriptbot.config import TrainConfig
from scriptbot.errors import InputError
from scriptbot.lm.sizing import LEAST_TOKENS
from scriptbot.request import TrainRequest
from scriptbot.text.inspection import inspect
from scriptbot.text.load import open_source
from scriptbot.text.vocabulary import SOMEBODY, STRUCTURE
from scriptbot.training import corpus as corpus_module
from scriptbot.training.__main__ import _sources
from scriptbot.training.corpus import Corpus, lay_out
from scriptbot.training.held_out import split

SCENE = "ADA: Is the kettle on, Tom?\nTOM: It was on all day, and nobody came.\nADA: Then pour it out.\n\n\n"


def laid_out(folder: Path, text: str, format: str = "colon", **options: float) -> Corpus:
    path = folder / "script.txt"
    path.write_text(text, "utf-8")
    return lay_out(open_source([path], format=format), None, TrainConfig(**options))  # type: ignore[arg-type]


def test_whole_scenes_are_held_out_evenly_spread(tmp_path: Path) -> None:
    corpus = laid_out(tmp_path, SCENE * 1000, validation_share=0.05)
    held = corpus.coder.decode(corpus.held_out)
    assert held.count("pour it out.") == 50
    assert len(corpus.train) > 15 * len(corpus.held_out)


@pytest.mark.parametrize("scenes", [1, 2, 8])
def test_a_script_of_few_scenes_holds_out_their_ends(tmp_path: Path, scenes: int) -> None:
    scene = SCENE.strip() * (60 // scenes)
    corpus = laid_out(tmp_path, "\n\n\n".join([scene.replace("out.", "out.\n")] * scenes))
    share = corpus.held_out_characters / (corpus.characters + corpus.held_out_characters)
    assert 0.02 < share < 0.2


@pytest.mark.parametrize(("scenes", "speeches"), [(9, 2), (9, 1), (28, 2), (5, 3), (3, 40)])
def test_few_short_scenes_hold_out_no_more_than_their_share(tmp_path: Path, scenes: int, speeches: int) -> None:
    """Conversations of one question and one answer: neither side is held out as a whole."""
    says = "The kettle was on all day, and nobody came to pour out any of the tea."
    scene = "".join(f"{('ADA', 'TOM')[number % 2]}: {says}\n" for number in range(speeches))
    path = tmp_path / "script.txt"
    path.write_text("\n\n".join([scene] * scenes))
    held, kept = list[str](), list[str]()
    for part, is_held in split(open_source([path], format="colon"), TrainConfig(validation_share=0.1)):
        (held if is_held else kept).extend(speech.character for speech in part.speeches)
    total = scenes * speeches
    assert len(held) + len(kept) == total and held.count("TOM") + kept.count("TOM") == scenes * (speeches // 2)
    assert abs(len(held) - 0.1 * total) <= 1 and held
    assert set(kept) == set(("ADA", "TOM")[:speeches])


def test_a_long_answer_is_not_all_that_is_held_out(tmp_path: Path) -> None:
    short = "ADA: Is the kettle on by now, Tom?\nTOM: It was on all day.\n"
    path = tmp_path / "script.txt"
    path.write_text(
        "\n\n".join(["ADA: Tell me a story.\nTOM: " + "Once it rained all day. " * 600 + "\n", *[short] * 8])
    )
    parts = list(split(open_source([path], format="colon"), TrainConfig()))
    sizes = {
        held: sum(len(s.text) for part, is_held in parts if is_held is held for s in part.speeches)
        for held in (True, False)
    }
    speeches = sum(len(list(part.speeches)) for part, held in parts if held)
    assert 0 < sizes[True] < 0.11 * sizes[False] and 0 < speeches <= 6


def test_a_short_text_holds_out_a_tenth_and_a_long_one_less(tmp_path: Path) -> None:
    short = laid_out(tmp_path, "The kettle was on all day. " * 60, "text")
    assert short.held_out_characters == pytest.approx(0.1 * 60 * 27, abs=2)
    long = laid_out(tmp_path, "The kettle was on all day. " * 100_000, "text")
    assert long.held_out_characters == pytest.approx(30_000, abs=2)


def test_the_parts_of_a_text_are_the_text(tmp_path: Path) -> None:
    text = "The kettle was on.\n\nNobody came, not even Tom. " * 50
    corpus = laid_out(tmp_path, text, "text")
    assert corpus.characters + corpus.held_out_characters == len(text)
    assert text.endswith(corpus.coder.decode(corpus.held_out))


def test_nothing_is_held_out_when_nobody_wants_that(tmp_path: Path) -> None:
    corpus = laid_out(tmp_path, SCENE * 40, validation_share=0.0)
    assert corpus.held_out == [] and corpus.held_out_characters == 0


def beside(folder: Path, validation: str) -> Corpus:
    """Forty scenes, and a validation text of its own."""
    train, other = folder / "a.txt", folder / "b.txt"
    train.write_text(SCENE * 40)
    other.write_text(validation)
    return lay_out(*(open_source([path], format="colon") for path in (train, other)), TrainConfig())


def test_a_validation_text_is_all_of_what_is_held_out(tmp_path: Path) -> None:
    corpus = beside(tmp_path, "ADA: Something else.\nTOM: Yes.\n")
    assert corpus.coder.decode([t for t in corpus.held_out if t.form != STRUCTURE]) == "Something else.Yes."


def test_everybody_in_a_validation_text_is_who_they_are_in_the_script(tmp_path: Path) -> None:
    corpus = beside(tmp_path, "Ada: Something else.\nTOM (CONT'D): Yes.\nada: No.\nEVE: Well.\n")
    speakers = [token.speaker for token in corpus.held_out if token.form == STRUCTURE][1:]
    ada, tom = (2 + corpus.vocabulary.cast.index(name) for name in ("ADA", "TOM"))
    assert speakers == [ada, tom, ada, SOMEBODY, SOMEBODY]


def test_whoever_only_goes_on_in_a_validation_text_is_who_they_are_in_the_script(tmp_path: Path) -> None:
    train, other = tmp_path / "a.txt", tmp_path / "b.txt"
    train.write_text(SCENE.replace("TOM", "Tom_Reed") * 40 + "TOM_(CONT'D: Yes.\n")
    other.write_text("ADA: Something else.\nTOM_(CONT'D: Yes.\n")
    sources = (open_source([path], format="colon") for path in (train, other))
    corpus = lay_out(*sources, TrainConfig())
    speakers = [token.speaker for token in corpus.held_out if token.form == STRUCTURE][1:]
    assert speakers == [2 + corpus.vocabulary.cast.index(name) for name in ("ADA", "Tom_Reed")]


def test_hardly_any_words(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="only"):
        laid_out(tmp_path, SCENE * 3)


@pytest.mark.parametrize(
    "script", [SCENE * 14, "Once it rained, and then it stopped. " * 30, f"{SCENE}EVE: Once.\n" * 14]
)
def test_what_is_held_out_counts_for_the_minimum(tmp_path: Path, script: str) -> None:
    """What ``inspect`` advises to train on is enough for a training."""
    format = "colon" if ":" in script else "text"
    path = tmp_path / "script.txt"
    for words in range(120, 300):
        path.write_text(" ".join(script.split(" ")[:words]), "utf-8")
        source = open_source([path], format=format)
        if inspect(source).words >= LEAST_TOKENS:
            break
    corpus = lay_out(source, None, TrainConfig())
    assert corpus.held_out and LEAST_TOKENS // 2 < corpus.counts.sum() < LEAST_TOKENS


@pytest.mark.parametrize("format", ["colon", "text"])
def test_words_are_counted_as_inspect_counts_them(tmp_path: Path, format: str) -> None:
    """Those who speak too rarely for a cue have their names spelled out, and those are words, too."""
    corpus = laid_out(tmp_path, SCENE * 20 + "Old EVE: Once.\nOld EVE: Twice!\n", format, validation_share=0.0)
    assert corpus.words == inspect(open_source([tmp_path / "script.txt"], format=format)).words == corpus.counts.sum()
    assert len(corpus.train) > corpus.words
    held = laid_out(tmp_path, SCENE * 100, validation_share=0.1)
    assert held.words == held.counts.sum()


def test_a_scene_that_is_most_of_the_text_is_not_held_out_if_little_would_be_left(tmp_path: Path) -> None:
    short = "ADA: Is it?\nTOM: It was.\n\n\n"
    corpus = laid_out(tmp_path, short * 5 + SCENE.strip() * 8 + "\n\n\n" + short * 5)
    assert not corpus.held_out and corpus.counts.sum() > LEAST_TOKENS


def test_only_those_who_speak_three_times_have_a_cue(tmp_path: Path) -> None:
    corpus = laid_out(tmp_path, SCENE * 40 + "EVE: Once.\nEVE: Twice.\n", validation_share=0.0)
    assert corpus.vocabulary.cast == ("ADA", "TOM") and corpus.cast_lines == (80, 40)
    assert corpus.counts[corpus.vocabulary.number("eve")] == 2  # type: ignore[index]


TABLE = "Who,Take,Said\n" + "Ada,1,Is the kettle on?\nTom,2,It was.\n" * 3


@pytest.mark.parametrize("more", ["", "ADA: Is it?\nTOM: It was.\n" * 60])
def test_columns_are_those_of_the_held_out_table_too(tmp_path: Path, more: str) -> None:
    """Unless most of what is trained on is something else, which the held-out text is then read as."""
    folder, held = tmp_path / "scripts", tmp_path / ("held.txt" if more else "held.csv")
    folder.mkdir()
    (folder / "a.csv").write_text(TABLE, "utf-8")
    if more:
        (folder / "b.txt").write_text(more, "utf-8")
    held.write_text(more or TABLE.replace("It was", "It is"), "utf-8")
    columns = "character=Who,line=Said"
    request = TrainRequest((folder,), tmp_path / "out", TrainConfig(), columns=columns, validation=(held,))
    source, validation = _sources(request)
    assert validation is not None and source.format == validation.format == ("colon" if more else "table")
    speeches = [speech for scene in source.files[0].scenes() for speech in scene.speeches]
    assert [(speech.character, speech.text) for speech in speeches[:2]] == [
        ("Ada", "Is the kettle on?"),
        ("Tom", "It was."),
    ]
    assert "It is." in [s.text for scene in validation.scenes() for s in scene.speeches] or more


@pytest.mark.parametrize("large", [False, True])
def test_the_words_of_a_base_are_in_the_softmax(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, large: bool
) -> None:
    """And all those of the text, if it is short.  Unless it is so large that it has enough words of its own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    if large:
        monkeypatch.setattr(corpus_module, "LARGE", 1)
    path = tmp_path / "script.txt"
    path.write_text(SCENE * 60 + "ADA: The lantern swung over the gantry.\n", "utf-8")
    asked = list[int]()

    def inherited(counts: Mapping[str, int]) -> tuple[str, ...]:
        asked.append(counts["kettle"])
        return ("harbour", "lantern", "kettle")

    source = open_source([path], format="colon")
    corpus = lay_out(source, None, TrainConfig(validation_share=0.0), inherited=inherited)
    vocabulary, words = corpus.vocabulary, corpus.vocabulary.words
    harbour, lantern, gantry = (vocabulary.number(word) for word in ("harbour", "lantern", "gantry"))
    assert asked == [60] and gantry is not None and (gantry >= words) == large and corpus.local[gantry]
    assert lantern is not None and corpus.counts[lantern] == 1 and corpus.local[lantern] == large
    assert (lantern >= words) == large and (harbour is None) == large
    if harbour is not None:
        assert harbour == words - 1 and corpus.counts[harbour] == corpus.targets[harbour] == 0
