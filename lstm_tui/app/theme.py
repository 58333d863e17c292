"""The colours: one calm for structure, one for what is live, one for what is wrong; on dark, on light, and the
terminal's own.

`app.theme_variables` has them by name for Rich; style sheets have them as `$accent`, `$quiet`, `$structure`.
"""

from collections.abc import Mapping

from textual.theme import Theme


def _theme(
    name: str,
    *,
    background: str,
    foreground: str,
    panel: str,
    primary: str,
    accent: str,
    error: str,
    structure: str,
    quiet: str,
    cursor: tuple[str, str],
    cursor_blurred: tuple[str, str],
    bar: str,
    dark: bool = True,
    ansi: bool = False,
) -> Theme:
    """A whole theme of a few colours; each cursor is a background and a foreground."""
    return Theme(
        name=name,
        primary=primary,
        secondary=primary,
        accent=accent,
        warning=accent,
        error=error,
        success=primary,
        foreground=foreground,
        background=background,
        surface=background,
        panel=panel,
        dark=dark,
        ansi=ansi,
        variables={
            "structure": structure,
            "quiet": quiet,
            "border": primary,
            "border-blurred": structure,
            "footer-background": background,
            "footer-key-foreground": accent,
            "footer-key-background": background,
            "footer-description-foreground": quiet,
            "footer-description-background": background,
            "footer-item-background": background,
            "block-cursor-background": cursor[0],
            "block-cursor-foreground": cursor[1],
            "block-cursor-text-style": "bold",
            "block-cursor-blurred-background": cursor_blurred[0],
            "block-cursor-blurred-foreground": cursor_blurred[1],
            "block-cursor-blurred-text-style": "none",
            "scrollbar": bar,
            "scrollbar-hover": structure,
            "scrollbar-active": primary,
            "scrollbar-background": background,
            "scrollbar-background-hover": background,
            "scrollbar-background-active": background,
            "scrollbar-corner-color": background,
            # What Textual draws on in the terminal's own colours: toasts, tooltips.
            "ansi-background": background,
            "ansi-foreground": foreground,
        },
    )


_OWN = "ansi_default"
THEME = _theme(
    "lstm-tui",
    background="#12161c",
    foreground="#d6dce4",
    panel="#1d242e",
    primary="#7aa7d0",
    accent="#e6b566",
    error="#e5727c",
    structure="#43607d",
    quiet="#8f9cab",
    cursor=("#2b445f", "#f2f5f8"),
    cursor_blurred=("#212b37", "#d6dce4"),
    bar="#2b3b4d",
)
LIGHT = _theme(
    "lstm-tui-light",
    background="#f8f6f1",
    foreground="#20262e",
    panel="#e9e5db",
    primary="#285f96",
    accent="#8f5200",
    error="#b0243a",
    structure="#93a9bf",
    quiet="#59636f",
    cursor=("#c9ddf0", "#0e1318"),
    cursor_blurred=("#e3e1da", "#20262e"),
    bar="#c3ccd5",
    dark=False,
)
# Of the terminal's colours, its bright ones are told apart from its ground least surely: no text that matters has them.
# On the grounds of the cursors, text of any of the other colours can be read.
ANSI_DARK = _theme(
    "ansi-dark",
    background=_OWN,
    foreground=_OWN,
    panel=_OWN,
    primary="ansi_cyan",
    accent="ansi_yellow",
    error="ansi_red",
    structure="ansi_blue",
    quiet="ansi_white",
    cursor=("ansi_blue", "ansi_bright_white"),
    cursor_blurred=("ansi_bright_black", _OWN),
    bar="ansi_blue",
    ansi=True,
)
ANSI_LIGHT = _theme(
    "ansi-light",
    background=_OWN,
    foreground=_OWN,
    panel=_OWN,
    primary="ansi_blue",
    accent="ansi_magenta",
    error="ansi_red",
    structure="ansi_cyan",
    quiet="ansi_black",
    cursor=("ansi_cyan", "ansi_black"),
    cursor_blurred=("ansi_white", "ansi_black"),
    bar="ansi_cyan",
    dark=False,
    ansi=True,
)
NO_COLOUR = _theme(
    "no-colour",
    background=_OWN,
    foreground=_OWN,
    panel=_OWN,
    primary=_OWN,
    accent=_OWN,
    error=_OWN,
    structure=_OWN,
    quiet=_OWN,
    cursor=(_OWN, _OWN),
    cursor_blurred=(_OWN, _OWN),
    bar=_OWN,
    ansi=True,
)
"""Where `NO_COLOR` is set: bold and reversed text tell what colours tell elsewhere (the style sheet says where)."""

THEMES = (THEME, LIGHT, ANSI_DARK, ANSI_LIGHT)
"""Those to choose from."""
ABOUT = {
    THEME.name: "Blue and amber on dark",
    LIGHT.name: "Blue and brown on light",
    ANSI_DARK.name: "The terminal's own colours, where its ground is dark",
    ANSI_LIGHT.name: "The terminal's own colours, where its ground is light",
}


def for_rich(variables: Mapping[str, str]) -> dict[str, str]:
    """A theme's variables as Rich calls them: `ansi_blue` is its `blue`, `ansi_default` its `default`."""
    return {name: value.removeprefix("ansi_") for name, value in variables.items()}
