"""The typeface of the maps, Be Vietnam Pro (SIL Open Font License 1.1), as whole TrueType files.

The front-end build writes them (``web/build/fonts.js``); Mapnik, print and the glyph PBFs all read these same files.
"""

from __future__ import annotations

from pathlib import Path

from gis_core.config import ROOT

FAMILY = "Be Vietnam Pro"
STYLES = ("Regular", "Medium", "SemiBold", "Italic")


class FontsMissing(RuntimeError):
    """The front end is not built, so there is no typeface."""


def font_name(style: str) -> str:
    """The face as styles, Mapnik and glyph addresses name it: ``Be Vietnam Pro Medium``."""
    return f"{FAMILY} {style}"


def font_faces(root: Path = ROOT) -> dict[str, Path]:
    """TrueType file of each face, by name. FontsMissing, saying what to run, where one is not there."""
    folder = root / "web" / "dist" / "fonts"
    faces = {font_name(style): folder / f"BeVietnamPro-{style}.ttf" for style in STYLES}
    missing = [path.name for path in faces.values() if not path.is_file()]
    if missing:
        raise FontsMissing(f"{', '.join(missing)} not in {folder}: run `huong prepare`")
    return faces


def font_files(root: Path = ROOT) -> list[Path]:
    """The TrueType files of all faces, for those who register files and let them say their names."""
    return list(font_faces(root).values())
