"""Servers that do not answer: noticed by whoever calls them, left alone for a while, then asked once.

``ServerOutage`` is one row for each network and server that failed lately, shared by all workers. Its three states:

=============  ==========================================  =========================================================
closed         ``opened_at`` is None                       calls go on; failures in a row are counted
open           ``try_at`` lies ahead                       nobody calls the server; what waits uses up no try
half open      ``try_at`` is over                          exactly one call goes through: the one ``probe_*`` names
=============  ==========================================  =========================================================

An answer of any kind closes it: a server that refuses a post is there. The probe's failure opens it again, each time
for longer. Only what says that the *server* is to blame counts (``NetworkError.trouble``). A crash of whoever probes
costs ``PROBE_SECONDS``. ADR 0023 says why it is like this.
"""
