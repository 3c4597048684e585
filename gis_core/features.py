"""The abstract base of everything with a place: `Feature`, and the identities that features are known by."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, ClassVar, Self

from django.contrib.gis.db import models
from django.contrib.gis.db.models.functions import Transform
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
    ``follows`` names the fields that `settle` makes, each with those that it is made of.
    """

    comes_with_migrations: ClassVar[bool] = False
    follows: ClassVar[Mapping[str, Collection[str]]] = {}

    fid = models.BigAutoField(primary_key=True)
    geom = models.GeometryField(srid=4326)
    geom3857 = web_mercator_of("geom")
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        abstract = True

    @classmethod
    def settle(cls, made: Sequence[Self]) -> None:
        """Fill the fields that follow from others, in features that are about to be written.

        `save` calls it with one, an import with many: what has to be looked up is looked up once for them all.
        """

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save, settled first."""
        type(self).settle([self])
        changed = kwargs.get("update_fields")
        if changed is not None:
            following = {
                name for name, sources in self.follows.items() if not set(changed).isdisjoint(sources)
            }
            kwargs["update_fields"] = {*changed, *following}
        super().save(*args, **kwargs)


class ScopedFeature(Feature):
    """A feature that belongs to the administrative unit it lies in, by which officers are given their rows."""

    unit_code = models.CharField(max_length=16, blank=True, default="", db_index=True)

    class Meta:
        abstract = True

    @classmethod
    def settle(cls, made: Sequence[Self]) -> None:
        """Find the unit of those for which the caller gave none."""
        super().settle(made)
        places.find_units(made)
