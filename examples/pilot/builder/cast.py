# Decides who is on the raw list and why: each entry is a person with one kind of trouble (or none).

import random
from dataclasses import dataclass

from .sources import letters
from .world import LOOKALIKES, SEED, TITLES, Person, slug

# Distinct people (or nameless mailboxes) of each kind; duplicates and broken rows come on top.
COUNTS = {"clean": 504, "in_crm": 165, "free_mail": 40, "student": 30, "role": 30, "dead_domain": 30, "no_mail": 20, "suppressed": 20,
          "customer": 5, "competitor": 5, "refused": 5, "ambiguous": 20}
DUPLICATES = {"typo": 20, "other_phone": 20, "nickname": 20, "missing_email": 20, "email_case": 20, "same_linkedin": 20}
BROKEN = 6
IN_CRM = {"email": 60, "linkedin": 50, "name": 55}
SUPPRESSED = {"own_list": 8, "unsubscribed": 6, "unqualified": 6}
NAMELESS_ROLES = 12

FREE_MAIL = ("gmail.com", "gmail.com", "gmail.com", "hotmail.com", "yahoo.com", "outlook.com", "icloud.com", "aol.com")
FREE_MAIL_LOCAL = {"Germany": ("web.de", "gmx.de", "t-online.de"), "Austria": ("gmx.at",), "Switzerland": ("bluewin.ch",), "France": ("orange.fr", "free.fr"),
                   "United Kingdom": ("btinternet.com", "yahoo.co.uk"), "Italy": ("libero.it",), "Brazil": ("uol.com.br",), "South Korea": ("naver.com",), "China": ("qq.com",)}
DISPOSABLE = ("mailinator.com", "yopmail.com", "guerrillamail.com", "10minutemail.com")
# (domain, name, city, state, country)
UNIVERSITIES = (
    ("stanford.edu", "Stanford University", "Stanford", "CA", "United States"), ("mit.edu", "MIT", "Cambridge", "MA", "United States"),
    ("g.ucla.edu", "UCLA", "Los Angeles", "CA", "United States"), ("nyu.edu", "New York University", "New York", "NY", "United States"),
    ("utexas.edu", "UT Austin", "Austin", "TX", "United States"), ("umich.edu", "University of Michigan", "Ann Arbor", "MI", "United States"),
    ("ox.ac.uk", "University of Oxford", "Oxford", "", "United Kingdom"), ("imperial.ac.uk", "Imperial College London", "London", "", "United Kingdom"),
    ("student.manchester.ac.uk", "University of Manchester", "Manchester", "", "United Kingdom"), ("ed.ac.uk", "University of Edinburgh", "Edinburgh", "", "United Kingdom"),
    ("stud.uni-heidelberg.de", "Universität Heidelberg", "Heidelberg", "", "Germany"), ("uni-koeln.de", "Universität zu Köln", "Köln", "", "Germany"),
    ("uni-mannheim.de", "Uni Mannheim", "Mannheim", "", "Germany"), ("student.uni-tuebingen.de", "Universität Tübingen", "Tübingen", "", "Germany"),
)
ROLES = ("info", "sales", "office", "contact", "hello", "marketing", "hr", "support", "admin")


@dataclass
class Entry:
    """One distinct person's place on the list, before duplicates."""
    person: Person | None
    kind: str
    how: str = ""
    email: str = ""
    company: object = None
    group: int = 0


