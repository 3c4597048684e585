"""Django's admin classes that name their model: ``class UnitAdmin(ModelAdmin[Unit])``.

To the type checker these are Django's own classes, which its stubs make generic; at run time Django's take no
parameter, so here each is given one. An admin of a model also names its fields in the reader's language.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin, StackedInline, TabularInline
    from django.forms import ModelForm
else:
    from django import forms
    from django.contrib import admin
    from django.db.models.expressions import DatabaseDefault

    from gis_core.bilingual import label_fields

    class ModelAdmin[M](admin.ModelAdmin):
        """Of the model ``M``."""

        def __init__(self, model, admin_site):
            label_fields(model)
            super().__init__(model, admin_site)

    class FormSetOfParent(forms.BaseInlineFormSet):
        """Knows that a parent whose key the database will choose has no children yet.

        Django (5.2) asks for those of the key ``DatabaseDefault`` and fails.
        """

        def __init__(self, data=None, files=None, instance=None, **more):
            key = getattr(instance, "pk", None)
            if isinstance(key, DatabaseDefault):
                instance.pk = None
            super().__init__(data, files, instance, **more)
            if isinstance(key, DatabaseDefault):
                instance.pk = key

        def add_fields(self, form, index):
            super().add_fields(form, index)
            if isinstance(self.instance.pk, DatabaseDefault):
                form.fields[self.fk.name].initial = None

    class StackedInline[M, P](admin.StackedInline):
        """Of the model ``M`` on the page of its parent ``P``."""

        formset = FormSetOfParent

    class TabularInline[M, P](admin.TabularInline):
        """Of the model ``M`` on the page of its parent ``P``."""

        formset = FormSetOfParent

    class ModelForm[M](forms.ModelForm):
        """Of the model ``M``."""


__all__ = ["ModelAdmin", "ModelForm", "StackedInline", "TabularInline"]
