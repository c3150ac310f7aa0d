"""Schemathesis tests the whole API: whatever is sent, every response is one that the
OpenAPI contract describes, and none is a 500.

A few hundred cases by default; `make schemathesis` asks for at least 5,000.
"""

import os
import random
from collections import Counter
from collections.abc import Iterator

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from pytest_django.live_server_helper import LiveServer
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from api.docs import contract
from clients import lifecycle
from clients.models import Client, EntryKind, FolioLedger
from packages.models import Package
from tests import factories
from tests.cast import MakeClient
from tests.cfdis import cfdi
from tests.programs import Program

# Cases per call: half with valid data and half with invalid data.
CASES = int(os.environ.get("SCHEMATHESIS_CASES", "20"))
SEED = int(os.environ.get("SCHEMATHESIS_SEED", str(random.randrange(10**6))))

CHECKS = [
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
# Calls whose body the contract does not fully describe: a wrong item of a batch has its
# own result in a 200, and a CFDI is judged by its content.
READ_ELSEWHERE = {"stamps", "cfdi"}

CALLS = {
    operation["operationId"]: (method, path)
    for path, operations in contract()["paths"].items()
    for method, operation in operations.items()
}


@pytest.fixture
def names(make_client: MakeClient, clara: Client) -> list[str]:
    """Names of clients in every state, used in half of the cases."""
    states = ({}, {"exhausted": True}, {"expired": True}, {"suspended": True})
    others = [make_client(**state) for state in (*states, {"archived": True})]
    return [clara.rfc, str(clara.public_id), *(client.rfc for client in others)]


@pytest.fixture
def session(program: Program) -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {program.secret}"
        yield session


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("mode", list(GenerationMode))
def test_every_answer_is_one_of_the_contract(
    live_server: LiveServer,
    session: requests.Session,
    names: list[str],
    mode: GenerationMode,
) -> None:
    """All calls are in one test, because each would need the same clients."""
    print(f"SCHEMATHESIS_SEED={SEED}")
    schema = schemathesis.openapi.from_url(f"{live_server.url}/api/v1/openapi.json")
    cases: Counter[str] = Counter()
    for name, (method, path) in CALLS.items():
        answered = _put_to_the_test(name, schema[path][method], mode, names, session)
        assert 500 not in answered
        cases[name] = sum(answered.values())
        if mode is GenerationMode.POSITIVE and CASES > 200:
            assert answered[200] + answered[201], f"{name} was never done: {answered}"
    print(f"{sum(cases.values())} cases: {dict(cases)}")
    assert len(cases) == len(CALLS)


def _put_to_the_test(
    name: str,
    operation: schemathesis.APIOperation,
    mode: GenerationMode,
    names: list[str],
    session: requests.Session,
) -> Counter[int]:
    """Run the cases of one call; return how often each status occurred."""
    answered: Counter[int] = Counter()

    @seed(SEED)
    @settings(
        max_examples=(CASES + 1) // 2,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(mode), known=st.sampled_from([None, *names]))
    def call(case: schemathesis.Case, known: str | None) -> None:
        checks = list(CHECKS)
        if known and "client" in case.path_parameters:
            case.path_parameters["client"] = known
        elif mode is GenerationMode.NEGATIVE and name not in READ_ELSEWHERE:
            checks.append(negative_data_rejection)
        if known and mode is GenerationMode.POSITIVE:
            _make_possible(name, case, known)
        response = case.call_and_validate(session=session, checks=checks)
        answered[response.status_code] += 1

    call()
    return answered


def _make_possible(name: str, case: schemathesis.Case, known: str) -> None:
    """Give a call data that random generation would hardly ever find."""
    match name:
        case "cfdi":
            case.body = cfdi(issuer=known).encode()  # as text it would be encoded again
        case "create_client":
            case.body = {
                "rfc": factories.rfc(20_000 + Client.objects.count()),
                "legal_name": "EMPRESA",
                "tax_regime": "601",
                "postal_code": "06000",
                "contact_email": "empresa@ejemplo.mx",
                "package": str(Package.objects.get().public_id),
                "reference": factories.reference(),
            }
        case "reversal":
            stamp = FolioLedger.objects.filter(kind=EntryKind.STAMP).earliest("id")
            case.path_parameters |= {
                "client": stamp.client.rfc,
                "reference": stamp.reference,
            }
        case "archive":
            client = Client.objects.listed().filter(suspended_at=None).first()
            if client:
                lifecycle.suspend(client, reason="Falta", by=None)
                case.path_parameters["client"] = client.rfc
