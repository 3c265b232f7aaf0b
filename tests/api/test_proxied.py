"""A proxy says who asks: by a signed token or by plain headers with a secret, from listed addresses alone."""

import base64
import hmac
import json
import time
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey
from tests.api.steps import BEARER, from_outside
from tests.conftest import House, eventually

from assay.people.providers import read_identity

DATA = "/v1/metrics/cost_avoided_mtd/data"
SECRET = "a-secret-of-the-tests"
FILE = """
proxy:
  edge:
    from: [10.0.0.0/24]
    plain: {user: X-User, email: X-Email, groups: X-Groups, secret_header: X-Secret, secret: "${EDGE_SECRET}"}
    domains: [x.example]
    sign_out: /oauth2/sign_out
  gate:
    from: [10.0.1.1]
    token: {header: X-Token, keys: KEYS, issuer: "https://gate.example", audience: assay}
    domains: [x.example]
    sign_out: https://gate.example/out
roles:
  viewer: ["proxy:edge/west", "proxy:gate/west"]
  editor: ["*@x.example"]
"""
KEY = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"}, private=True)
OTHER = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"}, private=True)


@pytest.fixture(scope="module")
def keys() -> Iterator[str]:
    class Keys(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps({"keys": [KEY.as_dict(private=False)]}).encode()
            self.send_response(200)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Keys)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/jwks"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def identity(keys: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("proxied") / "identity.yaml"
    file.write_text(FILE.replace("KEYS", keys))
    return file


def behind(house: House, identity: Path, peer: str) -> AbstractAsyncContextManager[httpx.AsyncClient]:
    url, vouching = "http://assay.example", read_identity(identity, {"EDGE_SECRET": SECRET})
    return from_outside(house, peer, url, identity=vouching, public_url=url)


def said(**changes: str) -> dict[str, str]:
    given = {"x-user": "jane", "x-email": "jane@x.example", "x-groups": "west, east", "x-secret": SECRET} | changes
    return {name: value for name, value in given.items() if value}


def token(key: Any = KEY, alg: str = "RS256", **changes: Any) -> dict[str, str]:
    now = int(time.time())
    claims = {"iss": "https://gate.example", "aud": "assay", "sub": "jane", "groups": ["west"], "iat": now, "exp": now + 60}
    return {"x-token": jwt.encode({"alg": alg, "kid": "one"}, claims | changes, key, algorithms=[alg])}


def with_public_key(good: dict[str, str]) -> dict[str, str]:
    """What everybody can sign who takes the public key for a shared secret."""
    head = base64.urlsafe_b64encode(json.dumps({"alg": "HS256", "kid": "one"}).encode()).rstrip(b"=").decode()
    signed = f"{head}.{good['x-token'].split('.')[1]}"
    mac = hmac.digest(KEY.as_pem(private=False), signed.encode(), "sha256")
    return {"x-token": f"{signed}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"}


async def test_plain_headers_count_with_their_secret_from_a_listed_address(shared_house: House, identity: Path) -> None:
    async with behind(shared_house, identity, "10.0.0.7") as edge, behind(shared_house, identity, "10.0.9.9") as elsewhere:
        who = (await edge.get("/v1/session", headers=said())).json()["who"]
        assert (who["name"], who["kind"], who["roles"]) == ("jane@x.example", "person", ["viewer", "editor"])
        assert (await edge.post(DATA, json={}, headers=said())).status_code == 200
        assert (await edge.get("/v1/session", headers=said())).json()["who"] == who  # the same person, at each request
        assert (await edge.delete("/v1/session", headers=said())).json() == {"go_to": "/oauth2/sign_out"}
        for wrong in (said(**{"x-secret": "another-secret-of-16"}), said(**{"x-secret": ""})):
            assert (await edge.post(DATA, json={}, headers=wrong)).status_code == 401
        twice = [*said().items(), ("x-user", "admin")]
        assert (await edge.post(DATA, json={}, headers=twice)).status_code == 401
        assert (await edge.post(DATA, json={}, headers=said(**{"x-user": ""}))).status_code == 401  # names nobody
        # The same from elsewhere is a header like any other, and the address that a header claims is no address.
        for more in ({}, {"x-forwarded-for": "10.0.0.7"}):
            assert (await elsewhere.post(DATA, json={}, headers=said(**more))).status_code == 401
        none = said(**{"x-email": "jane@y.example", "x-groups": "east"})
        assert (await edge.post(DATA, json={}, headers=none)).status_code == 403
        # No form of another page rides on it.
        form = said() | {"content-type": "text/plain"}
        assert (await edge.post(DATA, content="{}", headers=form)).status_code == 415
        changed = await edge.patch(f"/v1/people/{who['id']}", json={"disabled": True}, headers=BEARER)
        assert changed.status_code == 200

        async def is_out() -> bool:
            return (await edge.post(DATA, json={}, headers=said())).status_code == 401

        await eventually(is_out)


async def test_a_token_of_a_proxy_is_checked_against_its_keys(shared_house: House, identity: Path) -> None:
    async with behind(shared_house, identity, "10.0.1.1") as gate, behind(shared_house, identity, "10.0.0.7") as edge:
        good = token(email="joe@x.example", email_verified=True)
        who = (await gate.get("/v1/session", headers=good)).json()["who"]
        assert (who["name"], who["roles"]) == ("joe@x.example", ["viewer", "editor"])
        assert (await gate.delete("/v1/session", headers=good)).json() == {"go_to": "https://gate.example/out"}
        unverified = (await gate.get("/v1/session", headers=token(email="joe@x.example"))).json()["who"]
        assert (unverified["name"], unverified["roles"]) == ("proxy:gate/jane", ["viewer"])
        now = int(time.time())
        for bad in (
            token(OTHER), with_public_key(good), token(aud="another"), token(iss="https://evil.example"),
            token(exp=now - 120), token(iat=now + 3_600), token(sub=""), {"x-token": "e30.e30."}, {"x-token": "x"},
            {"x-token": f"{good['x-token']}x"},
        ):  # fmt: skip
            assert (await gate.post(DATA, json={}, headers=bad)).status_code == 401
            assert (await gate.get("/health", headers=bad)).status_code == 200
        assert (await edge.post(DATA, json={}, headers=good)).status_code == 401  # of another proxy
