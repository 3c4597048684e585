"""Forms of the account pages."""

from __future__ import annotations

from typing import Any

from django import forms

from gis_core.accounts.models import ApiToken, User
from gis_core.accounts.tokens import LONGEST_DAYS
from gis_core.accounts.words import AUDIENCES, SCOPES, spoken
from gis_core.layer import Audience


class TokenForm(forms.Form):
    """What a new token is to be; the audiences are those that the caller may act in now."""

    name = forms.CharField(
        label=spoken("Tên, để bạn nhận ra", "Name, for you to recognise it"), max_length=80
    )
    audience = forms.ChoiceField(label=spoken("Vai trò", "Role"))
    scope = forms.ChoiceField(
        label=spoken("Quyền", "Rights"),
        choices=[(scope, spoken(*SCOPES[scope])) for scope in ApiToken.Scope.values],
    )
    days = forms.IntegerField(
        label=spoken("Thời hạn (ngày)", "Valid for (days)"), initial=90, min_value=1, max_value=LONGEST_DAYS
    )

    def __init__(self, *args: Any, audiences: list[Audience], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["audience"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(audience, spoken(*AUDIENCES[audience])) for audience in audiences]


class TokenAdminForm(forms.ModelForm):  # type: ignore[type-arg]
    """An administrator's new token, for another's program."""

    days = forms.IntegerField(
        label=spoken("Thời hạn (ngày)", "Valid for (days)"), initial=90, min_value=1, max_value=LONGEST_DAYS
    )

    class Meta:
        model = ApiToken
        fields = ("user", "name", "audience", "scope")

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        user, audience = cleaned.get("user"), cleaned.get("audience")
        held = isinstance(user, User) and user.memberships.filter(audience=audience).exists()
        if audience and audience != "citizen" and not held:
            self.add_error(
                "audience", spoken("Người dùng không có vai trò này.", "The user does not have this role.")
            )
        return cleaned
