"""What Google says of its interfaces (discovery documents), as it ships it in its client's package, made OpenAPI.

The package is fetched once, from the registry, by its hash; nothing of it is part of the repository.
"""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .node import CACHE
from .packages import fetched

PACKAGE = "google-api-python-client==2.202.0"
ARCHIVE = "google_api_python_client-2.202.0-py3-none-any.whl"
ARCHIVE_SHA256 = "aaa90064c9bb642ff1d065b22ca8958a2cb6e345909cefe70d0e5452fc50e08b"
NUMBERS = frozenset({"int32", "int64", "uint32", "uint64", "double", "float"})
UPLOAD_TYPE = {
    "name": "uploadType",
    "in": "query",
    "required": True,
    "schema": {"type": "string", "enum": ["media", "multipart", "resumable"]},
}
Document = dict[str, Any]


def openapi_of(name: str) -> Path:
    """Return the discovery document ``name``, such as "youtube.v3", as an OpenAPI document."""
    made = CACHE / "google" / f"{name}-openapi-{ARCHIVE_SHA256[:16]}.json"
    if made.exists():
        return made
    archive = fetched(PACKAGE, folder="google", archive=ARCHIVE, sha256=ARCHIVE_SHA256)
    with zipfile.ZipFile(archive) as package:
        document = json.loads(package.read(f"googleapiclient/discovery_cache/documents/{name}.json"))
    unfinished = made.with_suffix(f".{os.getpid()}")
    unfinished.write_text(json.dumps(_converted(document)), encoding="utf-8")
    unfinished.replace(made)
    return made


def _converted(document: Document) -> Document:
    paths: dict[str, Document] = {}
    for method in _methods(document):
        for path, is_upload in _paths_of(method):
            operation = _operation(method, document.get("parameters", {}), is_upload=is_upload)
            paths.setdefault(path, {})[method["httpMethod"].lower()] = operation
    scopes = document["auth"]["oauth2"]["scopes"]
    flow = {
        "authorizationUrl": "https://accounts.google.com/o/oauth2/v2/auth",
        "tokenUrl": "https://oauth2.googleapis.com/token",
        "scopes": {scope: told["description"] for scope, told in scopes.items()},
    }
    return {
        "openapi": "3.0.3",
        "info": {"title": document["title"], "version": f"{document['version']} rev {document['revision']}"},
        "servers": [{"url": document["rootUrl"].rstrip("/")}],
        "paths": paths,
        "components": {
            "schemas": {name: _schema(one) for name, one in document["schemas"].items()},
            "securitySchemes": {"oauth2": {"type": "oauth2", "flows": {"authorizationCode": flow}}},
        },
    }


def _methods(resource: Document) -> Iterator[Document]:
    yield from resource.get("methods", {}).values()
    for inner in resource.get("resources", {}).values():
        yield from _methods(inner)


def _paths_of(method: Document) -> Iterator[tuple[str, bool]]:
    """Yield each address of a method, and whether it takes a file."""
    yield "/" + (method.get("flatPath") or method["path"]).replace("{+", "{"), False
    for protocol in (method.get("mediaUpload") or {}).get("protocols", {}).values():
        yield protocol["path"], True


def _operation(method: Document, common: Document, *, is_upload: bool) -> Document:
    given = {**common, **method.get("parameters", {})}
    parameters = [_parameter(name, one) for name, one in given.items()]
    answer = {"schema": _reference(method["response"])} if "response" in method else {}
    operation: Document = {
        "operationId": method["id"] + (".upload" if is_upload else ""),
        "parameters": [*parameters, UPLOAD_TYPE] if is_upload else parameters,
        "responses": {"200": {"description": "ok", "content": {"application/json": answer}}},
        "security": [{"oauth2": method.get("scopes", [])}],
    }
    if "request" in method:
        content: Document = {"application/json": {"schema": _reference(method["request"])}}
        if is_upload:
            content |= {"multipart/related": {}, "application/octet-stream": {}}
        operation["requestBody"] = {"content": content}
    return operation


def _parameter(name: str, given: Document) -> Document:
    schema = _schema({key: value for key, value in given.items() if key != "description"})
    if given.get("repeated"):
        # YouTube takes several values also as one, with commas between them: what each is stays unjudged.
        item = {"type": "string"} if given["location"] == "query" else schema
        schema = {"type": "array", "items": item}
    is_required = bool(given.get("required")) or given["location"] == "path"
    return {"name": name, "in": given["location"], "required": is_required, "schema": schema}


def _reference(given: Document) -> Document:
    return {"$ref": f"#/components/schemas/{given['$ref']}"}


def _schema(given: Document) -> Document:
    if "$ref" in given:
        return _reference(given)
    schema: Document = {key: given[key] for key in ("type", "description", "enum", "pattern") if key in given}
    if schema.get("type") == "any":
        del schema["type"]
    if given.get("format") in NUMBERS and given.get("type") in ("integer", "number"):
        schema["format"] = given["format"].removeprefix("u")
    elif given.get("format") == "date-time":
        schema["format"] = "date-time"
    for bound in ("minimum", "maximum"):
        if bound in given:
            schema[bound] = float(given[bound]) if "." in str(given[bound]) else int(given[bound])
    if "properties" in given:
        schema["properties"] = {name: _schema(one) for name, one in given["properties"].items()}
        schema["additionalProperties"] = False
    if isinstance(given.get("additionalProperties"), dict):
        schema["additionalProperties"] = _schema(given["additionalProperties"])
    if "items" in given:
        schema["items"] = _schema(given["items"])
    return schema
