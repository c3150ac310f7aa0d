"""One call written out in several languages, to be copied: curl, Python and PHP.

The values are the examples of the contract (api/schemas); the secret of the key is read
from the environment (LLAVE). A value goes into an example only through the language's
own quoting. No call is made here.
"""

import json
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

Schema = Mapping[str, Any]
Resolve = Callable[[Schema], Schema]

XML = "application/xml"
XML_FILE = "factura.xml"
_WIDE = 60  # characters of an object that still goes on one line
SOME_UUID = "3f2b8c1e-5d47-4a90-8a6b-0c9d1e2f3a4b"


@dataclass(frozen=True)
class Wanted:
    """A call with its values. `body`: what is sent as JSON; with `is_xml` it is the
    document in XML_FILE instead."""

    method: str
    url: str
    body: Any = None
    is_xml: bool = False


@dataclass(frozen=True)
class Example:
    language: str
    text: str


def examples_of(wanted: Wanted) -> list[Example]:
    return [Example(name, write(wanted)) for name, write in _WRITERS.items()]


# ── From the contract ─────────────────────────────────────────────────────────────


def wanted_by(
    base: str, method: str, path: str, operation: Schema, resolve: Resolve
) -> Wanted:
    """The operation with the example values of its parameters and body."""
    query = {}
    for parameter in operation["parameters"]:
        value = sample(parameter["schema"], resolve)
        if parameter["in"] == "path":
            path = path.replace(f"{{{parameter['name']}}}", quote(str(value), safe=""))
        elif _has_example(parameter["schema"]):
            query[parameter["name"]] = value
    content = operation.get("requestBody", {}).get("content", {})
    body = None
    if "application/json" in content:
        body = sample(content["application/json"]["schema"], resolve) or None
    url = f"{base}{path}?{urlencode(query)}" if query else f"{base}{path}"
    return Wanted(method, url, body, is_xml=XML in content)


def sample(schema: Schema, resolve: Resolve) -> Any:
    """A value of this shape: the example, or the simplest that is valid. Of an object
    the required fields and those that have an example."""
    if "example" in schema:
        return schema["example"]
    if "examples" in schema:
        return schema["examples"][0]
    schema = resolve(schema)
    if "items" in schema:
        return [sample(schema["items"], resolve)]
    if schema.get("type") == "object":
        required = schema.get("required", ())
        return {
            name: sample(inner, resolve)
            for name, inner in schema.get("properties", {}).items()
            if name in required or _has_example(inner)
        }
    if schema.get("format") == "uuid":
        return SOME_UUID
    return {"integer": 1, "boolean": False}.get(schema.get("type", ""), "…")


def _has_example(schema: Schema) -> bool:
    return "example" in schema or "examples" in schema


# ── The languages ─────────────────────────────────────────────────────────────────


def curl(wanted: Wanted) -> str:
    """A command to paste into a shell in which $LLAVE is the secret."""
    lines = [f"curl -s -X {wanted.method} {shlex.quote(wanted.url)}"]
    lines.append('-H "Authorization: Bearer $LLAVE"')
    if wanted.is_xml:
        lines += [f"-H 'Content-Type: {XML}'", f"--data-binary @{XML_FILE}"]
    elif wanted.body is not None:
        sent = json.dumps(wanted.body, ensure_ascii=False)
        if len(sent) > _WIDE:
            sent = json.dumps(wanted.body, ensure_ascii=False, indent=2)
        lines += ["-H 'Content-Type: application/json'", f"-d {shlex.quote(sent)}"]
    return " \\\n  ".join(lines)


def python(wanted: Wanted) -> str:
    headers = "{'Authorization': f\"Bearer {os.environ['LLAVE']}\""
    lines = [f"{wanted.url!r},"]
    if wanted.is_xml:
        lines.append(f"headers={headers}, 'Content-Type': {XML!r}}},")
        lines.append(f"data=Path({XML_FILE!r}).read_bytes(),")
    else:
        lines.append(f"headers={headers}}},")
        if wanted.body is not None:
            lines.append(f"json={_nested(wanted.body, repr, ('{', '}'), ': ')},")
    lines.append("timeout=10,")
    arguments = "".join(f"    {line}\n" for line in lines)
    imports = (
        "import os\nfrom pathlib import Path\n" if wanted.is_xml else "import os\n"
    )
    return (
        f"{imports}\nimport requests\n\n"
        f"respuesta = requests.{wanted.method.lower()}(\n{arguments})\n"
        "print(respuesta.status_code, respuesta.json())"
    )


def php(wanted: Wanted) -> str:
    headers = ["'Authorization: Bearer ' . getenv('LLAVE')"]
    sent = ""
    if wanted.is_xml:
        headers.append(_php(f"Content-Type: {XML}"))
        sent = f"file_get_contents({_php(XML_FILE)})"
    elif wanted.body is not None:
        headers.append(_php("Content-Type: application/json"))
        sent = f"json_encode({_nested(wanted.body, _php, ('[', ']'), ' => ')})"
    options = [f"CURLOPT_CUSTOMREQUEST => {_php(wanted.method)}"]
    listed = ",\n        ".join(headers)
    listed = f"[\n        {listed},\n    ]" if len(headers) > 1 else f"[{listed}]"
    options.append(f"CURLOPT_HTTPHEADER => {listed}")
    options += [f"CURLOPT_POSTFIELDS => {sent}"] if sent else []
    options.append("CURLOPT_RETURNTRANSFER => true")
    given = "".join(f"    {option},\n" for option in options)
    return (
        f"<?php\n$llamada = curl_init({_php(wanted.url)});\n"
        f"curl_setopt_array($llamada, [\n{given}]);\n"
        "$respuesta = curl_exec($llamada);\n"
        "echo curl_getinfo($llamada, CURLINFO_RESPONSE_CODE), ' ', $respuesta;"
    )


_WRITERS = {"curl": curl, "Python": python, "PHP": php}


def _php(value: Any) -> str:
    """A literal; in single quotes PHP reads only these two characters otherwise."""
    if isinstance(value, str):
        return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
    return json.dumps(value)


def _nested(
    value: Any,
    plain: Callable[[Any], str],
    braces: tuple[str, str],
    arrow: str,
    indent: str = "    ",
) -> str:
    """A literal of lists and objects, on one line if it is short."""
    inside = indent + "    "
    if isinstance(value, dict):
        opened, closed = braces
        parts = [
            plain(name) + arrow + _nested(one, plain, braces, arrow, inside)
            for name, one in value.items()
        ]
    elif isinstance(value, list):
        opened, closed = "[]"
        parts = [_nested(one, plain, braces, arrow, inside) for one in value]
    else:
        return plain(value)
    line = ", ".join(parts)
    if len(line) <= _WIDE and "\n" not in line:
        return f"{opened}{line}{closed}"
    lines = "".join(f"{inside}{part},\n" for part in parts)
    return f"{opened}\n{lines}{indent}{closed}"
