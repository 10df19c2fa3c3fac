"""Chorus as it runs in production - a confidential client with its own key - against the real server."""

from __future__ import annotations

import datetime
import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from social_accounts.networks.base import Content, Published, Rejected, utc_now
from social_accounts.networks.bluesky.adapter import BlueskyAdapter
from social_accounts.networks.bluesky.config import BlueskyConfig
from social_accounts.networks.bluesky.oauth import client_metadata, new_signing_jwk, public_jwks
from social_accounts.networks.http import guarded_client
from tests.peers.bluesky_server import BlueskyServer, serving

from .cast import picture, prepared, request_for

pytestmark = pytest.mark.peers

HOST = "chorus.peer.alt"
"""The server refuses clients under .example, .test and example.org; .alt (RFC 9476) leads nowhere, ever."""


def make_certificate(folder: Path) -> tuple[Path, Path]:
    """Write a certificate for HOST that is its own authority; return (certificate, certificate with key)."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    public = certificate.public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "ca.pem").write_bytes(public)
    (folder / "server.pem").write_bytes(private + public)
    return folder / "ca.pem", folder / "server.pem"


@contextmanager
def serving_documents(server_pem: Path, documents: dict[str, object]) -> Iterator[int]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps(documents.get(self.path, {})).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            return None

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(server_pem)
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


@pytest.fixture
def production(tmp_path: Path) -> Iterator[tuple[BlueskyServer, BlueskyConfig, str]]:
    """A server that can reach our metadata over https, our configuration, and our callback's address."""
    authority, server_pem = make_certificate(tmp_path)
    documents: dict[str, object] = {}
    with serving_documents(server_pem, documents) as port:
        root = f"https://{HOST}:{port}"
        environment = {"NODE_EXTRA_CA_CERTS": str(authority), "PDS_LOCAL_HOSTS": HOST}
        with serving(environment) as server:
            config = server.config(client_id=f"{root}/client.json", signing_jwk=new_signing_jwk("key-1"))
            documents["/client.json"] = client_metadata(
                config, redirect_uris=[f"{root}/cb"], client_uri=root, jwks_uri=f"{root}/jwks.json"
            )
            documents["/jwks.json"] = public_jwks(config)
            yield server, config, f"{root}/cb"


def test_confidential_client_connects_publishes_refreshes_and_is_forgotten(
    production: tuple[BlueskyServer, BlueskyConfig, str],
) -> None:
    server, config, redirect_uri = production
    adapter = BlueskyAdapter(config)
    alice = server.create_account("alice")
    with guarded_client(trusted_origins=server.origins) as http:
        app = adapter.register_app(http=http, server="", redirect_uri=redirect_uri)
        start = adapter.start(http=http, app=app, redirect_uri=redirect_uri, login_hint=alice.handle)
        callback = dict(parse_qsl(urlsplit(server.consent(start.url, alice)).query))
        account, credentials = adapter.finish(
            http=http, clock=utc_now, app=app, redirect_uri=redirect_uri, keep=start.keep, callback=callback
        )
        assert account.remote_id == alice.did
        renewed = adapter.refresh(http=http, clock=utc_now, app=app, credentials=credentials)
        request = request_for(account, Content(text="From production", media=(picture(),)))
        request = prepared(adapter, http=http, clock=utc_now, credentials=renewed, request=request)
        published = adapter.publish(http=http, clock=utc_now, credentials=renewed, request=request)
        assert isinstance(published, Published)
        adapter.revoke(http=http, clock=utc_now, app=app, credentials=renewed)

        stranger = BlueskyAdapter(
            server.config(client_id=config.client_id, signing_jwk=new_signing_jwk("key-1"))
        )
        with pytest.raises(Rejected, match="refused the connection"):
            stranger.start(http=http, app=app, redirect_uri=redirect_uri, login_hint=alice.handle)
