"""Zones of the urban plans: what may be built where, by which decision, since when."""
