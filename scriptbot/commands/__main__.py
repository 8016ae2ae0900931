"""``python -m scriptbot.commands``: docs/commands.md on stdout."""

from scriptbot.commands import REGISTRY
from scriptbot.commands.registry import usage


def document() -> str:
    """The commands as a Markdown table."""
    rows = [
        f"| `{usage(command)}` | {command.help}{f'. {command.more}' if command.more else ''} |"
        for command in REGISTRY.commands.values()
    ]
    head = ["# Commands", "", "A unique prefix is enough. `::text` says a line that starts with a colon.", ""]
    return "\n".join([*head, "| Command | |", "|---|---|", *rows]) + "\n"


if __name__ == "__main__":
    print(document(), end="")
