"""Removes whatever a terminal would obey instead of showing it.

Text comes from files and models that nobody has checked.  An escape sequence in it could recolour or retitle the
terminal, move the cursor or put words into its input; a bidirectional override could show the parts of a line in
another order than they are in.
"""

from __future__ import annotations

import re

_OTHER_ENDS = re.compile("[\r\x85\u2028\u2029]")  # of lines, besides the line feed
_CONTROL = "\x00-\x08\x0b-\x1f\x7f-\x9f"  # C0 without tab and line feed, DEL, C1
_BIDI = "\u202a-\u202e\u2066-\u2069"  # embeddings, overrides, isolates
_SURROGATE = "\ud800-\udfff"  # half characters, as from an argument that was not UTF-8: no stream accepts them

# ECMA-48.  The strings (OSC, DCS, PM, APC, SOS) must not contain control characters here, so that an opening without
# an end does not swallow the text behind it, and the search stays linear.
_SEQUENCE = (
    rf"(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^{_CONTROL}\n]*(?:\x07|\x1b\\|\x9c)"
    r"|(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?"
    r"|\x1b[ -/]*[0-~]?"
    rf"|[{_CONTROL}]"
)

_CONTROL_BYTES = bytes([*range(9), *range(0x0B, 0x20), 0x7F])  # of UTF-8; those of C1 begin with C2
_ANY_CONTROL = re.compile(f"[{_CONTROL}]")
_ANY_C1 = re.compile(b"\xc2[\x80-\x9f]")  # in UTF-8
_SHORT = 200  # characters of a text too short for encoding it to bytes to pay
_CONTROLS = re.compile(_SEQUENCE)
_ANY_UNPRINTABLE = re.compile(f"[{_CONTROL}{_BIDI}{_SURROGATE}]")
_UNPRINTABLE = re.compile(f"{_SEQUENCE}|[{_BIDI}]")
_HALVES = re.compile(f"[{_SURROGATE}]")


def printable(text: str) -> str:
    """The text without anything that a terminal would obey; line feeds and tabs stay.

    Escape sequences are removed as a whole, other control characters and bidirectional overrides one by one, and half a
    surrogate pair becomes U+FFFD.
    """
    if not _ANY_UNPRINTABLE.search(text):
        return text
    return _HALVES.sub("\ufffd", _UNPRINTABLE.sub("", text))


def tidy(text: str) -> str:
    """A string from a file with escapes of its own (JSON, XML), cleaned as if it had been a line of a script.

    Every line end becomes a line feed, control characters and escape sequences are removed, and half a surrogate pair
    becomes U+FFFD.
    """
    text = text.replace("\r\n", "\n") if "\r" in text else text
    return _HALVES.sub("\ufffd", without_controls(with_line_feeds(text)))


def without_controls(text: str) -> str:
    """The text without escape sequences and control characters; line feeds and tabs stay.

    Unlike :func:`printable`, it keeps all that belongs to the text: this one is for reading, that one for showing.
    """
    return _CONTROLS.sub("", text) if _has_controls(text) else text


def with_line_feeds(text: str) -> str:
    """The text with every line end of a single character replaced by a line feed."""
    if "\r" in text or "\x85" in text or "\u2028" in text or "\u2029" in text:
        return _OTHER_ENDS.sub("\n", text)
    return text


def _has_controls(text: str) -> bool:
    """Whether a text contains control characters.  In bytes this is usually found faster, in ASCII six times."""
    if len(text) < _SHORT:
        return not text.isprintable() and _ANY_CONTROL.search(text) is not None
    octets = text.encode("utf-8", "surrogatepass")
    if len(octets.translate(None, _CONTROL_BYTES)) < len(octets):
        return True
    return _ANY_C1.search(octets) is not None
