"""An answer as it travelled, its values in types of Python, and what they come from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas
    import polars
    import pyarrow

Value = str | int | float | bool | Decimal | date | datetime | None
_SHOWN_ROWS = 20
_DIGITS = 38


@dataclass(frozen=True, slots=True)
class Column:
    """`role`: time, dimension, others, value or previous. `empty`: what a group without rows means, of values."""

    name: str
    type: str
    role: str
    unit: str | None
    metric_id: str | None
    empty: str | None


@dataclass(frozen=True, repr=False)
class Answer:
    """Rows and where they come from. `body`: all that the server said, as JSON."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Value, ...], ...]
    body: dict[str, Any]
    url: str

    @classmethod
    def of(cls, body: dict[str, Any], url: str) -> Answer:
        columns = tuple(
            Column(each["name"], each["type"], each["role"], each["unit"], each["metric_id"], each.get("empty"))
            for each in body["columns"]
        )
        rows = tuple(
            tuple(_value(cell, column.type) for cell, column in zip(row, columns, strict=True)) for row in body["rows"]
        )
        return cls(columns, rows, body, url)

    @property
    def value(self) -> Value:
        """Of an answer that is one number. Raises ValueError where it has groups or several metrics."""
        values = [index for index, column in enumerate(self.columns) if column.role == "value"]
        if len(self.rows) != 1 or len(values) != 1:
            raise ValueError(f"This answer has {len(self.rows)} rows and {len(values)} columns of values: read its rows.")
        return self.rows[0][values[0]]

    @property
    def receipt_id(self) -> str:
        return str(self.body["provenance"]["receipt_id"])

    @property
    def receipt_link(self) -> str:
        return f"{self.url}/receipts/{self.receipt_id}"

    @property
    def stale_reason(self) -> str | None:
        """Where it is not None, this is the last good answer, and no newer can be had."""
        return self.body["provenance"]["stale_reason"]

    @property
    def is_truncated(self) -> bool:
        """Whether there are more groups than rows here."""
        return bool(self.body["provenance"]["truncated"])

    @property
    def as_of(self) -> datetime:
        return datetime.fromisoformat(self.body["provenance"]["as_of"])

    @property
    def window(self) -> str:
        """As a sentence says it."""
        window = self.body["question"]["window"]
        if window is None:
            return f"as it stands at {self.body['question']['as_of']}"
        named = f"{window['name'].replace('_', ' ')}: " if window["name"] else ""
        return f"{named}{window['start']} to before {window['end']}, {window['timezone']}"

    # -- as other libraries hold it -------------------------------------------------------------

    def to_arrow(self) -> pyarrow.Table:
        """Every value exact; under `assay.receipt_id` of the schema's metadata stands the receipt."""
        import pyarrow as pa

        known = {
            "double": pa.float64(), "boolean": pa.bool_(), "date": pa.date32(), "string": pa.string(),
        }  # fmt: skip
        arrays = [self._arrow_array(pa, index, known) for index in range(len(self.columns))]
        table = pa.table(dict(zip(self._names(), arrays, strict=True)))
        return table.replace_schema_metadata({"assay.receipt_id": self.receipt_id})

    def _arrow_array(self, pa: Any, index: int, known: dict[str, Any]) -> Any:
        kind, cells = self.columns[index].type, self._cells(index)
        present = [each for each in cells if each is not None]
        if kind == "timestamp":
            is_zoned = any(each.tzinfo is not None for each in present if isinstance(each, datetime))
            return pa.array(cells, type=pa.timestamp("us", tz="UTC" if is_zoned or not present else None))
        if kind == "decimal":
            scale = max((_scale(each) for each in present), default=0)
            return pa.array(cells, type=pa.decimal128(_DIGITS, scale))
        if kind == "integer":
            is_wide = any(abs(int(str(each))) >= 2**63 for each in present)
            whole = [None if each is None else Decimal(str(each)) for each in cells] if is_wide else cells
            return pa.array(whole, type=pa.decimal128(_DIGITS, 0) if is_wide else pa.int64())
        return pa.array(cells, type=known[kind])

    def to_polars(self) -> polars.DataFrame:
        """Every value exact."""
        import polars as pl

        return pl.DataFrame({
            name: pl.Series(name, self._cells(index), dtype=self._polars_type(pl, index))
            for index, name in enumerate(self._names())
        })  # fmt: skip

    def _polars_type(self, pl: Any, index: int) -> Any:
        kind = self.columns[index].type
        present = [each for each in self._cells(index) if each is not None]
        match kind:
            case "decimal":
                return pl.Decimal(_DIGITS, max((_scale(each) for each in present), default=0))
            case "integer":
                is_wide = any(abs(int(str(each))) >= 2**63 for each in present)
                return pl.Int128 if is_wide else pl.Int64
            case "timestamp":
                is_zoned = any(isinstance(each, datetime) and each.tzinfo is not None for each in present)
                return pl.Datetime("us", "UTC" if is_zoned else None)
            case _:
                return {"double": pl.Float64, "boolean": pl.Boolean, "date": pl.Date, "string": pl.String}[kind]

    def to_pandas(self) -> pandas.DataFrame:
        """Every value exact: a decimal is a Decimal. `attrs` holds the receipt."""
        import pandas as pd

        types = {"integer": "Int64", "double": "float64", "boolean": "boolean", "string": "object"}
        columns = {}
        for index, (name, column) in enumerate(zip(self._names(), self.columns, strict=True)):
            cells = self._cells(index)
            is_wide = column.type == "integer" and any(abs(int(str(each))) >= 2**63 for each in cells if each is not None)
            if column.type == "timestamp":
                zoned = any(isinstance(each, datetime) and each.tzinfo is not None for each in cells)
                columns[name] = pd.Series(pd.to_datetime(cells, utc=zoned))
            else:
                columns[name] = pd.Series(cells, dtype="object" if is_wide else types.get(column.type, "object"))
        frame = pd.DataFrame(columns)
        frame.attrs["receipt_id"] = self.receipt_id
        return frame

    def _names(self) -> list[str]:
        return [column.name for column in self.columns]

    def _cells(self, index: int) -> list[Any]:
        return [row[index] for row in self.rows]

    # -- as it is shown -------------------------------------------------------------------------

    def _standing(self) -> str:
        known = self.body["provenance"]
        return f"{known['backend']}, as of {known['as_of']}" + (
            f"; NOT OF NOW: {self.stale_reason}" if self.stale_reason else ""
        )

    def _more(self) -> str:
        hidden = len(self.rows) - _SHOWN_ROWS
        more = f"{hidden} more rows" if hidden > 0 else ""
        return more + (("; " if more else "") + "there are more groups than rows" if self.is_truncated else "")

    def __repr__(self) -> str:
        lines = ["  ".join(self._names())]
        lines += ["  ".join("" if cell is None else str(cell) for cell in row) for row in self.rows[:_SHOWN_ROWS]]
        more = [self._more()] if self._more() else []
        return "\n".join([*lines, *more, self.window, self._standing(), f"receipt {self.receipt_id}"])

    def _repr_html_(self) -> str:
        head = "".join(
            f"<th>{escape(column.name)}{f' ({escape(column.unit)})' if column.unit else ''}</th>" for column in self.columns
        )
        shown = [["" if cell is None else escape(str(cell)) for cell in row] for row in self.rows[:_SHOWN_ROWS]]
        rows = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in shown)
        link = f'<a href="{escape(self.receipt_link)}">receipt {escape(self.receipt_id)}</a>'
        told = "<br>".join(escape(each) for each in (self._more(), self.window, self._standing()) if each)
        return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table><p>{told}<br>{link}</p>"


def _value(cell: Any, kind: str) -> Value:
    """A cell of JSON: exact numbers travel as texts where JSON's would lose a digit."""
    if cell is None:
        return None
    match kind:
        case "integer":
            return int(cell)
        case "decimal":
            return Decimal(cell)
        case "double":
            return float(cell)
        case "date":
            return date.fromisoformat(cell)
        case "timestamp":
            return datetime.fromisoformat(cell)
        case _:
            return cell


def _scale(value: Any) -> int:
    exponent = value.as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0
