"""One operation of an endpoint: what it takes, what it answers. The document is written from the same lines that read
and write, so it cannot say anything else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, wraps
from typing import Any

from django.http import HttpResponse, HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.pagination import Page, PageQuery
from api.problems import FieldError, Problem, field_errors

Shape = type[serializers.Serializer[Any]]
NO_CONTENT = 204


@dataclass(frozen=True)
class Operation:
    """What an endpoint says of one of its methods. ``action``: asked instead of the view's own."""

    summary: str
    takes: Shape | None = None
    query: Shape | None = None
    answers: Shape | None = None
    status: int = 200
    is_paged: bool = False
    action: str = ""
    shown_once: tuple[str, ...] = ()
    takes_file: str = ""
    answers_file: str = ""

    @property
    def reads_body(self) -> bool:
        return self.takes is not None or bool(self.takes_file)


def operation(
    summary: str,
    *,
    description: str = "",
    takes: Shape | None = None,
    query: Shape | None = None,
    answers: Shape | None = None,
    pages: Shape | None = None,
    lists: Shape | None = None,
    status: int = 0,
    action: str = "",
    shown_once: tuple[str, ...] = (),
    takes_file: str = "",
    answers_file: str = "",
) -> Callable[[Callable[..., Any]], Callable[..., HttpResponseBase]]:
    """Make a method of a GuardedAPIView read its parameters and body, and write its answer.

    The method gets the ids of the address; ``self.query`` and ``self.given`` hold what was read. It returns an object
    for ``answers``, a ``Page`` for ``pages``, an iterable for ``lists``, or nothing (204). ``takes_file`` and
    ``answers_file`` are media types: then ``self.given``, or what is returned, is the text itself.
    """
    if pages is not None:
        query, answers = _paged(query) if query else PageQuery, page_shape(pages)  # type: ignore[arg-type]
    elif lists is not None:
        answers = list_shape(lists)  # type: ignore[arg-type]
    told = Operation(
        summary=summary,
        takes=takes,
        query=query,
        answers=answers,
        status=status or (200 if answers or answers_file else NO_CONTENT),
        is_paged=pages is not None,
        action=action,
        shown_once=shown_once,
        takes_file=takes_file,
        answers_file=answers_file,
    )

    def decorate(method: Callable[..., Any]) -> Callable[..., HttpResponseBase]:
        @wraps(method)
        def handle(view: Any, request: Request, **kwargs: Any) -> HttpResponseBase:
            kwargs.pop("slug", None)
            view.query = _read_query(told, request, view)
            view.given = _read_body(told, request, view)
            found = method(view, **kwargs)
            return _answer(told, found, view)

        handle.operation = told  # type: ignore[attr-defined]
        documented = extend_schema(
            summary=summary,
            description=description or summary,
            parameters=[query] if query else [],
            request={takes_file: OpenApiTypes.ANY} if takes_file else takes,
            responses={(told.status, answers_file): OpenApiTypes.ANY}
            if answers_file
            else {told.status: answers},
        )
        return documented(handle)  # type: ignore[no-any-return]

    return decorate


def operation_of(view: Any, method: str | None) -> Operation | None:
    """Return what the view says of a method of HTTP."""
    handler = getattr(view, (method or "").lower(), None)
    found = getattr(handler, "operation", None)
    return found if isinstance(found, Operation) else None


def _read_query(told: Operation, request: Request, view: Any) -> Mapping[str, Any]:
    if told.query is None:
        return {}
    read = told.query(data=request.query_params.dict(), context={"view": view})
    if not read.is_valid():
        errors = [FieldError(e.pointer.strip("/"), e.detail) for e in field_errors(read.errors)]
        raise Problem(400, errors[0].detail, errors=errors)
    values: Mapping[str, Any] = read.validated_data
    return values


def _read_body(told: Operation, request: Request, view: Any) -> Any:
    if told.takes_file:
        return request.data or ""
    if told.takes is None:
        return {}
    read = told.takes(data=request.data, context={"view": view}, partial=request.method == "PATCH")
    read.is_valid(raise_exception=True)
    return read.validated_data


def _answer(told: Operation, found: Any, view: Any) -> HttpResponseBase:
    if told.answers_file:
        return HttpResponse(found, content_type=f"{told.answers_file}; charset=utf-8")
    if isinstance(found, Response):
        return found
    if told.answers is None:
        return Response(status=told.status)
    if not isinstance(found, Page) and issubclass(told.answers, _ListShape):
        found = {"items": list(found)}
    written = told.answers(found, context={"view": view})
    return Response(written.data, status=told.status)


class _ListShape(serializers.Serializer[Any]):
    """A list that comes whole."""


@cache
def list_shape(of: Shape) -> type[serializers.Serializer[Any]]:
    """Return the shape ``{"items": [...]}`` of a list that comes whole."""
    return type(f"{_name(of)}List", (_ListShape,), {"items": of(many=True), "__doc__": "All of them."})


@cache
def page_shape(of: Shape) -> type[serializers.Serializer[Any]]:
    """Return the shape ``{"items": [...], "next": ...}`` of one page of a list."""
    fields = {
        "items": of(many=True),
        "next": serializers.CharField(
            allow_null=True, help_text="`cursor` of the next page; null on the last one."
        ),
        "__doc__": "One page of a list.",
    }
    return type(f"{_name(of)}Page", (serializers.Serializer,), fields)


@cache
def _paged(query: Shape) -> Shape:
    return type(f"{query.__name__}Paged", (query, PageQuery), {})


def _name(of: Shape) -> str:
    return of.__name__.removesuffix("Serializer")
