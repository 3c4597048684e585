"""Namespaces of XML that several documents of this room are written in."""

SE = "http://www.opengis.net/se"
SLD = "http://www.opengis.net/sld"
XLINK = "http://www.w3.org/1999/xlink"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
