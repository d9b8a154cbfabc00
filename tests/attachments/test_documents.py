"""Texts in any encoding, documents of Word, notebooks, and PDF."""

from __future__ import annotations

import io
import random
import zipfile

import pytest
from attaching_desk import Desk
from file_makers import (
    WORD,
    decoded,
    docx,
    encoded,
    locked_pdf,
    notebook,
    paragraph,
    pdf,
    picture,
)

from app.attachments import RefusedError
from app.attachments import documents as office
from app.attachments.remedies import PagesAsPictures, TextOnly
from app.domain.quoting import language_of, quoted

GERMAN = "Die Größe der Käsebrötchen überraschte die Gäste außerordentlich. " * 20
RUSSIAN = "Съешь же ещё этих мягких французских булок, да выпей чаю. " * 20
JAPANESE = "これは文字コードを判定するための文章です。日本語で書かれています。" * 20


# Encodings


@pytest.mark.parametrize(
    ("words", "encoding"),
    [
        (GERMAN, "utf-8"),
        (GERMAN, "utf-8-sig"),
        (GERMAN, "cp1252"),
        (GERMAN, "utf-16"),
        (GERMAN, "utf-16-le"),
        (GERMAN, "utf-16-be"),
        (GERMAN, "utf-32"),
        (RUSSIAN, "cp1251"),
        (RUSSIAN, "koi8-r"),
        (JAPANESE, "shift_jis"),
        (JAPANESE, "euc_jp"),
        ("plain", "ascii"),
        ("name;größe\n", "cp1252"),
        ("“quoted” – café", "cp1252"),
    ],
)
async def test_encodings(desk: Desk, words: str, encoding: str) -> None:
    media = await desk.media(words.encode(encoding), "letter.txt")
    assert desk.content(media).decode() == words
    assert media.size_bytes == len(words.encode())
    assert media.mime == "text/plain"


SHORT = [
    ("价格,数量\n苹果,3\n", "gbk"),
    ("// 初始化变量\nint x = 1;\n", "gb18030"),
    ("姓名,年龄\n张三,30\n", "gbk"),
    ("價格,數量\n蘋果,3\n", "big5"),
    ("価格表\n", "shift_jis"),
    ("int main() { /* メイン関数です */ }\n", "shift_jis"),
    ("名前,値段\nりんご,100\n", "euc_jp"),
    ("こんにちは\n", "iso2022_jp"),
    ("이름,나이\n홍길동,30\n", "euc_kr"),
    ("안녕하세요\n", "cp949"),
    ("Привет\n", "koi8-r"),
    ("имя;возраст\nИван;30\n", "koi8-r"),
    ("Цена,Количество\n", "cp1251"),
    ("ПРИВЕТ МИР\n", "cp1251"),
    ("# настройка\nhost = 1\n", "cp1251"),
    ("Größe;Länge\n", "cp1252"),
    ("« Où êtes-vous ? »\n", "cp1252"),
    ("Blåbær på brød\n", "latin-1"),
    ("Zażółć gęślą jaźń\n", "cp1250"),
    ("Καλημέρα κόσμε\n", "cp1253"),
    ("Şişli, İstanbul, ığdır\n", "cp1254"),
    ("مرحبا بالعالم\n", "cp1256"),
    ("Привет, мир!\n", "utf-16-le"),
    ("Привет, мир!\n", "utf-16-be"),
    ("你好，世界。\n再见。\n", "utf-16-le"),
    ("你好，世界。\n再见。\n", "utf-16-be"),
]


@pytest.mark.parametrize(("words", "encoding"), SHORT)
async def test_a_few_words_tell_their_encoding(desk: Desk, words: str, encoding: str) -> None:
    for many in (1, 7, 1000):
        media = await desk.media((words * many).encode(encoding), "words.txt")
        assert desk.content(media).decode() == words * many


