"""Settings: where they come from, who wins, and what is said about those that cannot be."""

from pathlib import Path

import pytest

from gateway.settings import TABLE, Settings, SettingsError, load_settings


def written(folder: Path, text: str) -> Path:
    path = folder / "city.toml"
    path.write_text(text)
    return path


def test_a_bare_start_has_every_default() -> None:
    assert load_settings(environment={}) == Settings()


def test_a_flag_wins_over_the_environment_and_that_over_the_file(tmp_path: Path) -> None:
    file = written(tmp_path, "[http]\nport = 1001\n[live]\nport = 1002\n[ray]\ncells = 5\n")
    environment = {"YUNPARKING_HTTP_PORT": "2001", "YUNPARKING_LIVE_PORT": "2002"}
    settings = load_settings(file, environment, {"http.port": 3001})
    assert (settings.http.port, settings.live.port, settings.ray.cells) == (3001, 2002, 5)


def test_the_environment_may_name_the_file(tmp_path: Path) -> None:
    file = written(tmp_path, 'world = "shenzhen"\n[replay]\nenabled = false\nspeed = 2\n')
    settings = load_settings(environment={"YUNPARKING_CONFIG": str(file), "PATH": "/bin"})
    assert (settings.world, settings.replay.enabled, settings.replay.speed) == ("shenzhen", False, 2.0)


@pytest.mark.parametrize(
    ("text", "nearest"),
    [
        ("[http]\nprot = 1\n", "http.port"),
        ("[databse]\nurl = 'x'\n", "database.url"),
        ("wrold = 'x'\n", "world"),
        ("[broker]\nmax_frame = 1\n", "broker.max_frame_bytes"),
    ],
)
def test_an_unknown_key_names_the_nearest_known_one(tmp_path: Path, text: str, nearest: str) -> None:
    with pytest.raises(SettingsError, match=f"Did you mean {nearest}"):
        load_settings(written(tmp_path, text), {})


def test_an_unknown_variable_names_the_nearest_known_one() -> None:
    with pytest.raises(SettingsError, match=r"YUNPARKING_HTP_PORT.*Did you mean YUNPARKING_HTTP_PORT"):
        load_settings(environment={"YUNPARKING_HTP_PORT": "1"})
    with pytest.raises(SettingsError, match=r"Did you mean http\.host"):
        load_settings(environment={}, flags={"http.hots": "x"})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[http]\nport = 'eighty'\n", "http.port is 'eighty'; allowed: whole number from 0 to 65535"),
        ("[http]\nport = 70000\n", "allowed: whole number from 0 to 65535"),
        ("[replay]\nenabled = 'yes'\n", "allowed: true or false"),
        ("[placement]\nbay = 'alone'\n", "allowed: packed or dedicated"),
        ("[ray]\ncells = 0\n", "allowed: whole number from 1"),
        ("http = 8080\n", "http is a section"),
        ("world = \n", "not a TOML file"),
    ],
)
def test_a_wrong_value_says_what_would_be_right(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        load_settings(written(tmp_path, text), {})


@pytest.mark.parametrize("url", ["parking", "mysql://a:secret@b/c", "http://postgresql://"])
def test_another_address_than_of_postgresql_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(SettingsError, match=r"database\.url is an address such as postgresql://") as refused:
        load_settings(environment={"YUNPARKING_DATABASE_URL": url})
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    "url", ["", "postgres://b/c", "postgresql://a:s@b:1/c?sslmode=require", "postgresql+asyncpg://b/c"]
)
def test_each_form_of_the_address_of_a_postgresql_is_taken(url: str) -> None:
    assert load_settings(environment={"YUNPARKING_DATABASE_URL": url}).database.url == url


def test_a_named_file_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="no settings file"):
        load_settings(tmp_path / "none.toml", {})


def test_a_child_gets_the_same_settings_through_its_environment(tmp_path: Path) -> None:
    file = written(tmp_path, "[placement]\nbay = 'dedicated'\n[replay]\nspeed = 1.5\nenabled = false\n")
    settings = load_settings(file, {}, {"data_dir": str(tmp_path), "database.url": "postgresql://a:b@c/d"})
    assert load_settings(environment=settings.environment()) == settings
    assert settings.placement.dedicated() == ["bay"]


def test_every_setting_is_described_and_has_a_variable_of_its_own() -> None:
    assert all(entry.meaning and entry.allowed for entry in TABLE)
    assert len({entry.variable for entry in TABLE}) == len(TABLE)
