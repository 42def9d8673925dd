# Turns the finished world, list and portal into the files that are committed.

import csv
import io

from . import owners
from .cast import DISPOSABLE
from .places import written
from .rawlist import HEADER

COMPANY = ("company_id", "name", "domain", "industry", "employees", "annualrevenue", "founded_year", "city", "state", "country", "linkedin_url", "phone", "mail", "spf", "dmarc")
PERSON = ("person_id", "firstname", "lastname", "email", "email_state", "jobtitle", "seniority", "company_id", "phone", "mobile", "linkedin_url", "city", "state", "country", "refused")
OWNER = ("id", "email", "firstName", "lastName", "userId", "archived", "teamId", "teamName")
PORTAL_COMPANY = ("id", "name", "domain", "industry", "numberofemployees", "city", "state", "country", "phone", "hubspot_owner_id", "lifecyclestage", "human_edited")
PORTAL_CONTACT = ("id", "email", "firstname", "lastname", "jobtitle", "phone", "mobilephone", "company", "city", "state", "country", "hs_linkedin_url", "lifecyclestage",
                  "hs_lead_status", "hubspot_owner_id", "hs_email_optout", "associatedcompanyid", "human_edited", "edited_by", "edited_at")
TERRITORY = ("region", "country", "state", "industry", "headcount", "lead_source", "owner")
OTHER_DOMAINS_MAIL = {"gmail.com": "google", "hotmail.com": "microsoft", "outlook.com": "microsoft", "birchwood.example": "google"}
REASONS = ("asked not to be contacted", "asked not to be contacted", "legal", "complained")


def table(header, rows, delimiter=",", mark=""):
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return (mark + out.getvalue()).encode("utf-8")


def picked(columns, dicts):
    return table(columns, ([row[column] for column in columns] for row in dicts))


def flag(value):
    return "true" if value else "false"


def company_row(company):
    return vars(company) | {"phone": written(company.phone, "e164"), "annualrevenue": int(company.annualrevenue), "spf": flag(company.spf), "dmarc": flag(company.dmarc)}


def person_row(person):
    return vars(person) | {"company_id": person.company.company_id if person.company else "", "phone": written(person.phone, "e164"), "seniority": person.seniority,
                           "mobile": written(person.mobile, "e164") if person.mobile else "", "refused": flag(person.refused)}


def suppressions(cast):
    emails = [(entry.person.email, "", REASONS[n % len(REASONS)]) for n, entry in enumerate(e for e in cast.of("suppressed") if e.how == "own_list")]
    return emails + [("", c.domain, "competitor") for c in cast.competitors] + [("", c.domain, "customer") for c in cast.customers]


def free_table(world, raw):
    """What the seller's own table knows: sixty companies of the list, some sizes a little old."""
    listed = sorted({row.person.company.company_id for row in raw.rows if row.person and row.person.company and row.kind in ("clean", "in_crm")})
    known = [company for company in world.companies if company.company_id in listed][::3][:60]
    return [(c.domain, c.employees if n % 7 else round(c.employees * 0.9), c.industry, c.country) for n, c in enumerate(known)]


def other_domains(world, raw, portal):
    """Mail facts of every domain that is no company's: free mail, disposable, universities, the seller's own."""
    companies = {company.domain for company in world.companies}
    emails = [row.cells["Work E-mail"].lower() for row in raw.rows] + [row["email"] for row in portal.contacts] + [owner["email"] for owner in owners.OWNERS]
    domains = sorted({email.split("@")[1] for email in emails if "@" in email} - companies)
    rows = []
    for domain in domains:
        serious = flag(domain not in DISPOSABLE)
        rows.append((domain, OTHER_DOMAINS_MAIL.get(domain, "own"), serious, serious))
    return rows


def all_files(world, cast, raw, portal):
    """Every output: path below the repository's root, and its bytes."""
    pilot, sandbox = "examples/pilot", "crates/sandbox/world"
    cells = [[row.cells[column] for column in row.cells] for row in raw.rows]
    truth = [(number, row.person.person_id if row.person else "", row.kind) for number, row in enumerate(raw.rows, 1)]
    return {
        f"{pilot}/contacts.csv": table(HEADER, cells, delimiter=";", mark="\ufeff"),
        f"{pilot}/truth.csv": table(("row", "person_id", "kind"), truth),
        f"{pilot}/portal_truth.csv": table(("contact_id", "person_id"), ((row["id"], row["person"].person_id) for row in portal.contacts)),
        f"{pilot}/suppressions.csv": table(("email", "domain", "reason"), suppressions(cast)),
        f"{pilot}/territories.csv": table(TERRITORY, owners.TERRITORIES),
        f"{pilot}/table.csv": table(("domain", "numberofemployees", "industry", "country"), free_table(world, raw)),
        f"{sandbox}/owners.csv": picked(OWNER, (owner | {"archived": flag(owner["archived"])} for owner in owners.OWNERS)),
        f"{sandbox}/companies.csv": picked(COMPANY, map(company_row, world.companies)),
        f"{sandbox}/people.csv": picked(PERSON, map(person_row, world.people)),
        f"{sandbox}/portal_companies.csv": picked(PORTAL_COMPANY, portal.companies),
        f"{sandbox}/portal_contacts.csv": picked(PORTAL_CONTACT, portal.contacts),
        f"{sandbox}/domains.csv": table(("domain", "mail", "spf", "dmarc"), other_domains(world, raw, portal)),
    }
