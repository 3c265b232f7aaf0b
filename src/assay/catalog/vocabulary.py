"""Words that names of tables and columns are made of, in several languages, and what they tell; no rule lives here.

Compounds are met too: `Rechnungsbetrag` ends in `betrag`.
"""

from collections.abc import Collection

from assay.catalog.spelling import words

_ABBREVIATED: dict[str, str] = {
    "amt": "amount", "qty": "quantity", "cnt": "count", "nbr": "number", "num": "number", "pct": "percent",
    "dep": "departure",
    "arr": "arrival", "dest": "destination", "sched": "scheduled", "cust": "customer", "emp": "employee",
    "dept": "department",
    "prod": "product", "cat": "category", "desc": "description", "dt": "date", "nm": "name", "addr": "address",
    "acct": "account", "txn": "transaction", "trx": "transaction", "inv": "invoice", "ord": "order", "avg": "average",
    "tot": "total", "temp": "temperature", "dewp": "dew point", "humid": "humidity", "precip": "precipitation",
    "visib": "visibility",
    "mgr": "manager", "org": "organisation", "yr": "year", "mth": "month", "hrs": "hours", "mins": "minutes",
    "secs": "seconds",
    "dur": "duration", "lang": "language", "ctry": "country", "rgn": "region", "whse": "warehouse", "req": "request",
}  # fmt: skip


def meant(name: str) -> list[str]:
    """The words of a name with the usual abbreviations written out."""
    return [_ABBREVIATED.get(word, word) for word in words(name)]


def said_as(name: str) -> str:
    """A name as a label says it: `Departure delay` for `dep_delay`."""
    said = " ".join(meant(name)) or name
    return said[:1].upper() + said[1:]


def small(label: str) -> str:
    """A label as it stands within a sentence or behind other words."""
    return label[:1].lower() + label[1:] if not label[:2].isupper() else label


def tells(said: Collection[str], of: Collection[str]) -> bool:
    """Whether one of the words is one of these, or a compound that ends in a long one of them."""
    return any(word in of or (len(word) > 8 and any(len(end) > 4 and word.endswith(end) for end in of)) for word in said)


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


