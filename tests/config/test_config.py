"""The settings file: read, written whole, shared with an editor, and never trusted."""

from __future__ import annotations

import os
import stat
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from app import config as config_module
from app.config import Config
from app.domain.settings import Form, Palette, Sampling, Service, Settings
from app.providers.presets import ACE_DATA_CLOUD, PRESETS, made_from


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "settings.toml"


def written(path: Path, text: str) -> Config:
    path.write_text(text, encoding="utf-8")
    return Config(path, PRESETS)


def names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


def test_no_file_means_defaults_and_makes_none(path: Path) -> None:
    config = Config(path, PRESETS)
    assert config.settings == Settings()
    assert config.problem is None
    assert not path.exists()


def test_a_change_is_written_told_and_read_again(path: Path) -> None:
    config = Config(path, PRESETS)
    heard: list[tuple[Settings, Settings]] = []
    stop = config.subscribe(lambda old, new: heard.append((old, new)))
    service = replace(made_from(ACE_DATA_CLOUD, ()), name="Work", extra_body={"seed": None})
    settings = replace(
        Settings(),
        services=(service,),
        default_service=service.id,
        palette=Palette.DARK,
        sampling=Sampling(system_prompt="Be brief.\n\nAnswer in English.\r\n", temperature=0.5),
    )
    config.change(settings)
    assert config.settings == settings
    assert config.problem is None
    assert heard == [(Settings(), settings)]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert names(path.parent) == ["settings.toml"]

    again = Config(path, PRESETS)
    assert again.settings == settings
    assert again.problem is None
    again.change(settings)
    stop()
    config.change(Settings())
    assert len(heard) == 1


def test_a_service_in_a_few_lines(path: Path) -> None:
    config = written(
        path,
        """
        default_service = "acedata"

        [[services]]
        preset = "acedata"
        key_env = "MY_KEY"

        [[services]]
        name = "Proxy"
        form = "gemini"
        base_url = "https://proxy.example"
        timeouts = { idle_s = 30 }
        """,
    )
    assert config.problem is None
    ace, proxy = config.settings.services
    assert ace == replace(ACE_DATA_CLOUD, preset="acedata", key_env="MY_KEY")
    assert (proxy.id, proxy.name, proxy.form) == ("proxy", "Proxy", Form.GEMINI)
    assert (proxy.path, proxy.auth) == ("/v1beta", "x-goog-api-key")
    assert proxy.timeouts.idle_s == 30.0


def test_only_what_differs_is_written(path: Path) -> None:
    config = Config(path, PRESETS)
    service = replace(made_from(ACE_DATA_CLOUD, ()), key_env="MY_KEY")
    config.change(replace(Settings(), services=(service,), text_px=18))
    assert tomllib.loads(path.read_text()) == {
        "text_px": 18,
        "services": [{"id": "acedata", "preset": "acedata", "key_env": "MY_KEY"}],
    }


def test_a_long_prompt_stays_readable(path: Path) -> None:
    config = Config(path, PRESETS)
    config.change(replace(Settings(), sampling=Sampling(system_prompt="One line.\nAnother.")))
    assert "\nOne line.\nAnother." in path.read_text()


