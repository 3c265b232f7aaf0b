"""Who and what is counted once each, and how much comes on each of them: customers with orders, orders per customer."""

from collections.abc import Iterator

from assay.catalog.dictionary import Column, Dictionary, Join, Table
from assay.catalog.subject import Drafted, Subject, direction, in_formula
from assay.catalog.vocabulary import EARNED, KEYS, PEOPLE, many, meant, one, plural, said_as, small, tells, thing


def counted_once(subject: Subject, dictionary: Dictionary, by: str, value: Drafted | None) -> Iterator[Drafted]:
    """`by`: the words for the time by which rows count; `value`: the money that they are about, where there is one."""
    joins = [each for each in dictionary.joins_from.get(subject.table.qualified, []) if len(each.from_columns) == 1]
    if subject.shape.kind == "part":
        whole = next((each for each in joins if each.to_table == subject.whole), None)
        if whole is not None and whole.cardinality == "many_to_one":
            yield from _on_each_whole(subject, whole, dictionary.tables[whole.to_table], by, value)
    if subject.shape.kind not in ("event", "facts"):
        return
    yield from _people_by_number(subject, dictionary, by)
    for join in joins:
        parent = dictionary.tables[join.to_table]
        said = thing(parent.name)
        if not tells(said[-1:], PEOPLE) or said[-1].startswith(("employee", "staff")):
            continue
        column = subject.table.columns[join.from_columns[0]]
        people = many(parent.name, True)
        has_roles = sum(each.to_table == join.to_table for each in joins) > 1
        if has_roles:
            # Of a sender and a receiver each is counted by what it is called.
            role = [word for word in meant(column.name) if word not in KEYS]
            if not role or not (tells(role[-1:], PEOPLE) or role[-1].endswith(_WHO_DOES)):
                continue
            people = many("_".join(role), True)
        label = f"{people} with {small(subject.label)}"
        # Where their own table says who is active, that is what the word means.
        says_active = any(tells(meant(each), {"active"}) for each in parent.columns)
        yield Drafted(
            label, label, f"Number of different {column.name} in {subject.table.qualified}{by}.",
            {"measure": f"COUNT(DISTINCT {in_formula(column)})"}, "count", direction(said), subject.shape.weight + 2,
            () if says_active else (f"active {small(people)}",),
            "counted once each, by what the rows point to.", is_flow=False,
        )  # fmt: skip
        if not has_roles and join.cardinality == "many_to_one":
            yield from _on_each_person(subject, column, one(parent.name, True), by, value)


def _on_each_person(subject: Subject, column: Column, person: str, by: str, value: Drafted | None) -> Iterator[Drafted]:
    weight, per = subject.shape.weight, small(person)
    yield _ratio(subject, f"{subject.label} per {per}", ("COUNT(*)", "Rows", "count"), column, by, weight - 4)
    if value is not None:
        measure = (value.form["measure"], value.label, value.unit)
        yield _ratio(subject, f"{value.label} per {per}", measure, column, by, weight - 3)


def _on_each_whole(subject: Subject, join: Join, whole: Table, by: str, value: Drafted | None) -> Iterator[Drafted]:
    """Lines of each order, and what an order is worth where only its lines say so."""
    column, weight = subject.table.columns[join.from_columns[0]], subject.shape.weight
    label = small(one(whole.name, True))
    yield _ratio(subject, f"{subject.label} per {label}", ("COUNT(*)", "Rows", "count"), column, by, weight - 20)
    is_said = any(each.role == "measure" and EARNED.issuperset(meant(each.name)) for each in whole.columns.values())
    if value is not None and not is_said:
        measure = (value.form["measure"], value.label, value.unit)
        yield _ratio(subject, f"Average {label} value", measure, column, by, weight + 6)


def _ratio(subject: Subject, label: str, measure: tuple[str, str, str], column: Column, by: str, weight: float) -> Drafted:
    """`measure`: (formula, its words, unit). Over those alone that have rows: of others no row speaks."""
    formula, what, unit = measure
    key = in_formula(column)
    filled = {"filter": f"{key} IS NOT NULL"} if column.nullable else {}
    return Drafted(
        label, f"{label} of {small(subject.label)}",
        f"{what} in {subject.table.qualified} over the number of different {column.name} there{by}.",
        {"numerator": {"measure": formula, **filled}, "denominator": {"measure": f"COUNT(DISTINCT {key})"}},
        unit, "neutral" if formula == "COUNT(*)" else "up_is_good", weight, (),
        f"each {column.name} that has rows in the window counts once; those without any do not.", is_flow=False,
    )  # fmt: skip


_WHO_DOES = ("er", "or", "ee", "ent", "ant")


def _people_by_number(subject: Subject, dictionary: Dictionary, by: str) -> Iterator[Drafted]:
    """In a table that stands alone, such as a file, people are known by their number: `Customer ID`."""
    joined = {name for join in dictionary.joins_from.get(subject.table.qualified, []) for name in join.from_columns}
    for column in subject.table.columns.values():
        said, facts = meant(column.name), subject.facts[column.name]
        is_number = len(said) > 1 and said[-1] in ("id", "number", "code", "key") and said[-2] in PEOPLE
        if not is_number or column.pii or column.name in joined or column.type.kind == "other" or facts.filled == 0:
            continue
        if (subject.sampled and facts.distinct == subject.sampled) or said[-2].startswith(("employee", "staff")):
            continue
        label = f"{said_as(' '.join([*said[:-2], plural(said[-2])]))} with {small(subject.label)}"
        yield Drafted(
            label, label, f"Number of different {column.name} in {subject.table.qualified}{by}.",
            {"measure": f"COUNT(DISTINCT {in_formula(column)})"}, "count", direction(said), subject.shape.weight + 2, (),
            "counted once each, by their number.", is_flow=False,
        )  # fmt: skip
