"""Who vouches for people: the file that names them, and the roles that follow from what they say."""

from pathlib import Path

import pytest

from assay.errors import SetupFailed
from assay.people.oidc import _joined
from assay.people.providers import Identity, read_identity
from assay.store.access import Vouched

ENVIRONMENT = {"CORP_SECRET": "sixteen-letters-and-more", "EDGE_SECRET": "sixteen-letters-and-more", "SHORT": "short"}
FILE = """
oidc:
  corp: {issuer: https://login.example, client_id: assay, client_secret: "${CORP_SECRET}", domains: [X.example],
         claims: [regions]}
  other: {issuer: "https://other.example", client_id: assay}
proxy:
  edge: {from: [10.0.0.5], sign_out: /oauth2/sign_out, domains: [x.example],
         plain: {user: X-User, email: X-Email, groups: X-Groups, secret_header: X-Secret, secret: "${EDGE_SECRET}"}}
roles:
  viewer: ["oidc:corp/claims west", "oidc:other/east"]
  editor: ["*@x.example"]
  admin: [boss@x.example, "proxy:edge/admins"]
"""


def read(folder: Path, text: str) -> Identity:
    file = folder / "identity.yaml"
    file.write_text(text)
    return read_identity(file, ENVIRONMENT)


def vouched(provider: str = "oidc:corp", email: str | None = None, *groups: str, subject: str = "1") -> Vouched:
    return Vouched(provider, subject, email, list(groups), {"regions": ["West"], "else": ["x"]})


@pytest.mark.parametrize(
    ("said", "roles"),
    [
        (vouched("oidc:corp", None, "claims west"), {"viewer"}),
        (vouched("oidc:corp", None, "east"), set()),  # of another provider
        (vouched("oidc:other", None, "claims west"), set()),
        (vouched("oidc:other", "jane@x.example", "east"), {"viewer"}),  # which does not speak for that domain
        (vouched("oidc:corp", "jane@x.example"), {"editor"}),
        (vouched("oidc:corp", "boss@x.example"), {"editor", "admin"}),
        (vouched("oidc:corp", "boss@x.example.evil"), set()),
        (vouched("oidc:corp", "boss@sub.x.example"), set()),
        (vouched("oidc:corp", None, "*@x.example", "boss@x.example"), set()),  # a group is no address
        (vouched("oidc:corp", None, subject="boss@x.example"), set()),  # nor is what somebody is called
        (vouched("oidc:corp", None, "x/oidc:corp/claims west"), set()),
        (vouched("proxy:edge", None, "admins"), {"admin"}),
        (vouched("oidc:edge", None, "admins"), set()),
        (vouched("oidc:gone", "boss@x.example", "claims west"), set()),  # named no more
    ],
)
def test_roles_follow_from_groups_of_their_provider_and_addresses_it_speaks_for(
    tmp_path: Path, said: Vouched, roles: set[str]
) -> None:
    who = read(tmp_path, FILE).known("person-1", said)
    assert who.roles == roles
    assert who.name == (said.email if who.email else f"{said.provider}/{said.subject}")


def test_what_is_kept_of_a_token_is_what_was_asked_for(tmp_path: Path) -> None:
    corp = read(tmp_path, FILE).oidc["corp"]
    said = {"email": " Jane@X.example ", "email_verified": True, "groups": ["a", 7, "", "b"], "regions": "West", "ssn": "1"}
    assert corp.vouched("oidc:corp", "1", said) == Vouched(
        "oidc:corp", "1", "jane@x.example", ["a", "b"], {"regions": ["West"]}
    )
    for other in (
        {"email_verified": "true"},
        {"email_verified": None},
        {"email": "a@b@x.example"},
        {"email": ["jane@x.example"]},
    ):
        assert corp.vouched("oidc:corp", "1", said | other).email is None
    # The one's word on the other's address counts for nothing.
    mixed = _joined({"sub": "1", "email": "boss@x.example"}, {"email": "jane@x.example", "email_verified": True})
    assert corp.vouched("oidc:corp", "1", mixed).email is None
    told = _joined({"sub": "1"}, {"sub": "1", "email": "jane@x.example", "email_verified": True})
    assert corp.vouched("oidc:corp", "1", told).email == "jane@x.example"


@pytest.mark.parametrize(
    ("written", "instead", "said"),
    [
        ("https://login.example", "http://login.example", "identity.yaml:3: oidc.corp.issuer"),
        ("${CORP_SECRET}", "a-secret-in-the-file", "identity.yaml:3: oidc.corp.client_secret"),
        ("${CORP_SECRET}", "${UNSET}", "identity.yaml:3: UNSET is not set"),
        ("${EDGE_SECRET}", "${SHORT}", "SHORT has fewer than 16 characters"),
        ("oidc:other/east", "oidc:others/east", "identity.yaml:10: 'oidc:others/east' is neither"),
        ("oidc:other/east", "oidc:other", "identity.yaml:10"),
        ('"*@x.example"', "everybody", "identity.yaml:11: 'everybody' is neither"),
        ("editor:", "owner:", "owner"),
        ("[10.0.0.5]", "[10.0.0.5/8]", "identity.yaml:7: proxy.edge.from"),
        ("/oauth2/sign_out", "//evil.example", "proxy.edge.sign_out"),
        ("client_id: assay,", "client_id: assay, secret: x,", "oidc.corp.secret"),
    ],
)  # fmt: skip
def test_a_file_that_is_wrong_is_told_with_its_line_and_never_a_secret(
    tmp_path: Path, written: str, instead: str, said: str
) -> None:
    with pytest.raises(SetupFailed) as refusal:
        read(tmp_path, FILE.replace(written, instead, 1))
    assert said in refusal.value.detail
    assert "a-secret-in-the-file" not in refusal.value.detail + str(refusal.value.mend)
    assert refusal.value.mend


def test_secrets_do_not_show(tmp_path: Path) -> None:
    found = read(tmp_path, FILE)
    assert found.oidc["corp"].client_secret == ENVIRONMENT["CORP_SECRET"]
    assert ENVIRONMENT["CORP_SECRET"] not in repr(found)
