"""Elevations: files of heights become the city's height model (`gis_core.terrain`)."""
