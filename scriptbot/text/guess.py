"""Tells which legacy encoding some bytes are in, if that is certain.

charset-normalizer says which encodings give readable text.  For short texts there are several (two lines of Chinese are
also two lines of odd Korean), so there is a second witness: in text decoded rightly, many of the characters beyond
ASCII are the everyday ones of its language; decoded wrongly, they are scattered over the whole table.  An encoding is
taken only if both speak for it and no rival comes near.  A wrong guess would silently spoil a whole training; an error
costs the user one option.
"""

from __future__ import annotations

import re

_KANA = (
    "のにはをたがでてとしれさあいうえおかきくけこすせそちつなねひふへほまみむめもやゆよらりるろわんっょゃゅー、。「」"
)
_HAN = "一人不大上中下之也有我他是在了子天日三二十其而以出自心，。：！？、；“”「」『』《》（）"
_SIMPLIFIED = _HAN + "的这个们来为国地到说时要就会可你对生能那得于着年过发后作里"
_TRADITIONAL = _HAN + "的這個們來為國地到說時要就會可你對生能那得於著年過發後作裡"
_KOREAN = "이다는의가에을고하지은로한도를나자사기어서라리아해니그안있것들"
_WESTERN = "áàâäãåæçéèêëíìîïñóòôöøœúùûüßÁÀÂÄÃÅÆÇÉÈÊËÍÌÎÏÑÓÒÔÖØŒÚÙÛÜ’‘“”„–—…•·«»´£€§©®™°½¿¡\xa0"
# Portuguese and Estonian õ, Icelandic þ ð ý: without such letters beside them they are Hungarian ő or Turkish ş ğ ı.
_BESIDE = {"õÕ": ("ãÃäÄ",), "þðýÞÐÝ": ("æÆ", "öÖ")}
_RUSSIAN = "оеаинтсрвлкмдпуяыОЕАИНТСРВЛКМДПУЯЫ"
_GREEK = "αοιετσυηάέίόήύώΑΟΙΕΤΣΥΗ"
_HEBREW = "יוהרשתלם"
_EVERYDAY = {
    "cp932": _KANA,
    "euc_jp": _KANA,
    "gb18030": _SIMPLIFIED,
    "big5": _TRADITIONAL,
    "cp949": _KOREAN,
    "cp1252": _WESTERN,
    "cp1251": _RUSSIAN,
    "koi8_r": _RUSSIAN,
    "cp1253": _GREEK,
    "cp1255": _HEBREW,
}
# What text in these encodings hardly has: three accented letters in a row, or a capital within a word; two alphabets
# in one word.
_NOT_WESTERN = re.compile(r"[À-ÿ]{3,}|(?<=[a-z])[À-Þ]|£(?=[^\W\d_])")
_MIXED = re.compile(r"(?<=[A-Za-z])[^\x00-\x7f]|[^\x00-\x7f](?=[A-Za-z])")
_UNLIKELY = {"cp1252": _NOT_WESTERN} | dict.fromkeys(("cp1251", "koi8_r", "cp1253", "cp1255"), _MIXED)
_LEAST, _LEAD = 0.12, 2.0  # least share of everyday characters; least multiple of the share of any rival
# Single-byte encodings decode anything, so they need more.  Western languages share their letters with half of
# Hungarian (0.92 of it, in a long text), Czech (0.8) and Turkish (0.4).
_CERTAIN = {"cp1252": 0.95, "cp1251": 0.41, "koi8_r": 0.41, "cp1253": 0.41, "cp1255": 0.41}


def guess_encoding(sample: bytes) -> tuple[str | None, tuple[str, ...]]:
    """(the encoding, or None if it is not certain; the encodings that are possible, the likeliest first).

    Args:
        sample: up to some 64 KiB around the first byte beyond ASCII, preferably whole lines.
    """
    if b"\x1b$" in sample and max(sample) < 0x80:
        return ("iso2022_jp" if _decodes(sample, "iso2022_jp") else None), ("iso2022_jp",)
    shares = {name: _everyday_share(_decoded(sample, name), name) for name in _readable(sample)}
    ranked = sorted((name for name in shares if shares[name] >= _LEAST), key=lambda name: -shares[name])
    if not ranked:
        return None, ()
    best, rival = shares[ranked[0]], shares[ranked[1]] if len(ranked) > 1 else 0.0
    certain = best >= max(_CERTAIN.get(ranked[0], _LEAST), _LEAD * rival)
    return (ranked[0] if certain else None), tuple(ranked)


def _readable(sample: bytes) -> list[str]:
    """Those of our encodings in which charset-normalizer finds the sample readable."""
    from charset_normalizer import from_bytes

    for trim in range(4):  # a sample without line ends may have been cut within a character
        part = sample[: len(sample) - trim]
        if matches := from_bytes(part, cp_isolation=list(_EVERYDAY), enable_fallback=False):
            found = (name for match in matches for name in match.could_be_from_charset)  # some give the same text
            return [name for name in found if name in _EVERYDAY]
    return []


def _everyday_share(text: str, encoding: str) -> float:
    """The share of an encoding's everyday characters among the characters beyond ASCII."""
    beyond = [sign for sign in text if sign > "\x7f"]
    everyday, signs = set(_EVERYDAY[encoding]), set(beyond)
    if encoding == "cp1252":
        everyday.update(*(rare for rare, groups in _BESIDE.items() if all(map(signs.intersection, groups))))
    if encoding in _UNLIKELY:
        text = _UNLIKELY[encoding].sub("", text)
    return sum(sign in everyday for sign in text) / len(beyond) if beyond else 0.0


def _decoded(sample: bytes, encoding: str) -> str:
    return sample.decode(encoding, errors="replace")


def _decodes(sample: bytes, encoding: str) -> bool:
    try:
        sample.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True