async def test_what_only_begins_like_text_is_none(desk: Desk) -> None:
    """Random bytes, some with zeros, are no text in any encoding."""
    chance = random.Random(1)
    for _ in range(300):
        data = chance.randbytes(chance.choice((60, 500, 5000)))
        assert "is of a kind that Linnet does not know" in await desk.refusal(data, "a.bin")


async def test_a_letter_at_the_end_of_the_sample_is_not_cut(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.attachments.texts.SAMPLE_BYTES", 101)
    words = "ü" * 200
    assert desk.content(await desk.media(words.encode(), "a.txt")).decode() == words


async def test_line_ends(desk: Desk) -> None:
    media = await desk.media(b"one\r\ntwo\rthree\n", "a.txt")
    assert desk.content(media) == b"one\ntwo\nthree\n"


@pytest.mark.parametrize(
    ("name", "mime"),
    [("a.csv", "text/csv"), ("a.JSON", "application/json"), ("a.md", "text/markdown"),
     ("a.py", "text/plain"), ("Makefile", "text/plain")],
)  # fmt: skip
async def test_kinds_of_text(desk: Desk, name: str, mime: str) -> None:
    assert (await desk.media(b"1,2\n", name)).mime == mime


async def test_what_is_no_text(desk: Desk) -> None:
    for data in (bytes(range(256)) * 40, b"MZ\x90\0\x03\0\0\0" * 40, b"\x7fELF\x02\x01\x01" * 90):
        said = await desk.refusal(data, "program.exe")
        assert said == "program.exe is of a kind that Linnet does not know, and no text either."


async def test_colours_of_a_terminal_are_text(desk: Desk) -> None:
    log = b"\x1b[31merror\x1b[0m something happened here\n" * 20
    assert (await desk.media(log, "build.log")).mime == "text/plain"


# What a model reads


def test_quoted() -> None:
    assert quoted("main.py", "x = 1\n") == "main.py:\n\n```python\nx = 1\n```"
    assert quoted("", "x") == "```\nx\n```"
    text = "A fence:\n```\ncode\n```\nand a longer one: `````"
    assert quoted("a.md", text) == f"a.md:\n\n``````markdown\n{text}\n``````"


@pytest.mark.parametrize(
    ("name", "word"),
    [("a.py", "python"), ("A.PY", "python"), ("a.rs", "rust"), ("a.sql", "sql"),
     ("a.txt", ""), ("Makefile", ""), ("a.b.c", "c"), ("a.what ever", ""), ("a.", ""),
     ("report.docx", "markdown")],
)  # fmt: skip
def test_languages(name: str, word: str) -> None:
    assert language_of(name) == word


# Word


def archive(files: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as written:
        for name, data in files.items():
            written.writestr(name, data)
    return target.getvalue()


async def test_a_word_document(desk: Desk) -> None:
    row = "<w:tr><w:tc>{}</w:tc><w:tc>{}</w:tc></w:tr>".format
    cell = paragraph
    body = (
        paragraph("Report", '<w:pStyle w:val="Title"/>')
        + paragraph("Results", '<w:pStyle w:val="Heading2"/>')
        + paragraph("It went well.")
        + paragraph("first", '<w:numPr><w:ilvl w:val="0"/></w:numPr>')
        + paragraph("deeper", '<w:numPr><w:ilvl w:val="1"/></w:numPr>')
        + "<w:p><w:r><w:t>a</w:t><w:tab/><w:t>b</w:t><w:br/><w:t>c</w:t></w:r>"
        + '<w:r><w:footnoteReference w:id="2"/></w:r><w:del><w:r><w:delText>gone</w:delText></w:r>'
        + "</w:del></w:p>"
        + f"<w:tbl>{row(cell('x'), cell('a|b'))}{row(cell('1'), cell('2'))}</w:tbl>"
        + f"<w:sdt><w:sdtContent>{paragraph('in a field')}</w:sdtContent></w:sdt>"
    )
    notes = f'<w:footnote w:id="2">{paragraph("see there")}</w:footnote>'
    media = await desk.media(docx(body, footnotes=notes), "report.docx")
    assert (media.mime, media.name) == ("text/markdown", "report.docx")
    assert desk.content(media).decode() == (
        "# Report\n\n## Results\n\nIt went well.\n\n- first\n  - deeper\n\na\tb\nc[^2]\n\n"
        "| x | a\\|b |\n| --- | --- |\n| 1 | 2 |\n\nin a field\n\n[^2]: see there\n"
    )


async def test_documents_that_are_none(desk: Desk) -> None:
    said = await desk.refusal(archive({"a.txt": b"hello"}), "stuff.zip")
    assert said == "stuff.zip is an archive. Unpack it and attach what is in it."
    whole = docx(paragraph("hello" * 100))
    assert "damaged" in await desk.refusal(whole[: len(whole) // 2], "cut.docx")
    broken = bytearray(whole)
    at = whole.index(b"word/document.xml") + 40
    broken[at : at + 20] = bytes(20)
    assert "damaged or cut off" in await desk.refusal(bytes(broken), "broken.docx")
    assert "holds no text" in await desk.refusal(docx(""), "empty.docx")
    assert "damaged" in await desk.refusal(docx("<w:p>"), "unclosed.docx")


async def test_a_document_that_unpacks_without_end(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(office, "MOST_XML_BYTES", 10_000)
    bomb = docx(paragraph("a" * 200_000))
    assert await desk.refusal(bomb, "bomb.docx") == "bomb.docx holds too much to be read."
    lying = bytearray(bomb)  # it says that it is small
    for mark, at in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        place = lying.rindex(mark) + at
        lying[place : place + 4] = (1000).to_bytes(4, "little")
    assert "damaged" in await desk.refusal(bytes(lying), "liar.docx")
    pictures = docx(paragraph("hello"), settings="<w:p/>" * 9_000)
    assert desk.content(await desk.media(pictures, "much besides.docx")) == b"hello\n"


@pytest.mark.parametrize("body", ["<w:r>" * 300 + "</w:r>" * 300, "<w:p/>" * 900])
async def test_a_document_without_measure(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, body: str
) -> None:
    monkeypatch.setattr(office, "MOST_ELEMENTS", 800)
    data = docx(f"<w:p>{body}</w:p>")
    assert await desk.refusal(data, "a.docx") == "a.docx is damaged or cut off."


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
async def test_entities_are_not_followed(desk: Desk, encoding: str) -> None:
    space = f'xmlns:w="{WORD}"'
    laughs = (
        f'<?xml version="1.0" encoding="{encoding}"?><!DOCTYPE d [<!ENTITY a "ha">]>'
        f"<w:document {space}><w:body><w:p><w:r><w:t>&a;</w:t></w:r></w:p></w:body></w:document>"
    )
    data = archive({"word/document.xml": laughs.encode(encoding)})
    assert "damaged" in await desk.refusal(data, "laughs.docx")


async def test_documents_of_other_programs(desk: Desk) -> None:
    for member in ("xl/workbook.xml", "ppt/presentation.xml", "content.xml"):
        said = await desk.refusal(archive({member: b"<x/>"}), "table.xlsx")
        assert said == "table.xlsx is no Word document. Save it as PDF, or as text."
    said = await desk.refusal(bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600), "old.doc")
    assert said.startswith("old.doc is an old or a locked Office document. Save it")


async def test_documents_as_other_programs_write_them(desk: Desk) -> None:
    """The strict namespace, in UTF-16, under another name."""
    strict = "http://purl.oclc.org/ooxml/wordprocessingml/main"
    words = (
        f'<?xml version="1.0" encoding="utf-16"?><w:document xmlns:w="{strict}"><w:body>'
        '<w:p><w:pPr><w:pStyle w:val="Heading1"/></w:pPr><w:r><w:t>Hi</w:t></w:r></w:p>'
        "</w:body></w:document>"
    )
    data = archive({"word/document2.xml": words.encode("utf-16")})
    assert desk.content(await desk.media(data, "a.docx")) == b"# Hi\n"


# Notebooks


async def test_a_notebook(desk: Desk) -> None:
    data = notebook(
        {"cell_type": "markdown", "source": ["# Title\n", "Words."]},
        {
            "cell_type": "code",
            "source": "print('```')",
            "outputs": [
                {"output_type": "stream", "text": ["hello\n"]},
                {"output_type": "execute_result", "data": {"text/plain": "42"}},
                {"output_type": "display_data", "data": {"image/png": "aGk="}},
                {"output_type": "error", "traceback": ["\x1b[31mValueError\x1b[0m: no"]},
                {"output_type": "display_data"},
                "nonsense",
            ],
        },
        {"cell_type": "code", "source": "", "outputs": None},
    )
    media = await desk.media(data, "study.ipynb")
    assert media.mime == "text/markdown"
    assert desk.content(media).decode() == (
        "# Title\nWords.\n\n````python\nprint('```')\n````\n\n```\nhello\n```\n\n```\n42\n```\n\n"
        "[image/png]\n\n```\nValueError: no\n```\n"
    )


async def test_json_that_is_no_notebook_stays(desk: Desk) -> None:
    for data in (b'{"cells": 3}', b'{"cells": [], "x": 1}', b'{"cells": [', b"[" * 100_000):
        assert desk.content(await desk.media(data, "a.json")) == data


# PDF


async def test_a_pdf(desk: Desk) -> None:
    data = pdf("Hello there", "Second page", "")
    media = await desk.media(data, "paper.pdf")
    assert (media.mime, media.pages, media.size_bytes) == ("application/pdf", 3, len(data))
    assert desk.content(media) == data
    cover = desk.attachments.thumbnail_path(media.sha256 or "")
    assert cover is not None
    assert decoded(cover.read_bytes()).size == (512, 342)

    (words,) = (await desk.attachments.change(media, TextOnly())).media
    assert (words.mime, words.name) == ("text/plain", "paper.pdf")
    assert desk.content(words).decode() == "Hello there\n\nSecond page"

    pages = (await desk.attachments.change(media, PagesAsPictures(2, 3))).media
    assert [page.name for page in pages] == ["paper.pdf, page 2", "paper.pdf, page 3"]
    assert {page.mime for page in pages} == {"image/jpeg"}
    assert decoded(desk.content(pages[0])).size == (1536, 1024)


async def test_a_pdf_without_text(desk: Desk) -> None:
    media = await desk.media(encoded(picture(), "pdf"), "scan.pdf")
    with pytest.raises(RefusedError, match="holds no text: its pages are pictures"):
        await desk.attachments.change(media, TextOnly())


async def test_a_page_as_large_as_a_field(desk: Desk) -> None:
    media = await desk.media(pdf("wide", width=14_000, height=100), "plan.pdf")
    (page,) = (await desk.attachments.change(media, PagesAsPictures(1, 1))).media
    assert (page.width_px or 0) <= 1536


async def test_a_pdf_with_a_password(desk: Desk) -> None:
    said = await desk.refusal(locked_pdf(), "secret.pdf")
    assert said == "secret.pdf asks for a password. Attach a copy without one."


async def test_a_broken_pdf(desk: Desk) -> None:
    for data in (b"%PDF-1.7\nnonsense", b"%PDF-1.4\n" + bytes(500)):
        assert await desk.refusal(data, "a.pdf") == "a.pdf is damaged or cut off."
    media = await desk.media(pdf("one"), "a.pdf")
    with pytest.raises(RefusedError, match="damaged"):
        await desk.attachments.change(media, PagesAsPictures(5, 5))
