"""Personal data guessed by a column's name. A guess: whoever owns the data looks the marks over.

Rather one too many than one too few: a mark that is wrong hides a column until somebody takes it away, one that is missing
shows a person.
"""

from itertools import pairwise

from assay.catalog.spelling import words

_SINGLE: dict[str, str] = {
    **dict.fromkeys("email mail emails correo courriel".split(), "email"),
    **dict.fromkeys("phone telephone tel mobile cell cellphone fax telefon telefono handy phones".split(), "phone"),
    **dict.fromkeys(
        "firstname lastname fullname surname forename middlename maidenname username nickname login vorname nachname prenom"
        " apellido apellidos".split(),
        "name",
    ),
    **dict.fromkeys("address addr street postcode zipcode zip plz strasse adresse direccion calle".split(), "address"),
    **dict.fromkeys("dob birthday birthdate dateofbirth birth geburtsdatum naissance nacimiento".split(), "birth date"),
    **dict.fromkeys("ip ipaddress ipv4 ipv6 mac useragent".split(), "network address"),
    **dict.fromkeys("ssn passport nino curp taxid".split(), "identity number"),
    **dict.fromkeys("iban pan creditcard cardnumber cvv cvc ccnumber".split(), "card"),
    **dict.fromkeys("password passwd pwd secret token apikey salt passphrase pin".split(), "secret"),
    **dict.fromkeys("religion ethnicity race diagnosis".split(), "sensitive"),
}  # fmt: skip
_TOGETHER: dict[tuple[str, str], str] = {
    **dict.fromkeys([("e", "mail")], "email"),
    **{(each, "name"): "name" for each in
       "first last full middle maiden given family user display nick contact customer person employee patient client"
       " guest member owner author holder recipient sender driver passenger cardholder legal".split()},
    **dict.fromkeys([("postal", "code"), ("zip", "code"), ("address", "line"), ("house", "number")], "address"),
    **dict.fromkeys([("birth", "date"), ("date", "birth"), ("of", "birth"), ("birth", "day")], "birth date"),
    **dict.fromkeys([("user", "agent"), ("mac", "address")], "network address"),
    **dict.fromkeys([("social", "security"), ("national", "id"), ("tax", "id"), ("passport", "number"), ("passport", "id"),
                     ("driver", "license"), ("drivers", "license"), ("licence", "number"), ("license", "plate")],
                    "identity number"),
    **dict.fromkeys([("card", "number"), ("card", "no"), ("card", "num"), ("credit", "card"), ("cc", "number"),
                     ("account", "number"), ("bank", "account"), ("card", "holder"), ("card", "cvv")], "card"),
    **dict.fromkeys([("api", "key"), ("access", "key"), ("private", "key"), ("password", "hash")], "secret"),
}  # fmt: skip
_PEOPLE = frozenset(
    "user users customer customers person persons people employee employees contact contacts patient patients client clients"
    " guest guests member members owner owners author authors lead leads subscriber subscribers passenger passengers"
    " student students teacher teachers driver drivers staff kunde kunden cliente clientes".split()
)
# What follows makes it a fact about the thing, not the thing: email_status, address_type, ip_country, phone_verified.
_ABOUT = frozenset(
    "type kind status count verified confirmed flag enabled optin source country city region state domain length valid"
    " provider format category brand network id at on score".split()
)
_IN_NUMBERS = frozenset(("phone", "identity number", "card", "address", "birth date"))
_IN_TIMES = frozenset(("birth date",))


def personal_kind(column: str, table: str, family: str) -> str | None:
    """What a column gives away of a person, by its name, that of its table and the family of its type; else None."""
    said = words(column)
    kind = _by_words(said)
    if kind is None and said == ["name"] and _PEOPLE.intersection(words(table)):
        kind = "name"
    if kind is None or family == "boolean":
        return None
    if family == "number":
        return kind if kind in _IN_NUMBERS else None
    if family in ("date", "timestamp", "timestamp_ntz"):
        return kind if kind in _IN_TIMES else None
    return kind


def _by_words(said: list[str]) -> str | None:
    pairs = list(pairwise(said))
    for pair in pairs:
        if pair in _TOGETHER and (said[-1] not in _ABOUT or pair == tuple(said[-2:])):
            return _TOGETHER[pair]
    if said and said[-1] in _ABOUT:
        return None
    return next((_SINGLE[word] for word in said if word in _SINGLE), None)
