"""`linnet ask --attach`: files and addresses in a question, told before anything is sent."""

from __future__ import annotations

import base64
import io
import json
import sys
from pathlib import Path

import pytest
from command_line import Linnet
from loopback import Loopback, Reply, Seen, events, whole
from PIL import Image

ANSWER = events({"choices": [{"delta": {"content": "A cat."}, "finish_reason": "stop"}]})
SAID = whole({"candidates": [{"content": {"parts": [{"text": "A cat."}]}, "finishReason": "STOP"}]})


def png(size: tuple[int, int] = (8, 6), kind: str = "PNG") -> bytes:
    target = io.BytesIO()
    Image.new("RGB", size, (9, 99, 199)).save(target, kind)
    return target.getvalue()


def content(server: Loopback) -> object:
    return server.requests[-1].json["messages"][0]["content"]


def test_files_and_addresses(ask: Linnet, server: Loopback, tmp_path: Path) -> None:
    server.add(ANSWER)
    (tmp_path / "cat.PNG").write_bytes(png())
    (tmp_path / "table.csv").write_text("a,b\n1,2\n")
    url = "https://cdn.example.com/video.mp4"
    done = ask(
        "What is it?",
        *("--attach", tmp_path / "cat.PNG"),
        *("--attach", url),
        *("--attach", tmp_path / "table.csv"),
    )
    assert (done.status, done.json["content"]) == (0, "A cat.")
    held = base64.b64encode(png()).decode()
    assert content(server) == [
        {"type": "text", "text": "What is it?"},
        {"type": "text", "text": "table.csv:\n\n```csv\na,b\n1,2\n```"},
        {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{held}"}},
        {"type": "image_url", "image_url": {"url": url}},
    ]


def test_in_googles_form(linnet: Linnet, server: Loopback, tmp_path: Path) -> None:
    server.add(SAID)
    (tmp_path / "cat.bmp").write_bytes(png(kind="BMP"))
    done = linnet(
        *("ask", "Look", "--attach", tmp_path / "cat.bmp", "--no-stream"),
        *("--attach", "https://youtu.be/abc", "--base-url", server.url, "--form", "gemini"),
        *("--model", "gemma-4"),
    )
    assert (done.status, done.out) == (0, "A cat.\n")
    video, text, picture = server.requests[-1].json["contents"][0]["parts"]
    assert video == {"fileData": {"fileUri": "https://youtu.be/abc"}}
    assert text == {"text": "Look"}
    assert picture["inlineData"]["mimeType"] == "image/png"


def test_nothing_is_left_of_it(
    ask: Linnet, server: Loopback, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scratch, home = tmp_path / "scratch", tmp_path / "linnet-home"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    server.add(ANSWER)
    (tmp_path / "cat.png").write_bytes(png())
    assert ask("Look", "--attach", tmp_path / "cat.png").status == 0
    assert not [*scratch.iterdir()]
    assert not [*home.rglob("blobs/*")]


def test_a_saved_chat_keeps_it(ask: Linnet, server: Loopback, tmp_path: Path) -> None:
    server.add(ANSWER)
    (tmp_path / "cat.png").write_bytes(png())
    assert ask("Look", "--save", "--attach", tmp_path / "cat.png").status == 0
    (kept,) = (tmp_path / "linnet-home" / "blobs").glob("??/*")
    assert kept.read_bytes() == png()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("gone.png", "gone.png is not there any more."),
        ("folder", "folder is a folder. Attach the files in it."),
        ("empty.png", "empty.png is empty."),
        ("cut.png", "cut.png is damaged or cut off."),
        ("tool.exe", "tool.exe is of a kind that Linnet does not know, and no text either."),
        ("ftp://x.example/a.png", "ftp://x.example/a.png is no address of a file"),
    ],
)
def test_what_cannot_be_attached(
    ask: Linnet, server: Loopback, tmp_path: Path, name: str, words: str
) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "empty.png").touch()
    (tmp_path / "cut.png").write_bytes(png((400, 400))[:-40])
    (tmp_path / "tool.exe").write_bytes(b"MZ\0\0" * 99)
    done = ask("Look", "--attach", name if "://" in name else tmp_path / name)
    assert done.status == 2
    assert words in done.err
    assert not server.requests


def test_what_the_service_does_not_take(linnet: Linnet, tmp_path: Path) -> None:
    (tmp_path / "cat.png").write_bytes(png())
    done = linnet("ask", "Look", "--service", "deepseek", "--attach", tmp_path / "cat.png")
    assert done.status == 2
    assert "DeepSeek takes no pictures." in done.err


def test_what_is_converted_by_itself(ask: Linnet, server: Loopback, tmp_path: Path) -> None:
    import pillow_heif

    server.add(ANSWER)
    picture = pillow_heif.from_pillow(Image.new("RGB", (16, 16), (9, 99, 199)))
    picture.save(tmp_path / "cat.heic")
    assert ask("Look", "--attach", tmp_path / "cat.heic").status == 0
    url = content(server)[1]["image_url"]["url"]  # type: ignore[index]
    assert url.startswith("data:image/jpeg;base64,")


SVG = (
    b'<svg xmlns="http://www.w3.org/2000/svg" width="80" height="40">'
    b'<rect width="40" height="40" fill="red"/><text x="45" y="30">Hi</text></svg>'
)


