"""WMTS 1.0.0 at ``/wmts`` (OGC 07-057r7), by key-value pairs and by addresses: the picture tiles of every layer.

In WebMercatorQuad they are the very pictures of ``/tiles/{name}/{z}/{x}/{y}.png``; in the grid of VN-2000 they are
drawn in that projection.
"""
