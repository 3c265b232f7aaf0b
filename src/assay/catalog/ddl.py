"""DDL from the dictionary: tables for every engine, indexes for Postgres. Built as trees, never as text.

The dictionary alone decides; this module knows no table by name.
"""

from collections.abc import Iterable, Iterator

from sqlglot import exp

from assay.catalog.dictionary import Dictionary, Table
from assay.catalog.types import engine_type
from assay.engine import engine_of

SELECTIVE_ROWS = 1_000
"""An index on a key helps only where the parent has at least so many rows."""
_NAME_BYTES = 63


def name_of(table: Table) -> exp.Table:
    return exp.table_(exp.to_identifier(table.name, quoted=True), db=exp.to_identifier(table.schema, quoted=True))


def create_schema(schema: str, driver: str) -> str:
    return exp.Create(this=_schema(schema), kind="SCHEMA", exists=True).sql(engine_of(driver).reading.sqlglot)


def drop_table(table: Table, driver: str) -> str:
    return exp.Drop(tables=[name_of(table)], kind="TABLE", exists=True).sql(engine_of(driver).reading.sqlglot)


def create_table(table: Table, driver: str) -> str:
    """CREATE TABLE with the types of the engine and NOT NULL where the dictionary says so."""
    engine = engine_of(driver)
    sqlglot = engine.reading.sqlglot
    definitions = [
        exp.ColumnDef(
            this=exp.to_identifier(column.name, quoted=True),
            kind=exp.DataType.build(engine_type(column.type, driver), dialect=sqlglot),
            constraints=[] if column.nullable else [exp.ColumnConstraint(kind=exp.NotNullColumnConstraint())],
        )
        for column in table.columns.values()
    ]
    tree = exp.Create(this=exp.Schema(this=name_of(table), expressions=definitions), kind="TABLE")
    if engine.types.table_format:
        provider = exp.FileFormatProperty(this=exp.var(engine.types.table_format))
        tree.set("properties", exp.Properties(expressions=[provider]))
    return tree.sql(sqlglot)


def create_indexes(table: Table, dictionary: Dictionary) -> Iterator[tuple[str, str]]:
    """(name, statement) of the Postgres indexes: keys, join keys worth it, and the times that windows look at.

    Times are the partition key and all columns of role `timestamp`.
    """
    wanted: dict[tuple[str, ...], bool] = {}
    if table.primary_key:
        wanted[table.primary_key] = True
    if table.business_key:
        wanted.setdefault(table.business_key, True)
    if table.partition_key:
        wanted.setdefault(table.partition_key, False)
    for column in table.columns.values():
        if column.role == "timestamp":
            wanted.setdefault((column.name,), False)
    for join in dictionary.joins_from.get(table.qualified, []):
        parent = dictionary.tables[join.to_table]
        if parent.expected_rows is None or parent.expected_rows >= SELECTIVE_ROWS:
            wanted.setdefault(join.from_columns, False)
    for columns, is_unique in wanted.items():
        name = _index_name(table, columns)
        if columns == table.primary_key:
            yield name, _primary_key(table, name).sql("postgres")
            continue
        ordered = [exp.Ordered(this=exp.column(exp.to_identifier(each, quoted=True)), nulls_first=False) for each in columns]
        index = exp.Index(
            this=exp.to_identifier(name, quoted=True), table=name_of(table), params=exp.IndexParameters(columns=ordered)
        )
        yield name, exp.Create(this=index, kind="INDEX", unique=is_unique).sql("postgres")


def _primary_key(table: Table, name: str) -> exp.Alter:
    key = exp.PrimaryKey(expressions=[exp.to_identifier(each, quoted=True) for each in table.primary_key])
    constraint = exp.Constraint(this=exp.to_identifier(name, quoted=True), expressions=[key])
    return exp.Alter(this=name_of(table), kind="TABLE", actions=[exp.AddConstraint(expressions=[constraint])])


def _index_name(table: Table, columns: Iterable[str]) -> str:
    suffix = "pkey" if tuple(columns) == table.primary_key else "idx"
    name = "_".join((table.name, *columns, suffix))
    return name.encode()[:_NAME_BYTES].decode(errors="ignore")


def _schema(schema: str) -> exp.Table:
    return exp.Table(db=exp.to_identifier(schema, quoted=True))
