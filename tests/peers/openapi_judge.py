"""A strict judge of requests, from an OpenAPI document that none of us wrote.

openapi-core checks path, method, query, headers and body; on top of it: undeclared query parameters, undeclared
body properties, a missing Authorization where the operation declares security, unknown or missing multipart fields.
The documents are not part of the repository: ``specification`` finds them beside it or skips.
"""

from __future__ import annotations

import copy
import io
import json
import re
from pathlib import Path
from typing import Any

import httpx
import pytest
from openapi_core import Config, OpenAPI
from openapi_core.contrib.werkzeug import WerkzeugOpenAPIRequest
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from .node import ROOT

FOLDER = ROOT.parent / "shared" / "peers" / "specs" / "data"
DEPTH_MAX = 12


def specification(name: str) -> Path:
    path = FOLDER / name
    if not path.exists():
        pytest.skip(f"the specification {name} is not beside the repository (../shared/peers/specs/data)")
    return path


class Judge:
    """``forms_as_json``: paths where the document knows JSON only although the standard (RFC 6749) demands a form.

    ``base_path``: what stands before every path the document names, such as ``/v5``.
    """

    def __init__(self, path: Path, *, forms_as_json: str = "", base_path: str = "") -> None:
        self._document: dict[str, Any] = json.loads(path.read_text())
        self._document["servers"] = [{"url": "http://judge.example"}]
        _loosen(self._document)
        self._forms_as_json, self._base_path = forms_as_json, base_path
        # Authorization is judged here: openapi-core knows no scheme that names scopes as this one does.
        without_security = copy.deepcopy(self._document)
        without_security.pop("security", None)
        without_security.get("components", {}).pop("securitySchemes", None)
        for item in without_security["paths"].values():
            for operation in item.values():
                if isinstance(operation, dict):
                    operation.pop("security", None)
        config = Config(spec_validator_cls=None)  # the document has small faults of its own
        self._api = OpenAPI.from_dict(without_security, config=config)  # type: ignore[arg-type]
        self._paths = sorted(
            (
                (template.count("{"), _pattern(template), item)
                for template, item in self._document["paths"].items()
            ),
            key=lambda entry: entry[0],
        )

    def violations(self, sent: httpx.Request) -> list[str]:
        """Return what is wrong with a request; empty when it is right."""
        with self._as_werkzeug(sent) as request:
            return self._violations(request)

    def _violations(self, request: Request) -> list[str]:
        item, operation = self._operation(request)
        if operation is None:
            return [f"no such operation: {request.method} {request.path}"]
        found = self._query(request, item, operation)
        security = operation.get("security", self._document.get("security"))
        if security and {} not in security and not request.headers.get("Authorization"):
            found.append("no Authorization header")
        content = self._resolve(operation.get("requestBody") or {}).get("content") or {}
        kind = (request.mimetype or "").lower()
        if kind == "multipart/form-data" and kind in content:
            return found + self._multipart(request, content[kind]["schema"])
        found += self._openapi_errors(request)
        if kind.endswith("json") and kind in content:
            found += self._unknown(content[kind]["schema"], json.loads(request.get_data()), "body")
        return found

    def _as_werkzeug(self, sent: httpx.Request) -> Request:
        body, kind = sent.read(), sent.headers.get("Content-Type", "")
        is_form = kind.startswith("application/x-www-form-urlencoded")
        if is_form and self._forms_as_json and sent.url.path.startswith(self._forms_as_json):
            body, kind = json.dumps(dict(httpx.QueryParams(body.decode()))).encode(), "application/json"
        builder = EnvironBuilder(
            path=sent.url.path.removeprefix(self._base_path),
            base_url="http://judge.example",
            query_string=sent.url.query.decode(),
            method=sent.method,
            headers=[(name, value) for name, value in sent.headers.items() if name.lower() != "host"],
            input_stream=io.BytesIO(body),
            content_type=kind or None,
            content_length=len(body),
        )
        return Request(builder.get_environ())

    def _operation(self, request: Request) -> tuple[dict[str, Any], dict[str, Any] | None]:
        for _count, pattern, item in self._paths:
            if pattern.match(request.path) and request.method.lower() in item:
                return item, item[request.method.lower()]
        return {}, None

    def _query(self, request: Request, item: dict[str, Any], operation: dict[str, Any]) -> list[str]:
        parameters = [
            self._resolve(one) for one in item.get("parameters", []) + operation.get("parameters", [])
        ]
        declared = {one["name"] for one in parameters if one["in"] == "query"}
        extra = sorted(name for name in request.args if name.split("[")[0] not in declared)
        return [f"undeclared query parameters: {extra}"] if extra else []

    def _multipart(self, request: Request, schema: dict[str, Any]) -> list[str]:
        known = self._properties(schema) or {}
        names = set(request.form) | set(request.files)
        missing = [name for name in self._resolve(schema).get("required", []) if name not in names]
        unknown = sorted(name for name in names if known and name.split("[")[0] not in known)
        return [f"undeclared multipart field {name}" for name in unknown] + [
            f"missing multipart field {name}" for name in missing
        ]

    def _openapi_errors(self, request: Request) -> list[str]:
        found = []
        for error in self._api.iter_request_errors(WerkzeugOpenAPIRequest(request)):
            if "Security" in type(error).__name__:
                continue
            cause = error.__cause__
            details = [one.message[:160] for one in getattr(cause, "schema_errors", None) or []]
            found.append(f"{type(error).__name__}: {'; '.join(details) or cause or error}")
        return found

    def _resolve(self, node: Any) -> Any:
        while isinstance(node, dict) and "$ref" in node:
            target: Any = self._document
            for part in node["$ref"].lstrip("#/").split("/"):
                target = target[part.replace("~1", "/").replace("~0", "~")]
            node = target
        return node

    def _properties(self, schema: Any, depth: int = 0) -> dict[str, Any] | None:
        """Return the properties of a schema and all it is composed of; None where anything may be."""
        schema = self._resolve(schema)
        if not isinstance(schema, dict) or depth > DEPTH_MAX:
            return {}
        if schema.get("additionalProperties") not in (None, False):
            return None
        found = dict(schema.get("properties") or {})
        for name in ("allOf", "oneOf", "anyOf"):
            for part in schema.get(name) or []:
                inner = self._properties(part, depth + 1)
                if inner is None:
                    return None
                for key, value in inner.items():
                    found[key] = {"anyOf": [found[key], value]} if key in found else value
        return found

    def _unknown(self, schema: Any, value: Any, at: str) -> list[str]:
        if isinstance(value, dict):
            known = self._properties(schema)
            if not known:
                return []
            return [
                line
                for name, inner in value.items()
                for line in (
                    self._unknown(known[name], inner, f"{at}.{name}")
                    if name in known
                    else [f"undeclared property {at}.{name}"]
                )
            ]
        if isinstance(value, list):
            items = self._resolve(schema).get("items")
            return [line for one in value for line in self._unknown(items, one, at)] if items else []
        return []


def _pattern(template: str) -> re.Pattern[str]:
    parts = re.split(r"\{[^}]+\}", template)
    return re.compile("^" + "[^/]+".join(map(re.escape, parts)) + "/?$")


def _loosen(node: Any) -> None:
    """Turn overlapping alternatives (a frequent mistake of such documents) from oneOf into anyOf."""
    if isinstance(node, dict):
        if isinstance(node.get("oneOf"), list) and "discriminator" not in node:
            node["anyOf"] = node.get("anyOf", []) + node.pop("oneOf")
        for value in node.values():
            _loosen(value)
    elif isinstance(node, list):
        for value in node:
            _loosen(value)
