"""Maps on paper: a PDF at a stated scale, the map as vectors, with everything that a sheet must say of itself."""
