"""Start-up: embedded servers, the supervised process tree of `make run`, and the servers of the tests.

Nothing of the product imports this package; in production DATABASE_URL and REDIS_URL are set and it is not
used.
"""
