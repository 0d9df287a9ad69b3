"""The figures of the experiment, for a page or a paper: SVG, and PNG at print size.

Every figure can be read in grey: colours differ in lightness, and each model has a marker.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from reference_experiment.data import ALL_FOUR, STORY
from reference_experiment.evaluate import ALONE, FEW_SHOT, PATTERNS

STYLE: Final[dict[Any, Any]] = {
    "font.size": 8,
    "font.family": "DejaVu Sans",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 9,
    "axes.titlelocation": "left",
    "legend.frameon": False,
    "figure.constrained_layout.use": True,
    "savefig.dpi": 300,
    "svg.hashsalt": "pytest-slm-autopsy",  # the same figure, the same bytes
}
WIDTH: Final = 6.5
"""Inches: the text width of a page."""
LOOK: Final = {
    PATTERNS: ("#b8b8b8", "s"),
    ALONE: ("#9ecae1", "v"),
    FEW_SHOT: ("#74a9cf", "^"),
    "narrow": ("#b2182b", "o"),
    "hardened": ("#08306b", "D"),
    "cured": ("#238b45", "P"),
}
"""Colour and marker of each model."""
AXES_LOOK: Final = dict(
    zip(
        STORY, (("#08306b", "o"), ("#b2182b", "D"), ("#fdae61", "s"), ("#74a9cf", "^")), strict=True
    )
)
CONDITIONS: Final = ("canonical", *STORY, ALL_FOUR)

Drawing = Callable[[Mapping[str, Any]], Figure]


def draw(
    models: Mapping[str, Any],
    diagnosis: Mapping[str, Any] | None,
    won_back: Mapping[str, Any] | None,
    folder: Path,
) -> None:
    """Draw every figure that there are numbers for into a folder, as SVG and as PNG.

    Args:
        models: the models of ``results.json``.
        diagnosis: the diagnosis of the narrow adapter, if it was made.
        won_back: what the cure wins back, if it was tried.
        folder: where the figures go; made where it is missing.
    """
    folder.mkdir(parents=True, exist_ok=True)
    inner = (diagnosis or {}).get("inner") or {}
    data = {"models": models, "diagnosis": diagnosis, "cure": won_back}
    known = data | {"attention": inner.get("attention"), "patched": inner.get("patched")}
    with mpl.rc_context(STYLE):
        for name, (needed, drawing) in FIGURES.items():
            if not known[needed]:
                continue
            figure = drawing(data)
            for kind, facts in (("svg", {"Date": None}), ("png", {"Software": None})):
                figure.savefig(folder / f"{name}.{kind}", metadata=facts)


def accuracy(data: Mapping[str, Any]) -> Figure:
    """Draw the exact match of every model under each condition."""
    figure, axes = _canvas(2.9)
    models = [name for name in LOOK if name in data["models"]]
    for place, name in enumerate(models):
        rows = data["models"][name]["conditions"]
        shift = (place - (len(models) - 1) / 2) * 0.11
        for number, condition in enumerate(CONDITIONS):
            if condition in rows:
                label = name if number == 0 else None
                _dot(axes, number + shift, rows[condition]["exact_match"], LOOK[name], label)
    axes.set_xticks(range(len(CONDITIONS)), CONDITIONS)
    axes.set(ylim=(-0.03, 1.03), ylabel="exact match",
             title="The same invoices, written otherwise")  # fmt: skip
    for number in range(1, len(CONDITIONS)):
        axes.axvline(number - 0.5, color="#e4e4e4", linewidth=0.6, zorder=0)
    figure.legend(loc="outside lower center", ncols=len(models), handletextpad=0.2)
    return figure


def confidence(data: Mapping[str, Any]) -> Figure:
    """Draw what each adapter's confidence says, and how often it is right, by condition."""
    figure, axes = _canvas(3.2, width=3.6)
    axes.plot([0, 1], [0, 1], color="#a0a0a0", linewidth=0.8, linestyle="--", zorder=0)
    for name in ("narrow", "hardened"):
        rows = data["models"][name]["conditions"].values()
        colour, marker = LOOK[name]
        told = [row for row in rows if row["ece"]]
        sure = [row["confidence"] for row in told]
        right = [row["exact_match"]["value"] for row in told]
        axes.scatter(sure, right, color=colour, marker=marker, s=16, label=name)
    axes.set(xlim=(0, 1.02), ylim=(-0.03, 1.03), xlabel="mean confidence", ylabel="exact match",
             title="It is not uncertain. It is wrong.")  # fmt: skip
    axes.legend(loc="center left")
    return figure


def causes(data: Mapping[str, Any]) -> Figure:
    """Draw the share of the narrow adapter's loss that each axis has."""
    shares = data["diagnosis"]["shares"]["shares"]
    figure, axes = _canvas(0.35 * len(shares) + 0.9, width=4.5)
    for place, share in enumerate(reversed(shares)):
        cost = share["cost"]
        low, high = cost["interval"]
        axes.barh(place, cost["value"], height=0.6, color=LOOK["narrow"][0])
        axes.plot([low, high], [place, place], color="black", linewidth=1)
    axes.set_yticks(range(len(shares)), [share["axis"] for share in reversed(shares)])
    axes.set(xlabel="accuracy that the axis costs (Shapley value, 95 %)", title="What kills narrow")
    return figure


