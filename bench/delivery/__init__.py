"""How many posts go out how late, by real workers that are killed and a sandbox that swallows answers.

The same posts then go out the plain way, one Celery task with an ETA for each (``bench.delivery.plain``). What is
counted is what the sandbox took.
"""
