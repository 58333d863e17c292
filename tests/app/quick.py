"""What makes a test of the app cost less than the app: waiting, style sheets, pictures.

Nothing of what is tested is left out: a key is done when what follows from it is done, a style sheet is parsed once for
all apps of a process, and the screen is drawn when a test looks at it, since there is no terminal to draw it on.
"""

import asyncio
import contextlib
import time
from typing import Any
from weakref import WeakKeyDictionary

import pytest
from textual._compositor import Compositor
from textual._context import NoActiveAppError, active_app, visible_screen_stack
from textual.app import App
from textual.css.stylesheet import Stylesheet
from textual.message_pump import MessagePump
from textual.screen import Screen
from textual.widget import Widget

_PICTURES: WeakKeyDictionary[App[Any], str] = WeakKeyDictionary()
_RULES: dict[object, Any] = {}


def in_tests(patch: pytest.MonkeyPatch) -> None:
    """Put the quick ways in Textual's place."""
    for module in ("app", "pilot"):
        patch.setattr(f"textual.{module}.wait_for_idle", quiet)
    patch.setattr(App, "_display", _drawn)
    patch.setattr(Widget, "refresh", _refreshed)
    patch.setattr(Compositor, "render_update", _not_drawn)
    patch.setattr(Stylesheet, "_parse_rules", _parsed_once)


def shown(app: App[None]) -> str:
    """The screen as a person sees it, without its colours. Put together once for each time that it would be drawn."""
    if app not in _PICTURES or App._display is not _drawn:  # a script outside the tests draws for itself
        lines = app.screen._compositor.render_strips()
        _PICTURES[app] = "\n".join("".join(segment.text for segment in line) for line in lines)
    return _PICTURES[app]


def _drawn(_app: App[None], *_: object) -> None:
    """Stands in for the writing to a terminal: what was shown is not any more."""
    _PICTURES.clear()


_refresh = Widget.refresh


def _refreshed(widget: Widget, *of: Any, **more: Any) -> Widget:
    """Nor is it where a widget is about to be drawn."""
    _PICTURES.clear()
    return _refresh(widget, *of, **more)


draws = Compositor.render_update


def _not_drawn(compositor: Compositor, full: bool = False, **more: Any) -> object:
    """There is no terminal that would be sent what is new; a whole picture, as for a snapshot, is drawn."""
    if full:
        return draws(compositor, full, **more)
    visible_screen_stack.set(more.get("screen_stack") or [])
    compositor._dirty_regions.clear()
    return None


_parse = Stylesheet._parse_rules


def _parsed_once(sheet: Stylesheet, *of: Any, **more: Any) -> Any:
    """Each app has the same style sheets, and parses them for tens of milliseconds."""
    key = (of, tuple(more.items()), tuple(sheet._variables.items()))
    if key not in _RULES:
        _RULES[key] = _parse(sheet, *of, **more)
    return _RULES[key]


async def quiet(_min_sleep: float = 0.0, max_sleep: float = 1.0) -> None:
    """Let the app run until no message waits, none is being handled, and nothing is left to be drawn.

    Textual's own way is to watch the process's clock until next to nothing is computed. That takes at least 40 ms for a
    key, and up to two seconds beside a thread that works, which it does not wait for anyway.
    """
    try:
        app: App[object] = active_app.get()
    except (LookupError, NoActiveAppError):
        await asyncio.sleep(0)
        return
    end, calm = time.monotonic() + max_sleep, 0
    while calm < 2 and app.is_running and not app._exit and time.monotonic() < end:
        nodes = _nodes(app)
        await _handled(nodes, end - time.monotonic())
        _draw(app)
        await asyncio.sleep(0)
        calm = calm + 1 if all(node._message_queue.empty() for node in nodes) and not _waiting(app) else 0


def _nodes(app: App[object]) -> list[MessagePump]:
    with contextlib.suppress(Exception):  # it is closing, and has no screen any more
        return [app, *app.screen_stack, *app.screen.walk_children()]
    return [app]


async def _handled(nodes: list[MessagePump], seconds: float) -> None:
    """Every one of them has come to an end with what it is doing now."""
    event, left = asyncio.Event(), 0

    def one() -> None:
        nonlocal left
        left -= 1
        if left == 0:
            event.set()

    left = sum(node.call_later(one) for node in nodes)
    if left:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(event.wait(), max(0.01, min(seconds, 0.5)))


def _draw(app: App[object]) -> None:
    """What a screen does sixty times a second: draw, and then call what waits for that."""
    with contextlib.suppress(Exception):
        app.screen._on_timer_update()


def _waiting(app: App[object]) -> bool:
    screen: Screen[object] = app.screen
    return bool(screen._callbacks or screen._dirty_widgets or getattr(app, "held", ()))
