"""Tables as people have them: plain ones, and ones with odd cells, separators and encodings."""

from __future__ import annotations

import random

ODD_CELLS = (
    "",
    " ",
    "NA",
    "n/a",
    "nan",
    "inf",
    "-inf",
    "1,5",
    "1.234,56",
    "1,234.56",
    "$3",
    "€ 3",
    "3 EUR",
    "12%",
    "1e400",
    "1e-400",
    "0x10",
    "1_000",
    "TRUE",
    "2024-01-01",
    "\u0661",
    "½",
    "\u22123",
    "\x1b[31m1",
    "\x00",
    "=1+1",
    "9007199254740993",
    "0." + "3" * 400,
    "9" * 400,
    "1/3",
    '"1""2"',
    "a\nb",
    "5e-324",
)


def random_rows(seed):
    """Return the rows of a table of asks and bids, as texts of exact decimals."""
    rng = random.Random(f"rows {seed}")
    places = rng.choice([0, 1, 2])
    size = rng.randint(1, 12)
    return [tuple(f"{rng.uniform(0, 20):.{places}f}" for _ in ("ask", "bid")) for _ in range(size)]


def random_table(seed):
    """Return a plain table with columns ask and bid, as bytes."""
    return _joined([("ask", "bid"), *random_rows(seed)], ",", "\n").encode()


def odd_table(seed):
    """Return a table with something odd in it, as bytes."""
    rng = random.Random(f"odd table {seed}")
    rows = [["ask", "bid"], *map(list, random_rows(seed))]
    encoding, separator, end = "utf-8", ",", "\n"
    for _ in range(rng.randint(1, 2)):
        way = rng.randrange(9)
        row = rng.randrange(len(rows))
        if way <= 2:
            rows[row][rng.randrange(len(rows[row]))] = rng.choice(ODD_CELLS)
        elif way == 3:
            separator = rng.choice([";", "\t", "|", " "])
        elif way == 4:
            encoding = rng.choice(["utf-16", "latin-1", "utf-8-sig", "cp1252"])
            rows[0].append("größe")
        elif way == 5:
            end = rng.choice(["\r\n", "\r", "\n\n"])
        elif way == 6:
            del rows[row]
            rows = rows or [[""]]
        elif way == 7:
            rows[row] = rows[row] + ["7"] if rng.random() < 0.5 else rows[row][:1]
        else:
            rows += [["x", "y"]] * rng.choice([1, 30_000])
        rows = [row if row else [""] for row in rows]
    content = _joined(rows, separator, end).encode(encoding, "replace")
    if rng.random() < 0.2:
        content = content[: rng.randrange(len(content) + 1)]
    return content


def _joined(rows, separator, end):
    return "".join(separator.join(row) + end for row in rows)
