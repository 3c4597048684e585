"""No layer of its own: the features belong to the layers that invent them."""

from gis_core.layer import Layer

LAYERS: tuple[Layer, ...] = ()
