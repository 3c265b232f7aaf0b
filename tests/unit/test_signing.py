"""What is signed so that others can check it: RFC 8785, keys that follow from secrets, RFC 9162, receipts that have left."""

import hashlib
import json
import struct
from pathlib import Path
from typing import Any

import pytest

from assay.signing import tree
from assay.signing.canonical import canonical, number
from assay.signing.exported import check_exported, digest_of, entry_of, exported, keys_as_published, read_keys
from assay.signing.heads import Head, sign_head
from assay.signing.ring import Ring, key_id_of
from assay.signing.tree import Node, leaf_hash, node_hash

# RFC 8785, appendix B.
NUMBERS = {
    "0000000000000000": "0", "8000000000000000": "0", "0000000000000001": "5e-324", "8000000000000001": "-5e-324",
    "7fefffffffffffff": "1.7976931348623157e+308", "ffefffffffffffff": "-1.7976931348623157e+308",
    "4340000000000000": "9007199254740992", "c340000000000000": "-9007199254740992",
    "4430000000000000": "295147905179352830000", "44b52d02c7e14af5": "9.999999999999997e+22",
    "44b52d02c7e14af6": "1e+23", "44b52d02c7e14af7": "1.0000000000000001e+23",
    "444b1ae4d6e2ef4e": "999999999999999700000", "444b1ae4d6e2ef4f": "999999999999999900000",
    "444b1ae4d6e2ef50": "1e+21", "3eb0c6f7a0b5ed8c": "9.999999999999997e-7", "3eb0c6f7a0b5ed8d": "0.000001",
    "41b3de4355555553": "333333333.3333332", "41b3de4355555554": "333333333.33333325",
    "41b3de4355555555": "333333333.3333333", "41b3de4355555556": "333333333.3333334",
    "41b3de4355555557": "333333333.33333343", "becbf647612f3696": "-0.0000033333333333333333",
    "43143ff3c1cb0959": "1424953923781206.2",
}  # fmt: skip


def test_numbers_are_written_as_rfc_8785_lists_them() -> None:
    for bits, text in NUMBERS.items():
        value = struct.unpack(">d", bytes.fromhex(bits))[0]
        assert (number(value), canonical(value).decode(), canonical([value]).decode()) == (text, text, f"[{text}]"), bits


def test_a_document_is_written_as_rfc_8785_shows_it() -> None:
    given = (
        r'{"numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],'
        r'"string": "\u20ac$\u000F\u000aA\u0027\u0042\u0022\u005c\\\"\/", "literals": [null, true, false]}'
    )
    assert canonical(json.loads(given)).decode() == (
        '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],'
        r'"string":"€$\u000f\nA' + "'" + r'B\"\\\\\"/"}'
    )
    names = ["\u20ac", "\r", "\ufb33", "1", "\U0001f600", "\u0080", "\u00f6"]
    assert list(json.loads(canonical(dict.fromkeys(names, 0)))) == [
        "\r", "1", "\u0080", "\u00f6", "\u20ac", "\U0001f600", "\ufb33",
    ]  # fmt: skip


@pytest.mark.parametrize("value", [float("nan"), float("-inf"), {1: 2}, {"a": b""}, "\ud800", {"\ud800": 1}, object()])
def test_what_json_cannot_carry_is_refused(value: Any) -> None:
    with pytest.raises(ValueError):
        canonical({"a": [value]})


def test_what_was_signed_as_one_kind_is_valid_as_no_other_and_by_no_other_key() -> None:
    ring, other = Ring(["a secret of this test"]), Ring(["another secret of this test"])
    signature = ring.sign("receipt", "text")
    assert ring.verify("receipt", "text", signature)
    assert not ring.verify("recommendation", "text", signature)
    assert not ring.verify("receipt", "text ", signature)
    assert not other.verify("receipt", "text", signature)
    forged = f"{ring.current.key_id}:{other.sign('receipt', 'text').partition(':')[2]}"
    assert not ring.verify("receipt", "text", forged)
    for broken in ("", ":", "é", "0" * 64, signature[:-4], signature + "=", signature.replace(":", ": ")):
        assert not ring.verify("receipt", "text", broken), broken


def test_a_new_key_signs_and_what_the_old_ones_signed_stays_valid() -> None:
    old = Ring(["an old secret"])
    mac, signature = old.mac("text"), old.sign("receipt", "text")
    ring = Ring(["a new secret", "an old secret"])
    assert key_id_of(ring.sign("receipt", "text")) != key_id_of(signature)
    assert ring.verify("receipt", "text", signature)
    assert ring.verify("receipt", "text", mac)
    assert not ring.verify("head", "text", mac)
    assert not Ring(["a new secret"]).verify("receipt", "text", mac)


# The eight leaves that Certificate Transparency's own tests use, and the roots of the first one, two, three, ...
LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
ROOTS = """6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d
fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125
aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77
d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7
4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4
76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef
ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c
5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328""".split()
OF_THE_FIRST = """96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7
5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e
6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4""".split()
FROM_SIX = """0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a
ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0
d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7""".split()


def grown(leaves: list[bytes], steps: int = 1) -> dict[Node, bytes]:
    """As a store grows it: some leaves at a time, each time with no more than the frontier."""
    nodes = dict[Node, bytes]()
    for begin in range(0, len(leaves), steps):
        known = {node: nodes[node] for node in tree.frontier(begin)}
        nodes |= tree.grow(begin, known, leaves[begin : begin + steps])
    return nodes


def plain_root(leaves: list[bytes]) -> bytes:
    """RFC 9162, 2.1.1, word for word."""
    if len(leaves) == 1:
        return leaves[0]
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return node_hash(plain_root(leaves[:half]), plain_root(leaves[half:]))


