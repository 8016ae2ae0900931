"""Which legacy encoding some bytes are in, when that can be told for certain.

charset-normalizer says which encodings give readable text.  Short texts leave it several (two lines of
Chinese are also two lines of odd Korean), so a second witness is asked: in text decoded rightly many of the
characters beyond ASCII are the everyday ones of its language; decoded wrongly they are scattered over the
whole table.  Only an encoding that both speak for, and no rival comes near, is taken.  A wrong guess would
spoil a whole training in silence; an error costs the user one option.
"""

from __future__ import annotations

_KANA = (
    "のにはをたがでてとしれさあいうえおかきくけこすせそちつなねひふへほまみむめもやゆよらりるろわんっょゃゅー、。「」"
)
_HAN = "一人不大上中下之也有我他是在了子天日三二十其而以出自心，。：！？、；“”「」『』《》（）"
_SIMPLIFIED = _HAN + "的这个们来为国地到说时要就会可你对生能那得于着年过发后作里"
_TRADITIONAL = _HAN + "的這個們來為國地到說時要就會可你對生能那得於著年過發後作裡"
_KOREAN = "이다는의가에을고하지은로한도를나자사기어서라리아해니그안있것들"
_WESTERN = "éèêàâçùûôîïëäöüßñáíóúæøåÄÖÜÉÀÇ’‘“”–—…«»£§©°½ÆØÅÑ¿¡œ"
_RUSSIAN = "оеаинтсрвлкмдпуяы"
_EVERYDAY = {
    "cp932": _KANA,
    "euc_jp": _KANA,
    "gb18030": _SIMPLIFIED,
    "big5": _TRADITIONAL,
    "cp949": _KOREAN,
    "cp1252": _WESTERN,
    "cp1251": _RUSSIAN,
    "koi8_r": _RUSSIAN,
}
_LEAST, _LEAD = 0.12, 2.0  # share of everyday characters; times the share of any rival
# Of encodings with one byte for a character, which decode anything.  Icelandic has 0.42 in its own, Greek 0.40 and
# Turkish 0.37 in one that is not theirs.
_LEAST_SINGLE, _SINGLE = 0.41, frozenset({"cp1252", "cp1251", "koi8_r"})


def guess_encoding(sample: bytes) -> tuple[str | None, tuple[str, ...]]:
    """(the encoding, or None when it is not certain; the encodings that come into question).

    Args:
        sample: up to some 64 KiB around the first byte beyond ASCII, preferably whole lines.
    """
    if b"\x1b$" in sample and max(sample) < 0x80:
        return ("iso2022_jp" if _decodes(sample, "iso2022_jp") else None), ("iso2022_jp",)
    shares = {name: _everyday_share(_decoded(sample, name), _EVERYDAY[name]) for name in _readable(sample)}
    least = {name: _LEAST_SINGLE if name in _SINGLE else _LEAST for name in shares}
    ranked = sorted((name for name in shares if shares[name] >= least[name]), key=lambda name: -shares[name])
    if not ranked:
        return None, ()
    best, rival = shares[ranked[0]], shares[ranked[1]] if len(ranked) > 1 else 0.0
    return (ranked[0] if best >= _LEAD * rival else None), tuple(ranked)


def _readable(sample: bytes) -> list[str]:
    """The encodings of our list in which charset-normalizer finds the sample to be no mess."""
    from charset_normalizer import from_bytes

    for trim in range(4):  # a sample without line ends may have been cut within a character
        part = sample[: len(sample) - trim]
        if matches := from_bytes(part, cp_isolation=list(_EVERYDAY), enable_fallback=False):
            return [match.encoding for match in matches if match.encoding in _EVERYDAY]
    return []


def _everyday_share(text: str, everyday: str) -> float:
    beyond = [sign for sign in text if sign > "\x7f"]
    return sum(sign in everyday for sign in beyond) / len(beyond) if beyond else 0.0


def _decoded(sample: bytes, encoding: str) -> str:
    return sample.decode(encoding, errors="replace")


def _decodes(sample: bytes, encoding: str) -> bool:
    try:
        sample.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True
