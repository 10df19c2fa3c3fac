"""``python -m sandbox --port N [--bluesky-port M] [--state DIR]``: Mastodon on one port, Bluesky on the next."""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import socket
import sys
import threading
import time


def end_with_parent() -> None:
    """Stop this process when the one that started it is gone, however that one ended."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os._exit(0)

    threading.Thread(target=watch, daemon=True).start()


def refuse_taken(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            sys.exit(f"sandbox: port {port} is taken; choose another with --port or --bluesky-port")


async def serve(port: int, bluesky_port: int) -> None:
    from granian.constants import Interfaces
    from granian.server.embed import Server

    from sandbox import accounts, asgi
    from sandbox.networks import networks

    for network in networks():
        accounts.people(network)
    servers = [
        Server(
            app,
            address="127.0.0.1",
            port=number,
            interface=Interfaces.ASGINL,
            log_enabled=False,
            backlog=1024,
        )
        for app, number in ((asgi.mastodon, port), (asgi.bluesky, bluesky_port))
    ]
    done = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, done.set)
    running = [asyncio.create_task(server.serve()) for server in servers]
    await asyncio.sleep(0.05)
    print(
        f"sandbox ready: Mastodon and timeline http://127.0.0.1:{port}/  Bluesky http://127.0.0.1:{bluesky_port}/",
        flush=True,
    )
    await asyncio.wait([asyncio.create_task(done.wait()), *running], return_when=asyncio.FIRST_COMPLETED)
    os._exit(0)  # nothing is half written: every answer given is in the file already


def main() -> None:
    parser = argparse.ArgumentParser(prog="sandbox", description=__doc__)
    parser.add_argument("--port", type=int, default=8090)
    parser.add_argument("--bluesky-port", type=int, default=0, help="default: the port after --port")
    parser.add_argument(
        "--state", help="folder that keeps the state (default .data/sandbox, or $SANDBOX_STATE)"
    )
    parser.add_argument("--with-parent", action="store_true", help="stop when the starting process is gone")
    given = parser.parse_args()
    if given.state:
        os.environ["SANDBOX_STATE"] = given.state
    if given.with_parent:
        end_with_parent()
    bluesky_port = given.bluesky_port or given.port + 1
    for port in (given.port, bluesky_port):
        refuse_taken(port)
    os.environ["SANDBOX_PORTS"] = f"{given.port} {bluesky_port}"
    asyncio.run(serve(given.port, bluesky_port))


if __name__ == "__main__":
    main()
