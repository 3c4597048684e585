"""Formats that are not read: which one a file is of, and how its maker gets it into one that is."""

from __future__ import annotations

from dataclasses import dataclass

from gis_core.words import Text

BY_QGIS = Text(
    "Mở tệp trong QGIS, chọn Export → Save Features As… → GeoPackage, rồi nhập tệp đó",
    "Open it in QGIS, choose Export → Save Features As… → GeoPackage, and import that",
)
BY_TABLE = Text(
    "Bảng cần cột tọa độ: trong QGIS chọn Layer → Add Delimited Text Layer, rồi xuất ra GeoPackage",
    "A table needs columns of coordinates: in QGIS choose Layer → Add Delimited Text Layer, then export a GeoPackage",
)
BY_TERRAIN = Text("Mô hình độ cao nhập bằng: huong terrain", "Height models are imported by: huong terrain")
UNPACK = Text("Giải nén rồi nhập tệp bên trong", "Unpack it and import the file inside")
GEOREFERENCE = Text(
    "Đây là ảnh hoặc bản in, không có đối tượng. Hãy số hóa nó trong QGIS",
    "It is a picture or a print and has no features. Digitize it in QGIS",
)


@dataclass(frozen=True)
class Other:
    """A format by name; ``starts`` are first bytes of its files, ``ends`` what their names end with."""

    name: str
    starts: tuple[bytes, ...]
    ends: tuple[str, ...]
    way: Text


OTHERS = (
    Other("Shapefile", (b"\x00\x00\x27\x0a",), (".shp", ".dbf", ".shx"), BY_QGIS),
    Other("FlatGeobuf", (b"fgb\x03",), (".fgb",), BY_QGIS),
    Other("GeoParquet", (b"PAR1",), (".parquet", ".geoparquet"), BY_QGIS),
    Other("KML", (), (".kml",), BY_QGIS),
    Other("KMZ", (), (".kmz",), BY_QGIS),
    Other("GPX", (), (".gpx",), BY_QGIS),
    Other("GML", (), (".gml",), BY_QGIS),
    Other("DXF", (), (".dxf",), BY_QGIS),
    Other(
        "DWG",
        (b"AC10",),
        (".dwg",),
        Text(
            "Trong AutoCAD lưu thành DXF, mở DXF trong QGIS và xuất ra GeoPackage",
            "Save it as DXF in AutoCAD, open that in QGIS and export a GeoPackage",
        ),
    ),
    Other("DGN", (), (".dgn",), BY_QGIS),
    Other("MapInfo", (), (".tab", ".mif", ".mid"), BY_QGIS),
    Other("Excel", (b"\xd0\xcf\x11\xe0",), (".xlsx", ".xls", ".ods"), BY_TABLE),
    Other("CSV", (), (".csv", ".tsv", ".txt"), BY_TABLE),
    Other("TIFF", (b"II*\x00", b"MM\x00*", b"II+\x00"), (".tif", ".tiff", ".hgt"), BY_TERRAIN),
    Other("PDF", (b"%PDF",), (".pdf",), GEOREFERENCE),
    Other("PNG, JPEG", (b"\x89PNG", b"\xff\xd8\xff"), (".png", ".jpg", ".jpeg"), GEOREFERENCE),
    Other("SQLite", (b"SQLite format 3\x00",), (".sqlite", ".mbtiles", ".db"), BY_QGIS),
    Other("OpenStreetMap XML", (), (".osm",), Text("Nén lại: gzip tệp.osm", "Compress it: gzip file.osm")),
    Other("ZIP", (b"PK\x03\x04",), (".zip",), UNPACK),
    Other(
        "gzip, 7z, RAR, tar",
        (b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!"),
        (".7z", ".rar", ".tar", ".gz", ".tgz", ".bz2"),
        UNPACK,
    ),
    Other("XML", (b"<",), (".xml",), BY_QGIS),
)
# A geodatabase is a folder.
GEODATABASE = Other("File Geodatabase", (), (".gdb",), BY_QGIS)


def recognised(name: str, head: bytes) -> Other | None:
    """The format of a file that is not read, by its name, then by its first bytes; None where nobody knows it."""
    lowered = name.lower()
    by_name = (each for each in (*OTHERS, GEODATABASE) if lowered.endswith(each.ends))
    by_start = (each for each in OTHERS if each.starts and head.startswith(each.starts))
    return next(by_name, None) or next(by_start, None)
