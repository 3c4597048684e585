"""Sensors: stations and what they watch."""