def doses(data: Mapping[str, Any]) -> Figure:
    """Draw the accuracy of the narrow adapter against the severity of each axis alone."""
    figure, axes = _canvas(2.7, width=4.5)
    for dose in data["diagnosis"]["doses"]:
        colour, marker = AXES_LOOK[dose["axis"]]
        points = [(0.0, data["diagnosis"]["reference"])]
        points += zip(dose["severities"], dose["accuracy"], strict=True)
        axes.plot([at for at, _ in points], [one["value"] for _, one in points], color=colour)
        for at, one in points:
            _dot(axes, at, one, (colour, marker), dose["axis"] if at == 0 else None)
    axes.set(ylim=(-0.03, 1.03), xlabel="severity of the axis", ylabel="exact match",
             title="How little is enough")  # fmt: skip
    figure.legend(loc="outside right center")
    return figure


def attention(data: Mapping[str, Any]) -> Figure:
    """Draw where the narrow adapter looks while it writes a value, with and without the shift."""
    sides = data["diagnosis"]["inner"]["attention"]
    names = [_place(share, "attention on ") for share in sides[0]["shares"]]
    figure, axes = _canvas(2.7, width=4.8)
    for row, side in enumerate(sides):
        colour, hatch = (("#74a9cf", ""), ("#b2182b", "///"))[row]
        places = [place + 0.2 - 0.4 * row for place in range(len(names))]
        values = [share["value"] for share in reversed(side["shares"])]
        axes.barh(places, values, height=0.38, color=colour, hatch=hatch, edgecolor="white",
                  label=side["condition"])  # fmt: skip
    axes.set_yticks(range(len(names)), names[::-1])
    axes.set(xlabel="share of attention, all heads", title="Where it looks while it writes a value")
    axes.legend()
    return figure


def patching(data: Mapping[str, Any]) -> Figure:
    """Draw how much of the answer returns when one place's activations are those of the twin."""
    patched = data["diagnosis"]["inner"]["patched"]
    values = [[one["value"] for one in layer] for layer in patched["recovery"]]
    figure, axes = _canvas(0.22 * len(values) + 1.6, width=4.8)
    image = axes.imshow(values, cmap="Greys", aspect="auto", vmin=0, vmax=1)
    for row, layer in enumerate(values):
        for column, value in enumerate(layer):
            axes.text(column, row, f"{value:.2f}", ha="center", va="center", fontsize=6,
                      color="white" if value > 0.6 else "black")  # fmt: skip
    axes.set_xticks(range(len(patched["groups"])), patched["groups"], rotation=25, ha="right")
    layers = [_place(layer[0], "").split(",")[0] for layer in patched["recovery"]]
    axes.set_yticks(range(len(layers)), layers)
    axes.set(title="What gives the right answer back, patched in")
    figure.colorbar(image, label="share of the logit difference")
    return figure


def cure(data: Mapping[str, Any]) -> Figure:
    """Draw the accuracy before and after training by the prescription."""
    figure, axes = _canvas(2.4, width=4.5)
    for place, row in enumerate(data["cure"].values()):
        ends = (row["narrow"], row["cured"])
        axes.plot([place, place], ends, color="#c0c0c0", linewidth=2, zorder=0)
        for side, value in zip(("narrow", "cured"), ends, strict=True):
            colour, marker = LOOK[side]
            axes.scatter(place, value, color=colour, marker=marker, s=24,
                         label=side if place == 0 else None)  # fmt: skip
    axes.set_xticks(range(len(data["cure"])), data["cure"])
    axes.set(ylim=(-0.03, 1.03), ylabel="exact match", title="The prescription, taken")
    axes.legend(loc="center left")
    return figure


def _canvas(height: float, width: float = WIDTH) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(width, height))
    return figure, figure.subplots()


def _dot(
    axes: Axes, at: float, number: Mapping[str, Any], look: tuple[str, str], label: str | None
) -> None:
    colour, marker = look
    axes.plot([at, at], number["interval"], color=colour, linewidth=1)
    axes.scatter(at, number["value"], color=colour, marker=marker, s=16, label=label, zorder=3)


def _place(measurement: Mapping[str, Any], before: str) -> str:
    return str(measurement["name"]).removeprefix(before)


FIGURES: Final[Mapping[str, tuple[str, Drawing]]] = {
    "accuracy": ("models", accuracy),
    "confidence": ("models", confidence),
    "causes": ("diagnosis", causes),
    "dose-response": ("diagnosis", doses),
    "attention": ("attention", attention),
    "patching": ("patched", patching),
    "cure": ("cure", cure),
}
"""Every figure by the name of its file: what it needs, and what draws it."""


def names() -> Sequence[str]:
    """Return the names of the files that ``draw`` writes where there is all that they need."""
    return [f"{name}.{kind}" for name in FIGURES for kind in ("svg", "png")]
