"""The model file: whole, checked, and never half written."""

from __future__ import annotations

import dataclasses
import json
import random
import resource
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import support

from scriptbot.errors import ModelFileError, OutputError, UsageError
from scriptbot.lm.exchanges import COLUMNS
from scriptbot.lm.model_file import VERSION, load_model, read_header, save_model
from scriptbot.lm.params import named
from scriptbot.text.vocabulary import MOST_RARE


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    path = tmp_path / "m.safetensors"
    save_model(support.model(2), path)
    return path


def test_what_was_written_is_read(saved: Path) -> None:
    model, again = support.model(2), load_model(saved)
    assert (again.config, again.vocabulary, again.cache) == (model.config, model.vocabulary, model.cache)
    assert (again.cast_lines, again.provenance, again.counts) == (model.cast_lines, model.provenance, model.counts)
    assert again.copies is not None and model.copies is not None and again.copies.one_in == model.copies.one_in
    assert np.array_equal(again.copies.numbers, model.copies.numbers)
    assert again.exchanges is not None and model.exchanges is not None
    assert all(np.array_equal(getattr(again.exchanges, name), getattr(model.exchanges, name)) for name in COLUMNS)
    assert again.ngrams is not None and model.ngrams is not None
    for left, right in zip(again.ngrams.levels, model.ngrams.levels, strict=True):
        assert np.array_equal(left.keys, right.keys) and np.array_equal(left.successors, right.successors)
        assert np.array_equal(left.begins, right.begins) and np.allclose(left.shares, right.shares, atol=1e-3)
    for (name, left), (other, right) in zip(named(model.parameters), named(again.parameters), strict=True):
        assert name == other and right.dtype == np.float32
        assert np.array_equal(left.astype(np.float16), right.astype(np.float16)), name
    info = read_header(saved)
    assert info.cast == tuple(zip(support.CAST, model.cast_lines, strict=True))
    assert info.bytes == saved.stat().st_size and info.provenance == model.provenance


def test_members_are_kept_in_order(tmp_path: Path) -> None:
    model, path = support.model(2, members=3), tmp_path / "m.safetensors"
    save_model(model, path)
    again = load_model(path)
    assert len(again.members) == 3 and read_header(path).parameters == 3 * sum(
        a.size for _, a in named(model.parameters)
    )
    for left, right in zip(model.members, again.members, strict=True):
        assert all(np.allclose(a, b, atol=2e-3) for (_, a), (_, b) in zip(named(left), named(right), strict=True))
    assert not np.allclose(again.members[1].embedding, again.members[2].embedding, atol=0.1)


def test_every_cut_is_noticed(saved: Path) -> None:
    whole = saved.read_bytes()
    for size in [0, 1, 7, 8, 9, 100, *range(200, len(whole), 997), len(whole) - 1]:
        saved.write_bytes(whole[:size])
        with pytest.raises(ModelFileError):
            load_model(saved)
    saved.write_bytes(whole + b"\0")
    with pytest.raises(ModelFileError):
        load_model(saved)


def test_every_flipped_bit_is_noticed(saved: Path) -> None:
    whole = saved.read_bytes()
    rng = random.Random(1)
    header = int.from_bytes(whole[:8], "little") + 8
    places = [*range(12), *rng.sample(range(header), 300), *rng.sample(range(header, len(whole)), 200)]
    for place in places:
        broken = bytearray(whole)
        broken[place] ^= 1 << rng.randrange(8)
        saved.write_bytes(broken)
        with pytest.raises(ModelFileError) as caught:
            load_model(saved)
        assert caught.value.sentence and caught.value.hint


def edited(path: Path, old: str, new: str) -> None:
    """Change the header and its length with it."""
    whole = path.read_bytes()
    length = int.from_bytes(whole[:8], "little")
    header = whole[8 : 8 + length].decode().replace(old, new).encode()
    path.write_bytes(len(header).to_bytes(8, "little") + header + whole[8 + length :])


def test_a_newer_version_says_so(saved: Path) -> None:
    edited(saved, r"\"version\": 2", r"\"version\": 99")
    with pytest.raises(ModelFileError, match="newer scriptbot"):
        load_model(saved)


