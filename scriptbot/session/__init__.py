"""A conversation and what belongs to it: its state, the installed models, and training beside it."""
