"""The dictionary: what is wrong in a CSV becomes a finding with file, line and mend, and nothing else is lost."""

from pathlib import Path

import pytest

from assay.catalog.dictionary import HEADERS, Dictionary, load_dictionary
from assay.catalog.findings import Finding
from tests.unit.small import write_shop


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_shop(tmp_path) / "data-dictionary"


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))


def add(file: Path, line: str) -> int:
    """Appends a row; its line number."""
    text = file.read_text() + line + "\n"
    file.write_text(text)
    return len(text.splitlines())


def only(dictionary: Dictionary) -> Finding:
    assert len(dictionary.findings) == 1, [str(each) for each in dictionary.findings]
    return dictionary.findings[0]


def test_a_whole_dictionary_has_no_findings(folder: Path) -> None:
    dictionary = load_dictionary(folder)
    assert dictionary.findings == ()
    assert list(dictionary.tables)[:2] == ["shop.segment", "shop.customer"]
    assert dictionary.tables["shop.customer"].columns["email"].pii == "email"
    assert [join.to_table for join in dictionary.joins_from["shop.sale"]] == [
        "shop.customer", "shop.product", "shop.address", "shop.address",
    ]  # fmt: skip


@pytest.mark.parametrize("name", HEADERS)
def test_a_missing_file_is_a_finding_that_shows_its_header(folder: Path, name: str) -> None:
    (folder / name).unlink()
    first = next(each for each in load_dictionary(folder).findings if each.file.endswith(name))
    assert (first.file, first.message) == (f"data-dictionary/{name}", "the file is missing")
    assert ",".join(HEADERS[name]) in (first.mend or "")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("join_id,", "id,", "wrong header: missing join_id; not known id"),
        ("cardinality,description", "description,cardinality", "wrong header: the columns stand in another order"),
        ("join_id,", "", "wrong header: missing join_id"),
    ],
)
def test_a_wrong_header_says_what_is_missing_and_what_is_too_much(folder: Path, old: str, new: str, message: str) -> None:
    change(folder / "join_map.csv", old, new)
    found = only(load_dictionary(folder))
    assert (found.file, found.line, found.message) == ("data-dictionary/join_map.csv", 1, message)
    assert found.mend == "write " + ",".join(HEADERS["join_map.csv"])


def test_an_empty_file_has_a_wrong_header(folder: Path) -> None:
    (folder / "kpi_catalog.csv").write_text("")
    assert "wrong header" in only(load_dictionary(folder)).message


def test_bytes_that_are_not_utf8_are_named_with_their_line(folder: Path) -> None:
    file = folder / "kpi_catalog.csv"
    file.write_bytes(file.read_bytes() + "k,Käufe,,COUNT(*),shop.sale,,,\r\n".encode("latin-1"))
    found = only(load_dictionary(folder))
    assert (found.line, found.mend) == (2, "save the file as UTF-8")
    assert "is not UTF-8" in found.message


def test_a_byte_order_mark_and_unix_lines_make_no_difference(folder: Path) -> None:
    before = load_dictionary(folder)
    for name in HEADERS:
        (folder / name).write_bytes(b"\xef\xbb\xbf" + (folder / name).read_bytes().replace(b"\r\n", b"\n"))
    after = load_dictionary(folder)
    assert after.findings == ()
    assert after.tables == before.tables


def test_a_folder_in_place_of_a_file_is_a_finding(folder: Path) -> None:
    (folder / "kpi_catalog.csv").unlink()
    (folder / "kpi_catalog.csv").mkdir()
    assert "the file cannot be read" in only(load_dictionary(folder)).message


