"""Whether a join is one that the dictionary approves, and stays as small as the dictionary promises.

A join is approved by one of five rules, each on columns traced through CTEs and subqueries to dictionary columns:

1. Its equalities cover the keys of a join of `join_map.csv`, in either direction. Where a side is a subquery, one
   of the two sides must have one row for each value of the key.
2. A side is a subquery, both sides' columns hold values of one key (the same column, or children of one
   parent's key), and one of the two sides has one row for each value.
3. Both sides are grouped by, and joined on, nothing but dates (and keys as in 2).
4. Both sides are grouped by, and joined on, nothing but dimensions of the same name (and dates, and keys).
5. Its equalities cover the keys of a join to rows that hold for a while, and the rest of ON says which: the row that held
   at a time of a row before it (`gate/spans.py`). Equalities of such a key alone are not approved.

Further conditions may narrow an approved join. In a chain of joins each has to tell apart the rows of one of its two
sides: what was joined so far, or what is joined. Else rows would meet that only share a parent.
"""

from collections.abc import Callable, Iterator
from itertools import product

from assay.gate.lists import list_fault
from assay.gate.policy import Key, Origin, Policy
from assay.gate.scopes import NOTHING, JoinUse, Lineage, LinkUse, Source

Pair = tuple[Source, str, Source, str]


def join_fault(use: JoinUse, policy: Policy) -> tuple[str, str] | None:
    """(code, sentence) when the join may not be made."""
    if use.method == "natural":
        return "unapproved_join", "a NATURAL join matches whatever columns share a name; write ON with the approved key"
    if use.method in ("asof", "positional"):
        return "forbidden_construct", f"{use.method.upper()} joins may not be used"
    if use.method == "cross":
        return "unbounded_join", "every row would meet every row; write ON with an approved key"
    if any(not source.is_known for source in (*use.left, use.right)):
        return None
    sides = ("", "LEFT") if use.right.is_apart else ("",)
    if (
        use.right.is_list
        and use.method == "on"
        and (use.node.args.get("side") or "") in sides
        and not use.node.args.get("kind")
    ):
        fault = list_fault(use.node.parent, use.node.args.get("on"), use.right)
        return ("unapproved_join", fault) if fault else None
    if use.span:
        return None
    for source in use.left:
        pairs = [pair for pair in use.pairs if pair[0] is source]
        if pairs and _approved(pairs, policy):
            return _multiplied(use) if use.multiplies else None
    if use.method == "comma" and not use.pairs:
        return (
            "unbounded_join",
            f"nothing ties {use.right.name!r} to the other sources; write JOIN ... ON with an approved key",
        )
    if not use.pairs:
        return "unbounded_join", "ON holds no plain equality between the two sides that must be true"
    wanted = " and ".join(f"{left.name}.{a} = {right.name}.{b}" for left, a, right, b in use.pairs)
    return "unapproved_join", f"{wanted}: no approved join has this key, or neither side has one row for each value of it"


def _approved(pairs: list[Pair], policy: Policy) -> bool:
    left, right = pairs[0][0], pairs[0][2]
    is_derived = left.table is None or right.table is None
    if any(_has_key(pair, policy) for pair in pairs) or _has_composite_key(pairs, policy):
        return not is_derived or _one_side_is_unique(pairs)
    if not is_derived:
        return False
    domains = [pair for pair in pairs if _one_domain(_lineages(pair), policy)]
    calendar = [pair for pair in pairs if pair not in domains and all(lineage.is_calendar for lineage in _lineages(pair))]
    if domains and _one_side_is_unique(domains + calendar):
        return True
    shared = [pair for pair in pairs if pair not in domains and pair not in calendar and _is_shared(pair, policy)]
    if not calendar and not shared:
        return False
    together = domains + calendar + shared
    return _is_unique(together, 0) and _is_unique(together, 1)


def _is_shared(pair: Pair, policy: Policy) -> bool:
    """Both are grouped by it, and it is one dimension by name."""
    if pair[1] not in pair[0].grouped or pair[3] not in pair[2].grouped:
        return False
    return _all_pairs(_lineages(pair), policy.comparable)


def _multiplied(use: JoinUse) -> tuple[str, str]:
    key = " and ".join(f"{left.name}.{a} = {right.name}.{b}" for left, a, right, b in use.pairs)
    return "unapproved_join", (
        f"{key}: several rows of {use.right.name!r} would meet each of several rows joined before; they share this key and"
        " nothing else. Group one of the two by the key in a subquery first"
    )


def _lineages(pair: Pair) -> tuple[Lineage, Lineage]:
    return pair[0].columns.get(pair[1], NOTHING), pair[2].columns.get(pair[3], NOTHING)


def _all_pairs(ends: tuple[Lineage, Lineage], test: Callable[[Origin, Origin], bool]) -> bool:
    """Whether both ends hold values of columns that are known, and each of the one passes with each of the other."""
    one, other = ends
    if not (one.is_exact and other.is_exact and one.origins and other.origins):
        return False
    return all(test(a, b) for a, b in product(one.origins, other.origins))


def _has_key(pair: Pair, policy: Policy) -> bool:
    return _all_pairs(_lineages(pair), lambda a, b: (a, b) in policy.keys)


def _has_composite_key(pairs: list[Pair], policy: Policy) -> bool:
    given = set()
    for pair in pairs:
        one, other = _lineages(pair)
        if one.is_exact and other.is_exact and len(one.origins) == len(other.origins) == 1:
            given.add((next(iter(one.origins)), next(iter(other.origins))))
    return any(all(part in given for part in key) for key in policy.composite_keys)


def _one_domain(ends: tuple[Lineage, Lineage], policy: Policy) -> bool:
    return _all_pairs(ends, policy.same_domain)


def _is_unique(pairs: list[Pair], side: int) -> bool:
    source = pairs[0][0] if side == 0 else pairs[0][2]
    return source.is_unique_on(frozenset(pair[1] if side == 0 else pair[3] for pair in pairs))


def _one_side_is_unique(pairs: list[Pair]) -> bool:
    return _is_unique(pairs, 0) or _is_unique(pairs, 1)


def keys_relied_on(joins: list[JoinUse], policy: Policy) -> Iterator[Key]:
    """The keys of dictionary tables that keep the joins from counting rows twice, if they are what they say."""
    for use in joins:
        if use.keeps_left_only:
            continue
        if use.span:
            yield use.span
        for side in (0, 2):
            given: dict[str, set[str]] = {}
            for pair in use.pairs:
                source, name = (pair[0], pair[1]) if side == 0 else (pair[2], pair[3])
                lineage = source.columns.get(name, NOTHING)
                for table, column in lineage.origins if lineage.is_exact else ():
                    given.setdefault(table, set()).add(column)
            for table, columns in given.items():
                for key in policy.unique.get(table, ()):
                    if key <= columns:
                        yield table, tuple(sorted(key))


def link_fault(link: LinkUse, policy: Policy) -> str | None:
    """The sentence when a subquery is tied to the rows around it by something else than a key."""
    if link.kind == "correlated":
        for one, other in link.pairs:
            if _one_domain((one, other), policy):
                return None
        return "the subquery looks at the surrounding rows without an equality on an approved key"
    for one, other in link.pairs:
        # What is calculated from the same columns may be looked up: which groups come first, and which do not.
        if not one.origins or not other.origins or one.origins == other.origins or (one.is_calendar and other.is_calendar):
            continue
        if not all(policy.comparable(a, b) for a, b in product(one.origins, other.origins)):
            return "the values compared with the subquery are not of one approved key"
    return None
