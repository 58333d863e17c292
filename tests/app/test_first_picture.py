"""The first picture stands before anything heavy is imported."""

import subprocess
import sys
from pathlib import Path

_PROGRAM = """
import asyncio, sys
from lstm_tui.app.app import LstmTui

HEAVY = {"torch", "numpy", "pydantic", "cyclopts", "requests", "pooch", "ftfy", "charset_normalizer"}
found = []

def first_picture_shown(app):
    text = app.screen.query_one("#beginning").text
    found.append((sorted(HEAVY & set(sys.modules)), app.screen.query_one("#texts").option_count, len(text)))
    app.exit()

LstmTui.first_picture_shown = first_picture_shown

async def main():
    async with LstmTui().run_test(size=(80, 24)) as pilot:
        while not found:
            await pilot.pause(0.01)

asyncio.run(main())
heavy, options, preview = found[0]
assert not heavy, heavy
assert options >= 6 and preview > 1000, (options, preview)
"""


def test_list_and_preview_come_without_anything_heavy(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM],
        env={"LSTM_TUI_HOME": str(tmp_path), "PATH": ""},
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert done.returncode == 0, done.stderr
