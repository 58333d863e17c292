"""Keys that come in one packet act as if they had been typed one after another.

Over a slow line a few keys arrive together. Textual hands each to the widget that has the focus, and the next at once,
while the first still waits in that widget's queue: what is typed right after the Enter that opens a field, after `/`,
or after the digit of another screen would go where the focus was, and there `x` deletes and `q` quits. So a key waits
here until what the one before it set off has been handled. A paste keeps its place among the keys; mouse and sizes do
not wait.

How that is seen: a callback goes the way that the key goes, from the widget up to the App, through the same queues and
right behind it. When it comes to the App, the key has been handled, its action too. It goes round once more, from
where the focus is by then, as long as messages wait anywhere on the screen, and after the first picture of a screen
that was not there before. Threads are not waited for, nor timers.

Other ways: to await the widget in `App.on_event` would wait for ever, as the App's own queue runs the key's action. To
ask every widget whether it is done, as the tests do, takes longer than many a key. A message that bubbles, in place of
the callback, is lost where the key closes a dialog. Of Textual's private names this needs none.

It knows neither screens nor what a key does.
"""

from collections import deque
from collections.abc import Sequence
from typing import Any

from textual import events
from textual.app import App
from textual.message_pump import MessagePump
from textual.screen import Screen

# Where no other waits, a key is followed a little later, when the picture of what it did is drawn.
_TICK_SECONDS = 0.02
# A handler that waits for something else, such as an answer, holds the next key for no longer than so many ticks. They
# are counted: while a module is imported the loop stands still, and a key must not come too early for that.
_TICKS = 8
# Nor do messages that never end.
_ROUNDS = 10

Typed = events.Key | events.Paste


class OneAtATimeApp(App[None]):
    """See the module.

    Attributes:
        held: the keys whose turn has not come.
    """

    def __init__(self, ansi_color: bool | None = None) -> None:
        super().__init__(ansi_color=ansi_color)
        self.held: deque[Typed] = deque()
        self._handled: Typed | None = None  # the one that was dispatched last, until all it set off is done
        self._way: Sequence[MessagePump] = ()  # what it passes, until it is followed there
        self._shown: Screen[Any] | None = None
        self._rounds = self._ticks = 0

    def on_mount(self) -> None:
        self._ticker = self.set_interval(_TICK_SECONDS, self._tick, pause=True)

    async def on_event(self, event: events.Event) -> None:
        if not isinstance(event, Typed) or event.is_forwarded:
            await super().on_event(event)
            return
        self.held.append(event)
        if self._handled is None:
            await self._next()
        else:
            self._set_out()

    async def _next(self) -> None:
        """Let those whose turn it is go, up to the first that must be followed."""
        self._handled = None
        while self.held and self._handled is None:
            await self._dispatch(self.held.popleft())
        if self._handled is None:
            self._ticker.pause()
        elif self.held:
            self._set_out()

    async def _dispatch(self, event: Typed) -> None:
        """Let Textual hand it to the widget that has the focus. What a field takes as text sets nothing off that the
        next could miss."""
        screen, field = self.screen, self.focused
        text = isinstance(event, events.Key) and field and field.check_consume_key(event.key, event.character)
        await super().on_event(event)
        if not text:
            self._handled, self._shown, self._rounds, self._ticks = event, screen, 0, 0
            self._way = (self.focused or screen).ancestors_with_self
            self._ticker.reset()

    async def _tick(self) -> None:
        self._set_out()
        self._ticks += 1
        if self._ticks == _TICKS:
            await self._next()

    def _set_out(self) -> None:
        """Follow the last one, where that has not begun."""
        way, self._way = self._way, ()
        self._follow(self._handled, way)

    def _follow(self, event: Typed | None, way: Sequence[MessagePump]) -> None:
        """Go on to the next on the way, the App at last; what has closed since takes no callback and is passed over."""
        for place, pump in enumerate(way, 1):
            if pump.call_later(self._follow if place < len(way) else self._come, event, way[place:]):
                break

    async def _come(self, event: Typed, _: object) -> None:
        """At the App: go round once more, or let the next have its turn."""
        if event is not self._handled:  # it took too long
            return
        screen, self._shown = self._shown, self.screen
        way = (self.focused or self.screen).ancestors_with_self
        self._rounds += 1
        if self.screen is not screen:
            self.screen.call_after_refresh(self._follow, event, way)
        elif self._rounds < _ROUNDS and any(it.message_queue_size for it in (*way, *self.screen.walk_children())):
            self._follow(event, way)
        else:
            await self._next()
