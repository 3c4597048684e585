"""Dams and reservoirs of the Hương basin, with what is known of them and what is not."""
