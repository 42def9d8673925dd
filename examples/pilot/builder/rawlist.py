# Writes the cast down the way purchased and scraped lists look: other spellings, three phone formats, gaps and duplicates.

import random

from .cast import BROKEN, DUPLICATES
from .places import IN_LISTS, written
from .sources import fold, letters
from .world import SEED

HEADER = ("First Name", "Last Name", "Work E-mail", "Job Title", "Company Name", "Website", "Phone Number", "Person Linkedin Url",
          "City", "State", "Country", "Lead Source", "Badge No", "Notes")
NO_EMAIL, NO_TITLE, NO_PHONE = 350, 400, 500
SOURCES = {"event_2026": 25, "sales_navigator": 40, "partner_list": 15, "webinar": 20}
NOTES = ("", "", "", "", "", "", "met at booth", "asked for pricing; call back", "\"warm\" intro via partner", "ex colleague of Tom", "no budget before Q1", "speaks German")
HONORIFICS = ("Dr. ", "Mr. ", "Mrs. ", "Ms ", "Prof. ", "Dr ")
SUFFIXES = (", PhD", " MBA", ", CPA")
LEGAL = ("Inc.", "Inc", "Corp.", "Corporation", "Ltd.", "Ltd", "Limited", "plc", "PLC", "AG", "SE", "GmbH", "KGaA", "& Co.", "S.A.", "SA", "S.p.A.", "N.V.",
         "AB (publ)", "AB", "A/S", "ASA", "Oyj", "LLC", "Incorporated", "Company", "Holdings", "Aktiengesellschaft", "Co.,", "S.L.")
US_STATES = {"CA": "California", "NY": "New York", "TX": "Texas", "MA": "Massachusetts", "FL": "Florida", "IL": "Illinois", "ON": "Ontario", "BC": "British Columbia", "QC": "Quebec"}


class Row:
    """One line of the list with what it stands for."""

    def __init__(self, cells, person, kind, how="", group=0, keep_phone=False):
        self.cells, self.person, self.kind, self.how, self.group, self.keep_phone = cells, person, kind, how, group, keep_phone


