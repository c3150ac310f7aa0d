"""The docs of the API for people: an index, an anchor and examples for every call.

What the fields and codes say comes from the contract (test_api_contract.py).
"""

import ast
import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import requests
from django.test import Client as Browser
from django.urls import reverse
from pytest_django.live_server_helper import LiveServer

from accounts.models import ApiKey, Scope, User
from api.docs import contract, read
from api.examples import Wanted, curl, examples_of, php, python
from clients.models import Client
from tests import cfdis

DOCS = reverse("api:docs")
BASE = "https://panel.mx"
HOSTILE = """'; rm -rf / #"`$(id)\\ {x} ñ"""


def calls(base: str = BASE) -> list[Any]:
    operations = contract()["paths"].values()
    scopes = {one["operationId"]: [] for each in operations for one in each.values()}
    return [call for group in read(contract(), scopes, base).values() for call in group]


def examples(base: str, language: str) -> dict[str, str]:
    return {
        call.id: example.text
        for call in calls(base)
        for example in call.examples
        if example.language == language
    }


@pytest.mark.django_db
def test_every_call_is_in_the_index_and_has_an_anchor(anonymous: Browser) -> None:
    page = anonymous.get(DOCS).content.decode()
    index = page.partition("data-index")[2].partition("</nav>")[0]
    ids = [call.id for call in calls()]
    assert len(ids) > 15
    for name in ("start", "codes", *ids):
        assert f'href="#{name}"' in index
        assert page.count(f'id="{name}"') == 1
    assert len(set(re.findall(r'id="([^"]+)"', page))) == page.count(' id="'), (
        "no id is there twice"
    )


@pytest.mark.django_db
def test_every_example_can_be_opened_and_copied_in_each_language(
    anonymous: Browser,
) -> None:
    page = anonymous.get(DOCS).content.decode()
    copied = re.findall(r'data-copy="#([^"]+)"', page)
    assert len(copied) == 3 * len(calls())
    for name in copied:
        assert f'<pre class="code" id="{name}"' in page
    for call in calls():
        group = f'<details name="example-{call.id}" data-language='
        assert page.count(group) == 3
        assert page.count(f'{group}"curl" open>') == 1, "the others open alone"
    assert "<script>" not in page
    assert 'type="module"' in page


def test_an_example_names_its_call() -> None:
    shell = examples(BASE, "curl")
    for call in calls():
        words = shlex.split(shell[call.id])
        assert words[words.index("-X") + 1] == call.method
        url = next(word for word in words if word.startswith(BASE))
        pattern = re.sub(r"\\\{.*?\\\}", "[^/{}]+", re.escape(BASE + call.path))
        assert re.fullmatch(pattern, url.partition("?")[0])
        if "-d" in words:
            sent = json.loads(words[words.index("-d") + 1])
            required = {field.name for field in call.sent if field.is_required}
            top = {name for name in required if "." not in name} - {"client"}
            assert top <= set(sent) | {"reference"}
    assert "--data-binary @factura.xml" in shell["cfdi"]


def test_what_is_quoted_stays_data() -> None:
    wanted = Wanted("POST", f"{BASE}/x", {"reason": HOSTILE, "list": [1, True, None]})
    words = shlex.split(curl(wanted))
    assert json.loads(words[words.index("-d") + 1]) == wanted.body
    tree = ast.parse(python(wanted))
    call = next(
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "requests.post"
    )
    given = {one.arg: one.value for one in call.keywords}
    assert ast.literal_eval(given["json"]) == wanted.body
    escaped = HOSTILE.replace("\\", "\\\\").replace("'", "\\'")
    assert f"'reason' => '{escaped}'" in php(wanted)
    assert "'list' => [1, true, null]" in php(wanted)


def test_the_three_say_the_same() -> None:
    for example in examples_of(Wanted("GET", f"{BASE}/api/v1/packages")):
        assert f"{BASE}/api/v1/packages" in example.text
        assert "LLAVE" in example.text


@pytest.mark.django_db(transaction=True)
def test_the_python_examples_work_as_they_are(
    live_server: LiveServer,
    alicia: User,
    clara: Client,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert alicia.reseller
    ApiKey.issue(alicia.reseller, name="Demo", scopes=Scope.values, secret="demo-llave")
    monkeypatch.setenv("LLAVE", "demo-llave")
    monkeypatch.chdir(tmp_path)
    Path("factura.xml").write_text(cfdis.cfdi(issuer=clara.rfc))
    answered = {}
    for name, text in examples(live_server.url, "Python").items():
        space: dict[str, Any] = {}
        exec(compile(text, name, "exec"), space)  # noqa: S102 (what the page shows)
        answered[name] = space["respuesta"].status_code
        assert isinstance(space["respuesta"], requests.Response)
    # Its package is made up; who is active is not archived, and so not restored.
    expected = {"create_client": 422, "archive": 409, "restore": 409}
    wrong = {
        name: status
        for name, status in answered.items()
        if status not in {200, 201, expected.get(name)}
    }
    assert not wrong
