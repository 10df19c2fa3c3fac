"""How much of the catalogue is real: for every action, what in the code declares it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from celery import current_app
from django.urls import URLPattern, URLResolver, get_resolver

from api.operations import operation_of
from permissions import catalogue
from permissions.catalogue import Action
from permissions.guard import Guard


@dataclass(frozen=True)
class Covered:
    """One action with the names of the views, endpoints among them, and tasks that declare it."""

    action: Action
    views: tuple[str, ...]
    tasks: tuple[str, ...]

    def __str__(self) -> str:
        mark = "" if self.action.is_available else "  (not available yet)"
        declared = [f"view {name}" for name in self.views] + [f"task {name}" for name in self.tasks]
        return f"{self.action.name}{mark}: {', '.join(declared) or '-'}"


def coverage() -> list[Covered]:
    """Return every action of the catalogue, in its order."""
    views: defaultdict[str, set[str]] = defaultdict(set)
    for view in _views(get_resolver()):
        asked = (operation_of(view, method) for method in ("get", "post", "put", "patch", "delete"))
        own = [told.action for told in asked if told is not None]
        for name in (view.action, view.write_action, view.listing, *view.any_action, *own):
            views[name].add(f"{view.__module__}.{view.__qualname__}")
    tasks: defaultdict[str, set[str]] = defaultdict(set)
    current_app.loader.import_default_modules()
    for task_name, task in current_app.tasks.items():
        tasks[str(getattr(task, "action", ""))].add(task_name)
    return [
        Covered(action, tuple(sorted(views[action.name])), tuple(sorted(tasks[action.name])))
        for action in catalogue.ACTIONS.values()
    ]


def summary(covered: list[Covered]) -> str:
    available = [each for each in covered if each.action.is_available]
    silent = [each for each in available if not each.views and not each.tasks]
    return (
        f"{len(covered)} actions: {len(available)} available, {len(covered) - len(available)} not available yet; "
        f"{len(silent)} of the available ones are declared by no view or task (services ask for them)."
    )


def _views(resolver: URLResolver) -> Iterator[type[Guard]]:
    """Yield every page and every endpoint of the API."""
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from _views(entry)
        elif isinstance(entry, URLPattern):
            view = getattr(entry.callback, "view_class", None)
            if isinstance(view, type) and issubclass(view, Guard):
                yield view