class RawList:
    """The rows of the list, in their final order."""

    def __init__(self, cast, nicknames):
        self.rng, self.nicknames = random.Random(f"{SEED}/list"), nicknames
        self.numbers = {}
        base = [self._base(entry) for entry in cast.entries]
        duplicates = self._duplicates([row for row in base if row.kind in ("clean", "in_crm")])
        rows = base + duplicates + self._broken(base)
        self._blank(rows)
        for row in rows:
            if row.kind != "broken":
                self._mess(row)
        self.rows = self._order(rows)

    # --- a tidy row -------------------------------------------------------------------------------------------

    def _base(self, entry):
        rng, person, company = self.rng, entry.person, entry.company
        name = company.name if company else person.university
        place = (person.city, person.state, person.country) if person else (company.city, company.state, company.country)
        first, last = (person.firstname, person.lastname) if person else rng.choice((("", ""), ("Sales", "Team"), ("", "Office")))
        linked = person and (entry.how.startswith("linkedin") or (rng.random() < 0.5 and entry.how not in ("name", "one_person", "two_people")))
        site = company.domain if company else entry.email.split("@")[1]
        with_site = entry.how.startswith("linkedin") or entry.kind == "refused" or rng.random() < 0.65
        number = person.mobile if person and person.mobile and rng.random() < 0.4 else person.phone if person else company.phone
        cells = dict.fromkeys(HEADER, "")
        cells |= {"First Name": first, "Last Name": last, "Work E-mail": entry.email, "Job Title": person.jobtitle if person else "",
                  "Company Name": name, "Website": site if with_site else "", "Phone Number": written(number, rng.choice(("national", "e164", "00"))),
                  "Person Linkedin Url": person.linkedin_url if linked else "", "City": place[0], "State": place[1], "Country": place[2],
                  "Lead Source": rng.choices(list(SOURCES), weights=list(SOURCES.values()))[0],
                  "Badge No": f"B{rng.randrange(10**5):05}" if rng.random() < 0.2 else "", "Notes": rng.choice(NOTES)}
        if entry.how == "one_person" and entry.email != person.email:
            cells["Phone Number"] = ""
        row = Row(cells, person, entry.kind, entry.how, entry.group)
        self.numbers[id(row)] = number
        return row

    # --- duplicates -------------------------------------------------------------------------------------------

    def _duplicates(self, bases):
        """120 more rows about people already on the list; fifteen people get a second one."""
        rng = self.rng
        self._thin_emails(bases)
        has = lambda row, *columns: all(row.cells[column] for column in columns)
        used, out = [], []
        fits = {"typo": lambda row: has(row, "Work E-mail"), "other_phone": lambda row: True, "missing_email": lambda row: has(row, "Work E-mail"),
                "email_case": lambda row: has(row, "Work E-mail"), "same_linkedin": lambda row: has(row, "Person Linkedin Url"),
                "nickname": lambda row: letters(row.person.firstname) in self.nicknames and (has(row, "Work E-mail") or has(row, "Person Linkedin Url"))}
        for how in sorted(DUPLICATES, key=lambda how: how != "nickname"):
            for number in range(DUPLICATES[how]):
                again = number >= DUPLICATES[how] - 3 and how != "nickname"
                pool = [row for row in (used if again else bases) if fits[how](row) and (again or row not in used)]
                base = rng.choice(pool)
                used.append(base)
                out.append(self._copy(base, how))
        return out

    def _copy(self, base, how):
        rng, cells = self.rng, dict(base.cells)
        cells["Lead Source"] = rng.choice(list(SOURCES))
        cells["Badge No"] = ""
        if how == "typo":
            column = "Last Name" if len(cells["Last Name"]) > 4 else "First Name"
            cells[column] = self._typo(cells[column])
        elif how == "nickname":
            cells["First Name"] = rng.choice(self.nicknames[letters(base.person.firstname)])
        elif how == "email_case":
            cells["Work E-mail"] = cells["Work E-mail"].upper() if rng.random() < 0.5 else cells["Work E-mail"].title()
        elif how == "missing_email":
            cells["Work E-mail"] = ""
            cells["Person Linkedin Url"] = ""
        elif how == "same_linkedin":
            cells["Work E-mail"] = ""
            path = cells["Person Linkedin Url"].split("linkedin.com")[1]
            cells["Person Linkedin Url"] = rng.choice(("linkedin.com{}", "http://linkedin.com{}/", "https://de.linkedin.com{}", "https://www.linkedin.com{}/?originalSubdomain=uk")).format(path)
        elif how == "other_phone":
            number, shown = self.numbers[id(base)], base.cells["Phone Number"]
            cells["Phone Number"] = rng.choice([text for text in (written(number, style) for style in ("national", "e164", "00")) if text != shown])
            base.keep_phone = True
        return Row(cells, base.person, "duplicate", how, base.group, keep_phone=how == "other_phone")

    def _typo(self, word):
        at = self.rng.randrange(1, len(word) - 2)
        return self.rng.choice((word[:at] + word[at + 1] + word[at] + word[at + 2:] if word[at] != word[at + 1] else word[:at] + word[at + 1:],
                                word[:at] + word[at + 1:], word[:at] + word[at] + word[at:]))

    # --- gaps -------------------------------------------------------------------------------------------------

    def _thin_emails(self, bases):
        """Takes the address from clean people, in the number that duplicates cannot change much; _blank does the rest."""
        clean = [row for row in bases if row.kind == "clean"]
        for row in self.rng.sample(clean, 170):
            row.cells["Work E-mail"] = ""

    def _blank(self, rows):
        rng = self.rng
        duplicated = {row.group for row in rows if row.kind == "duplicate"}
        spare = [row for row in rows if row.kind == "clean" and row.group not in duplicated and row.cells["Work E-mail"]]
        self._blank_column(rows, "Work E-mail", NO_EMAIL, spare)
        self._blank_column(rows, "Job Title", NO_TITLE, [row for row in rows if row.kind != "broken" and row.cells["Job Title"]])
        self._blank_column(rows, "Phone Number", NO_PHONE, [row for row in rows if row.kind != "broken" and not row.keep_phone and row.cells["Phone Number"]])
        rng.shuffle(rows)

    def _blank_column(self, rows, column, wanted, candidates):
        missing = wanted - sum(1 for row in rows if not row.cells[column])
        for row in self.rng.sample(candidates, missing):
            row.cells[column] = ""

    # --- mess -------------------------------------------------------------------------------------------------

    def _mess(self, row):
        rng, cells = self.rng, row.cells
        first, last = cells["First Name"], cells["Last Name"]
        if not (first + last).isascii() and rng.random() < 0.5:
            german = row.person.country in ("Germany", "Austria", "Switzerland") and rng.random() < 0.5
            first, last = (" ".join(part[:1].upper() + part[1:] for part in fold(text, german).split(" ")) for text in (first, last))
        style = rng.random()
        if style < 0.06:
            first, last = first.upper(), last.upper()
        elif style < 0.12:
            first, last = first.lower(), last.lower()
        elif style < 0.16 and row.person:
            first = rng.choice(HONORIFICS) + first
        elif style < 0.18 and row.person:
            last += rng.choice(SUFFIXES)
        elif style < 0.22:
            first, last = f"{first} ", f" {last}" if rng.random() < 0.5 else last
        cells["First Name"], cells["Last Name"] = first, last
        cells["Company Name"] = self._company_name(cells["Company Name"])
        if cells["Website"]:
            cells["Website"] = rng.choice(("{}", "www.{}", "https://www.{}/", "http://www.{}", "https://{}/en/?utm_source=list", "WWW.{}")).format(cells["Website"])
        if row.how != "email_case" and rng.random() < 0.08:
            cells["Work E-mail"] = cells["Work E-mail"].capitalize()
        title = rng.random()
        if title < 0.08:
            cells["Job Title"] = cells["Job Title"].upper()
        elif title < 0.16:
            cells["Job Title"] = cells["Job Title"].lower()
        elif title < 0.26:
            cells["Job Title"] = cells["Job Title"].replace("VP ", "Vice President, ").replace("CEO", "Chief Executive Officer").replace("Manager", "Mgr")
        country = cells["Country"]
        if country in IN_LISTS and rng.random() < 0.35:
            cells["Country"] = rng.choice(IN_LISTS[country])
        elif rng.random() < 0.06:
            cells["Country"] = ""
        if cells["State"] in US_STATES and rng.random() < 0.3:
            cells["State"] = US_STATES[cells["State"]]
        if rng.random() < 0.15:
            cells["City"] = ""

    def _company_name(self, name):
        rng, style = self.rng, self.rng.random()
        if style < 0.45:
            for _ in range(2):
                for form in LEGAL:
                    if name.endswith(" " + form):
                        name = name[: -len(form) - 1].rstrip(" ,")
        if style < 0.06 or 0.94 < style:
            return name.upper()
        return name.lower() if 0.88 < style else name

    # --- broken rows and order --------------------------------------------------------------------------------

    def _broken(self, base):
        """Six rows no importer can use: too many columns (2), nobody named (2), only dots, only control characters."""
        good = [row for row in base if row.kind == "clean"][:2]
        rows = []
        for row in good:
            cells = dict(row.cells) | {"Work E-mail": f"office@{row.person.company.domain}", "extra": "x", "extra 2": "see;above"}
            rows.append(Row(cells, None, "broken", "too_many_columns"))
        empty = dict.fromkeys(HEADER, "")
        rows.append(Row(empty | {"Company Name": good[0].cells["Company Name"], "Lead Source": "webinar"}, None, "broken", "nobody"))
        rows.append(Row(empty | {"Phone Number": "+1 212", "Country": "USA", "Notes": "??"}, None, "broken", "nobody"))
        rows.append(Row(dict.fromkeys(HEADER, ".") | {"Work E-mail": "...", "Company Name": "....."}, None, "broken", "only_dots"))
        rows.append(Row(empty | {"First Name": "\x01\x02", "Last Name": "\x1b\x07", "Work E-mail": "\x01\x08", "Company Name": "\x02\x03"}, None, "broken", "control_characters"))
        assert len(rows) == BROKEN
        return rows

    def _order(self, rows):
        """Shuffled, but the row a duplicate repeats comes before it."""
        places = {}
        for at, row in enumerate(rows):
            if row.group and row.kind != "ambiguous":
                places.setdefault(row.group, []).append(at)
        for ats in places.values():
            ordered = sorted((rows[at] for at in ats), key=lambda row: row.kind == "duplicate")
            for at, row in zip(ats, ordered):
                rows[at] = row
        return rows
