"""Forms of the account pages."""

from __future__ import annotations

from typing import Any

from django import forms

from gis_core.accounts.models import ApiToken
from gis_core.accounts.tokens import LONGEST_DAYS, check
from gis_core.accounts.words import AUDIENCES, SCOPES, spoken, spoken_language
from gis_core.layer import Audience
from gis_core.problems import Problem


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
        if not self.errors:
            try:
                check(
                    cleaned["user"], cleaned["name"], cleaned["audience"], cleaned["scope"], cleaned["days"]
                )
            except Problem as problem:
                self.add_error(problem.parameter, problem.detail.to(spoken_language()))
        return cleaned
