"""How busy the device and the processor are. Every figure may be absent on its own: n/a."""

from typing import TYPE_CHECKING

from rich.text import Text

from lstm_tui.app.widgets.glyphs import bar
from lstm_tui.app.widgets.panel import Row

if TYPE_CHECKING:
    from lstm_tui.devices import CpuFigures, GpuFigures

    Measured = tuple[GpuFigures | None, CpuFigures]

_BAR_WIDTH = 8


def measure(device: str) -> "Measured":
    """The figures now; for a thread, since the first call loads NVIDIA's library."""
    from lstm_tui import devices

    return devices.gpu_figures(device), devices.cpu_figures()


def gpu_rows(figures: "GpuFigures", live: str) -> list[Row]:
    total = figures.memory_total
    heat = "n/a" if figures.temperature is None else f"{figures.temperature:.0f} C"
    power = "n/a" if figures.power is None else f"{figures.power:.0f} W"
    return [
        ("use", percent(figures.use, live)),
        ("mine", memory(figures.memory_mine)),
        ("others", f"{memory(figures.memory_others, unit=False)}/{memory(total)}"),
        (heat, power),
    ]


def cpu_rows(figures: "CpuFigures", live: str) -> list[Row]:
    return [
        ("use", percent(figures.use, live)),
        ("mine", f"{_number(figures.use_mine)} %  {memory(figures.memory_mine)}"),
        ("memory", f"{memory(figures.memory_used, unit=False)}/{memory(figures.memory_total)}"),
    ]


def _number(value: float | None) -> str:
    return "n/a" if value is None else f"{value:.0f}"


def percent(value: float | None, live: str) -> Text:
    """A bar and its number."""
    if value is None:
        return Text("n/a")
    full, empty = bar(value / 100, _BAR_WIDTH)
    return Text.assemble((full, live), (empty, "dim"), f" {value:3.0f} %")


def memory(count: float | None, unit: bool = True) -> str:
    """Bytes in G with one digit."""
    return "n/a" if count is None else f"{count / 2**30:.1f}{' G' if unit else ''}"
