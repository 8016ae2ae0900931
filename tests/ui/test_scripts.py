"""``inspect``, ``convert`` and ``evaluate`` as a person runs them: a child process, real files."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from support import run, write

from scriptbot.text.load import open_source

PLAY = "".join(
    f"MRS. HART. It rains, and it rains, and it has rained {number} days.\n\nTOM. I know.\n\n" for number in range(12)
)
FOUNTAIN = """\
Title: The Kiosk

# Act one

INT. KIOSK - NIGHT #1#

= They wait.

Rain.

@Mirkó
Is the kettle _on_?

TOM ^
It was.

[[He lies.]]

CUT TO:

EXT. LAKE - DAWN

TOM
(to himself)
Nobody.
"""


def test_inspect(tmp_path: Path) -> None:
    path = write(tmp_path / "hart.txt", f"{PLAY}MRS. HAHT. Who are you?\n\nTOM. Tom.\n")
    done = run("inspect", path)
    assert done.returncode == 0, done.stderr
    for told in (
        "read as a script (play)",
        "MRS. HART",
        "██",
        "a misprint of MRS. HART?",
        "line 49",
        "spell them letter by letter",
        "--minutes",
    ):
        assert told in done.stdout, (told, done.stdout)


def test_inspect_names_who_speaks_once(tmp_path: Path) -> None:
    path = write(tmp_path / "x.txt", "Ada: Hello?\nTom: Yes.\n" * 4 + "Adda: Hm.\nWaiter: Tea.\n")
    lines = run("inspect", path).stdout.splitlines()
    few = lines.index("2 others speak too rarely to get a voice of their own (2 speeches together):")
    assert lines[few + 1] == "  Adda, Waiter"
    assert "  Adda (once, line 9 of x.txt): a misprint of Ada?" in lines
    path = write(tmp_path / "x.txt", "Ada: Hello?\nTom: Yes.\n" * 4 + "Waiter: Tea.\nWaiter: Cake.\n")
    lines = run("inspect", path).stdout.splitlines()
    one = lines.index("1 other speaks too rarely to get a voice of their own (2 speeches):")
    assert lines[one + 1] == "  Waiter"


def test_inspect_tells_whom_it_does_not_list(tmp_path: Path) -> None:
    everybody = "".join(f"{name}{name.lower()}a: Yes.\n" for name in "BCDFGHJKLMNPRSTVWZ")
    often = run("inspect", write(tmp_path / "often.txt", everybody * 3 + "Waiter: Tea.\n")).stdout.splitlines()
    more = often.index("and 2 more:")
    assert often[more + 1 : more + 4] == [
        "  Wwa, Zza",
        "1 other speaks too rarely to get a voice of their own (1 speech):",
        "  Waiter",
    ]
    twice = run("inspect", write(tmp_path / "twice.txt", everybody * 2)).stdout.splitlines()
    more = twice.index("and 2 more:")
    assert twice[more + 1 : more + 3] == [
        "  Wwa, Zza",
        "None of them speaks often enough to get a voice of their own; 3 speeches are the minimum.",
    ]


def test_inspect_shows_the_beginning_of_what_nobody_says(tmp_path: Path) -> None:
    path = write(tmp_path / "a.fountain", "Title: The Kiosk\n\nINT. KIOSK - NIGHT\n\nRain.\n\nEXT. QUAY\n\nSnow.\n")
    assert json.loads(run("inspect", path, "--json").stdout)["samples"] == [["", "Rain."]]


def test_inspect_for_programs(tmp_path: Path) -> None:
    done = run("inspect", write(tmp_path / "hart.txt", PLAY), "--json")
    facts = json.loads(done.stdout)
    assert facts["speeches"] == 24 and facts["said_twice"] == 0  # "I know." is a common phrase
    assert [(member["name"], member["speeches"]) for member in facts["cast"]] == [("MRS. HART", 12), ("TOM", 12)]
    assert facts["files"][0]["format"] == "play" and facts["advised"]["minutes"] >= 1


@pytest.mark.parametrize("text", ["", "\x00\x01\x02" * 100])
def test_inspect_of_nothing(tmp_path: Path, text: str) -> None:
    done = run("inspect", write(tmp_path / "a.txt", text))
    assert done.returncode == 1 and "Traceback" not in done.stderr and done.stdout == ""


@pytest.mark.parametrize("middle", ["fdx", "jsonl"])
def test_convert_there_and_back(tmp_path: Path, middle: str) -> None:
    first = write(tmp_path / "kiosk.fountain", FOUNTAIN)
    second, third = tmp_path / f"kiosk.{middle}", tmp_path / "again.fountain"
    for source, output in ((first, second), (second, third)):
        done = run("convert", source, output)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", ""), done.stderr
    assert third.read_text("utf-8") == FOUNTAIN


def test_a_title_page_is_no_scene(tmp_path: Path) -> None:
    source = write(tmp_path / "kiosk.fountain", FOUNTAIN.replace("# Act one\n\n", ""))
    done = run("convert", source, tmp_path / "kiosk.fdx")
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("target", ["colon", "chat"])
def test_a_title_page_stands_first(tmp_path: Path, target: str) -> None:
    """Final Draft has it at the end of the file."""
    source = write(tmp_path / "kiosk.fountain", FOUNTAIN)
    run("convert", source, tmp_path / "kiosk.fdx")
    ways = [run("convert", path, "-", "--to", target).stdout for path in (source, tmp_path / "kiosk.fdx")]
    assert ways[0] == ways[1] and "Title:" in ways[0].partition("kettle")[0]


@pytest.mark.parametrize("target", ["colon", "chat"])
def test_of_several_scripts_each_keeps_its_title_page(tmp_path: Path, target: str) -> None:
    for number in (1, 2):
        (tmp_path / "scripts").mkdir(exist_ok=True)
        write(tmp_path / "scripts" / f"{number}.fountain", f"Title: Number {number}\n\nADA\nThis is {number}.\n")
    said = run("convert", tmp_path / "scripts", "-", "--to", target).stdout
    places = [said.index(text) for text in ("Number 1", "This is 1.", "Number 2", "This is 2.")]
    assert places == sorted(places)


def test_scenes_without_a_heading_are_numbered_as_they_come(tmp_path: Path) -> None:
    said, title = {"character": "Ada", "line": "It rains."}, {"direction": "Title: The Kiosk", "kind": "title page"}
    rows = (json.dumps({"scene": number, **row}) for number, row in enumerate((said, said, title, said)))
    source = write(tmp_path / "a.jsonl", "\n".join(rows) + "\n")
    written = run("convert", source, "-", "--to", "fdx").stdout
    assert re.findall("SCENE .", written) == ["SCENE 2", "SCENE 3"]


def test_what_a_format_cannot_hold_is_told(tmp_path: Path) -> None:
    script = FOUNTAIN + "\n.THE QUAY\n\nTOM\nOh.\n"
    done = run("convert", write(tmp_path / "kiosk.fountain", script), "-", "--to", "colon")
    assert "Mirkó: Is the kettle on?" in done.stdout and "He lies." in done.stdout
    told = done.stderr
    for loss in ("1 note", "1 scene heading", "1 synopsis", "1 place with emphasis", "1 title page", "1 scene number"):
        assert loss in told, told
    assert "transition" not in told  # CUT TO: is one there, too
    assert "the words are kept" in told


def test_what_is_written_is_known_again(tmp_path: Path) -> None:
    source = write(tmp_path / "kiosk.fountain", FOUNTAIN + "\nADA\nTea?\n\nTOM\nNo.\n" * 12)
    assert run("convert", source, tmp_path / "kiosk.txt").returncode == 0
    again = run("inspect", tmp_path / "kiosk.txt", "--json")
    facts = json.loads(again.stdout)
    assert facts["format"] == "colon" and facts["speeches"] == 27


def test_a_title_above_the_first_heading_is_no_scene(tmp_path: Path) -> None:
    talk = "ADA: Tea?\nTOM: No.\nADA: Oh.\n"
    scripts = {
        "a": f"The Kiosk\n\n[SCENE 1]\n{talk}\n[SCENE 2]\n{talk}",
        "b": f"{talk}\n[SCENE 1]\n{talk}\n[SCENE 2]\n{talk}",
    }
    paths = [write(tmp_path / f"{name}.txt", script) for name, script in scripts.items()]
    facts = json.loads(run("inspect", *paths, "--json").stdout)
    assert [file["scenes"] for file in facts["files"]] == [2, 3] and facts["scenes"] == 5
    told = write(tmp_path / "c.txt", "It was late, and nobody came.\n")
    played = write(tmp_path / "d.fountain", "INT. KIOSK - NIGHT\n\nADA\nTea?\n\nTOM\nNo.\n")
    facts = json.loads(run("inspect", told, played, "--json").stdout)  # a title is one of its own file only
    assert [file["scenes"] for file in facts["files"]] == [1, 1] and facts["scenes"] == 2


def test_a_title_page_does_not_make_it_a_screenplay(tmp_path: Path) -> None:
    page = "Title: The Kiosk\nCredit: by\nAuthor: Me\nContact:\n    1 Lake Street\n    Somewhere\n"
    speeches = "ADA\nIs the kettle on?\n\nTOM\nIt was.\n\nADA\nOh.\n"
    source = write(tmp_path / "a.fountain", f"{page}\nINT. KIOSK - NIGHT\n\n{speeches}")
    assert run("convert", source, tmp_path / "a.txt").returncode == 0
    facts = json.loads(run("inspect", tmp_path / "a.txt", "--json").stdout)
    assert (facts["format"], facts["speeches"]) == ("colon", 3)


def test_scenes_without_headings_get_some(tmp_path: Path) -> None:
    source = write(tmp_path / "a.txt", "Ada: One.\nTom: Two.\nAda: One.\nTom: Two.\n\n\nTom: Three.\nAda: Four.\n")
    done = run("convert", source, tmp_path / "a.fountain")
    assert "One scene without a heading was given one." in done.stderr
    assert ".SCENE 2\n" in (tmp_path / "a.fountain").read_text("utf-8")
    assert [len(list(s.speeches)) for s in open_source([tmp_path / "a.fountain"]).scenes()] == [4, 2]


def test_convert_tells_what_it_leaves_out_of_a_folder(tmp_path: Path) -> None:
    folder = tmp_path / "scripts"
    folder.mkdir()
    write(folder / "a.fountain", FOUNTAIN)
    write(folder / "b.txt", "")
    write(folder / "c.fdx", "<FinalDraft><Content>")
    write(folder / "d.pdf", "%PDF-1.4\n")
    write(folder / "README.md", "Scripts.\n")
    done = run("convert", folder, tmp_path / "a.jsonl")
    told = done.stderr.splitlines()
    assert done.returncode == 0 and len(told) == 4 and all(line.startswith("Left out: ") for line in told), told
    for name, why in (("b.txt", "is empty"), ("c.fdx", "damaged"), ("d.pdf", "PDF"), ("README.md", "about the folder")):
        assert any(name in line and why in line for line in told), (name, told)
    (folder / "a.fountain").unlink()
    write(folder / "a.txt", "It was late, and nobody came.\n")
    done = run("convert", folder, tmp_path / "b.jsonl")
    assert done.returncode == 2 and "Left out: " in done.stderr and "not a script" in done.stderr


def test_convert_never_writes_over_anything(tmp_path: Path) -> None:
    source = write(tmp_path / "a.fountain", FOUNTAIN)
    there = write(tmp_path / "b.fdx", "precious")
    assert run("convert", source, there).returncode == 1 and there.read_text() == "precious"
    assert run("convert", source, there, "--force").returncode == 0 and "<FinalDraft" in there.read_text()
    done = run("convert", source, source, "--force")
    assert done.returncode == 1 and source.read_text("utf-8") == FOUNTAIN
    done = run("convert", tmp_path, there, "--force")  # a folder that the output lies in, and is read from
    assert done.returncode == 1 and "part of it" in done.stderr and "<FinalDraft" in there.read_text()


def test_what_a_writer_left_out_is_kept_where_it_can_be_and_told_elsewhere(tmp_path: Path) -> None:
    source = write(tmp_path / "a.fountain", f"{FOUNTAIN}\n/* ADA\nIt is *cold* there. */\n")
    assert run("convert", source, tmp_path / "b.fdx").returncode == 0
    assert run("convert", tmp_path / "b.fdx", tmp_path / "c.fountain").returncode == 0
    assert "/* ADA\nIt is *cold* there. */\n" in (tmp_path / "c.fountain").read_text("utf-8")
    done = run("convert", source, tmp_path / "d.txt")
    assert "1 omitted passage" in done.stderr and "cold" not in (tmp_path / "d.txt").read_text("utf-8")


def test_a_screenplay_with_many_directions_is_known_again_as_a_plain_script(tmp_path: Path) -> None:
    scene = "INT. KIOSK - NIGHT\n\nRain.\n\nThe last tram has gone.\n\nA DOG\nsleeps.\n\nADA\nTea?\n\nTOM\nNo.\n\n"
    source = write(tmp_path / "a.fountain", scene.replace("A DOG\n", "!A DOG\n") * 6)
    assert run("convert", source, tmp_path / "a.txt").returncode == 0
    facts = json.loads(run("inspect", tmp_path / "a.txt", "--json").stdout)
    assert (facts["format"], facts["speeches"], [row["name"] for row in facts["cast"]]) == (
        "colon",
        12,
        ["ADA", "TOM"],
    )


def test_a_failure_leaves_what_was_there(tmp_path: Path) -> None:
    source = write(tmp_path / "a.fountain", FOUNTAIN.replace("@Mirkó", "@A: B"))
    there = write(tmp_path / "b.txt", "precious")
    done = run("convert", source, there, "--to", "colon", "--force")
    assert done.returncode == 1 and "A: B" in done.stderr and there.read_text() == "precious"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.fountain", "b.txt"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [(("a.fountain", "b.doc"), "--to"), (("a.fountain", "b", "--to", "play"), "play"), (("a.fountain", "-"), "--to")],
)
def test_formats_that_cannot_be_written(tmp_path: Path, arguments: tuple[str, ...], told: str) -> None:
    write(tmp_path / "a.fountain", FOUNTAIN)
    done = run("convert", *(tmp_path / name if name[0] in "ab" else name for name in arguments))
    assert done.returncode == 2 and told in done.stderr


def test_standard_output_needs_a_format(tmp_path: Path) -> None:
    source = write(tmp_path / "a.fountain", FOUNTAIN)
    for output, told in (("-", "Standard output needs --to"), (tmp_path / "a", "no ending")):
        done = run("convert", source, output)
        assert (done.returncode, done.stdout) == (2, "") and told in done.stderr
        assert "se --to colon, named, fountain, fdx, chat." in done.stderr and "“”" not in done.stderr


@pytest.mark.parametrize("command", ["inspect", "evaluate", "train"])
def test_a_text_is_not_read_from_standard_input(tiny: Path, tmp_path: Path, command: str) -> None:
    done = run(command, *([tiny] if command == "evaluate" else []), "-", cwd=tmp_path)
    assert done.returncode == 1 and "standard input" in done.stderr and "Save the text to a file" in done.stderr


def test_plain_text_is_no_script(tmp_path: Path) -> None:
    done = run("convert", write(tmp_path / "a.txt", "It was late.\nNobody cared.\n"), tmp_path / "b.fountain")
    assert done.returncode == 2 and "--format colon, play or fountain" in done.stderr


def test_evaluate_tells_what_it_leaves_out_of_a_folder(tiny: Path, tmp_path: Path) -> None:
    write(tmp_path / "a.txt", "ROMEO: What light is the night?\nJULIET: I love the window.\n" * 4)
    write(tmp_path / "b.txt", "")
    done = run("evaluate", tiny, tmp_path, "--json")
    assert (done.returncode, done.stderr) == (0, f"Left out: “{tmp_path / 'b.txt'}” is empty.\n")
    assert json.loads(done.stdout)["characters"] == len((tmp_path / "a.txt").read_text("utf-8"))


def test_where_the_bits_go_is_told_of_the_static_ones(tiny: Path, tmp_path: Path) -> None:
    path = write(tmp_path / "a.txt", "ROMEO: What light is the night?\nJULIET: I love the window.\n" * 4)
    whole, explained = run("evaluate", tiny, path, "--explain").stdout.split("\n\n", 1)
    static = float(re.findall(r"^bits per character static\s+([\d.]+)$", whole, re.MULTILINE)[0])
    heading, *tables = explained.split("\n\n")
    assert "static bits per character" in heading and len(tables) == 3
    for table in tables:
        first, *rows = table.splitlines()
        assert first.endswith(" static")
        assert sum(float(row.split()[-1]) for row in rows) == pytest.approx(static, abs=0.001)
    assert "static" in run("evaluate", "--help").stdout.partition("--explain")[2].partition("--json")[0]


def test_the_training_that_is_advised_is_on_what_was_named(tmp_path: Path) -> None:
    for folder in ("here", "there"):
        (tmp_path / folder).mkdir()
        for name in ("a.txt", "-b.txt", "c d.txt"):
            write(tmp_path / folder / name, PLAY)

    def advised(*paths: str | Path) -> str:
        told = run("inspect", "--", *paths, cwd=tmp_path / "here").stdout
        (line,) = (line.strip() for line in told.splitlines() if line.startswith("  scriptbot train"))
        return line.removeprefix("scriptbot train ").partition(" --minutes")[0]

    elsewhere = tmp_path / "there" / "a.txt"
    assert advised("a.txt", "c d.txt") == "a.txt 'c d.txt' --output a.safetensors"
    assert advised("-b.txt") == "./-b.txt --output ./-b.safetensors"
    assert advised("a.txt", elsewhere) == f"a.txt {elsewhere} --output a.safetensors"
    assert advised(elsewhere, "a.txt") == f"{elsewhere} a.txt --output a.safetensors"
    assert advised("../there") == "../there --output there.safetensors"
    assert advised(".") == ". --output here.safetensors"
    long = write(tmp_path / "here" / f"{'あ' * 83}.txt", PLAY).name
    assert advised(long) == f"'{long}' --output '{'あ' * 66}.safetensors'"
    hidden = write(tmp_path / "here" / "a\x1bb.txt", PLAY).name
    assert advised(hidden) == "PATH"
    assert advised("a.txt", hidden) == "a.txt PATH --output a.safetensors"
