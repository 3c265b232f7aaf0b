"""Statements made from the corpus by cutting, joining and spoiling them: the same ones for the same seed."""

import random
from collections.abc import Iterator

from assay.engine import Dialect
from assay.gate.text import read_text
from tests.gate.cases import HONEST, HOSTILE

_SPOILS = (
    "secret", "hr.salaries", "salaries", "email", "c.email", "*", "c.*", "c", "full_name", "pay", "notes",
    "(SELECT MAX(pay) FROM hr.salaries)", "(SELECT MAX(email) FROM sales.ev_customer)",
    "(SELECT MAX(secret) FROM sales.ev_claim)", "AS secret", "AS email", "sales.ev_customer", "ev_customer",
    "sales.ev_claim AS c", "ref.product p", "NATURAL", "CROSS JOIN", ", sales.ev_customer AS c",
    "WHERE secret IS NOT NULL", "ORDER BY secret", "GROUP BY secret", "GROUP BY ALL", "OR TRUE", "LIMIT 20000",
    "UNION ALL SELECT email FROM sales.ev_customer", "UNION ALL", "EXCEPT", "(", ")", "[1]", "::text", ".", ",",
    "USING (customer_id)", "USING (secret)", "ON TRUE", "EXISTS (SELECT 1 FROM hr.salaries)",
    "WITH secret AS (SELECT 1 AS email)", "FROM hr.salaries", "FROM sales.ev_customer", "DISTINCT", "QUALIFY",
    "HAVING email > 'a'", "OVER (ORDER BY email)", "--", "/*", "'", '"', "$1", "NULL", "AND", "NOT", "CASE", "END",
    "IN", "LATERAL", "VALUES (1)", "pg_sleep(0)", "current_user", "user",
)  # fmt: skip


def mutants(dialect: Dialect, seed: int) -> Iterator[str]:
    """Endless."""
    chance = random.Random(f"{dialect}-{seed}")
    corpus = [case.sql for case in HONEST + HOSTILE if case.dialect == dialect and len(case.sql) < 600]
    split = {sql: [lexeme.text for lexeme in read_text(sql, dialect).lexemes] for sql in corpus}
    texts = [words for words in split.values() if words]
    while True:
        words = list(chance.choice(texts))
        for _ in range(chance.choice((1, 1, 1, 2, 2, 3))):
            _mutate(words, texts, chance)
        yield " ".join(words)


def _mutate(words: list[str], texts: list[list[str]], chance: random.Random) -> None:
    place = chance.randrange(len(words) + 1)
    way = chance.randrange(8)
    if way == 0 and words:
        del words[min(place, len(words) - 1)]
    elif way == 1:
        words.insert(place, chance.choice(_SPOILS))
    elif way == 2 and words:
        words[min(place, len(words) - 1)] = chance.choice(_SPOILS)
    elif way == 3 and len(words) > 1:
        other = chance.randrange(len(words))
        place = min(place, len(words) - 1)
        words[place], words[other] = words[other], words[place]
    elif way == 4:
        donor = chance.choice(texts)
        start = chance.randrange(len(donor))
        words[place:place] = donor[start : start + chance.randrange(1, 12)]
    elif way == 5:
        donor = chance.choice(texts)
        words[place:] = donor[chance.randrange(len(donor)) :]
    elif way == 6 and words:
        word = words[min(place, len(words) - 1)]
        words[min(place, len(words) - 1)] = chance.choice((word.upper(), word.lower(), f'"{word}"', f"({word})", word * 2))
    else:
        donor = chance.choice(texts)
        name = chance.choice(donor)
        for position, word in enumerate(words):
            if word.isidentifier() and word.upper() != word and chance.random() < 0.3:
                words[position] = name
