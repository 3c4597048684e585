"""The style model: what a style may say, read from MapLibre style JSON, and what it means for a feature."""

from gis_core.styles.errors import StyleError
from gis_core.styles.model import MapStyle, StyleLayer, parse_layers, parse_text

__all__ = ["MapStyle", "StyleError", "StyleLayer", "parse_layers", "parse_text"]
