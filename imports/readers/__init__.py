"""Readers: each turns one format into the messages of `imports.frames`, in a process of its own.

None of them opens anything but the file it is given. GeoJSON is parsed as JSON and a GeoPackage as the SQLite database
that it is, each by a library that knows nothing else: a generic opener tries every format that it has, and so a
virtual file disguised as ``.geojson`` reads other files or the network through it.
"""
