"""The names of CRSs in protocols, for whoever needs the names alone: no PROJ."""

EPSG_URI = "http://www.opengis.net/def/crs/EPSG/0/"
CRS84_URI = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
