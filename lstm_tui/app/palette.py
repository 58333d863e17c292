"""What the palette finds: a command by its name, and by the words that say what it does."""

from textual.command import Hit, Hits
from textual.system_commands import SystemCommandsProvider


class Commands(SystemCommandsProvider):
    """The app's commands; Textual's own search looks at their names alone."""

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for name, about, callback, *_ in self.app.get_system_commands(self.screen):
            # The name weighs more.
            score = matcher.match(name) or matcher.match(f"{name}: {about}") / 2
            if score > 0:
                yield Hit(score, matcher.highlight(name), callback, text=name, help=about)
