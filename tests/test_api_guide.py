"""docs/api.md: every example works when pasted into a shell, one after another."""

import re
import shutil
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django.live_server_helper import LiveServer

from accounts.models import ApiKey, Scope, User
from clients.models import Client
from reseller_panel.problems import TITLES
from tests.cast import MakeClient
from tests.environment import GENEROUS_SECONDS

GUIDE = Path(__file__).resolve().parents[1] / "docs" / "api.md"
# Prints the status and the address of each call on stderr.
CURL = 'curl() { command curl -w "%{stderr}%{http_code} %{url}\\n" "$@"; echo; }\n'


def _examples() -> list[tuple[str, bool]]:
    """The shell blocks in order, each with whether its calls are to succeed."""
    blocks = re.findall(
        r"^```sh( rechazo)?\n(.*?)^```$", GUIDE.read_text(), re.M | re.S
    )
    return [(text, not refused) for refused, text in blocks]


@pytest.mark.django_db(transaction=True)
def test_the_examples_of_the_guide_work_as_they_are(
    live_server: LiveServer,
    alicia: User,
    clara: Client,
    make_client: MakeClient,
    tmp_path: Path,
) -> None:
    if shutil.which("curl") is None:
        pytest.skip("needs curl")
    assert alicia.reseller is not None
    make_client(now=timezone.now() - timedelta(days=9))  # for a day in the past
    ApiKey.issue(
        alicia.reseller, name="Demo", scopes=Scope.values, secret="demo-alicia-key"
    )
    for expected in ({200, 201}, {200}):  # pasted twice
        for succeeds in (True, False):
            script = "".join(
                text for text, ok in _examples() if ok is succeeds or "LLAVE=" in text
            )
            answered = _run(
                script.replace("http://127.0.0.1:8000", live_server.url), tmp_path
            )
            statuses = {int(line.split()[0]) for line in answered}
            if succeeds:
                assert len(answered) == len(re.findall(r"\bcurl -s", script))
                assert statuses == expected, answered
            else:
                assert statuses == {422}, answered


def _run(script: str, folder: Path) -> list[str]:
    done = subprocess.run(
        ["bash", "-eu", "-o", "pipefail"],
        input=CURL + script,
        capture_output=True,
        text=True,
        timeout=GENEROUS_SECONDS,
        cwd=folder,
        check=True,
    )
    return done.stderr.splitlines()


def test_the_guide_names_every_code() -> None:
    named = set(re.findall(r"`([a-z_]+)`", GUIDE.read_text()))
    assert set(TITLES) - named == {"not_found", "method_not_allowed", "internal"}