MONEY = _set(
    "amount amounts total totals subtotal sum revenue revenues sale sales turnover cost costs expense expenses fee fees tax"
    " taxes vat gross net paid payment payments refund refunds refunded charge charges charged profit spend spent income"
    " freight shipping tip tips bonus commission premium donation deposit withdrawal discounted saved billed invoiced fare"
    " budget claim claimed debit credit"
    " betrag umsatz kosten erlös summe gesamt fracht gebühr steuer montant cout coût recette taxe frais"
    " importe monto coste costo ingreso ventas importo ricavo fattura valor receita custo bedrag omzet kosten"
)
EARNED = _set("amount total sum revenue sales subtotal grand price paid usd eur gbp net gross")
"""What the money that a sale brings is called, with no other word beside it."""
QUANTITIES = _set(
    "quantity units items pieces count clicks views impressions visits sessions bytes points goals assists runs hits shots"
    " passengers sold ordered returned volume downloads plays streams likes shares messages calls tickets kwh absences"
    " rainfall precipitation attendance"
    " menge anzahl stück quantité quantite nombre cantidad unidades quantità quantidade aantal"
)
PRICES = _set("price prices unitprice msrp preis stückpreis einzelpreis prix precio prezzo preço preco prijs")
SHARES = _set(
    "rate ratio percent percentage share discount margin probability confidence fraction occupancy utilisation utilization"
    " rabatt remise descuento sconto desconto korting"
)
LEVELS = _set(
    "balance stock inventory level age temperature humidity pressure speed gust height width length depth weight capacity"
    " salary wage headcount population score rating stars grade average mean median visibility dewpoint dewp distance size"
    " reading value density saldo gehalt note punktzahl salaire salario voltage power bmi gpa mark marks"
)
"""What holds at a moment: averages say something about it, sums over time do not."""
DURATIONS = _set(
    "duration delay elapsed latency minutes hours seconds days wait waiting runtime dauer verspätung durée retard duracion"
    " duración durata milliseconds ms"
)
NO_AMOUNTS = _set(
    "id ids code number no num nr year month day week quarter hour minute second zip postal postcode plz"
    " lat latitude lon lng"
    " long longitude version position rank ranking sort order index idx seq sequence line ordinal phone flag flags priority"
    " x y z oid key hash port pid type status parent step page row col column dir direction angle bearing heading nummer"
    " numero número numéro code kode sku isbn ean gtin model season round tz offset"
)
CURRENCIES = _set("usd eur gbp chf jpy cad aud nzd sek nok dkk pln czk inr cny brl mxn zar sgd hkd")
UNITS: dict[str, str] = {
    "seconds": "seconds", "sec": "seconds", "minutes": "minutes", "hours": "hours", "days": "days", "km": "km",
    "miles": "miles",
    "kg": "kg", "kwh": "kWh", "milliseconds": "ms", "ms": "ms", "bytes": "bytes",
}  # fmt: skip
MEASURED_IN = {
    **dict.fromkeys(("seconds", "minutes", "hours", "days", "ms"), "duration"), "km": "distance", "miles": "distance",
    "kg": "weight", "kWh": "energy", "bytes": "size",
}  # fmt: skip
"""What a column measures whose whole name is a unit: `Milliseconds` of a track."""
FIRMS = _set(
    "company organisation organization firm business enterprise employer firma unternehmen entreprise société empresa"
    " azienda bedrijf"
)
"""What calls the things of a table by the firm that they are."""
GOOD = _set(
    "revenue sales sale order orders paid payment payments profit income customer customers user users"
    " member members visits"
    " sessions clicks downloads rental rentals booking bookings enrolment enrollment enrollments rating score goals stars"
    " subscriptions signup signups plays streams donation donations invoice invoices umsatz bestellungen"
)
BAD = _set(
    "delay delays cost costs expense expenses refund refunds refunded cancelled canceled cancellation error errors failed"
    " failure failures complaint complaints return returned returns wait waiting latency absences absent incident incidents"
    " churn churned overdue late defects injuries kosten verspätung retard debt"
)
SALES = _set(
    "order orders sale sales invoice invoices purchase purchases checkout receipt receipts bestellung bestellungen rechnung"
    " rechnungen commande commandes facture factures pedido pedidos venta ventas ordine ordini fattura fatture"
)
LINES = _set("line lines item items detail details position positionen posten ligne lignes")
"""What the parts of an order are called."""
PERSONS = _set(
    "user users customer customers person persons people employee employees contact contacts patient patients client clients"
    " guest guests member members owner owners author authors lead leads subscriber subscribers passenger passengers student"
    " students teacher teachers driver drivers staff pupil pupils doctor doctors physician physicians nurse visitor visitors"
    " rider riders kunde kunden mitarbeiter patienten schüler lehrer cliente clientes empleados alumnos persona personas"
    " utilisateur personne klanten pessoa pessoas klient"
)
"""A name in a table of these is personal data."""
PEOPLE = PERSONS | _set(
    "player players tenant account accounts empleado alumno employé dipendente dipendenti klant medewerker aluno klienci"
)
GROUPS = _set(
    "status state stage phase type kind category class group segment region country continent city market channel source"
    " medium level tier priority severity gender sex language locale currency brand department division"
    " team plan role method"
    " mode provider carrier vendor platform device browser size color colour reason outcome result rating grade product"
    " subcategory industry sector territory warehouse store branch genre manufacturer specialty subject league payment ward"
    " art gruppe kategorie land stadt abteilung statut catégorie categorie pays ville estado tipo"
    " categoría categoria pais país"
    " ciudad stato paese città cidade soort land stad"
)
NAMES = _set(
    "name label title bezeichnung titel nom libellé libelle intitulé nombre título titulo nome titolo"
    " naam omschrijving nazwa"
    " description"
)
"""In a list of things that others point to, this is what they are called."""
READ = _set("path url uri link href photo image picture avatar description notes note comment comments text body"
            " remarks hash uuid guid"
            " id ids key number nummer bemerkung beschreibung commentaire notas")  # fmt: skip
"""Texts that are read one by one, however few they are."""
KEYS = _set("id key code no number nr num uuid guid sku isbn ean iso iata icao ticker nummer numero")
"""What keys are called at their end."""
PLACES = _set("address addresses city cities country countries location locations territory territories adresse"
              " adressen orte"
              " states zip zipcodes postcodes currency currencies language languages")  # fmt: skip
