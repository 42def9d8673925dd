# Fills the sandbox's CRM: companies and contacts as reps and old imports left them, with duplicates, gaps and human edits.

import random

from .owners import OWNERS
from .places import TEAM, written
from .rawlist import LEGAL
from .sources import letters
from .world import SEED, weighted

CONTACTS, DUPLICATES = 3000, 150
COMPANY_DUPLICATES = 30
OPTED_OUT, UNQUALIFIED = 120, 90
LIFECYCLE = {"lead": 46, "subscriber": 20, "marketingqualifiedlead": 15, "salesqualifiedlead": 9, "opportunity": 6, "other": 1, "": 3}
LEAD_STATUS = {"": 50, "NEW": 18, "OPEN": 10, "IN_PROGRESS": 6, "ATTEMPTED_TO_CONTACT": 9, "CONNECTED": 5, "BAD_TIMING": 2}
EDITABLE = {"jobtitle": 50, "phone": 45, "mobilephone": 15, "city": 6, "firstname": 5, "lifecyclestage": 10}
TITLE_NOTES = ("{} (ask for PA)", "Interim {}", "{} & Board Member", "{}, Group", "Deputy {}", "{} - left in June?")


def short_name(name):
    for form in LEGAL:
        if name.endswith(" " + form):
            return name[: -len(form) - 1].rstrip(" ,")
    return name


