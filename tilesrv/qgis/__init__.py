"""The QGIS project of the city: every layer that a caller may see, styled and with its form, over a ground."""
