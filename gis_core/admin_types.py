"""Django's admin classes that name their model: ``class DamAdmin(GISModelAdmin[Dam])``.

To the type checker these are Django's own classes, which its stubs make generic; at run time Django's take no
parameter, so here each is given one that changes nothing else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin, StackedInline, TabularInline
    from django.contrib.gis.admin import GISModelAdmin
    from django.forms import ModelForm
else:
    from django import forms
    from django.contrib.gis import admin

    class ModelAdmin[M](admin.ModelAdmin):
        """Of the model ``M``."""

    class GISModelAdmin[M](admin.GISModelAdmin):
        """Of the model ``M``, with a map for its geometry."""

    class StackedInline[M, P](admin.StackedInline):
        """Of the model ``M`` on the page of its parent ``P``."""

    class TabularInline[M, P](admin.TabularInline):
        """Of the model ``M`` on the page of its parent ``P``."""

    class ModelForm[M](forms.ModelForm):
        """Of the model ``M``."""


__all__ = ["GISModelAdmin", "ModelAdmin", "ModelForm", "StackedInline", "TabularInline"]
