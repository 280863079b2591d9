"""Everyday names for colours."""

import colorsys

# Upper ends of hue ranges in degrees.
_HUES = (
    (15, "red"), (42, "orange"), (68, "yellow"), (165, "green"), (195, "teal"), (255, "blue"),
    (290, "purple"), (340, "pink"), (360, "red"),
)  # fmt: skip


def colour_name(red: int, green: int, blue: int) -> str:
    """Name a colour, 0 to 255 a channel, with an everyday English word."""
    hue, saturation, value = colorsys.rgb_to_hsv(red / 255, green / 255, blue / 255)
    degrees = hue * 360
    if value < 0.16:
        return "black"
    if saturation < 0.13:
        return "white" if value > 0.88 else "grey"
    if value < 0.65 and degrees < 45 and saturation > 0.25:
        return "brown"
    return next(name for end, name in _HUES if degrees <= end)
