"""What a person sets once for all: `settings.toml` in the config folder. Nothing of it decides a run.

Imported by the app before its first picture: nothing heavy at the top.
"""

import tomllib
from dataclasses import dataclass, fields
from pathlib import Path

from lstm_tui import files, locations
from lstm_tui.errors import UserError


@dataclass(frozen=True)
class Settings:
    """The settings there are.

    Attributes:
        extra_corpora: more folders whose files and folders are listed as texts; `~` is the home folder, and
            a path that does not begin at the root begins at the folder of `settings.toml`.
    """

    extra_corpora: tuple[str, ...] = ()

    @property
    def folders(self) -> list[Path]:
        """The folders of `extra_corpora` as paths, each once."""
        found = [locations.config() / files.typed_path(name) for name in self.extra_corpora]
        return list(dict.fromkeys(found))


def read() -> Settings:
    """The settings on disk; the defaults where there is no file.

    Raises:
        UserError: where the file is no TOML, or something in it does not fit.
    """
    path = locations.settings()
    if not files.is_file(path):
        return Settings()
    try:
        values = tomllib.loads(files.read_bytes(path).decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UserError(f"{path} is not TOML: {error}.") from None
    except RecursionError:
        raise UserError(f"{path} is not TOML as a person writes it: it is nested too deeply.") from None
    known = [field.name for field in fields(Settings)]
    for name in values:
        if name not in known:
            raise UserError(f"{path}: there is no setting {name!r}; there is {', '.join(known)}.")
    listed = values.get("extra_corpora", [])
    if not isinstance(listed, list) or not all(isinstance(name, str) and name.strip() for name in listed):
        raise UserError(f'{path}: extra_corpora: expected a list of folders, such as ["~/texts"], not {listed!r}.')
    return Settings(tuple(listed))