class Portal:
    """The CRM's companies and contacts as rows, and who each contact is."""

    def __init__(self, world, cast):
        self.world, self.rng = world, random.Random(f"{SEED}/portal")
        self.active = {team: [o["id"] for o in OWNERS if o["teamName"] == team and not o["archived"]] for team in ("AMER", "EMEA", "DACH", "APAC")}
        self.archived = [o["id"] for o in OWNERS if o["archived"]]
        self.companies = self._companies()
        self.contacts, self.emails = [], set()
        for entry in cast.of("in_crm"):
            self._contact(entry.person, found_by=entry.how)
        for entry in cast.of("suppressed"):
            if entry.how != "own_list":
                self._contact(entry.person, found_by="email", status=entry.how)
        listed = len(self.contacts)
        homes = [company for company in world.companies if company.in_portal]
        weights = [self.rng.choice((1, 2, 4, 8)) for _ in homes]
        while len(self.contacts) < CONTACTS - DUPLICATES:
            self._contact(world.hire(self.rng.choices(homes, weights=weights)[0]))
        self._flags(listed)
        self._duplicates()
        self._finish()

    # --- companies --------------------------------------------------------------------------------------------

    def _companies(self):
        rng, rows = self.rng, []
        originals = [company for company in self.world.companies if company.in_portal]
        for company in originals:
            keep = lambda value, share: value if rng.random() < share else ""
            name = short_name(company.name) if rng.random() < 0.3 else company.name
            stale = rng.random() < 0.2
            employees = round(company.employees * rng.uniform(0.5, 1.4)) if stale else company.employees
            rows.append({
                "name": name, "domain": company.domain, "industry": keep(company.industry, 0.72), "numberofemployees": keep(employees, 0.65),
                "city": keep(company.city, 0.8), "state": keep(company.state, 0.7), "country": keep(company.country, 0.85),
                "phone": written(company.phone, rng.choice(("national", "e164"))) if rng.random() < 0.5 else "",
                "hubspot_owner_id": self._company_owner(company.country), "lifecyclestage": "customer" if company.part == "customer" else weighted(rng, LIFECYCLE),
                "human_edited": "", "company": company})
        for number, original in enumerate(rng.sample(rows, COMPANY_DUPLICATES)):
            twin = original | {"name": short_name(original["name"]).upper(), "phone": "", "hubspot_owner_id": "", "human_edited": "", "industry": ""}
            rows.append(twin | ({"domain": ""} if number % 3 else {}))
        rng.shuffle(rows)
        for number, row in enumerate(rows):
            row["id"] = str(20400017 + 11 * number)
            filled = [name for name in ("industry", "numberofemployees", "phone", "name") if row[name] != ""]
            row["human_edited"] = ";".join(sorted(rng.sample(filled, rng.randint(1, min(2, len(filled)))))) if rng.random() < 0.15 else ""
            if row["domain"]:
                row["company"].portal_id = row["company"].portal_id or row["id"]
        self.owner_of = {row["id"]: row["hubspot_owner_id"] for row in rows}
        return rows

    def _company_owner(self, country):
        draw = self.rng.random()
        return self.rng.choice(self.archived) if draw < 0.05 else self.rng.choice(self.active[TEAM.get(country, "EMEA")]) if draw < 0.6 else ""

    # --- contacts ---------------------------------------------------------------------------------------------

    def _contact(self, person, found_by="", status=""):
        rng = self.rng
        email = person.email
        if (found_by == "name" and rng.random() < 0.3) or (not found_by and rng.random() < 0.03):
            email = ""
        linked = found_by.startswith("linkedin") or (found_by != "name" and rng.random() < 0.4)
        company = person.company
        row = {
            "email": email, "firstname": person.firstname, "lastname": person.lastname, "jobtitle": person.jobtitle if rng.random() < 0.66 else "",
            "phone": written(person.phone, rng.choice(("national", "e164", "00"))) if rng.random() < 0.36 else "",
            "mobilephone": written(person.mobile, rng.choice(("national", "e164"))) if person.mobile and rng.random() < 0.35 else "",
            "company": short_name(company.name) if rng.random() < 0.4 else company.name,
            "city": person.city if rng.random() < 0.7 else "", "state": person.state if rng.random() < 0.6 else "",
            "country": person.country if rng.random() < 0.75 else "",
            "hs_linkedin_url": person.linkedin_url if linked else "",
            "lifecyclestage": "customer" if company.part == "customer" else weighted(rng, LIFECYCLE),
            "hs_lead_status": "UNQUALIFIED" if status == "unqualified" else weighted(rng, LEAD_STATUS),
            "hubspot_owner_id": self._contact_owner(company), "hs_email_optout": "true" if status == "unsubscribed" else "false",
            "associatedcompanyid": company.portal_id if found_by or rng.random() < 0.92 else "",
            "human_edited": "", "edited_by": "", "edited_at": "", "person": person}
        self.emails.add(email)
        self.contacts.append(row)
        if not found_by and rng.random() < 0.06:
            person.email_state = "dead"
        if rng.random() < 0.315:
            self._edit(row)

    def _contact_owner(self, company):
        draw = self.rng.random()
        if draw < 0.05:
            return self.rng.choice(self.archived)
        if draw < 0.65:
            return self.owner_of[company.portal_id] or self.rng.choice(self.active[TEAM.get(company.country, "EMEA")])
        return ""

    def _edit(self, row):
        """A rep typed one or two of the values; often they differ from what any source says."""
        rng, person = self.rng, row["person"]
        names = sorted({weighted(rng, EDITABLE) for _ in range(rng.choice((1, 1, 2, 3)))})
        if "jobtitle" in names:
            row["jobtitle"] = rng.choice(TITLE_NOTES).format(person.jobtitle) if rng.random() < 0.6 else person.jobtitle
        if "phone" in names:
            row["phone"] = written(self.world.phones.new(person.country, person.state) if rng.random() < 0.5 else person.phone, "national")
        if "mobilephone" in names:
            row["mobilephone"] = written(person.mobile or self.world.phones.new(person.country, person.state, mobile=True), "national")
        row["human_edited"] = ";".join(name for name in names if row[name])
        if row["human_edited"]:
            row["edited_by"] = rng.choice(OWNERS)["userId"]
            row["edited_at"] = f"2026-{rng.randint(1, 10):02}-{rng.randint(1, 28):02}T{rng.randint(7, 18):02}:{rng.randint(0, 59):02}:{rng.randint(0, 59):02}Z"

    def _flags(self, listed):
        """Unsubscribed and unqualified people beside those of the list."""
        others = self.rng.sample(self.contacts[listed:], OPTED_OUT + UNQUALIFIED)
        have = sum(row["hs_email_optout"] == "true" for row in self.contacts[:listed])
        for row in others[: OPTED_OUT - have]:
            row["hs_email_optout"] = "true"
        for row in others[OPTED_OUT:]:
            row["hs_lead_status"] = "UNQUALIFIED"

    def _duplicates(self):
        """Second contacts of people the CRM already has: no email, another address, or a private one."""
        rng = self.rng
        open_rows = [row for row in self.contacts if row["hs_email_optout"] == "false" and row["hs_lead_status"] != "UNQUALIFIED"]
        for number, original in enumerate(rng.sample(open_rows, DUPLICATES)):
            person = original["person"]
            f, l = letters(person.firstname), letters(person.lastname)
            email = ("", "", f"{l}.{f[0]}@{person.company.domain}", f"{f}-{l}@{person.company.domain}", f"{f}.{l}.{rng.randint(60, 99)}@gmail.com")[number % 5]
            email = "" if email in self.emails or email in self.world.emails else email
            self.emails.add(email)
            first = rng.choice((person.firstname, person.firstname[0] + ".", letters(person.firstname).capitalize()))
            copy = original | {"email": email, "firstname": first, "jobtitle": rng.choice((person.jobtitle, "")), "mobilephone": "",
                               "phone": written(person.phone, "e164") if number % 2 else "", "hubspot_owner_id": "", "human_edited": "", "edited_by": "", "edited_at": "",
                               "hs_linkedin_url": person.linkedin_url if number % 3 == 0 else "", "lifecyclestage": "lead" if original["lifecyclestage"] != "customer" else "customer"}
            self.contacts.append(copy)

    def _finish(self):
        self.rng.shuffle(self.contacts)
        for number, row in enumerate(self.contacts):
            row["id"] = str(10500023 + 7 * number)
