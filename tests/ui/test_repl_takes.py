"""Choosing among replies and changing one, as a person sees it."""

from __future__ import annotations

import json
from pathlib import Path

from terminal import Terminal

LEGEND = ":take 2 replaces the reply with that one; :takes 4 draws four more."


def test_takes_are_listed_and_one_is_taken(terminal: Terminal) -> None:
    first = terminal.say("What light?")
    listed = terminal.say(":takes")
    assert listed[0].split() == ["1*", *" ".join(first).split()][: len(listed[0].split())]
    assert listed[-1] == LEGEND
    (second,) = [line for line in listed if line.startswith("  2   ")]
    assert terminal.say(":take 2")[0].startswith(second.split()[1])
    (star,) = [line for line in terminal.say(":takes") if line[3:4] == "*"]
    assert star == f"  2*{second[4:]}"
    assert terminal.say(":take 2") == ["That is the current reply."]
    assert terminal.say(":undo")[0].startswith("The reply is restored: “")
    assert terminal.say(":take 77")[0] == "scriptbot: There is no take 77."
    assert terminal.say(":take two")[0] == "scriptbot: “two” is not a number from 1 to 5."
    for number in (0, -1, 99999):
        told = terminal.say(f":take {number}")
        assert told == [f"scriptbot: There is no take {number}.", "  They are numbered from 1 to 5."]
    assert terminal.say(":takes 21")[0] == "scriptbot: “21” is not a number from 0 to 20."
    assert terminal.say(":take")[0] == "scriptbot: :take was given too few arguments."


def test_a_reply_is_changed_at_the_prompt(terminal: Terminal, home: Path) -> None:
    who, _, words = " ".join(terminal.say("What light?")).partition(":")
    terminal.ready()
    terminal.child.send(":edit\r")
    terminal.wait(f"> :edit {who}: {words.split()[0]}")
    terminal.child.sendcontrol("u")
    terminal.child.send(":edit The “moon”,  I said.\r")
    terminal.wait(f"\n{who}: The “moon”,  I said.\n")
    terminal.ready()
    (kept,) = (home / "state" / "scriptbot" / "conversations").glob("*.json")
    assert json.loads(kept.read_text("utf-8"))["turns"][0]["said"] == [[who, "The “moon”,  I said."]]
    told = terminal.say(":edit Romoe: The “moon”,  I said.")
    assert told[:2] == [
        "Nobody in the cast is called “Romoe”; the name stays part of the words.",
        "Did you mean ROMEO?  :undo brings back the previous speech.",
    ]
    assert told[2].startswith(f"{who}: Romoe: The")
    terminal.say(f":save {home}/out.txt")
    assert "The “moon”,  I said." in (home / "out.txt").read_text("utf-8")


def test_where_a_line_cannot_be_put_at_the_prompt_it_is_shown(tiny: Path, home: Path) -> None:
    """As in Emacs' shell."""
    dumb = Terminal("--model", str(tiny), "--seed", "3", "--max-words", "8", kind="dumb")
    try:
        dumb.wait("\n>")
        dumb.child.send("hello\n")
        dumb.wait("ROMEO:")
        dumb.child.send(":edit\n")
        dumb.wait("\n:edit ")
        dumb.child.send("What?\n:save out\n")
        dumb.wait("Name a file")
        assert "What?" in dumb.shown
        dumb.child.send(":undo\n")
        dumb.wait("Taken back: “What?” and the reply to it.")
    finally:
        dumb.child.close(force=True)


def test_nothing_to_take_or_edit(terminal: Terminal) -> None:
    assert terminal.say(":takes")[0] == "scriptbot: There is no reply to draw again."
    assert terminal.say(":edit")[0] == "scriptbot: There is no reply to change."
    assert terminal.say(":edit “hm”")[0] == "scriptbot: There is no reply to change."