@pytest.mark.parametrize(
    ("row", "message", "mend"),
    [
        ("j9,shop.sale,customer_id", "3 cells where the header has 7", "quote cells that hold commas"),
        ("j9,shop.sale,product_id,shop.product,product_id,many_to_one,one, two", "8 cells where the header has 7",
         "quote cells that hold commas"),
        ("j1,shop.sale,product_id,shop.product,product_id,many_to_one,", "join j1 stands twice",
         "give it another id or delete it"),
        ("j9,shop.sail,product_id,shop.product,product_id,many_to_one,", "join j9: no table 'shop.sail'",
         "Did you mean 'shop.sale'?"),
        ("j9,shop.sale,product,shop.product,product_id,many_to_one,", "join j9: shop.sale has no column 'product'",
         "Did you mean 'product_id'?"),
        ("j9,shop.sale,product_id;region,shop.product,product_id,many_to_one,",
         "join j9: the two sides name different numbers of columns", "name as many columns on one side as on the other"),
        ("j9,shop.sale,product_id,shop.product,product_id,many_to_many,", "join j9: cardinality 'many_to_many'",
         "write many_to_one or one_to_one, from child to parent"),
        ("j9,shop.sale,region,shop.customer,region,many_to_one,",
         "join j9: region is no key of shop.customer, so the join could count rows twice",
         "join to its primary or business key"),
        ("j9,shop.sale,items,shop.product,product_id,many_to_one,", "join j9: items is int and product_id is string",
         "join columns of one type"),
        (",shop.sale,product_id,shop.product,product_id,many_to_one,", "join_id is empty", "fill it in or delete the row"),
    ],
)  # fmt: skip
def test_a_join_with_a_fault_is_a_finding_and_is_left_out(folder: Path, row: str, message: str, mend: str) -> None:
    whole = load_dictionary(folder).joins
    line = add(folder / "join_map.csv", row)
    dictionary = load_dictionary(folder)
    found = only(dictionary)
    assert (found.file, found.line, found.message, found.mend) == ("data-dictionary/join_map.csv", line, message, mend)
    assert dictionary.joins == whole


@pytest.mark.parametrize(
    ("file", "row", "message", "mend"),
    [
        ("table_catalog.csv", "shop,sale,,,sale_id,,,,,19,", "shop.sale stands twice (first on line 6)", "delete one"),
        ("table_catalog.csv", "shop,empty,,,,,,,,,", "shop.empty has no columns", "add its rows to column_dictionary.csv"),
        ("table_catalog.csv", ",empty,,,,,,,,,", "schema_name is empty", "fill it in or delete the row"),
        ("column_dictionary.csv", "shop,sale,note,20,string,attribute,no,,,,", "shop.sale.note stands twice", "delete one"),
        ("column_dictionary.csv", "shop,gone,a,1,string,attribute,no,,,,", "shop.gone is not in table_catalog.csv",
         "Did you mean 'shop.segment'?"),
        ("column_dictionary.csv", "shop,sale,,20,string,attribute,no,,,,", "column_name is empty",
         "fill it in or delete the row"),
        ("kpi_catalog.csv", "k1,Sales,,COUNT(*),shop.sales,,,", "KPI k1: no table 'shop.sales'",
         "Did you mean 'shop.sale'?"),
    ],
)  # fmt: skip
def test_a_row_with_a_fault_is_a_finding(folder: Path, file: str, row: str, message: str, mend: str) -> None:
    line = add(folder / file, row)
    found = only(load_dictionary(folder))
    assert (found.file, found.line, found.message) == (f"data-dictionary/{file}", line, message)
    assert found.mend == mend or message.startswith("shop.gone")