def test_roots_and_proofs_are_those_of_certificate_transparency() -> None:
    leaves = [leaf_hash(bytes.fromhex(each)) for each in LEAVES]
    nodes = grown(leaves)
    assert [tree.root(size, nodes).hex() for size in range(1, 9)] == ROOTS
    assert tree.root(0, {}) == hashlib.sha256().digest() == tree.Growing().root()
    assert [each.hex() for each in tree.inclusion(0, 8, nodes)] == OF_THE_FIRST
    assert [each.hex() for each in tree.consistency(6, 8, nodes)] == FROM_SIX


def test_each_proof_of_each_tree_holds_and_holds_for_nothing_else() -> None:
    leaves = [leaf_hash(bytes([number])) for number in range(21)]
    nodes, growing = grown(leaves, 4), tree.Growing()
    for size in range(1, 22):
        growing.add(leaves[size - 1])
        root = plain_root(leaves[:size])
        assert root == tree.root(size, nodes) == growing.root()
        for place in range(size):
            known = {node: nodes[node] for node in tree.inclusion_nodes(place, size)}
            path = tree.inclusion(place, size, known)
            assert tree.is_included(leaves[place], place, size, path, root)
            assert not tree.is_included(leaves[place], place + 1, size, path, root)
            assert not tree.is_included(leaves[place], place, size, [*path, root], root)
            assert not tree.is_included(leaf_hash(b"no"), place, size, path, root)
        for first in range(1, size + 1):
            known = {node: nodes[node] for node in tree.consistency_nodes(first, size)}
            path, old = tree.consistency(first, size, known), plain_root(leaves[:first])
            assert tree.is_consistent(first, size, path, old, root)
            assert first == size or not tree.is_consistent(first, size, path, root, old)
            assert not tree.is_consistent(first, size, [*path, old], old, root)


RING = Ring(["the secret of an install"])
RECEIPT = {"receipt_id": "01m2n3p4q5r6s7t8v9w0x1y2z3", "install": "one", "salt": "ab", "rows": [["1410000.00", 4.5]]}


def export(receipt: dict[str, Any] = RECEIPT, ring: Ring = RING) -> dict[str, Any]:
    """As the second of three leaves."""
    document = canonical(receipt).decode()
    signature = ring.sign("receipt", document)
    own = leaf_hash(entry_of(receipt["receipt_id"], digest_of(document, signature)))
    nodes = grown([leaf_hash(b"a"), own, leaf_hash(b"c")])
    head = Head("receipts", 3, tree.root(3, nodes).hex(), "2026-01-02T03:04:05Z", "one")
    log = {"position": 1, "path": [each.hex() for each in tree.inclusion(1, 3, nodes)], "head": sign_head(head, ring)}
    return exported(receipt, signature, log)


def check(document: dict[str, Any], ring: Ring = RING, install: str = "one") -> tuple[str, ...]:
    """The other side has text alone: of the receipt, and of the keys."""
    keys = read_keys(json.dumps(keys_as_published(install, ring.public_keys)))
    return check_exported(json.dumps(document, indent=2), keys).faults


def test_a_receipt_that_has_left_is_checked_with_public_keys_alone() -> None:
    assert check(export()) == ()
    assert check({**export(), "log": None}) == ()
    assert check(export(ring=Ring(["an old secret"])), Ring(["a new secret", "an old secret"])) == ()


def test_the_receipt_that_the_page_is_tested_with_is_as_it_was_signed() -> None:
    given = json.loads((Path(__file__).parents[2] / "frontend" / "tests" / "receipt.json").read_text())
    assert canonical(given["exported"]["receipt"]).decode() == given["canonical"]
    assert check_exported(json.dumps(given["exported"]), read_keys(json.dumps(given["keys"]))).faults == ()


def test_whatever_was_changed_of_a_receipt_that_has_left_is_found() -> None:
    good = export()
    changed = [
        {**good, "receipt": {**RECEIPT, "rows": [["9410000.00", 4.5]]}},
        {**good, "receipt": {**RECEIPT, "more": None}},
        {**good, "signature": export({**RECEIPT, "salt": "cd"})["signature"]},
        {**good, "log": {**good["log"], "position": 0}},
        {**good, "log": {**good["log"], "path": good["log"]["path"][:1]}},
        {**good, "log": {**good["log"], "head": {**good["log"]["head"], "number": 4}}},
        {**good, "log": export({**RECEIPT, "salt": "cd"})["log"]},
        {**good, "signature": RING.mac(canonical(RECEIPT).decode()), "log": None},
    ]
    for each in changed:
        assert check(each), each
    assert check(good, Ring(["another secret"]))
    assert check(good, install="two")


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"assay": "receipt 2"}', '{"a": 1, "a": 2}', '{"assay": "receipt 1", "receipt": 1}']
)
def test_what_is_no_receipt_is_said_to_be_none(text: str) -> None:
    with pytest.raises(ValueError):
        check_exported(text, read_keys(json.dumps(keys_as_published("one", RING.public_keys))))


def test_a_key_that_bears_the_name_of_another_is_no_key() -> None:
    keys = keys_as_published("one", RING.public_keys)
    keys["keys"][0]["public_key"] = Ring(["another secret"]).current.text
    for text in (
        json.dumps(keys),
        "{}",
        '{"install": "one", "keys": []}',
        '{"install": "one", "keys": [{"key_id": "a", "public_key": "b"}]}',
    ):
        with pytest.raises(ValueError):
            read_keys(text)
