"""If-Match: the version that a save was made from."""

from assay.errors import BadRequest


def read_version(if_match: str) -> int:
    """Raises BadRequest for anything but a whole number, with or without an ETag's quotes."""
    seen = if_match.strip().removeprefix("W/").strip('"')
    if not seen.isascii() or not seen.isdecimal() or len(seen) > 9:
        raise BadRequest(f"If-Match is {if_match!r}.", mend="send the version that was loaded, a whole number")
    return int(seen)
