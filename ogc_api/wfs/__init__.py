"""WFS 2.0.0 and 1.1.0, reading only, at ``/wfs``: for clients that know nothing newer than the OGC API's forerunner.

OGC 09-025r2 (ISO 19142), filters OGC 09-026r2 (ISO 19143), GML 3.2.1 (OGC 07-036); for 1.1.0 OGC 04-094, 04-095 and
GML 3.1.1. A request in XML becomes the key-value pairs that ask the same (`posted`), a filter the nodes of CQL2
(`filters`); rows come through the same query as those of ``/items``, so that the same audiences, limits and timeouts
hold. (django-gisserver is the library for WFS in Django; it reads models, where we read each audience's views, and
datasets, which have no model.)
"""
