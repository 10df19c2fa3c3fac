"""Bringing publications out: never twice, never silently lost, always accounted for.

The row is the schedule and the row is the job; messages only say "look at this row" and any of them may be lost or
come twice. Where a crash (of a worker, the broker or the database) can happen, what it leaves, and who goes on:

=====================================================  ============================================  ==============
The crash comes ...                                    it leaves                                     picked up by
=====================================================  ============================================  ==============
before ``claim_due`` commits                           SCHEDULED, untouched                          next look
after the claim, before the message is sent,           PUBLISHING without an attempt: nothing was    ``put_back``
or the message is lost, or its worker dies early       sent, so it goes back to SCHEDULED
inside transaction A (``begin``)                       the same: A is rolled back whole              ``put_back``
after A commits, before or while the credentials       PUBLISHING with an attempt SENDING: nothing   ``reap`` to
are refreshed                                          was sent, but nobody can know                 UNCONFIRMED
while a file goes up, or between two of its parts      PUBLISHING with an attempt of kind            ``reap``,
                                                       ``prepare`` or none: nothing was sent         ``put_back``
while the adapter talks, or before its answer is read  the same; the network may have it             ``reap``
after the answer, before transaction B commits         the same; the network has answered            ``reap``
after B commits                                        the outcome; a mail may be missing            nobody
after B, before the message is acknowledged            the outcome; the message comes again and      ``begin``: not
                                                       finds a row that is no longer its to send     PUBLISHING
a message comes twice while the first is at work       an attempt SENDING stands, so the second      ``begin``
                                                       does nothing
while a row is read back                               UNCONFIRMED, its next look in the future      ``ask_again``
while a row is sent again under its key                UNCONFIRMED with an attempt SENDING: one      ``reap``, then
                                                       post comes of it, whatever became of this     ``ask_again``
while a row is polled                                  PROCESSING with an attempt SENDING: some      ``reap`` to
                                                       networks create the post in that very call    UNCONFIRMED
after ``reap``, but the worker lives and answers       its word counts if it says "published",       ``settle``
                                                       else the looking decides
=====================================================  ============================================  ==============

UNCONFIRMED never goes back to SCHEDULED by itself: it is looked for at the network three times in a quarter hour. Where
the network makes one post of all requests with one key, a look in vain is followed by the same request once more
(``repeating``). Else a person says what became of it (``publishing.services.delivery.resolve_unconfirmed``).

The right to publish is asked in transaction A under ``hold_access``, so no attempt begins after a revoke returned.
What was let out before that may still be on the wire for ``SEND_WITHIN_SECONDS`` and one request's time-out.
"""
