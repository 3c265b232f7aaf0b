"""What a form refused, as sentences: Pydantic's errors in the words of whoever wrote the file or the request."""

import re
import types
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from assay.catalog.findings import nearest

Place = tuple[str | int, ...]

_FORMS = {
    r"^[a-z][a-z0-9_]{0,62}$": "small letters, digits and _, beginning with a letter",
    r"^[a-z0-9][a-z0-9_-]{0,62}$": "small letters, digits, _ and -, beginning with a letter or digit",
    r"^-?[0-9]{1,18}(\.[0-9]{1,9})?$": 'a decimal number as text, such as "1000" or "0.5"',
}
_VERBS = ("is ", "has ", "holds ")
_KINDS = {
    "string": "text", "int": "a whole number", "float": "a number", "decimal": "a number", "bool": "true or false",
    "tuple": "a list", "list": "a list", "dict": "a mapping of names to values", "model": "a mapping of names to values",
    "finite": "a finite number",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fault:
    """`place` leads to it in what was written; `message` goes on where the place ends, as *is missing* does."""

    place: Place
    message: str
    mend: str | None

    def told_of(self, whole: str) -> str:
        """The sentence; `whole` is what it is called where all of it is wrong."""
        place = ".".join(map(str, self.place)) or whole
        separator = " " if self.message.startswith(_VERBS) else ": "
        return f"{place}{separator}{self.message}" if place else self.message


def faults_of(errors: Sequence[ErrorDetails], form: Any = None) -> list[Fault]:
    """One for each thing that is wrong. `form`, the annotation that was asked for, helps to name what it takes.

    Where one of several forms is allowed, Pydantic tells why it is none of them; what is told here is of the
    form that came furthest.
    """
    kept: dict[Place, list[_Walked]] = {}
    for error in errors:
        walked = _walk(error, form)
        kept.setdefault(walked.place if walked.fork is None else walked.fork, []).append(walked)
    return [each for alike in kept.values() for each in _told(alike)]


@dataclass(frozen=True, slots=True)
class _Walked:
    """An error with its place; `fork`: where alternatives began; `form` and `around`: of the value and what holds it."""

    error: ErrorDetails
    place: Place
    fork: Place | None
    form: Any
    around: Any

    @property
    def kind(self) -> str | None:
        """What the value should have been altogether; None where it is of the right kind and wrong otherwise."""
        stem, _, rest = self.error["type"].partition("_")
        return _KINDS.get(stem) if rest in ("type", "attributes_type", "parsing", "from_float", "number") else None


def _told(alike: list[_Walked]) -> list[Fault]:
    longest = max(len(each.place) for each in alike)
    places = dict.fromkeys(each.place for each in alike if len(each.place) == longest)
    return [_fault([each for each in alike if each.place == place]) for place in places]


def _fault(here: list[_Walked]) -> Fault:
    """Of one place: what is wrong with the value where it is of an allowed kind, else the kinds that are allowed."""
    kinds = dict.fromkeys(each.kind for each in here if each.kind)
    told = next((each for each in here if not each.kind), None)
    if told is None:
        return Fault(here[0].place, f"has to be {_listed(list(kinds), 'or')}", None)
    message, mend = _sentence(told)
    other = next((fields for each in here if each.kind and (fields := _fields(each.form))), None)
    ways = [each for each in (mend, f"write a mapping of {_listed(other)}" if other else None) if each]
    return Fault(told.place, message, "; or ".join(ways) or None)


def _walk(error: ErrorDetails, form: Any) -> _Walked:
    place: list[str | int] = []
    fork: Place | None = None
    around: Any = None
    for part in error["loc"]:
        form, alternatives = _bare(form)
        if alternatives is not None:
            # The part names the alternative and not what was written.
            fork = tuple(place) if fork is None else fork
            form = next((each for each in alternatives if getattr(_bare(each)[0], "__name__", None) == part), None)
            continue
        place.append(part)
        around, form = form, _within(form, part)
    return _Walked(error, tuple(place), fork, _bare(form)[0], around)


def _bare(form: Any) -> tuple[Any, tuple[Any, ...] | None]:
    """Without annotations and None; with the alternatives where more than one is left."""
    while True:
        if get_origin(form) is Annotated:
            form = form.__origin__
        elif get_origin(form) in (Union, types.UnionType):
            others = [each for each in get_args(form) if each is not types.NoneType]
            if len(others) > 1:
                return form, tuple(others)
            form = others[0]
        else:
            return form, None


def _within(form: Any, part: str | int) -> Any:
    if isinstance(form, type) and issubclass(form, BaseModel):
        return next((field.annotation for name, field in form.model_fields.items() if part in (name, field.alias)), None)
    arguments = get_args(form)
    if not arguments:
        return None
    return arguments[1] if get_origin(form) is dict else arguments[0]


def _fields(form: Any) -> list[str]:
    if not (isinstance(form, type) and issubclass(form, BaseModel)):
        return []
    return [field.alias or name for name, field in form.model_fields.items()]


def _listed(names: list[str], last: str = "and") -> str:
    return f"{', '.join(names[:-1])} {last} {names[-1]}" if len(names) > 1 else "".join(names)


def _number(bound: float) -> str:
    return f"{bound:,}" if isinstance(bound, int) else f"{bound:g}"


def _sentence(walked: _Walked) -> tuple[str, str | None]:
    error, context = walked.error, walked.error.get("ctx") or {}
    match error["type"]:
        case "missing":
            return "is missing", None
        case "extra_forbidden":
            known = _fields(walked.around)
            mend = (nearest(str(walked.place[-1]), known) or f"there are {_listed(known)}") if known else None
            return "is not known here", mend
        case "literal_error" | "enum":
            allowed = re.findall(r"'([^']*)'", context["expected"])
            written = error["input"]
            return f"has to be {context['expected']}", nearest(written, allowed) if isinstance(written, str) else None
        case "string_pattern_mismatch":
            return f"is not of the form {context['pattern']}", _FORMS.get(context["pattern"])
        case "too_long" | "too_short":
            return _counted(context), None
        case "string_too_long":
            return f"has more than {context['max_length']:,} characters", None
        case "string_too_short":
            return ("has fewer than {min_length} characters".format(**context) if error["input"] else "is empty"), None
        case "greater_than_equal":
            return f"has to be {_number(context['ge'])} or more", None
        case "less_than_equal":
            return f"has to be {_number(context['le'])} or less", None
        case "string_unicode":
            return "holds half a surrogate pair, or bytes that are not UTF-8", None
        case _:
            return error["msg"].removeprefix("Value error, "), None


def _counted(context: dict[str, Any]) -> str:
    found = context.get("actual_length") or "none"
    if "max_length" in context:
        return f"holds {found}; at most {context['max_length']:,} are taken"
    return f"holds {found}; at least {context['min_length']:,} is wanted"
