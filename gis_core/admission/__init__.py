"""Who is answered when: what stands between the server and the threads of the ``web`` process.

One address, or one dear kind of request, must never take the answers of everybody else. So work waits for its turn in
an event loop, where waiting costs nothing (`turns`), in lanes that do not share threads (`lanes`), and ends when the
one who asked has left (`gis_core.asking`, `bridge`).
"""
