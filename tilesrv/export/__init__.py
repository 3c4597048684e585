"""Layers as one file for use without a city behind it: PMTiles and MBTiles."""
