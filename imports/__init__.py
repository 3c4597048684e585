"""Files that become layers. Knows layers by their declaration alone (imports `gis_core` and no other room)."""
