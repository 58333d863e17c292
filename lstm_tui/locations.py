"""Where files live. `LSTM_TUI_HOME` moves everything below one folder (tests, shared disks)."""

import os
from pathlib import Path

import platformdirs

_NAME = "lstm-tui"


def _folder(kind: str, default: str) -> Path:
    home = os.environ.get("LSTM_TUI_HOME")
    return Path(home).expanduser().absolute() / kind if home else Path(default)


def data() -> Path:
    """Runs and the person's own texts."""
    return _folder("data", platformdirs.user_data_dir(_NAME, appauthor=False))


def config() -> Path:
    """`settings.toml` and the person's own recipes."""
    return _folder("config", platformdirs.user_config_dir(_NAME, appauthor=False))


def state() -> Path:
    """The log and the prompt history."""
    return _folder("state", platformdirs.user_state_dir(_NAME, appauthor=False))


def cache() -> Path:
    """What can be made again."""
    return _folder("cache", platformdirs.user_cache_dir(_NAME, appauthor=False))


def runs() -> Path:
    """One folder per run."""
    return data() / "runs"


def unpacked() -> Path:
    """The runs that were read from a zip."""
    return cache() / "unpacked"


def corpora() -> Path:
    """The texts that were added."""
    return data() / "corpora"


def settings() -> Path:
    """What a person sets once for all (TOML)."""
    return config() / "settings.toml"


def log() -> Path:
    """Where tracebacks and the noise of native libraries go."""
    return state() / "lstm-tui.log"
