"""YAML as Assay reads it: with lines, and without its traps."""

from pathlib import Path

import pytest

from assay.catalog.marked_yaml import BadYaml, parse_yaml, read_yaml


def refused(text: str) -> BadYaml:
    with pytest.raises(BadYaml) as caught:
        parse_yaml(text)
    return caught.value


def test_every_key_and_item_knows_its_line() -> None:
    marked = parse_yaml("a: 1\nb:\n  - c: 2\n    d: 3\n  -\n    e: {f: 4}\n")
    assert marked.data == {"a": 1, "b": [{"c": 2, "d": 3}, {"e": {"f": 4}}]}
    assert [marked.line(path) for path in [("a",), ("b", 0, "d"), ("b", 1), ("b", 1, "e", "f")]] == [1, 4, 6, 6]


def test_a_path_that_is_not_there_has_the_line_of_its_nearest_ancestor() -> None:
    marked = parse_yaml("\nmetrics:\n  - id: a\n")
    assert marked.line(("metrics", 0, "measure", "x")) == 3
    assert marked.line(("routes",)) == 2


def test_an_empty_file_is_nothing() -> None:
    assert parse_yaml("").data is None
    assert parse_yaml("# only words\n").line(("metrics",)) is None


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("a: 1\nb: 2\na: 3\n", 3, "'a' stands twice"),
        ("x:\n  - a: 1\n    a: 2\n", 3, "'a' stands twice"),
        ("a: &one {b: 1}\nc: *one\n", 2, "aliases (*name) are not allowed"),
        ("a: 1\n<<: {b: 2}\n", 2, "merge"),
        ("a: 1\n7: b\n", 2, "key 7 is not text; quote it"),
        ("? [a]\n: b\n", 1, "not text"),
        ("a: [1\nb: 2\n", 2, "expected ',' or ']'"),
        ("- a\nb: 1\n", 2, "is not indented like the keys or the list"),
        ("x: {a: 1\n", 2, "but got the end of the file"),
        ("a: 'open\n", 2, "end of the file"),
        ("a: 1\n---\nb: 2\n", 2, "another document"),
        ("a: b: c\n", 1, "not allowed here"),
        ("\ta: 1\n", 1, "cannot start any token"),
        ("a: 1\nb: \x07\n", 2, "character 0x07 is not allowed"),
        ("a: 1\nday: 2026-13-45\n", 2, "'2026-13-45' cannot be read; quote it"),
        ("a: !!set {b}\n", 1, "tags such as set are not allowed"),
        ("a: !env HOME\n", 1, "could not determine a constructor"),
        ("a: !!int many\n", 1, "'many' cannot be read; quote it"),
        ("a: !!bool perhaps\n", 1, "cannot be read"),
        ("a: !!timestamp soon\n", 1, "cannot be read"),
        ("a: " + "9" * 5_000 + "\n", 1, "cannot be read"),
        ("a: !!python/object/apply:os.system [ls]\n", 1, "tags such as"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(text: str, line: int, message: str) -> None:
    error = refused(text)
    assert message in str(error)
    assert error.line == line


def test_a_deep_nest_is_refused_and_not_fallen_into() -> None:
    assert "nested too deeply" in str(refused("[" * 3_000))


@pytest.mark.parametrize("text", ["1" + ":59" * 60_000, "9" * 200_000, "." + "1" * 200_000, "0x" + "f" * 200_000])
def test_a_number_without_end_is_refused_before_it_is_read(text: str) -> None:
    assert "cannot be read; quote it" in str(refused(f"a: {text}"))
    assert "cannot be read; quote it" in str(refused(f"? {text}\n: a"))


def test_a_large_file_is_refused_before_it_is_read() -> None:
    assert "larger than" in str(refused("a" * 1_000_001))


def test_a_missing_file_and_a_folder_are_said_so(tmp_path: Path) -> None:
    with pytest.raises(BadYaml, match="the file is missing"):
        read_yaml(tmp_path / "none.yaml")
    with pytest.raises(BadYaml, match="the file cannot be read"):
        read_yaml(tmp_path)


def test_bytes_that_are_not_utf8_are_named_with_their_line(tmp_path: Path) -> None:
    file = tmp_path / "latin.yaml"
    file.write_bytes("a: 1\nb: é\n".encode("latin-1"))
    with pytest.raises(BadYaml, match="byte 8 is not UTF-8") as caught:
        read_yaml(file)
    assert caught.value.line == 2


def test_a_byte_order_mark_is_no_part_of_the_first_key(tmp_path: Path) -> None:
    file = tmp_path / "bom.yaml"
    file.write_bytes(b"\xef\xbb\xbfa: 1\n")
    assert read_yaml(file).data == {"a": 1}
