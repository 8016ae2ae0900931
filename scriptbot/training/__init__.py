"""The only package that imports TensorFlow: it runs as a process of its own, ``python -m scriptbot.training``."""