"""Tables of these say where, and are no subject of their own."""
BEGINNINGS = (
    "created inserted placed ordered purchased sold opened started began occurred happened recorded posted booked invoiced"
    " issued submitted received registered signup joined admitted admission visit event order orderdate invoice sale"
    " transaction payment rental departure purchase log game match kickoff played entry date datum fecha"
    " data time timestamp"
    " ts day bestelldatum rechnungsdatum"
).split()
"""Of times that say when a row came about, what they are called; the surest first."""
NEVER = _set(
    "updated modified changed deleted removed archived expires expired expiry expiration until due next"
    " valid synced refreshed"
    " required birth birthday dob update modification change geburtsdatum naissance nacimiento geändert modifié actualizado"
)
"""Times that move, or lie ahead."""
LATER = _set(
    "ends ended end closed cancelled canceled completed finished return returned last delivered delivery"
    " shipped shipping paid"
    " approved resolved discharged discharge arrival arrived fulfilled answered left departed terminated"
    " checkout lieferdatum"
    " geliefert versendet"
)
"""Times that come when something is over: taken only where there is no other."""
MIGRATIONS = _set(
    "schema_migrations ar_internal_metadata alembic_version flyway_schema_history databasechangelog databasechangeloglock"
    " django_migrations django_content_type django_session django_admin_log knex_migrations knex_migrations_lock"
    " _prisma_migrations goose_db_version schema_version sqlite_sequence spatial_ref_sys __efmigrationshistory"
    " __drizzle_migrations typeorm_metadata doctrine_migration_versions phinxlog migrations"
)
"""Tables that a tool keeps for itself."""
LOGS = _set("log logs audit history audittrail journal changelog archive protokoll")
COPIES = _set("backup bak old tmp temp temporary staging stg copy test deprecated")
SNAPSHOTS = _set("snapshot snapshots balance balances stock inventory headcount positions holdings bestand")
_MASS = _set(
    "weather staff equipment stock traffic payroll feedback inventory data information usage attendance maintenance"
)
_BEFORE = _set("tbl t tb fact fct f dim d stg vw v dw ods src raw")
_BEHIND = _set("fact dim tbl table tab")
_FOREIGN = _set(
    "kunde kunden datum preis nummer bestellung bestellungen rechnung menge betrag artikel umsatz nom prix commande client"
    " montant produit fecha precio pedido cliente clientes importe cantidad producto nombre nome prezzo"
    " ordine fattura importo"
    " preço preco pedidos valor quantidade klant prijs bestelling bedrag naam und land ort strasse straße"
)
_ENGLISH = _set(
    "id name date order orders customer customers product products price amount quantity status type"
    " created updated time at"
    " number code count total first last address country city description user by of and"
)


def thing(table: str) -> list[str]:
    """The words of a table's name without what only says that it is a table: customer for `dim_customer`."""
    said = meant(table)
    while len(said) > 1 and said[0] in _BEFORE:
        said = said[1:]
    while len(said) > 1 and said[-1] in _BEHIND:
        said = said[:-1]
    return said


def singular(word: str) -> str:
    if word in ("people", "persons"):
        return "person"
    if word == "children":
        return "child"
    if word.endswith("ies") and len(word) > 4 and word not in ("series", "movies", "cookies"):
        return word[:-3] + "y"
    if word.endswith(("sses", "shes", "ches", "xes", "uses", "zzes")) and word not in ("houses", "causes", "aches"):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith(("ss", "us", "is", "series", "news")) else word


def own_words(table: str) -> set[str]:
    """The words of a table's name, each in the singular too."""
    return {form for word in thing(table) for form in (word, singular(word))}


def plural(word: str) -> str:
    if word == "person":
        return "people"
    if word == "child":
        return "children"
    if word in ("people", "children", "series", "news") or (word.endswith("s") and singular(word) != word):
        return word
    if word.endswith("y") and word[-2:-1] not in tuple("aeiou"):
        return word[:-1] + "ies"
    return word + ("es" if word.endswith(("s", "x", "z", "ch", "sh")) else "s")


def is_english(names: Collection[str]) -> bool:
    """Whether plurals are made as English makes them, by the words of all names that there are."""
    said = [word for name in names for word in words(name)]
    return sum(tells((word,), _FOREIGN) for word in said) <= sum(word in _ENGLISH for word in said)


def many(table: str, english: bool) -> str:
    """What a count of a table's rows is called: `Order lines`, `Weather records`."""
    said = thing(table) or [table]
    if english and said[-1] in _MASS and said[-1] not in PEOPLE:
        said = [*said, "records"]
    elif english and said[-1] not in _MASS and said[-1].isascii() and said[-1].isalpha():
        said = [*said[:-1], plural(said[-1])]
    text = " ".join(said)
    return text[:1].upper() + text[1:]


def one(table: str, english: bool) -> str:
    said = thing(table) or [table]
    text = " ".join([*said[:-1], singular(said[-1]) if english else said[-1]])
    return text[:1].upper() + text[1:]
