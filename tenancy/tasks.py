from __future__ import annotations

import inspect
from typing import Any

from celery import Task

from tenancy.context import organization_open


class OrganizationTask(Task):  # type: ignore[type-arg]
    """A task that works inside one organization: called with ``organization_id`` and other ids, keywords only.

    Keywords the code does not know are dropped, because old and new code run side by side during an upgrade.
    ``opens_organization = False``: the service opens the tenant itself, because it must not hold a transaction
    while it talks to a network.
    """

    abstract = True
    opens_organization = True

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        known = inspect.signature(self.run).parameters
        kept = {name: value for name, value in kwargs.items() if name in known}
        if not self.opens_organization:
            return self.run(*args, **kept)
        with organization_open(kwargs["organization_id"]):
            return self.run(*args, **kept)
