# Measures the finished files and complains about every count or reference that is not as the README says.

import csv
import io
from collections import Counter

from .cast import BROKEN, COUNTS, DUPLICATES
from .rawlist import NO_EMAIL, NO_PHONE, NO_TITLE


def read(files, path, delimiter=","):
    text = files[path].decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter, restkey="too_many"))


def share(rows, test):
    return sum(1 for row in rows if test(row)) / len(rows)


def measure(files):
    """Complaints as sentences (none if all is well), and the facts worth telling."""
    wrong = []

    def check(true, sentence):
        if not true:
            wrong.append(sentence)

    pilot, sandbox = "examples/pilot", "crates/sandbox/world"
    contacts, truth = read(files, f"{pilot}/contacts.csv", ";"), read(files, f"{pilot}/truth.csv")
    owners, companies, people = (read(files, f"{sandbox}/{name}.csv") for name in ("owners", "companies", "people"))
    portal_companies, portal_contacts = read(files, f"{sandbox}/portal_companies.csv"), read(files, f"{sandbox}/portal_contacts.csv")
    domains, table = read(files, f"{sandbox}/domains.csv"), read(files, f"{pilot}/table.csv")
    territories, suppressed = read(files, f"{pilot}/territories.csv"), read(files, f"{pilot}/suppressions.csv")
    crm_people = {row["person_id"] for row in read(files, f"{pilot}/portal_truth.csv")}
    person_of = {person["person_id"]: person for person in people}

    kinds = Counter(row["kind"] for row in truth)
    for kind, count in (COUNTS | {"duplicate": sum(DUPLICATES.values()), "broken": BROKEN}).items():
        check(kinds[kind] == count, f"{kinds[kind]} rows are {kind}, not {count}")
    check(len(contacts) == len(truth) == 1000, f"the list has {len(contacts)} rows, the truth {len(truth)}")
    for column, count in (("Work E-mail", NO_EMAIL), ("Job Title", NO_TITLE), ("Phone Number", NO_PHONE)):
        missing = sum(not row[column] for row in contacts)
        check(missing == count, f"{column} is missing {missing} times, not {count}")
    check(all(row["person_id"] in person_of for row in truth if row["person_id"]), "a row stands for a person who does not exist")
    seen = set()
    for row in truth:
        check(row["kind"] != "duplicate" or row["person_id"] in seen, f"row {row['row']} repeats nobody before it")
        seen.add(row["person_id"])
        in_crm = row["person_id"] in crm_people
        check(row["kind"] not in ("clean", "free_mail", "student", "role", "refused", "customer", "competitor") or not in_crm, f"row {row['row']} is {row['kind']} but in the CRM")
        check(row["kind"] != "in_crm" or in_crm, f"row {row['row']} is not in the CRM")
    listed = {row["person_id"] for row in truth} - {""}
    shared = len(listed & crm_people)
    check(0.19 <= shared / len(listed) <= 0.21, f"{shared} of {len(listed)} people of the list are in the CRM")
    refused = {person["person_id"] for person in people if person["refused"] == "true"}
    check(len(refused) == 5 and refused <= listed, "the refused people are not five of the list")

    known = {company["domain"]: company["mail"] for company in companies} | {row["domain"]: row["mail"] for row in domains}
    check(len(known) == len(companies) + len(domains), "a domain stands twice")
    for row, fact in zip(contacts, truth):
        domain = row["Work E-mail"].lower().rpartition("@")[2]
        check("@" not in row["Work E-mail"] or domain in known, f"row {fact['row']} has the unknown domain {domain}")
        check(fact["kind"] != "dead_domain" or known.get(domain) == "dead", f"row {fact['row']}: {domain} is not dead")
        check(fact["kind"] != "no_mail" or known.get(domain) in ("null_mx", "none"), f"row {fact['row']}: {domain} takes mail")

    emails = Counter(row["email"] for row in portal_contacts if row["email"])
    check(max(emails.values()) == 1, "a CRM email stands twice")
    check(all(email == email.lower() and "@" in email for email in emails), "a CRM email is not in HubSpot's form")
    truths = Counter(person["email"] for person in people if person["email"])
    check(max(truths.values()) == 1, "two people share an address")
    ids = [row["id"] for row in (*owners, *portal_companies, *portal_contacts)]
    check(len(ids) == len(set(ids)) and all(i.isdecimal() for i in ids), "ids are not unique decimals")
    check(len(owners) == 14 and sum(o["archived"] == "true" for o in owners) == 3, "owners are not 14 with 3 archived")
    check(len(portal_contacts) == 3000 and len(portal_companies) == 800, "the CRM is not 3000 contacts and 800 companies")
    check(len(people) == 4000, f"{len(people)} people, not 4000")
    company_ids, owner_ids, user_ids = {c["id"] for c in portal_companies}, {o["id"] for o in owners}, {o["userId"] for o in owners}
    archived = {o["id"] for o in owners if o["archived"] == "true"}
    for row in portal_contacts:
        check(row["associatedcompanyid"] in company_ids | {""}, f"contact {row['id']} works nowhere")
        check(row["hubspot_owner_id"] in owner_ids | {""}, f"contact {row['id']} has no such owner")
        check((row["edited_by"] in user_ids) == bool(row["human_edited"]), f"contact {row['id']} was edited by nobody")
        check(all(row[name] for name in row["human_edited"].split(";") if name), f"contact {row['id']} has an edited value that is empty")
    facts = {
        "distinct people on the list": len(listed), "of them in the CRM": shared,
        "CRM contacts: no title": share(portal_contacts, lambda r: not r["jobtitle"]), "CRM contacts: no phone": share(portal_contacts, lambda r: not r["phone"]),
        "CRM contacts: no LinkedIn URL": share(portal_contacts, lambda r: not r["hs_linkedin_url"]), "CRM contacts: no email": share(portal_contacts, lambda r: not r["email"]),
        "CRM contacts: human-edited": share(portal_contacts, lambda r: r["human_edited"]), "CRM contacts: owner archived": share(portal_contacts, lambda r: r["hubspot_owner_id"] in archived),
        "CRM contacts: unsubscribed": share(portal_contacts, lambda r: r["hs_email_optout"] == "true"),
        "CRM contacts: unqualified": share(portal_contacts, lambda r: r["hs_lead_status"] == "UNQUALIFIED"),
        "CRM contacts: customers": share(portal_contacts, lambda r: r["lifecyclestage"] == "customer"),
        "CRM contacts: second contact of a person": 1 - len(crm_people) / len(portal_contacts),
    }
    wanted = {"no title": (0.28, 0.32), "no phone": (0.52, 0.58), "no LinkedIn URL": (0.57, 0.63), "human-edited": (0.28, 0.32), "owner archived": (0.065, 0.095),
              "unsubscribed": (0.04, 0.04), "unqualified": (0.02, 0.05), "customers": (0.04, 0.06), "second contact of a person": (0.05, 0.0501)}
    for name, (low, high) in wanted.items():
        value = facts[f"CRM contacts: {name}"]
        check(low <= round(value, 6) <= high, f"CRM contacts: {name} is {value:.3f}, not within {low}-{high}")
    addresses = {owner["email"] for owner in owners}
    check(len(territories) == 25 and all(t["owner"].startswith("team:") or t["owner"] in addresses for t in territories), "a territory names nobody")
    check(sum(t["owner"] in {o["email"] for o in owners if o["id"] in archived} for t in territories) == 1, "not exactly one territory points to an inactive owner")
    check(all(t["region"] or t["country"] for t in territories), "a territory catches everything")
    check(len(suppressed) == 12 and len(table) == 60, "suppressions or table have another size")
    check(all(row["domain"] in known for row in table), "the table knows a company that does not exist")
    return wrong, facts
