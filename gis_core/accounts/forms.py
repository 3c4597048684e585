"""Forms of the account pages."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from gis_core import places
from gis_core.accounts.giving import holds
from gis_core.accounts.models import ApiToken, Membership, User
from gis_core.accounts.tokens import LONGEST_DAYS, check
from gis_core.accounts.words import AUDIENCES, SCOPES, spoken, spoken_language
from gis_core.layer import Audience
from gis_core.problems import Problem

NOT_YOURS = spoken(
    "Bạn chỉ giao được vai trò và xã, phường mà chính bạn có. Hãy nhờ người quản trị hệ thống.",
    "You can give only roles and communes that you have yourself. Ask the administrator of the system.",
)


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


class UnitsWidget(forms.SelectMultiple):
    """Communes by name; a program may send their codes in one text, with commas between them."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        sent = super().value_from_datadict(data, files, name) or []
        return [code.strip() for each in sent for code in str(each).split(",") if code.strip()]


class UnitsField(forms.MultipleChoiceField):
    """Codes of units, chosen by name among today's; a code that a membership has already stays choosable."""

    widget = UnitsWidget
    held: tuple[str, ...] = ()

    def offer(self, held: list[str]) -> None:
        names = places.unit_names()
        self.held = tuple(held)
        self.choices = [*names.items(), *((code, code) for code in held if code not in names)]

    def valid_value(self, value: Any) -> bool:
        # A house without units knows no names; the model checks how a code is written.
        return not places.unit_names() or super().valid_value(value)


class MembershipForm(forms.ModelForm):  # type: ignore[type-arg]
    """A role and its communes."""

    units = UnitsField(
        label=spoken("xã, phường", "communes"),
        required=False,
        help_text=spoken(
            "Vai trò theo địa bàn chỉ thấy việc của các xã, phường này. Giữ Ctrl để chọn nhiều.",
            "A role by commune sees the cases of these communes alone. Hold Ctrl to choose several.",
        ),
    )

    class Meta:
        model = Membership
        fields = ("audience", "units")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["units"]
        assert isinstance(field, UnitsField)
        field.offer(list(self.instance.units))


class MembershipsFormSet(forms.BaseInlineFormSet):  # type: ignore[type-arg]
    """Roles of one user, given by ``giver``: none that he has not."""

    giver: User

    def clean(self) -> None:
        super().clean()
        for form in self.forms:
            given = getattr(form, "cleaned_data", None)
            if not given or given.get("DELETE") or not form.has_changed():
                continue
            audience, units = given.get("audience", ""), given.get("units", [])
            if not holds(self.giver, audience, units):
                raise ValidationError(NOT_YOURS, "not-yours")
