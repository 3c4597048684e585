"""The East Sea (Biển Đông), sketched from general knowledge: good to about 20 km, to the shore of Huế's units nearby.

It is there for small-scale maps: a city on the sea must not look like one on a desert, and the archipelagos of Hoàng
Sa and Trường Sa stand in it.
"""

from __future__ import annotations

import shapely
from shapely.geometry.base import BaseGeometry

from layers.admin_units.approximation import COAST

# From the northern end of Huế's shore around the sea, back to the southern end (EPSG:4326 lon, lat).
SHORES = (
    # Quảng Trị to Móng Cái
    (107.11, 17.02), (106.63, 17.48), (106.48, 17.95), (105.95, 18.25), (105.75, 18.80), (105.85, 19.40),
    (105.95, 19.80), (106.20, 20.00), (106.60, 20.30), (106.82, 20.68), (107.10, 20.92), (107.60, 21.25),
    (108.00, 21.52),
    # the gulf's north, Leizhou and on to the strait
    (108.55, 21.70), (109.10, 21.45), (109.60, 21.45), (109.70, 20.90), (109.90, 20.30), (110.40, 20.30),
    (110.50, 20.75), (110.40, 21.15), (111.10, 21.45), (111.90, 21.75), (113.00, 21.95), (113.60, 22.15),
    (114.20, 22.25), (115.10, 22.70), (116.50, 22.95), (117.20, 23.60), (118.10, 24.35), (119.60, 25.40),
    (120.90, 24.70), (120.20, 23.70), (120.10, 23.00), (120.75, 22.00),
    # Luzon, Mindoro, Palawan
    (120.70, 18.50), (120.40, 17.50), (120.30, 16.10), (119.80, 16.30), (120.00, 15.00), (120.30, 14.70),
    (120.60, 13.90), (120.45, 13.40), (121.00, 12.30), (119.50, 11.30), (119.20, 10.60), (118.50, 9.80),
    (117.50, 8.90), (117.10, 8.20), (116.80, 7.00),
    # Borneo, the southern edge, the Malay peninsula
    (116.00, 6.10), (115.40, 5.30), (114.90, 4.90), (114.00, 4.50), (113.00, 3.20), (111.40, 2.60), (111.20, 2.00),
    (110.30, 1.70), (109.65, 2.00), (104.30, 1.40), (103.45, 2.90), (103.45, 4.50), (102.40, 6.10), (101.50, 6.90),
    (100.60, 7.30), (100.20, 8.50), (99.35, 9.30), (99.30, 10.50), (99.95, 12.10), (100.00, 13.35), (100.60, 13.45),
    (100.90, 12.65), (102.20, 12.20), (102.90, 11.60), (103.60, 10.60), (104.45, 10.40),
    # Hà Tiên to Đà Nẵng, around Sơn Trà and its bay to the foot of the Hải Vân Pass
    (105.05, 10.00), (104.80, 9.60), (104.75, 8.60), (105.30, 8.85), (106.00, 9.30), (106.65, 9.80), (106.80, 10.40),
    (107.10, 10.35), (108.00, 10.70), (108.15, 10.93), (108.95, 11.35), (109.20, 11.75), (109.25, 12.40),
    (109.45, 12.85), (109.25, 13.75), (109.05, 14.60), (108.92, 15.25), (108.50, 15.65), (108.35, 15.95),
    (108.27, 16.05), (108.33, 16.11), (108.27, 16.13), (108.22, 16.085), (108.14, 16.10), (108.13, 16.15),
    (108.19, 16.20),
)  # fmt: skip
HAINAN = (
    (108.65, 19.25), (108.70, 18.55), (109.50, 18.20), (110.10, 18.40), (110.55, 18.80), (111.00, 19.65),
    (110.70, 20.10), (110.20, 20.05), (109.50, 19.95), (109.10, 19.60),
)  # fmt: skip
# Huế's units keep off the sketched shore here and there; the water reaches them as far inland as this (degrees).
REACH = 0.03


def east_sea(outline: BaseGeometry) -> BaseGeometry:
    """The sea outside ``outline`` (the city's units, EPSG:4326), with no gap along their shore."""
    open_sea = shapely.Polygon([*COAST[::-1], *SHORES], [HAINAN])
    # The shore of COAST runs from north-west to south-east: inland is on its right, a negative distance.
    inshore = shapely.buffer(shapely.LineString(COAST[1:-2]), -REACH, single_sided=True)
    return shapely.difference(shapely.union(open_sea, inshore), outline, grid_size=1e-6)
