"""Personal data guessed by a column's name, else by its sampled values: whoever owns the data looks the marks over.

Rather one too many than one too few: a mark that is wrong hides a column until somebody takes it away, one that is missing
shows a person.
"""

import re
from collections.abc import Callable
from itertools import pairwise

from assay.catalog.found import FoundColumn
from assay.catalog.spelling import words
from assay.catalog.vocabulary import GROUPS, PERSONS

_SINGLE: dict[str, str] = {
    **dict.fromkeys("email mail emails correo courriel emailadresse emailaddress eml почта 邮箱 メール".split(), "email"),
    **dict.fromkeys(
        "phone telephone tel mobile cell cellphone fax telefon telefono teléfono téléphone handy phones telefoon telefone"
        " telefonnummer handynummer mobilnummer phonenumber telefoonnummer ph телефон 电话 電話".split(), "phone"),
    **dict.fromkeys(
        "firstname lastname fullname surname forename middlename maidenname username nickname login vorname"
        " nachname prenom prénom"
        " apellido apellidos cognome sobrenome voornaam achternaam fornamn efternamn imie nazwisko fname lname kundenname"
        " patientenname ansprechpartner имя фамилия отчество 姓名 氏名".split(),
        "name",
    ),
    **dict.fromkeys(
        "address addr street postcode zipcode zip plz strasse straße adresse direccion dirección calle"
        " indirizzo endereco endereço"
        " adres anschrift hausnummer адрес 住所 地址".split(), "address"),
    **dict.fromkeys(
        "dob birthday birthdate dateofbirth birth geburtsdatum geburtstag naissance nacimiento nascita"
        " nascimento geboortedatum"
        " fodelsedatum".split(), "birth date"),
    **dict.fromkeys("ip ipaddress ipv4 ipv6 mac useragent".split(), "network address"),
    **dict.fromkeys("ssn passport nino curp taxid dni nie cpf pesel personnummer bsn steuernummer".split(),
    "identity number"),
    **dict.fromkeys("iban pan creditcard cardnumber cvv cvc ccnumber kontonummer kreditkarte".split(), "card"),
    **dict.fromkeys("password passwd pwd secret token apikey salt passphrase pin passwort kennwort".split(), "secret"),
    **dict.fromkeys("religion ethnicity race diagnosis diagnose diagnostic diagnostico".split(), "sensitive"),
}  # fmt: skip
_TOGETHER: dict[tuple[str, str], str] = {
    **dict.fromkeys([("e", "mail")], "email"),
    **{(each, "name"): "name" for each in
       "first last full middle maiden given family user display nick contact customer person employee patient client"
       " guest member owner author holder recipient sender driver passenger cardholder legal student"
       " teacher doctor nurse pupil"
       " player ship shipping bill billing payer payee subscriber tenant rider visitor kunde".split()},
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
_PEOPLE = PERSONS | {"nurses", "personnes", "utilisateurs"}
# What follows makes it a fact about the thing, not the thing: email_status, address_type, ip_country, phone_verified.
_ABOUT = frozenset(
    "type kind status count verified confirmed flag enabled optin source country city region state domain length valid"
    " provider format category brand network id at on score".split()
)
_IN_NUMBERS = frozenset(("phone", "identity number", "card", "address", "birth date"))
_IN_TIMES = frozenset(("birth date",))


def personal_kind(column: str, table: str, family: str) -> str | None:
    """What a column gives away of a person, by its name, that of its table and the family of its type; else None."""
    said = ["name" if word == "nm" else word for word in words(column)]
    kind = _by_words(said)
    if kind is None and len(said) == 1 and said[0] in _CALLED and _PEOPLE.intersection(words(table)):
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
    # nameLast is the last name too.
    pairs += [(second, first) for first, second in pairs if first in ("name", "nom", "number")]
    for pair in pairs:
        if pair in _TOGETHER and (said[-1] not in _ABOUT or set(pair) == set(said[-2:])):
            return _TOGETHER[pair]
    if said and said[-1] in _ABOUT:
        return None
    return next((_SINGLE[word] for word in said if word in _SINGLE), None)


_CALLED = frozenset("name nom nombre nome naam namn nazwa имя".split())
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[A-Za-z]{2,}")
_PHONE = re.compile(r"(?=.*[ ()+/-])\+?\(?\d[\d ()/.-]{6,}\d(?: ?(?:x|ext\.?) ?\d+)?")
_DATE = re.compile(r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}.*")
_IBAN = re.compile(r"[A-Z]{2}\d{2}(?: ?[A-Z0-9]{2,4}){3,8}")
_IP = re.compile(r"(?:\d{1,3}\.){3}\d{1,3}")
_CARD = re.compile(r"(?:\d[ -]?){13,18}\d")
_PERSON = re.compile(r"[^\W\d_][\w'’-]+(?:,? [^\W\d_]\.?)?,? [^\W\d_][\w'’-]+")
_MOST = 0.6
"""So many of the sampled values have to look like it."""


def personal_by_values(column: FoundColumn, table: str, sampled: int) -> str | None:
    """A second guess for a column whose name says nothing: what its sampled values look like."""
    values = [each.strip() for each in column.values if each.strip()]
    said = words(column.name)
    if len(values) < 3 or column.is_enum:
        return None

    def looks(holds: Callable[[str], object]) -> bool:
        return sum(bool(holds(each)) for each in values) >= _MOST * len(values)

    if looks(_EMAIL.fullmatch):
        return "email"
    if looks(_IP.fullmatch) and not {"version", "release"}.intersection(said):
        return "network address"
    if looks(lambda each: _IBAN.fullmatch(each) and _is_iban(each)) or looks(
        lambda each: _CARD.fullmatch(each) and _is_card(each)
    ):
        return "card"
    if looks(lambda each: _PHONE.fullmatch(each) and not _DATE.fullmatch(each)) and not _NUMBERED.intersection(said):
        return "phone"
    if _ABOUT.union(_POSITIONS).intersection(said) or not looks(_PERSON.fullmatch):
        return None
    if (_DOERS | _PEOPLE).intersection(said) and not GROUPS.intersection(said[-1:]):
        return "name"
    is_many = (column.distinct or 0) >= 0.8 * sampled and sampled >= 10
    return "name" if is_many and _PEOPLE.intersection(words(table)) else None


_NUMBERED = frozenset("sku isbn ean code id no number ref reference".split())
_DOERS = frozenset("by rep agent manager assignee seller".split())
_POSITIONS = frozenset("title position job role company organisation organization team school department".split())


def _is_iban(text: str) -> bool:
    plain = text.replace(" ", "")
    return int("".join(str(int(each, 36)) for each in plain[4:] + plain[:4])) % 97 == 1


def _is_card(text: str) -> bool:
    digits = [int(each) for each in text if each.isdigit()][::-1]
    return sum(digits[::2]) % 10 == -sum(sum(divmod(2 * each, 10)) for each in digits[1::2]) % 10