@pytest.mark.parametrize(
    ("old", "new", "message", "mend"),
    [
        ("segment_id,1,string", "segment_id,1,text?", "shop.segment.segment_id: 'text?' is no type the dictionary knows",
         "use a type such as string, bigint, decimal(18,2), timestamp"),
        ("price,3,\"decimal(18,2)\"", "price,3,numeric", "shop.product.price: 'numeric' does not say how many digits;"
         " write for instance decimal(18,2)", "use a type such as string, bigint, decimal(18,2), timestamp"),
        ("1,string,key", "1,string,clef", "shop.segment.segment_id: role 'clef'",
         "use one of key, foreign_key, dimension, measure, timestamp, attribute"),
        ("key,no", "key,never", "shop.segment.segment_id: nullable 'never'", "write yes or no"),
        ("segment_id,1", "segment_id,first", "ordinal 'first' is not a whole number", "write digits, or nothing"),
        ("segment_name,2", "segment_name,1", "shop.segment.segment_name: ordinal 1 is that of segment_id too",
         "number the columns 1, 2, ..."),
        ("attribute,no,,email", "attribute,no,customer.x,email",
         "shop.customer.email references 'customer.x', which does not exist",
         "write schema.table.column of the dictionary, or nothing"),
        ("attribute,no,,email", "attribute,no,shop.custom.region,email",
         "shop.customer.email references 'shop.custom.region', which does not exist", "Did you mean 'shop.customer'?"),
    ],
)  # fmt: skip
def test_a_column_with_a_fault_is_a_finding(folder: Path, old: str, new: str, message: str, mend: str) -> None:
    file = folder / "column_dictionary.csv"
    change(file, old, new)
    line = next(number for number, text in enumerate(file.read_text().splitlines(), 1) if new in text)
    found = next(each for each in load_dictionary(folder).findings if each.line == line)
    assert (found.file, found.message, found.mend) == ("data-dictionary/column_dictionary.csv", message, mend)


def test_a_wrong_column_count_says_the_right_one(folder: Path) -> None:
    change(folder / "table_catalog.csv", "segment_id,,,,,2,", "segment_id,,,,,3,")
    found = only(load_dictionary(folder))
    assert (found.line, found.message) == (2, "shop.segment: column_count says 3, column_dictionary.csv has 2")
    assert found.mend == "write 2"


def test_a_key_that_is_no_column_is_a_finding(folder: Path) -> None:
    change(folder / "table_catalog.csv", "segment_id,,,,,2,", "segmentid,,,,,2,")
    found = next(each for each in load_dictionary(folder).findings if "primary_key" in each.message)
    assert found.message == "shop.segment: primary_key names 'segmentid', which is no column of it"
    assert found.mend == "Did you mean 'segment_id'?"


def test_an_open_quote_is_named_where_the_row_begins(folder: Path) -> None:
    line = add(folder / "kpi_catalog.csv", 'k1,Sales,"all of them\nand more\nk2')
    found = only(load_dictionary(folder))
    assert found.line == line - 2
    assert "the CSV cannot be read" in found.message


def test_a_row_over_several_lines_has_the_line_where_it_begins(folder: Path) -> None:
    end = add(folder / "kpi_catalog.csv", 'k1,Sales,"All\n\nof them",COUNT(*),shop.sale,count,up_is_good,me')
    dictionary = load_dictionary(folder)
    assert dictionary.findings == ()
    assert dictionary.kpis[0].line == end - 2


def test_a_fault_in_one_file_leaves_the_others_whole(folder: Path) -> None:
    (folder / "join_map.csv").write_text("nonsense\n")
    dictionary = load_dictionary(folder)
    assert len(dictionary.tables) == 7
    assert dictionary.joins == ()


def test_the_version_moves_with_the_files_and_not_with_their_line_ends(folder: Path) -> None:
    first = load_dictionary(folder).version
    file = folder / "join_map.csv"
    file.write_bytes(file.read_bytes().replace(b"\r\n", b"\n"))
    assert load_dictionary(folder).version == first
    change(file, "many_to_one", "one_to_one")
    assert load_dictionary(folder).version != first


def test_a_bare_table_name_is_found_where_only_one_schema_has_it(folder: Path) -> None:
    add(folder / "table_catalog.csv", "archive,sale,,,sale_id,,,,,,")
    add(folder / "column_dictionary.csv", "archive,sale,sale_id,1,string,key,no,,,,")
    dictionary = load_dictionary(folder)
    assert dictionary.find("sale") is None
    assert dictionary.find("visit") is dictionary.tables["shop.visit"]
    assert dictionary.find("archive.sale") is dictionary.tables["archive.sale"]
