"""Who one is, proven once more: before keys are made and access is changed.

Law: quality.md, "Access". An open session is not enough for what opens doors to others.
The proof holds for some minutes (allauth's ACCOUNT_REAUTHENTICATION_TIMEOUT); a form
asks for the password in its own dialog, so that nothing typed is lost.
"""

from typing import Any
from urllib.parse import urlencode

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.reauthentication import (
    did_recently_reauthenticate,
    reauthenticate_by_password,
)
from django import forms
from django.http import HttpRequest
from django.urls import reverse


def is_needed(request: HttpRequest) -> bool:
    return not did_recently_reauthenticate(request)


class ProvenForm(forms.Form):
    """A form that also asks for the password, if it was not given a moment ago.

    Whoever has none (only a passkey) proves it on the page that `other_way` leads to.
    What is in `cleaned_data` is what the form itself asks.
    """

    password = forms.CharField(
        label="Su contraseña",
        help_text="Se la pedimos otra vez porque este cambio abre o cierra accesos.",
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, data: Any = None, *, request: HttpRequest, **kw: Any) -> None:
        super().__init__(data, **kw)
        self._request = request
        self.other_way = ""
        if not is_needed(request):
            del self.fields["password"]
        elif not (request.user.is_authenticated and request.user.has_usable_password()):
            del self.fields["password"]
            query = urlencode({"next": request.path})
            self.other_way = f"{reverse('account_reauthenticate')}?{query}"

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        adapter = get_adapter(self._request)
        if not adapter.reauthenticate(self._request.user, password):
            raise adapter.validation_error("incorrect_password")
        reauthenticate_by_password(self._request)
        return password

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if self.other_way:
            raise forms.ValidationError("Antes confirme que es usted.")
        if data.pop("password", None):
            # Proven: should something else be wrong, it is not asked again.
            del self.fields["password"]
        return data
