"""What is installed is complete: models and scenes come with it, from whatever folder it is started."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.usefixtures("home")


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel, built and unpacked as an installer would."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def run(site: Path, folder: Path, *arguments: str, stdin: str = "") -> str:
    command = [sys.executable, "-m", "scriptbot", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(site), "PYTHONSAFEPATH": "1"}
    done = subprocess.run(
        command, cwd=folder, env=environment, input=stdin, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_nothing_else_is_in_it(unpacked: Path) -> None:
    tops = {path.name for path in unpacked.iterdir()}
    assert "scriptbot" in tops and all(top == "scriptbot" or top.endswith(".dist-info") for top in tops)


def test_models_and_scenes_come_along(unpacked: Path, tmp_path: Path) -> None:
    assert str(unpacked) in run(unpacked, tmp_path, "models", "--json")
    code = "import scriptbot.session.library as l; print(*l.bundled_corpus())"
    command = [sys.executable, "-c", code]
    environment = {**os.environ, "PYTHONPATH": str(unpacked), "PYTHONSAFEPATH": "1"}
    corpus = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True).stdout
    assert len(list(Path(corpus.strip()).rglob("*.fountain"))) > 100


def test_it_talks_from_another_folder(unpacked: Path, tmp_path: Path) -> None:
    said = run(unpacked, tmp_path, "--lines", "1", "--seed", "1", stdin="ROMEO: But soft\n")
    assert ": " in said


def test_the_shipped_model_is_small_and_tells_where_it_is_from(unpacked: Path) -> None:
    from scriptbot.lm.model_file import read_header

    for path in (unpacked / "scriptbot" / "_models").glob("*.safetensors"):
        info = read_header(path)
        assert info.bytes <= 12_000_000
        assert {"corpus_sha256", "minutes", "seed", "date", "bits_per_character"} <= info.provenance.keys()
