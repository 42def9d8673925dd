# The peer of `bench import`: the shortest script that puts a CSV file into one SQLite table, as safely as we do.
"""Takes the list and the database; prints rows, seconds, rows per second and peak memory as JSON.

Same batches (5,000 rows a transaction) and the same durability (WAL, synchronous=FULL) as Evergreen. It guesses no mapping,
checks no row, keeps no ledger and cannot go on after a crash: it is the floor of what storing the rows costs in Python.
"""
import csv
import itertools
import json
import sqlite3
import sys
import time

BATCH = 5_000

path, store = sys.argv[1:3]
start = time.monotonic()
with open(path, newline="", encoding="utf-8") as text:
    reader = csv.reader(text)
    header = next(reader)
    database = sqlite3.connect(store)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=FULL")
    columns = ", ".join(f'"{name}" TEXT' for name in header)
    database.execute(f"CREATE TABLE list (line INTEGER PRIMARY KEY, {columns})")
    insert = f"INSERT INTO list VALUES (NULL, {', '.join('?' * len(header))})"
    while batch := list(itertools.islice(reader, BATCH)):
        with database:
            database.executemany(insert, batch)
seconds = time.monotonic() - start
(rows,) = database.execute("SELECT count(*) FROM list").fetchone()
try:  # getrusage would count the memory of the process that started us
    with open("/proc/self/status", encoding="utf-8") as status:
        peak_mib = next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM:"))
except (OSError, StopIteration):
    peak_mib = None
print(json.dumps({
    "rows": rows,
    "seconds": seconds,
    "rows_per_second": rows / seconds,
    "peak_mib": peak_mib,
}))
