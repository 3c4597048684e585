"""Field reports: what citizens tell the city about a place. Who told it is kept apart."""
