"""Train a small language model on scripts, and talk to its characters."""

__version__ = "0.1.0"