def test_a_drawing_becomes_a_picture(ask: Linnet, server: Loopback, tmp_path: Path) -> None:
    """The terminal loads no Qt for it: another process draws, words too."""
    server.add(ANSWER)
    (tmp_path / "plan.svg").write_bytes(SVG)
    assert ask("Look", "--attach", tmp_path / "plan.svg").status == 0
    url = content(server)[1]["image_url"]["url"]  # type: ignore[index]
    drawn = Image.open(io.BytesIO(base64.b64decode(url.partition("base64,")[2]))).convert("RGBA")
    assert drawn.size == (2048, 1024)
    assert drawn.getpixel((500, 500)) == (255, 0, 0, 255)
    assert drawn.crop((1100, 0, 2048, 1024)).getextrema()[3] == (0, 255), "the words"
    (tmp_path / "broken.svg").write_bytes(SVG[:60])
    done = ask("Look", "--attach", tmp_path / "broken.svg")
    assert done.status == 2
    assert "broken.svg is damaged or cut off." in done.err


def test_a_drawing_goes_as_text_where_nothing_draws(
    ask: Linnet, server: Loopback, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.add(ANSWER)
    (tmp_path / "plan.svg").write_bytes(SVG)
    for command in ((sys.executable, "-c", "raise SystemExit(1)"), ("/no/such/program",)):
        monkeypatch.setattr("app.cli.drawing.own_command", lambda command=command: command)
        done = ask("Look", "--attach", tmp_path / "plan.svg")
        assert done.status == 0
        assert "The drawing plan.svg goes as text." in done.err
        assert "<rect" in str(content(server))


@pytest.mark.rule("R60")
def test_a_large_request_is_warned_about(ask: Linnet, server: Loopback, tmp_path: Path) -> None:
    server.add(ANSWER)
    noise = Image.effect_noise((3000, 3000), 90)
    noise.save(tmp_path / "noise.png")
    done = ask("Look", "--attach", tmp_path / "noise.png")
    assert done.status == 0
    assert "in the request; many services take less." in done.err


def test_an_attachment_alone_is_a_question_behind_others(
    ask: Linnet, server: Loopback, tmp_path: Path
) -> None:
    server.add(ANSWER)
    (tmp_path / "cat.png").write_bytes(png())
    earlier = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Yes?"}]
    (tmp_path / "earlier.json").write_text(json.dumps(earlier))
    done = ask("--messages", tmp_path / "earlier.json", "--attach", tmp_path / "cat.png")
    assert done.status == 0
    (part,) = server.requests[0].json["messages"][2]["content"]
    assert part["type"] == "image_url"


class Uploading(Loopback):
    """Google's Files API, in short."""

    def next_reply(self, seen: Seen) -> Reply:
        if not seen.path.startswith("/upload/"):
            return super().next_reply(seen)
        if seen.header("x-goog-upload-command") == "start":
            return whole({}, x_goog_upload_url="https://x.example/upload/v1beta/files?upload_id=1")
        file = {"name": "files/a", "uri": "https://x.example/files/a", "state": "ACTIVE"}
        return whole({"file": file}, x_goog_upload_status="final")


def test_an_upload_is_told(
    linnet: Linnet, tmp_path: Path, linnet_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A large file goes ahead of the question, and that is said."""
    import loopback

    monkeypatch.setattr(loopback, "Loopback", Uploading)
    monkeypatch.setattr("app.domain.carrying.INLINE_BYTES", 10)
    (tmp_path / "cat.png").write_bytes(png())
    with loopback.in_thread() as server:
        server.add(SAID)
        linnet_home.mkdir()
        (linnet_home / "settings.toml").write_text(
            '[[services]]\nid = "g"\nname = "G"\nform = "gemini"\ntakes_uploads = true\n'
            f'base_url = "{server.url}"\ndefault_model = "gemma-4"\n'
        )
        done = linnet("ask", "Look", "--no-stream", "--attach", tmp_path / "cat.png")
        question = server.requests[-1].json
    assert (done.status, done.out) == (0, "A cat.\n")
    assert "Uploading cat.png…" in done.err
    assert question["contents"][0]["parts"][1] == {
        "fileData": {"mimeType": "image/png", "fileUri": "https://x.example/files/a"}
    }


def test_the_libraries_are_loaded_for_attachments_only(
    ask: Linnet, server: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in sys.modules if name.startswith("app.cli.attaching")]:
        monkeypatch.delitem(sys.modules, name)
    server.add(ANSWER)
    assert ask("Hi").status == 0
    assert "app.cli.attaching" not in sys.modules


@pytest.mark.parametrize(
    ("part", "kind"),
    [
        ({"type": "image_url", "image_url": {"url": "data:;base64,PNG"}}, "image/png"),
        ({"type": "file", "file": {"file_data": "data:image/jpeg;base64,PNG"}}, "image/png"),
        ({"type": "input_video", "input_video": {"data": "AAAA"}}, "video/mp4"),
        ({"type": "input_audio", "input_audio": {"data": "AAAA", "format": "mp3"}}, "audio/mp3"),
        ({"type": "image_url", "image_url": {"url": "https://x.example/c.mov"}}, "video/mov"),
    ],
)
def test_content_parts_of_a_file_of_messages(
    linnet: Linnet, server: Loopback, tmp_path: Path, part: dict[str, object], kind: str
) -> None:
    server.add(SAID)
    written = json.dumps([{"role": "user", "content": [part]}])
    held = base64.b64encode(png()).decode()
    (tmp_path / "m.json").write_text(written.replace("PNG", held))
    done = linnet(
        *("ask", "--messages", tmp_path / "m.json", "--base-url", server.url, "--form", "gemini"),
        *("--model", "gemma-4", "--no-stream"),
    )
    assert done.status == 0
    (sent,) = server.requests[-1].json["contents"][0]["parts"]
    (held_part,) = sent.values()
    assert held_part["mimeType"] == kind