def test_what_is_not_known_is_kept(path: Path) -> None:
    config = written(
        path,
        """
        from_the_future = 1979-05-27
        [sampling]
        mood = "good"
        [[services]]
        preset = "gemini"
        colour = "blue"
        [services.timeouts]
        patience_s = 3
        [another.table]
        x = [1, 2]
        """,
    )
    assert config.problem is None
    config.change(replace(config.settings, text_px=20))
    table = tomllib.loads(path.read_text())
    assert str(table["from_the_future"]) == "1979-05-27"
    assert table["sampling"] == {"mood": "good"}
    assert table["another"] == {"table": {"x": [1, 2]}}
    assert table["services"][0]["colour"] == "blue"
    assert table["services"][0]["timeouts"] == {"patience_s": 3}
    assert table["text_px"] == 20


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"this is not TOML", "line 1"),
        (b"text_px = 12\n[[services", "cannot be understood"),
        (b"\xff\xfe\x00nonsense", "not a text in UTF-8"),
        (b"a = " + b"[" * 100_000, "nested too deeply"),
        (b"a = " + b"9" * 10_000, "too long"),
        (b"\x00" * 100, "cannot be understood"),
    ],
)
def test_nonsense_is_kept_aside_and_told(path: Path, data: bytes, words: str) -> None:
    path.write_bytes(data)
    config = Config(path, PRESETS)
    assert config.settings == Settings()
    assert config.problem is not None
    assert words in config.problem
    assert "settings.toml.broken-1" in config.problem
    aside = path.with_name("settings.toml.broken-1")
    assert aside.read_bytes() == data

    Config(path, PRESETS)  # the same nonsense is kept once
    assert names(path.parent) == ["settings.toml", "settings.toml.broken-1"]

    config.change(replace(config.settings, text_px=20))
    assert config.problem is None
    assert Config(path, PRESETS).settings.text_px == 20
    path.write_bytes(data + b"\nmore")
    Config(path, PRESETS)
    assert aside.read_bytes() == data
    assert path.with_name("settings.toml.broken-2").exists()


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('text_px = "big"', "text_px must be a whole number, and “big” is not: 14 is used."),
        ("text_px = 14.5", "text_px must be a whole number"),
        ("text_px = true", "text_px must be a whole number, and true is not"),
        ("text_px = 500", "text_px is 500; the most is 32."),
        ("text_px = -1", "text_px is -1; the least is 9."),
        ("notify = 1", "notify must be true or false, and 1 is not: true is used."),
        ('palette = "pink"', "palette must be one of “system”, “light”, “dark”, and “pink” is not"),
        ("palette = []", "palette must be one of"),
        ("default_service = 7", "default_service must be a text, and 7 is not: nothing is used."),
        ("sampling = 7", "sampling must be a table, and 7 is not"),
        ("[sampling]\ntemperature = nan", "sampling.temperature must be a number"),
        ("[sampling]\ntemperature = 9", "sampling.temperature is 9.0; the most is 2.0."),
        ("[sampling]\nextra = 1979-05-27", "sampling.extra must be a table"),
        ("[sampling.extra]\nday = 1979-05-27", "sampling.extra must be a table"),
        ("[sampling]\nextra = '[1]'", "sampling.extra must be a table"),
        ("services = 7", "services must be a list of tables"),
        ("services = [7]", "services[1] must be a table"),
        ("[[services]]\nmodels = 'm'", "services[1].models must be a list of texts"),
        ("[[services]]\nextra_headers = { a = 1 }", "must be a table of texts"),
        ("[[services]]\n[services.timeouts]\nidle_s = 0", "services[1].timeouts.idle_s is 0.0"),
        ("[[services]]\nid = 5", "services[1].id must be a text"),
        ("[[services]]\nid = ''", "services[1].id must be a text"),
        ("[[services]]\nid = 'a'\n[[services]]\nid = 'a'", "another service has the id a too"),
    ],
)
def test_a_wrong_member_is_told_and_the_others_hold(path: Path, line: str, words: str) -> None:
    text = f"send_with_enter = false\n{line}\n[more]\nx = 1\n"
    config = written(path, text)
    assert config.settings.send_with_enter is False
    assert config.problem is not None
    assert words in config.problem, config.problem
    assert path.with_name("settings.toml.broken-1").read_text() == text


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("[[services]]\npreset = 'asedata'", "there is no preset “asedata”. There are: gemini"),
        ("default_service = 'gone'", "default_service is “gone”, but no service has this id."),
        ("[[services]]\napi_key = 'sk-oops'", "keys do not belong in this file"),
    ],
)
def test_a_remark_without_a_loss_keeps_nothing_aside(path: Path, line: str, words: str) -> None:
    config = written(path, line)
    assert config.problem is not None
    assert words in config.problem
    assert names(path.parent) == ["settings.toml"]


@pytest.mark.parametrize(
    "line",
    [
        "key_env = 'sk-secret-123'",
        "api_key = 'sk-secret-123'",
        "extra_headers = 'sk-secret-123'",
        "extra_headers = { Authorization = 'sk-secret-123', x = 1 }",
        'extra_body = \'{"key": "sk-secret-123\'',
        "models = { key = 'sk-secret-123' }",
    ],
)
def test_a_key_that_strayed_into_the_file_is_not_repeated(path: Path, line: str) -> None:
    config = written(path, f"[[services]]\n{line}\n")
    assert config.problem is not None
    assert "secret" not in config.problem


