"""Ask the web server of this container how it is, as the proxy would (else https answers with a redirect)."""

import os
import sys
import urllib.request

ADDRESS = f"http://127.0.0.1:{os.environ.get('PORT', '8000')}/healthz"

request = urllib.request.Request(ADDRESS, headers={"X-Forwarded-Proto": "https"})
with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310 - a fixed address
    sys.exit(0 if answer.status == 200 else 1)
