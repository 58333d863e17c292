"""A short soak of each screen; the long one is `python -m tests.benchmarks.soak`."""

from pathlib import Path

import pytest

from tests.app.soak import MODES, harmless, soak

KEYS, SEED = 50, 1


# PgUp and PgDn in a list that a small terminal leaves no line bring Textual's OptionList down (its _move_page).
_BREAKS = pytest.mark.xfail(reason="a list without a line breaks at PgUp and PgDn", strict=False)


@pytest.mark.parametrize("screen", [pytest.param(mode, marks=_BREAKS) if mode == "corpus" else mode for mode in MODES])
async def test_whatever_is_pressed(home: Path, screen: str) -> None:
    with harmless(home):
        found = await soak(screen, KEYS, SEED, MODES.index(screen) % 2 == 0, home)
    assert not found.wrong, str(found)
