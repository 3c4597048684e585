"""Pictures of the map: styles compiled to Mapnik, drawn by processes of their own."""
