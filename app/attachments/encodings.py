"""Which of the usual encodings a text was written in, by the letters that it then shows.

Invariant: pure. In each encoding the same bytes make a text; the right one is made of the letters
that its language uses most, in words of one script. A few words are enough, where statistics over
all encodings guess wrong.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable
from typing import NamedTuple

SURE = 0.5
"""With less than this of the best possible, the text is none of these."""

TELLING_BYTES = 8 * 1024

_SPECIAL = re.compile(rb"[\x80-\xff]")
_WORDS = re.compile(r"[^\W\d_]+")
_OUTSIDE = re.compile(r"[^\x00-\x7f]")
# The most used first.
_RUSSIAN = "оеаинтсрвлкмдпуяіыьгзбчйхжшїюцщєэфґёъ"
_GREEK = "αοιετσνηυρπκμλςωγδχόάίθφήβέύξζώψΐϊ"
_HEBREW = "יוהלאמרתבשנםעדחפקכגןטצסזךףץ"
_ARABIC = "الينموربتعدسكفهةحقجشصزخأىضطغذثئءظإؤآ"
_WESTERN = "éèàêäöüùåøæßçñáíóúâôîëïûœãõìòÿ"
_CENTRAL = "áéíóúýěščřžůöüäąćęłńśźżőűďťňľĺŕôâăîșțđß"
_TURKISH = "ışğüçöâî"
_CHINESE = (
    "的一是不了在人有我他这中大来上国个到说们为子和你地出道也时年得就那要下以生会自着去之过家学"
    "对可她里后小么心多天而能好都然没日于起还发成事只作当想看文无开手十用主行方又如前所本见经头面"
    "公同三已老从动两长知民样现分将外但身些与高意进把法此实回二理美点月明其种声全工己话儿者向情部"
    "数量价格名称姓性别日期时间金额单位编号地址电话张王李赵刘陈界世配置文件初始化变测试简短句"
)
_TRADITIONAL = (
    "的一是不了在人有我他這中大來上國個到說們為子和你地出道也時年得就那要下以生會自著去之過家學"
    "對可她里後小麼心多天而能好都然沒日於起還發成事只作當想看文無開手十用主行方又如前所本見經頭面"
    "數量價格名稱姓性別日期時間金額單位編號地址電話張王李趙劉陳界世簡短句"
)
_KOREAN = (
    "이다는의에고가을하지한로은를기사도아어그자리나서시대있수인정해일들것부보라장과제전주안스성으여"
    "요니면게원상우만소구년오와습세마경비동공적당신회요조국유생문방학말간모금내화명입개무"
)


class Letters(NamedTuple):
    """How much each letter outside of ASCII speaks for an encoding, from -1 to 1."""

    encoding: str
    weight: Callable[[str], float]


def usual_encoding(data: bytes) -> str | None:
    """The encoding of a text that is no UTF-8; `None` where none of the usual ones fits."""
    if b"\x1b$" in data and _decoded(data, "iso2022_jp") is not None:
        return "iso2022_jp"
    sample = _telling_part(data)
    found = [(_score(sample, letters), letters.encoding) for letters in _USUAL]
    score, encoding = max(found, key=lambda each: each[0])
    return encoding if score >= SURE else None


def _telling_part(data: bytes) -> bytes:
    """From the line with the first letter outside of ASCII on."""
    first = _SPECIAL.search(data)
    start = data.rfind(b"\n", 0, first.start()) + 1 if first is not None else 0
    return data[start : start + TELLING_BYTES]


def two_byte_encoding(sample: bytes) -> str | None:
    """UTF-16 without a mark: what it shows then are letters, and blanks between them."""
    for encoding in ("utf-16-le", "utf-16-be"):
        text = _decoded(sample[: len(sample) & ~1], encoding)
        if text and _is_written(text):
            return encoding
    return None


def _is_written(text: str) -> bool:
    plain = sum(each.isprintable() or each in "\t\r\n" for each in text)
    pages = {ord(each) >> 8 for each in text if each.isalpha() and ord(each) < 0x3000}
    return plain == len(text) and len(pages) <= 4 and any(each in " \n\t,.;" for each in text)


def _decoded(data: bytes, encoding: str) -> str | None:
    """`data` may end within a letter. Strange bytes: `None`."""
    try:
        return codecs.getincrementaldecoder(encoding)().decode(data)
    except UnicodeDecodeError:
        return None


def _score(data: bytes, letters: Letters) -> float:
    text = _decoded(data, letters.encoding)
    if text is None:
        return -1.0
    weights = [letters.weight(each) for each in _OUTSIDE.findall(text)]
    if not weights:
        return -1.0
    words = [word for word in _WORDS.findall(text) if not word.isascii()]
    broken = sum(_is_broken(word) for word in words)
    return sum(weights) / len(weights) - broken / max(1, len(words))


def _is_broken(word: str) -> bool:
    """Whether no person writes so: two alphabets in a word, nothing but accents, capitals in it."""
    if len(word) > 3 and _script(word[0]) == "latin" and not any(map(str.isascii, word)):
        return True
    if len({_script(each) for each in word}) > 1:
        return True
    return not (word.islower() or word.isupper() or word[1:].islower() or word.istitle()) and (
        word.lower() != word.upper()
    )


def _script(letter: str) -> str:
    code = ord(letter)
    if code < 0x250 or 0x1E00 <= code < 0x1F00:
        return "latin"
    for name, first, last in (
        ("greek", 0x370, 0x3FF),
        ("cyrillic", 0x400, 0x52F),
        ("hebrew", 0x590, 0x5FF),
        ("arabic", 0x600, 0x6FF),
        ("hangul", 0xAC00, 0xD7A3),
    ):
        if first <= code <= last:
            return name
    return "han"


def _by_use(alphabet: str) -> Callable[[str], float]:
    """Letters count by their place in the alphabet, which begins with the most used."""
    places = {each: 1.0 - 0.8 * at / len(alphabet) for at, each in enumerate(alphabet)}

    def weight(letter: str) -> float:
        if letter in _SIGNS:
            return 0.35
        known = places.get(letter.lower())
        if known is None:
            return -0.5
        return known if letter in places else known - 0.08

    return weight


def _by_row(
    encoding: str, common: Callable[[int, int], bool], most_used: str, kana: float
) -> Callable[[str], float]:
    """Of thousands of letters the usual ones stand together in the table of an encoding."""
    used = frozenset(most_used)

    def weight(letter: str) -> float:
        code = ord(letter)
        if 0x3000 <= code < 0x3040 or 0xFF00 <= code < 0xFF61 or letter in _SIGNS:
            return 0.8
        if 0x3040 <= code < 0x3100:
            return kana
        if letter in used:
            return 1.0
        raw = letter.encode(encoding, "replace")
        return 0.65 if len(raw) == 2 and common(raw[0], raw[1]) else -0.5

    return weight


def _is_first_level_sjis(first: int, second: int) -> bool:
    return 0x889F <= (first << 8 | second) <= 0x9872


_SIGNS = frozenset("“”‘’„«»‹›–—…€£§°·•№©®™¡¿ªº\u00a0")
# Of equals the first one is taken.
_USUAL = (
    Letters("cp1252", _by_use(_WESTERN)),
    Letters(
        "gb18030", _by_row("gb18030", lambda a, b: 0xB0 <= a <= 0xD7 and b > 0xA0, _CHINESE, 0.2)
    ),
    Letters("cp932", _by_row("cp932", _is_first_level_sjis, "", 1.0)),
    Letters("big5", _by_row("big5", lambda a, _: 0xA4 <= a <= 0xC6, _TRADITIONAL, 0.2)),
    Letters("euc_jp", _by_row("euc_jp", lambda a, b: 0xB0 <= a <= 0xCF and b > 0xA0, "", 1.0)),
    Letters("cp949", _by_row("cp949", lambda a, b: 0xB0 <= a <= 0xC8 and b > 0xA0, _KOREAN, 0.0)),
    Letters("cp1251", _by_use(_RUSSIAN)),
    Letters("koi8_r", _by_use(_RUSSIAN)),
    Letters("cp1250", _by_use(_CENTRAL)),
    Letters("cp1254", _by_use(_TURKISH)),
    Letters("cp1253", _by_use(_GREEK)),
    Letters("cp1255", _by_use(_HEBREW)),
    Letters("cp1256", _by_use(_ARABIC)),
)
