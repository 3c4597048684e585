"""WMS 1.3.0 and 1.1.1 at ``/wms`` (OGC 06-042, OGC 01-068r3): maps, and what lies at a pixel of them.

What is drawn, in which styles and for whom is decided where tiles and the OGC API decide it; this room speaks the
protocol. Styles of the client's own (SLD, SLD_BODY, GetStyles) are refused by design: they would have the server draw
what no layer declares, from addresses that strangers name.
"""
