"""Recognises text that somebody decoded wrongly and saved so before it came here: ``â€™`` for ``’``.

Nothing is repaired: that a file was decoded wrongly can be told for certain, but not which of two wrong ways it went.
"""

from __future__ import annotations

import re

_RUN = re.compile("[^\x00-\x7f]{2,8}")
_CODECS = ("cp1252", "latin-1", "cp437", "mac_roman")
_LEAST, _SHARE = 3, 0.3  # runs that decode as UTF-8 again; their share of all characters beyond ASCII
# What UTF-8 looks like decoded as Shift_JIS or GBK; no language has these characters so often.
_TRACES = re.compile("[縺繧繝譁蟄逕銇銈銉]|锟斤拷|鈥|銆|鐨勪")
_TRACED = 0.08
_MOST = 200_000  # characters that are looked at
_ESCAPED = re.compile(r"\\u00([89a-f][0-9a-f])", re.IGNORECASE)  # in JSON exported by programs that decoded wrongly


def garbled(text: str) -> tuple[str, str] | None:
    """(an example of what stands there, what it was meant to be or empty) if a text was decoded wrongly; else None."""
    text = _ESCAPED.sub(lambda escape: chr(int(escape[1], 16)), text[:_MOST])
    beyond = sum(map(len, re.findall("[^\x00-\x7f]+", text)))
    if not beyond:
        return None
    if text.count("\ufffd") > max(2, 0.02 * beyond):
        return "\ufffd", ""
    for codec in _CODECS:
        wrong, example = 0, ("", "")
        found = 0
        for run in _RUN.findall(text):
            meant = _again(run, codec)
            if meant is not None:
                found += 1
                wrong += len(run)
                example = example if example[0] else (run, meant)
        if found >= _LEAST and wrong >= _SHARE * beyond:
            return example
    traces = _TRACES.findall(text)
    if len(traces) >= 3 * _LEAST and sum(map(len, traces)) >= _TRACED * beyond:
        return traces[0], ""
    return None


def _again(run: str, codec: str) -> str | None:
    """A run of characters encoded by a codec and decoded again as UTF-8; None if that gives no shorter text."""
    try:
        meant = run.encode(codec).decode("utf-8")
    except UnicodeError:
        return None
    return meant if meant.isprintable() and len(meant) < len(run) else None
