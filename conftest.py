# A conftest outranks pytest-django's own fixture; a plugin given by -p does not.
from devstack.pytest_plugin import cloned_database  # noqa: F401