@pytest.mark.parametrize("content", [b"", b"hello, I am no model at all", b"\xff" * 4096, b"PK\x03\x04" + b"\0" * 99])
def test_no_model_at_all(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x").write_bytes(content)
    with pytest.raises(ModelFileError, match="is not a scriptbot model"):
        load_model(tmp_path / "x")


def test_another_safetensors_file(tmp_path: Path) -> None:
    from safetensors.numpy import save_file

    save_file({"x": np.zeros(3, np.float32)}, tmp_path / "x.safetensors")
    with pytest.raises(ModelFileError, match="is not a scriptbot model"):
        load_model(tmp_path / "x.safetensors")


def test_missing(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match="cannot be read"):
        load_model(tmp_path / "x")


@pytest.mark.skipif(sys.platform == "win32", reason="limits of file sizes are POSIX")
def test_a_full_disk_leaves_the_old_file(saved: Path) -> None:
    """A limit on file sizes stands for the disk: writing fails in the middle, as it does there."""
    before = saved.read_bytes()
    code = (
        "import resource, signal, sys; from pathlib import Path\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "sys.path.insert(0, sys.argv[2]); import support\n"
        "from scriptbot.lm.model_file import save_model\n"
        "from scriptbot.errors import OutputError\n"
        "model = support.model()\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))\n"
        "try: save_model(model, Path(sys.argv[1]))\n"
        "except OutputError as error: print(error.sentence); sys.exit(7)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(saved), str(Path(support.__file__).parent)], capture_output=True, text=True
    )
    assert done.returncode == 7, done.stderr
    assert "could not be written" in done.stdout
    assert saved.read_bytes() == before
    assert list(saved.parent.iterdir()) == [saved]


def test_no_such_folder(tmp_path: Path) -> None:
    with pytest.raises(OutputError):
        save_model(support.model(), tmp_path / "none" / "m.safetensors")


@pytest.mark.parametrize("version", range(1, VERSION + 1))
def test_golden(version: int) -> None:
    """A file of every version, kept for ever: the same words from the same numbers."""
    from scriptbot.config import SampleConfig
    from scriptbot.lm.engine import Engine
    from scriptbot.lm.evaluate import evaluate
    from scriptbot.text.formats import find_format

    folder = Path(__file__).parent / "golden"
    expected = json.loads((folder / f"version-{version}.json").read_text("utf-8"))
    model = load_model(folder / f"version-{version}.safetensors")
    scenes = list(find_format("colon").parse(expected["script"].splitlines(keepends=True)))
    found = evaluate(model, scenes, as_text=False)
    assert found.bits_per_character_static == pytest.approx(expected["bits_per_character_static"], abs=1e-4)
    assert found.bits_per_character == pytest.approx(expected["bits_per_character"], abs=1e-4)
    engine = Engine(model)
    settings = SampleConfig(temperature=0.05, top_k=1, max_words=8)
    heard = engine.start()
    if version > 1:
        for line in expected["script"].splitlines():
            heard = engine.read_speech(heard, *line.split(": "))
        spoken = list(engine.speak(heard, "ROMEO", SampleConfig(max_words=20), np.random.default_rng(1)))
        assert "".join(piece.text for piece in spoken if piece.kind == "text") == expected["spoken"]
        found_logs = [piece.log_probability for piece in spoken]
        assert found_logs == pytest.approx(expected["log_probabilities"], abs=1e-3)
    said = list(engine.speak(heard, "JULIET", settings, np.random.default_rng(1)))
    assert "".join(piece.text for piece in said if piece.kind == "text") == expected["greedy"]


def test_memory_is_bounded_by_the_file(saved: Path) -> None:
    """A header that promises more than the file holds is not believed."""
    whole = bytearray(saved.read_bytes())
    whole[:8] = (1 << 62).to_bytes(8, "little")
    saved.write_bytes(whole)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(ModelFileError):
        load_model(saved)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000


@pytest.mark.parametrize("number", ["0", "-3", "true", "1.0"])
def test_a_version_that_never_was(saved: Path, number: str) -> None:
    edited(saved, r"\"version\": 2", rf"\"version\": {number}")
    with pytest.raises(ModelFileError, match="a version that never existed"):
        load_model(saved)


@pytest.mark.parametrize(
    ("name", "value"),
    [("rate", float("nan")), ("rate", "0.005"), ("rate", -1.0), ("window", 0), ("window", 2.5), ("reach", 0.0),
     ("reach", (1.0,) * 13), ("weights", (1.5,) * 13), ("weights", (0.1,) * 12), ("weights", 0.1),
     ("weights", ("0.1",) * 13), ("behind", None), ("behind", True)],
)  # fmt: skip
def test_nonsense_in_the_header_is_noticed(tmp_path: Path, name: str, value: object) -> None:
    """Even where the checksum is right."""
    model = support.model()
    path = tmp_path / "m.safetensors"
    save_model(dataclasses.replace(model, cache=dataclasses.replace(model.cache, **{name: value})), path)  # type: ignore[arg-type]
    with pytest.raises(ModelFileError):
        load_model(path)


def test_exchanges_that_are_none_are_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, model = tmp_path / "m.safetensors", support.model()
    for missing in COLUMNS:
        with monkeypatch.context() as patch:
            patch.setattr("scriptbot.lm.model_file.COLUMNS", [name for name in COLUMNS if name != missing])
            save_model(model, path)
        with pytest.raises(ModelFileError, match="not that of a model"):
            load_model(path)
    save_model(dataclasses.replace(model, exchanges=None), path)
    assert load_model(path).exchanges is None


@pytest.mark.parametrize("value", ["[]", "null", '"x"', "3"])
@pytest.mark.parametrize(
    "name", ["cache", "counts", "config", "vocabulary", "provenance", "members", "copies", "sampling"]
)
def test_a_header_of_another_shape_is_noticed(
    tmp_path: Path, name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, dumps = tmp_path / "m.safetensors", json.dumps

    def other(record: dict[str, object]) -> str:
        return dumps(record | {name: json.loads(value.replace("\\", ""))}) if "format" in record else dumps(record)

    with monkeypatch.context() as patch:
        patch.setattr("scriptbot.lm.model_file.json.dumps", other)
        save_model(support.model(), path)
    if (name, value) not in [("members", "3"), ("copies", "3")]:
        with pytest.raises(ModelFileError, match=r"not that of a model|damaged"):
            load_model(path)


@pytest.mark.parametrize(
    "sampling", [{"temperature": 9.0}, {"temperature": "0.7"}, {"candidates": True}, {"candidates": 2.5}, {"warmth": 1}]
)
def test_settings_that_there_are_not_are_noticed(
    tmp_path: Path, sampling: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    path, dumps, wrong = tmp_path / "m.safetensors", json.dumps, dataclasses.replace(support.model(), sampling=sampling)
    with pytest.raises((UsageError, TypeError)):
        save_model(wrong, path)
    assert not path.exists()
    with monkeypatch.context() as patch:
        patch.setattr(
            "scriptbot.lm.model_file.json.dumps",
            lambda record: dumps(record | {"sampling": sampling} if "format" in record else record),
        )
        save_model(support.model(), path)
    with pytest.raises(ModelFileError, match="not that of a model"):
        load_model(path)


def test_settings_that_suit_are_kept(tmp_path: Path) -> None:
    suited = {"temperature": 1, "candidates": 9}
    save_model(dataclasses.replace(support.model(), sampling=suited), tmp_path / "m.safetensors")
    assert load_model(tmp_path / "m.safetensors").sampling == suited


def test_numbers_too_large_for_any_computer_are_noticed(tmp_path: Path) -> None:
    model = support.model()
    cache = dataclasses.replace(model.cache, sharpness=int("1" * 401))
    save_model(dataclasses.replace(model, cache=cache), tmp_path / "m.safetensors")
    with pytest.raises(ModelFileError):
        load_model(tmp_path / "m.safetensors")


def test_a_model_without_words_is_none(tmp_path: Path) -> None:
    model = support.model()
    bare = dataclasses.replace(
        model, vocabulary=dataclasses.replace(model.vocabulary, frequent=(), rare=()), ngrams=None
    )
    save_model(bare, tmp_path / "m.safetensors")
    with pytest.raises(ModelFileError):
        load_model(tmp_path / "m.safetensors")


@pytest.mark.parametrize("value", [np.nan, np.inf, -2e4])
def test_weights_that_nobody_can_compute_with(tmp_path: Path, value: float) -> None:
    model = support.model(members=2)
    model.more_members[0].rare_kernel[3, 1] = value
    save_model(model, tmp_path / "m.safetensors", half=False)
    with pytest.raises(ModelFileError, match="not usable numbers"):
        load_model(tmp_path / "m.safetensors")


def test_more_rare_words_than_there_can_be(tmp_path: Path) -> None:
    model, words = support.model(), support.vocabulary()
    rare = tuple(f"w{number}" for number in range(MOST_RARE + 1))
    save_model(dataclasses.replace(model, vocabulary=dataclasses.replace(words, rare=rare)), tmp_path / "m.safetensors")
    with pytest.raises(ModelFileError, match="too many rare words"):
        load_model(tmp_path / "m.safetensors")
