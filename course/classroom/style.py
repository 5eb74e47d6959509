"""Colours, markers and numbers of all pictures, still and live. Nothing heavy is loaded."""

#: Dark enough on white; parts.css has the pairs for both themes.
BLUE, ORANGE, GREY = "#1f5fae", "#b84e00", "#5f6b7a"
#: Target -> colour and marker of its points.
TARGETS = {0: (BLUE, "o"), 1: (ORANGE, "^")}
OUTLINE = {"markeredgecolor": "white", "markeredgewidth": 0.8}


def in_digits(x: float) -> str:
    """A number for people to read: four digits, a true minus sign."""
    return f"{float(f'{x:.4g}'):g}".replace("-", "−")