class Cast:
    """The people of the list in a fixed order."""

    def __init__(self, world):
        self.world, self.rng = world, random.Random(f"{SEED}/cast")
        self.entries = []
        part = world.of_part
        self.open = part("list", "both", "both")
        self._ambiguous()
        self._staff("in_crm", [how for how, count in IN_CRM.items() for _ in range(count)], part("both"))
        self._suppressed(part)
        self._staff("dead_domain", [""] * COUNTS["dead_domain"], part("dead"))
        self._staff("no_mail", [""] * COUNTS["no_mail"], part("null_mx", "none"))
        self.customers = part("customer")[:2]
        self.competitors = part("competitor")
        self._staff("customer", [""] * COUNTS["customer"], self.customers)
        self._staff("competitor", [""] * COUNTS["competitor"], self.competitors)
        self._staff("refused", [""] * COUNTS["refused"], self.open)
        self._students()
        self._free_mail()
        self._roles()
        self._staff("clean", [""] * COUNTS["clean"], self.open)
        self._addresses()

    def of(self, *kinds):
        return [entry for entry in self.entries if entry.kind in kinds]

    def _add(self, person, kind, how="", email=None, company=None):
        email = person.email if email is None and person else email or ""
        self.entries.append(Entry(person, kind, how, email, company or (person and person.company)))
        self.entries[-1].group = len(self.entries)
        return self.entries[-1]

    def _staff(self, kind, hows, companies):
        for how in hows:
            self._add(self.world.hire(self.rng.choice(companies)), kind, how)

    def _suppressed(self, part):
        self._staff("suppressed", ["own_list"] * SUPPRESSED["own_list"], part("list"))
        self._staff("suppressed", [how for how in ("unsubscribed", "unqualified") for _ in range(SUPPRESSED[how])], part("both"))

    def _ambiguous(self):
        """Ten names that occur at two sister companies: six are two people, four are one person who moved."""
        companies = {company.domain: company for company in self.world.companies}
        for number, (one, other) in enumerate(LOOKALIKES):
            person = self.world.hire(companies[one], rare=True)
            twin_home = companies[other]
            twin_email = self.world.address(person.firstname, person.lastname, twin_home)
            if number % 5 < 3:
                twin = self._twin(person, twin_home, twin_email)
                first = self._add(person, "ambiguous", "two_people")
                self._add(twin, "ambiguous", "two_people").group = first.group
            else:
                first = self._add(person, "ambiguous", "one_person")
                self._add(person, "ambiguous", "one_person", email=twin_email, company=twin_home).group = first.group

    def _twin(self, person, company, email):
        world = self.world
        twin = Person(person.firstname, person.lastname, email, person.jobtitle if self.rng.random() < 0.5 else self.rng.choice(TITLES), company, world.phones.new(company.country, company.state), None,
                      f"https://www.linkedin.com/in/{slug(person.firstname)}-{slug(person.lastname)}-{self.rng.randrange(16**6):06x}",
                      company.city, company.state, company.country)
        company.staff.append(twin)
        world.people.append(twin)
        return twin

    def _students(self):
        for number in range(COUNTS["student"]):
            domain, name, city, state, country = UNIVERSITIES[number % len(UNIVERSITIES)]
            hirable = next(c for c in self.open if c.country == country)
            person = self.world.hire(hirable, title=self.rng.choice(("Student", "PhD Candidate", "Student")))
            hirable.staff.remove(person)
            self.world.emails.discard(person.email)
            person.email = f"{letters(person.firstname)}.{letters(person.lastname)}@{domain}"
            person.company, person.city, person.state, person.country, person.email_state = None, city, state, country, "valid"
            person.university = name
            self._add(person, "student")

    def _free_mail(self):
        for number in range(COUNTS["free_mail"]):
            person = self.world.hire(self.rng.choice(self.open))
            local = FREE_MAIL_LOCAL.get(person.country)
            domain = DISPOSABLE[number] if number < len(DISPOSABLE) else self.rng.choice(local if local and self.rng.random() < 0.6 else FREE_MAIL)
            f, l = letters(person.firstname), letters(person.lastname)
            name = self.rng.choice((f"{f}.{l}", f"{f}{l}{self.rng.randint(61, 99)}", f"{f[0]}{l}{self.rng.randint(1, 99)}", f"{l}.{f}"))
            self._add(person, "free_mail", "disposable" if number < len(DISPOSABLE) else "free", email=f"{name}@{domain}")

    def _roles(self):
        homes = self.rng.sample(self.world.of_part("list"), COUNTS["role"])
        for number, home in enumerate(homes):
            person = None if number < NAMELESS_ROLES else self.world.hire(home)
            self._add(person, "role", "nameless" if person is None else "named", email=f"{self.rng.choice(ROLES)}@{home.domain}", company=home)

    def _addresses(self):
        """What the list knows of the address: refused people have none there, CRM people are found by different keys."""
        for entry in self.of("refused"):
            entry.person.refused, entry.email = True, ""
        for entry in self.of("in_crm"):
            if entry.how == "name" or (entry.how == "linkedin" and entry.group % 10 < 7):
                entry.email = ""
            elif entry.how == "linkedin":
                entry.email = f"{letters(entry.person.lastname)}@{entry.person.company.domain}"
                entry.how = "linkedin_other_email"

    def settle_mailboxes(self, rows):
        """Once the list is written: some listed mailboxes are gone although their domain lives, some people have no address to find."""
        clean = [row for row in rows if row.kind == "clean"]
        for number, row in enumerate(row for row in clean if row.cells["Work E-mail"]):
            if number % 15 == 0:
                row.person.email_state = "dead"
        for number, row in enumerate(row for row in clean if not row.cells["Work E-mail"]):
            if number % 9 == 0:
                row.person.email_state, row.person.email = "none", ""
            elif number % 37 == 1:
                row.person.email_state = "dead"
