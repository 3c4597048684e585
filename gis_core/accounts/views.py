"""The pages of one's own account: who one is here, as whom one looks, and one's API tokens."""

from __future__ import annotations

from typing import Any

from django.contrib.admin.models import ADDITION, CHANGE, LogEntry
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST
from django.views.i18n import set_language

from gis_core.accounts import tokens
from gis_core.accounts.credentials import CHOSEN
from gis_core.accounts.forms import TokenForm
from gis_core.accounts.models import BY_STRENGTH, ApiToken, User
from gis_core.accounts.requests import current_caller
from gis_core.accounts.signals import renew_session
from gis_core.accounts.standing import WANTED, acts_as_staff, has_second_factor, is_staff
from gis_core.accounts.words import AUDIENCES, SCOPES, spoken_language
from gis_core.layer import Audience
from gis_core.places import unit_name
from gis_core.problems import Problem


def signed_in(request: HttpRequest) -> User:
    """The user of a view that asks for one (``login_required``)."""
    assert isinstance(request.user, User)
    return request.user


def open_audiences(request: HttpRequest) -> list[Audience]:
    """The audiences that the user may act in now, the strongest first; staff ones only after the second step."""
    user = signed_in(request)
    held = {"citizen"}
    if acts_as_staff(user, request.session):
        held |= set(user.memberships.values_list("audience", flat=True))
    return [audience for audience in BY_STRENGTH if audience in held]


@never_cache
@login_required
def account(request: HttpRequest) -> HttpResponse:
    """Who one is here, and where to go from here."""
    user, language = signed_in(request), spoken_language()
    context = {
        "audience": AUDIENCES[current_caller(request).audience].to(language),
        "choices": [
            {"value": a, "title": AUDIENCES[a].to(language), "now": a == current_caller(request).audience}
            for a in open_audiences(request)
        ],
        "memberships": [
            {"title": AUDIENCES[m.audience].to(language), "units": ", ".join(map(unit_name, m.units))}
            for m in user.memberships.all()
        ],
        "must_enrol": is_staff(user) and not has_second_factor(user),
        "may_administer": user.is_staff,
    }
    return render(request, "accounts/account.html", context)


@require_POST
@login_required
def choose_audience(request: HttpRequest) -> HttpResponse:
    """Act as another of one's audiences in this session, the public's included."""
    chosen = request.POST.get("audience", "")
    if chosen in open_audiences(request):
        request.session[CHOSEN] = chosen
        renew_session(request)
    return HttpResponseRedirect(safe_next(request, reverse("account")))


@never_cache
@login_required
def go_on(request: HttpRequest) -> HttpResponse:
    """To where the sign-in was on the way when it led to the second step; else to one's account."""
    wanted = request.session.pop(WANTED, "")
    return HttpResponseRedirect(if_here(request, str(wanted), reverse("account")))


# The frame of every page has this form, also where the tile server makes the page, which knows no CSRF token; the worst
# that another site's page can do by it is to change the language of what is read next.
choose_language = csrf_exempt(set_language)


def safe_next(request: HttpRequest, otherwise: str) -> str:
    """The address in ``next``, if it leads nowhere but here."""
    return if_here(request, request.POST.get("next", ""), otherwise)


def if_here(request: HttpRequest, address: str, otherwise: str) -> str:
    here = url_has_allowed_host_and_scheme(address, {request.get_host()}, require_https=request.is_secure())
    return address if here else otherwise


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_variables("token")
def token_list(request: HttpRequest) -> HttpResponse:
    """One's tokens, and a form for another; a new one is shown in the answer to that form and never again."""
    user = signed_in(request)
    form = TokenForm(request.POST or None, audiences=open_audiences(request))
    if request.method == "POST" and form.is_valid():
        wanted = form.cleaned_data
        try:
            made, token = tokens.issue(
                user, wanted["name"], wanted["audience"], scope=wanted["scope"], days=wanted["days"]
            )
        except Problem as problem:
            form.add_error(problem.parameter, problem.detail.to(spoken_language()))
        else:
            note(user, made, ADDITION, "made on the token page")
            return render(request, "accounts/token_made.html", {"made": made, "token": token})
    context = {"form": form, "rows": token_rows(user)}
    return render(request, "accounts/tokens.html", context, status=422 if form.errors else 200)


def token_rows(user: User) -> list[dict[str, Any]]:
    language = spoken_language()
    return [
        {
            "token": token,
            "audience": AUDIENCES[token.audience].to(language),
            "scope": SCOPES[token.scope].to(language),
        }
        for token in user.tokens.all()[:100]
    ]


@require_POST
@login_required
def revoke_token(request: HttpRequest, token_id: int) -> HttpResponse:
    """End one of one's own tokens; another's is not found."""
    user = signed_in(request)
    token = get_object_or_404(ApiToken, pk=token_id, user=user)
    tokens.revoke(token)
    note(user, token, CHANGE, "revoked on the token page")
    return HttpResponseRedirect(reverse("account_tokens"))


def note(user: User, token: ApiToken, flag: int, message: str) -> None:
    """An entry in the same log that the admin writes; the token's first letters, never the token."""
    LogEntry.objects.log_actions(user.pk, [token], flag, change_message=message, single_object=True)
