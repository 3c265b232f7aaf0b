"""Arrow and Parquet, by DuckDB: each value goes in as its text and is cast to its column's type, exactly."""

import io
import os
from typing import Any

import orjson

from assay.formats.table import Table


def arrow_stream(table: Table) -> bytes:
    """An IPC stream; the schema's metadata says where its numbers came from."""
    import nanoarrow
    from nanoarrow.c_array_stream import CArrayStream
    from nanoarrow.ipc import StreamWriter

    with _filled(table) as connection:
        found = nanoarrow.c_array_stream(connection.sql("FROM answer"))
        schema = found.get_schema().modify(metadata=_metadata(table))
        told = CArrayStream.from_c_arrays(list(found), schema, validate=False)
        out = io.BytesIO()
        with StreamWriter.from_writable(out) as writer:
            writer.write_stream(told)
        return out.getvalue()


def parquet_file(table: Table) -> bytes:
    """The file's metadata says where its numbers came from."""
    # In memory: it stands on no disk, and goes with the process.
    descriptor = os.memfd_create("answer")
    try:
        with _filled(table) as connection:
            connection.execute(
                f"COPY answer TO '/proc/self/fd/{descriptor}' "
                "(FORMAT parquet, COMPRESSION zstd, USE_TMP_FILE false, KV_METADATA {'assay': $1, 'assay.receipt_id': $2})",
                list(_metadata(table).values()),
            )
        os.lseek(descriptor, 0, os.SEEK_SET)
        with os.fdopen(os.dup(descriptor), "rb") as file:
            return file.read()
    finally:
        os.close(descriptor)


def _metadata(table: Table) -> dict[str, str]:
    return {"assay": orjson.dumps(table.about).decode(), "assay.receipt_id": table.receipt_id}


def _filled(table: Table) -> Any:
    import duckdb

    connection = duckdb.connect(":memory:", config={"threads": "1"})
    connection.execute(f"SET TimeZone = '{table.zone}'")
    columns = ", ".join(f"unnest(?::VARCHAR[])::{each.sql} AS {_name(each.name)}" for each in table.columns)
    texts = [[None if cell is None else str(cell) for cell in each.cells] for each in table.columns]
    connection.execute(f"CREATE TABLE answer AS SELECT {columns}", texts)
    return connection


def _name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
