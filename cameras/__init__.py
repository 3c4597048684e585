"""Cameras: where they stand, what they see, for which purpose. How to reach them is kept apart."""
