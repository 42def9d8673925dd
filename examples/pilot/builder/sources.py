# Reads the two source files: real companies with their domains, and invented people with names, titles and cities.

import csv
import re
import unicodedata
from collections import defaultdict

from .places import CANONICAL

TITLES = {"MD": "Managing Director", "SWE": "Software Engineer", "CSM": "Customer Success Manager", "Developer": "Software Engineer",
          "Vice President, Marketing": "VP Marketing", "Vice President of Sales": "VP Sales", "VP of Sales": "VP Sales"}
PARTICLES = {"de", "da", "do", "dos", "di", "du", "van", "von", "der", "den", "la", "le", "e", "y", "zu"}
SHARE_CLASS = re.compile(r"\b(Class|Series|Sponsored|ADR|DRN|NVDR|Pfd|Depositary|Warrants?|Units?)\b")
SECOND_LEVELS = {"com", "co", "org", "net", "or", "ne", "ac", "in"}


def rows(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def fold(text, german=False):
    """Plain ASCII in lower case, as it stands in email addresses; with german, ü becomes ue."""
    pairs = {"ß": "ss", "ø": "o", "æ": "ae", "ł": "l", "ı": "i", "đ": "d", "œ": "oe", "þ": "th", "ð": "d"}
    if german:
        pairs |= {"ä": "ae", "ö": "oe", "ü": "ue"}
    text = unicodedata.normalize("NFC", text.replace("İ", "i").lower())
    text = "".join(pairs.get(c, c) for c in text)
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))


def letters(text, german=False):
    return re.sub(r"[^a-z]", "", fold(text, german))


def tidy_name(name):
    """The name without middle initials and honorifics, in ordinary case; empty if it is not a usable name."""
    name = re.sub(r"^(dr|prof|mr|mrs|ms|ing|dipl)\.?\s+", "", " ".join(name.split()), flags=re.I)
    name = re.sub(r"(\s+\w\.?)+$", "", name)
    if name.islower() or name.isupper():
        words = [w if w in PARTICLES else w[:1].upper() + w[1:] for w in name.lower().split()]
        name = re.sub(r"(?<=[-'’])\w", lambda m: m[0].upper(), " ".join(words))
    return name if re.fullmatch(r"[^\W\d_][^\W\d_' ’-]*([ '’-]?[^\W\d_]+)*", name) and len(letters(name)) >= 3 else ""


def companies(data):
    """Real companies with a plain registrable domain, in a fixed order."""
    out, seen = [], set()
    for row in rows(f"{data}/er/company_list_world/companies.csv"):
        labels = row["domain"].split(".")
        plain = len(labels) == 2 or (len(labels) == 3 and labels[1] in SECOND_LEVELS and len(labels[2]) == 2)
        name = " ".join(row["name"].split())
        if not plain or not row["industry_group"] or not row["city"] or SHARE_CLASS.search(name) or name.lower() in seen:
            continue
        seen.add(name.lower())
        out.append(row | {"name": name})
    return sorted(out, key=lambda row: row["domain"])


def people(data):
    """Invented people by the country their names come from: (first name, last name, title or empty, city or empty)."""
    cluster_of = {row["record_id"]: row["cluster_id"] for row in rows(f"{data}/er/crm_dev_12k/contacts_truth.csv")}
    clusters = defaultdict(list)
    for row in rows(f"{data}/er/crm_dev_12k/contacts.csv"):
        clusters[cluster_of[row["record_id"]]].append(row)
    out, seen = defaultdict(list), set()
    for _, records in sorted(clusters.items()):
        records.sort(key=lambda r: (r["first_name"].islower() or r["first_name"].isupper(), -len(r["first_name"]), r["record_id"]))
        first, last = tidy_name(records[0]["first_name"]), tidy_name(records[0]["last_name"])
        origin = next((CANONICAL[r["country"]] for r in records if r["country"] in CANONICAL), "")
        key = (letters(first), letters(last))
        if not first or not last or not origin or key in seen:
            continue
        seen.add(key)
        title = next((r["job_title"] for r in records if r["job_title"]), "")
        city = next((r["city"] for r in records if r["city"]), "")
        out[origin].append((first, last, TITLES.get(title, title), city))
    return out


def nicknames(data):
    """English short forms by full first name."""
    out = defaultdict(list)
    for row in rows(f"{data}/er/reference/nicknames.csv"):
        if row["has_nickname" if "has_nickname" in row else "relationship"] == "has_nickname":
            out[row["name1"]].append(row["name2"].capitalize())
    return out
