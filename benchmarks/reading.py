"""How fast scripts are read, format by format: megabytes of the file per second on one core, decoding included.

    python benchmarks/reading.py

Each file consists of samples from the data folder, repeated up to some five megabytes (chats, tables and subtitles are
made of the lines of a play); the printed plays are read as they are, one by one, together some five megabytes.  All
are read nine times, in rounds, so that a busy minute of the machine does not slow down only one of them.  Shown as well
is the most memory that Python held while reading; it does not grow with the file, since the scenes are released as they
come.
"""

from __future__ import annotations

import json
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

from common import DATA, data, keep, spread

from scriptbot.text.formats import fdx, fountain
from scriptbot.text.load import open_source
from scriptbot.text.text_file import TextFile

SIZE = 5_000_000  # bytes
ROUNDS = 9


def _repeated(name: str, encoding: str = "utf-8-sig", end: str = "\n\n") -> str:
    text = data(name).read_bytes().decode(encoding).replace("\r\n", "\n")
    return (text + end) * max(1, SIZE // len((text + end).encode()))


def _lines() -> list[tuple[str, str]]:
    """Speeches from a play, for formats of which there is no large sample."""
    scenes = open_source([data("english/tinyshakespeare.txt")]).scenes()
    return [(speech.character, " ".join(speech.text.split())) for scene in scenes for speech in scene.speeches] * 5


def _screenplay() -> str:
    return _repeated("screenplays/The-Last-Birthday-Card.fountain")


def _final_draft() -> str:
    return "".join(fdx.write(fountain.parse(_screenplay().splitlines(keepends=True))))


def _subtitles() -> str:
    return "".join(
        f"{n}\n{n // 3600 % 99:02}:{n // 60 % 60:02}:{n % 60:02},000 --> 00:00:01,900\n{who.upper()}: {what}\n\n"
        for n, (who, what) in enumerate(_lines(), 1)
    )


def _table() -> str:
    rows = (
        f'{number // 40},{who},"{what.replace(chr(34), chr(34) * 2)}"\n' for number, (who, what) in enumerate(_lines())
    )
    return "scene,character,line\n" + "".join(rows)


def _chat() -> str:
    return "".join(json.dumps({"role": who, "content": what}) + "\n" for who, what in _lines())


def _yaml() -> str:
    pairs = zip(_lines()[::2], _lines()[1::2], strict=False)
    return "conversations:\n" + "".join(f"- - {json.dumps(a[1])}\n  - {json.dumps(b[1])}\n" for a, b in pairs)


def _plays() -> list[str]:
    return [path.read_text("utf-8-sig") for path in sorted((DATA / "english/plays").glob("*.txt"))]


def _aozora() -> str:
    return "\n".join(
        path.read_bytes().decode("cp932").replace("\r\n", "\n").partition("\n底本：")[0]
        for path in sorted((DATA / "japanese/plays").glob("*.txt"))
    )


SAMPLES: dict[str, Callable[[], str | list[str]]] = {
    "text": lambda: _repeated("english/ptb/ptb.train.txt"),
    "colon": lambda: _repeated("english/moes_tavern_lines.txt", end="\n\n\n"),
    "named": lambda: _repeated("english/tinyshakespeare.txt"),
    "play": _plays,
    "aozora": _aozora,
    "xiqu": lambda: _repeated("chinese/窦娥冤.txt", "gb18030"),
    "fountain": _screenplay,
    "fdx": _final_draft,
    "subtitles": _subtitles,
    "table": _table,
    "chat": _chat,
    "chat-yaml": _yaml,
}


def _files(name: str, folder: Path) -> list[TextFile]:
    """A sample written to files, and opened."""
    made = SAMPLES[name]()
    files: list[TextFile] = []
    for number, text in enumerate(made if isinstance(made, list) else [made]):
        path = folder / f"{name}{number}.txt"
        path.write_text(text, "utf-8")
        files += open_source([path], format=name, encoding="utf-8").files
    return files


def main() -> None:
    figures: dict[str, dict[str, Any]] = {}
    with tempfile.TemporaryDirectory() as folder:
        samples = {name: _files(name, Path(folder)) for name in SAMPLES}
        sizes = {name: sum(file.path.stat().st_size for file in files) / 1e6 for name, files in samples.items()}
        speeds: dict[str, list[float]] = {name: [] for name in samples}
        scenes: dict[str, int] = {}
        for _ in range(ROUNDS):
            for name, files in samples.items():
                before = time.process_time()
                scenes[name] = sum(1 for file in files for _ in file.scenes())
                speeds[name].append(sizes[name] / (time.process_time() - before))
        for name, files in samples.items():
            tracemalloc.start()
            for file in files:
                for _ in file.scenes():
                    pass
            _, peak = tracemalloc.get_traced_memory()
            tracemalloc.stop()
            figures[name] = {
                "megabytes": round(sizes[name], 1),
                "scenes": scenes[name],
                "megabytes_per_second": spread(speeds[name]),
                "peak_megabytes": round(peak / 1e6, 1),
            }
    keep("reading", {"formats": figures})


if __name__ == "__main__":
    main()