def test_many_problems_do_not_fill_the_screen(path: Path) -> None:
    config = written(path, "\n".join(f"[[services]]\nid = {number}" for number in range(50)))
    assert config.problem is not None
    assert len(config.problem.splitlines()) < 10


def test_an_editor_and_the_window_change_different_things(path: Path) -> None:
    config = written(path, "text_px = 20\n[[services]]\npreset = 'gemini'\n")
    path.write_text("text_px = 20\nnotify = false\n[[services]]\npreset = 'openai'\n")
    config.change(replace(config.settings, palette=Palette.DARK))
    assert config.settings.palette is Palette.DARK
    assert config.settings.notify is False
    assert [service.id for service in config.settings.services] == ["openai"]
    assert Config(path, PRESETS).settings == config.settings


def test_reload_takes_what_an_editor_wrote(path: Path) -> None:
    config = written(path, "text_px = 20\n")
    heard: list[int] = []
    config.subscribe(lambda old, new: heard.append(new.text_px))
    assert not config.reload()
    path.write_text("text_px = 16 # smaller\n")
    assert config.reload()
    assert not config.reload()
    assert heard == [16]

    path.write_text("text_px = = 16\n")  # saved in the middle of typing
    assert not config.reload()
    assert config.settings.text_px == 16
    assert config.problem is not None
    path.write_text("text_px = 16\n")
    assert not config.reload()
    assert config.problem is None

    path.unlink()
    assert not config.reload()
    assert config.settings.text_px == 16


def test_comments_are_left_behind_in_a_copy(path: Path) -> None:
    text = "# because I like it\ntext_px = 20\n"
    config = written(path, text)
    config.change(replace(config.settings, text_px=21))
    old = path.with_name("settings.toml.old")
    assert old.read_text() == text
    config.change(replace(config.settings, text_px=22))
    Config(path, PRESETS).change(Settings())
    assert old.read_text() == text  # the own heading is no comment to keep


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    target = tmp_path / "dotfiles" / "linnet.toml"
    target.parent.mkdir()
    target.write_text("text_px = 20\n")
    link = tmp_path / "settings.toml"
    link.symlink_to(target)
    config = Config(link, PRESETS)
    config.change(replace(config.settings, text_px=21))
    assert link.is_symlink()
    assert "text_px = 21" in target.read_text()


def test_a_full_disk_is_told_and_the_settings_hold(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = written(path, "text_px = 20\n")

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        config.change(replace(config.settings, text_px=21))
    assert config.settings.text_px == 21
    assert config.problem is not None
    assert "cannot be saved" in config.problem
    assert "No space left" in config.problem
    assert path.read_text() == "text_px = 20\n"
    assert names(path.parent) == ["settings.toml"]

    config.change(replace(config.settings, text_px=22))
    assert config.problem is None
    assert "text_px = 22" in path.read_text()


def test_what_cannot_be_read_is_moved_and_not_overwritten(path: Path) -> None:
    path.mkdir()
    config = Config(path, PRESETS)
    assert config.settings == Settings()
    assert config.problem is not None
    assert "cannot be read" in config.problem
    config.change(replace(config.settings, text_px=21))
    assert Config(path, PRESETS).settings.text_px == 21
    assert path.with_name("settings.toml.broken-1").is_dir()


def test_a_broken_listener_stops_nobody(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bugs: list[object] = []
    monkeypatch.setattr(config_module.Listeners, "tell", config_module.Listeners.tell)
    monkeypatch.setattr("sys.excepthook", lambda *bug: bugs.append(bug[1]))
    config = Config(path)
    heard: list[int] = []
    config.subscribe(lambda old, new: 1 // 0)
    config.subscribe(lambda old, new: heard.append(new.text_px))
    config.change(replace(Settings(), text_px=21))
    assert heard == [21]
    assert [type(bug) for bug in bugs] == [ZeroDivisionError]


def test_a_service_without_any_preset(path: Path) -> None:
    path.write_text("[[services]]\nbase_url = 'http://127.0.0.1:9/v1'\nform = 'gemini'\n")
    config = Config(path)
    (service,) = config.settings.services
    assert service == Service(
        id="service", name="service", form=Form.GEMINI, base_url="http://127.0.0.1:9/v1"
    )
    config.change(replace(config.settings, text_px=20))
    assert Config(path).settings.services == (service,)
