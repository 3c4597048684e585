"""The abstract base of everything with a place: `Feature`, and the identities that features are known by."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.gis.db import models
from django.contrib.gis.db.models.functions import Transform
from django.contrib.gis.geos import GEOSGeometry
from django.db.models.functions import Now

from gis_core import places


class NewPermutedFid(models.Func):
    """The next identity of a layer where counting on from one feature would find hidden ones.

    The database permutes a sequence under a secret key (`huong.permuted_fid`), so that the value is stable, unique,
    below 2**52 and says nothing about how many features there are.
    """

    template = "huong.permuted_fid()"
    output_field = models.BigIntegerField()


def permuted_fid() -> models.BigIntegerField[int, int]:
    """Primary key for layers that hide some of their rows from somebody (reports, cameras)."""
    return models.BigIntegerField(primary_key=True, db_default=NewPermutedFid(), editable=False)


def web_mercator_of(column: str) -> models.GeneratedField:
    """The stored EPSG:3857 twin of an EPSG:4326 ``column``, from which tiles are cut."""
    return models.GeneratedField(
        expression=Transform(column, 3857),
        output_field=models.GeometryField(srid=3857, spatial_index=False),
        db_persist=True,
    )


class Feature(models.Model):
    """A thing with a place. Subclasses restate ``geom`` with their own geometry type, EPSG:4326 (lon, lat).

    ``comes_with_migrations``: every city has its rows from the start, so that they say nothing of whether it is empty.
    """

    comes_with_migrations: ClassVar[bool] = False

    fid = models.BigAutoField(primary_key=True)
    geom = models.GeometryField(srid=4326)
    geom3857 = web_mercator_of("geom")
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        abstract = True


class ScopedFeature(Feature):
    """A feature that belongs to the administrative unit it lies in, by which officers are given their rows."""

    unit_code = models.CharField(max_length=16, blank=True, default="", db_index=True)

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save, first finding the unit where the caller gave none."""
        if not self.unit_code and isinstance(self.geom, GEOSGeometry):
            self.unit_code = places.unit_at(self.geom) or ""
        super().save(*args, **kwargs)
