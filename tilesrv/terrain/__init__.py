"""Elevations as tiles: heights for whoever shades them himself, and shaded relief as pictures."""
