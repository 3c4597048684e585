"""The same small maps drawn by MapLibre, Mapnik and QGIS, measured and laid side by side."""
