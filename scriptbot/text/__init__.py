"""From bytes to scripts, from scripts to pieces, and back."""
