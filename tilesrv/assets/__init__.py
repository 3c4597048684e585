"""What a map is drawn with besides data: fonts, glyphs, icons."""

from pathlib import Path

ICONS = Path(__file__).parent / "icons"
ICON_PX = 24.0  # of an icon
FRAMED_PX = 30.0  # of an icon with the frame that the sprite gives it
