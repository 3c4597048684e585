from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin

from cameras.models import Camera, CameraAccess
from gis_core.accounts.words import spoken
from gis_core.admin_types import ModelForm, StackedInline
from gis_core.administration.inlines import BesideFeature
from gis_core.administration.layer_admin import LayerAdmin


class CameraAccessForm(ModelForm[CameraAccess]):
    """Takes a new password and never shows the present one."""

    new_password = forms.CharField(
        label=spoken("Mật khẩu mới", "New password"),
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=spoken("Để trống để giữ mật khẩu hiện có", "Leave empty to keep the present one"),
    )

    class Meta:
        model = CameraAccess
        fields = ("stream_address", "user")
        labels = {  # noqa: RUF012
            "stream_address": spoken("Địa chỉ luồng hình", "Stream address"),
            "user": spoken("Tên đăng nhập", "User name"),
        }

    def save(self, commit: bool = True) -> Any:
        if self.cleaned_data["new_password"]:
            self.instance.set_password(self.cleaned_data["new_password"])
        return super().save(commit)


class CameraAccessInline(BesideFeature, StackedInline[CameraAccess, Camera]):
    """How to reach it: a matter of its own permission, beside the right to change the camera."""

    model = CameraAccess
    form = CameraAccessForm


@admin.register(Camera)
class CameraAdmin(LayerAdmin[Camera]):
    list_display = (
        "name",
        "purpose",
        "owner_type",
        "state",
        "unit_code",
        "security_checked",
        "notice_posted",
    )
    list_filter = (
        "purpose",
        "owner_type",
        "state",
        "must_connect",
        "security_checked",
        "notice_posted",
    )
    search_fields = ("name",)
    inlines = (CameraAccessInline,)
