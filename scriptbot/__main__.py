"""``python -m scriptbot``: the command line."""

from scriptbot.ui.cli import run

if __name__ == "__main__":
    run()
