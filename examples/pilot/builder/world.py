# The truth behind the pilot: which companies and people exist, how they can be reached, and who works where.

import random
import re
from collections import Counter
from dataclasses import dataclass, field

from .places import ORIGINS, QUOTAS, Phones
from .sources import fold, letters

SEED = "evergreen pilot 1"

# HubSpot's company industries by the source's industry group, each with the size (median employees) and revenue per head in dollars.
INDUSTRIES = {
    "Software & Services": (("COMPUTER_SOFTWARE", "COMPUTER_SOFTWARE", "INFORMATION_TECHNOLOGY_AND_SERVICES"), 420, 210_000),
    "Technology Hardware & Equipment": (("COMPUTER_HARDWARE", "ELECTRICAL_ELECTRONIC_MANUFACTURING"), 900, 260_000),
    "Semiconductors & Semiconductor Equipment": (("SEMICONDUCTORS",), 1_100, 330_000),
    "Diversified Financials": (("FINANCIAL_SERVICES", "INVESTMENT_MANAGEMENT"), 240, 380_000),
    "Banks": (("BANKING",), 1_600, 300_000), "Insurance": (("INSURANCE",), 1_900, 520_000),
    "Health Care Equipment & Services": (("HOSPITAL_HEALTH_CARE", "MEDICAL_DEVICES"), 700, 190_000),
    "Pharmaceuticals, Biotechnology & Life Sciences": (("PHARMACEUTICALS", "BIOTECHNOLOGY"), 160, 280_000),
    "Retailing": (("RETAIL",), 2_600, 220_000), "Food & Staples Retailing": (("FOOD_PRODUCTION", "SUPERMARKETS"), 2_200, 240_000),
    "Capital Goods": (("MACHINERY", "INDUSTRIAL_AUTOMATION", "CONSTRUCTION"), 1_300, 230_000),
    "Transportation": (("LOGISTICS_AND_SUPPLY_CHAIN", "TRANSPORTATION_TRUCKING_RAILROAD"), 1_800, 210_000),
    "Commercial & Professional Services": (("MANAGEMENT_CONSULTING", "STAFFING_AND_RECRUITING", "FACILITIES_SERVICES"), 650, 140_000),
    "Telecommunication Services": (("TELECOMMUNICATIONS",), 1_500, 340_000),
    "Media & Entertainment": (("MEDIA_PRODUCTION", "ONLINE_MEDIA", "ENTERTAINMENT"), 380, 230_000),
    "Automobiles & Components": (("AUTOMOTIVE",), 2_400, 260_000), "Consumer Services": (("HOSPITALITY", "EDUCATION_MANAGEMENT"), 1_200, 110_000),
    "Consumer Durables & Apparel": (("CONSUMER_GOODS", "APPAREL_FASHION"), 1_000, 200_000),
    "Household & Personal Products": (("COSMETICS", "CONSUMER_GOODS"), 600, 230_000),
    "Food, Beverage & Tobacco": (("FOOD_BEVERAGES",), 1_400, 260_000), "Utilities": (("UTILITIES",), 1_100, 620_000),
    "Energy": (("OIL_ENERGY",), 500, 700_000), "Materials": (("MINING_METALS", "CHEMICALS"), 280, 310_000),
    "Real Estate": (("REAL_ESTATE", "COMMERCIAL_REAL_ESTATE"), 190, 420_000),
}
WANTED_MORE = {"Software & Services": 5, "Technology Hardware & Equipment": 2, "Materials": 0.25, "Real Estate": 0.5, "Energy": 0.5, "Banks": 1.5,
               "Health Care Equipment & Services": 2, "Retailing": 1.5, "Transportation": 1.5}

# Real sister companies with similar names: two rows of one name there are hard to tell apart.
LOOKALIKES = (("hornbach.com", "hornbach-holding.de"), ("adlermode.com", "adler-ag.com"), ("siemens.com", "siemens-energy.com"),
              ("prosegur.com", "prosegurcash.com"), ("hammondpowersolutions.com", "hammfg.com"), ("brookfield.com", "brookfieldproperties.com"),
              ("libertymedia.com", "libertybroadband.com"), ("fiducial-real-estate.fr", "fiducial-office-solutions.fr"),
              ("savannah-energy.com", "savannahresources.com"), ("equityapartments.com", "equitylifestyleproperties.com"))

# How many companies play which part. "both" are in the CRM and on the list, "list" only on the list, "crm" only in the CRM.
PARTS = {"dead": 12, "null_mx": 6, "none": 4, "competitor": 2, "customer": 36, "list": 250, "both": 190}
IN_PORTAL = 770
PATTERNS = {"{f}.{l}": 45, "{f1}{l}": 20, "{f1}.{l}": 10, "{f}": 7, "{f}{l}": 6, "{f}_{l}": 4, "{l}.{f}": 4, "{f}{l1}": 4}
TAKES_MAIL = ("google", "microsoft", "own")
TITLES = ("IT Director", "Data Engineer", "Marketing Manager", "Office Manager", "Finance Director", "Partner", "Business Development Manager",
          "Head of Growth", "HR Manager", "Product Manager", "Sales Manager", "Operations Manager", "Consultant", "Procurement Manager", "Founder",
          "Account Executive", "VP Marketing", "CFO", "Customer Success Manager", "Managing Director", "CTO", "VP Sales", "CEO", "COO", "Software Engineer")
SENIORITY = ((r"founder", "founder"), (r"partner", "partner"), (r"chief|c[eft]o|coo|managing director|geschäftsführer", "c_suite"), (r"vp", "vp"), (r"head", "head"),
             (r"director", "director"), (r"manager", "manager"), (r"consultant", "senior"))


@dataclass
class Company:
    """A real company with invented size, mail host and numbers."""
    name: str
    domain: str
    city: str
    state: str
    country: str
    industry: str
    employees: int
    annualrevenue: int
    founded_year: int
    linkedin_url: str
    phone: tuple
    mail: str
    pattern: str
    part: str = "crm"
    spf: bool = False
    dmarc: bool = False
    company_id: str = ""
    portal_id: str = ""
    staff: list = field(default_factory=list)

    @property
    def in_portal(self):
        return self.part in ("crm", "both", "customer")


@dataclass
class Person:
    """An invented person with a job at a company (None for students)."""
    firstname: str
    lastname: str
    email: str
    jobtitle: str
    company: Company | None
    phone: tuple
    mobile: tuple | None
    linkedin_url: str
    city: str
    state: str
    country: str
    email_state: str = "valid"
    refused: bool = False
    person_id: str = ""

    @property
    def seniority(self):
        return next((level for words, level in SENIORITY if re.search(rf"\b({words})\b", self.jobtitle.lower())), "entry")


def weighted(rng, table):
    return rng.choices(list(table), weights=list(table.values()))[0]


def slug(text):
    return "-".join("".join(c if c.isalnum() and c.isascii() else " " for c in fold(text)).split())


class World:
    """Everything that exists, built in one fixed order from the source files."""

    def __init__(self, source_companies, source_people):
        self.rng = random.Random(f"{SEED}/world")
        self.phones = Phones(random.Random(f"{SEED}/phones"))
        self.pools = {origin: list(people) for origin, people in sorted(source_people.items())}
        for pool in self.pools.values():
            self.rng.shuffle(pool)
        self.surnames = Counter(last for pool in self.pools.values() for _, last, _, _ in pool)
        self.companies = self._choose_companies(source_companies)
        self.people, self.emails = [], set()

    def _choose_companies(self, rows):
        by_domain = {row["domain"]: row for row in rows}
        pairs = {domain for pair in LOOKALIKES for domain in pair}
        chosen = [self._company(by_domain[domain], "lookalike") for pair in LOOKALIKES for domain in pair]
        drawn = []
        for country, quota in QUOTAS.items():
            open_rows = [row for row in rows if row["country"] == country and row["domain"] not in pairs and len(row["name"]) < 60]
            keyed = [(self.rng.random() ** (1 / WANTED_MORE.get(row["industry_group"], 1)), row) for row in open_rows]
            drawn += [row for _, row in sorted(keyed, key=lambda pair: (-pair[0], pair[1]["domain"]))[:quota]]
        self.rng.shuffle(drawn)
        # Competitors of a software seller are software companies.
        drawn.sort(key=lambda row: row["industry_group"] != "Software & Services" or row["country"] != "United States")
        parts = ["competitor"] * PARTS["competitor"]
        rest = [part for part, count in PARTS.items() if part != "competitor" for _ in range(count)]
        crm_only = IN_PORTAL - PARTS["both"] - PARTS["customer"]
        rest += ["crm"] * crm_only
        self.rng.shuffle(rest)
        chosen += [self._company(row, part) for row, part in zip(drawn, parts + rest)]
        for number, company in enumerate(sorted(chosen, key=lambda c: c.domain), 1):
            company.company_id = f"co{number:04}"
        return sorted(chosen, key=lambda c: c.company_id)

    def _company(self, row, part):
        rng, (industries, median, per_head) = self.rng, INDUSTRIES[row["industry_group"]]
        employees = max(4, int(median * rng.lognormvariate(0, 1.3)))
        employees = employees if employees < 60 else round(employees, -1 if employees < 2000 else -2)
        healthy = part not in ("dead", "null_mx", "none")
        mail = weighted(rng, {"google": 36, "microsoft": 48, "own": 14} | ({"dead": 2} if part == "crm" else {})) if healthy else part
        return Company(
            row["name"], row["domain"], row["city"], row["state"], row["country"], rng.choice(industries), employees,
            round(employees * per_head * rng.lognormvariate(0, 0.4), -4), rng.choice((rng.randint(1890, 1989), rng.randint(1985, 2019))),
            f"https://www.linkedin.com/company/{slug(row['name'])}", self.phones.new(row["country"], row["state"]), mail,
            weighted(rng, PATTERNS), part,
            mail in TAKES_MAIL and rng.random() < 0.92, mail in TAKES_MAIL and rng.random() < 0.72)

    def of_part(self, *parts):
        return [company for company in self.companies if company.part in parts]

    def hire(self, company, title="", rare=False):
        """Gives the next unused name a job at the company, with an address in the company's own pattern; rare: a surname nobody else has."""
        rng = self.rng
        weights = {origin: weight for origin, weight in ORIGINS[company.country].items() if self.pools[origin]}
        origin = weighted(rng, weights) if weights else max(self.pools, key=lambda o: (len(self.pools[o]), o))
        pool = self.pools[origin]
        at = next((n for n in reversed(range(len(pool))) if self.surnames[pool[n][1]] == 1), -1) if rare else -1
        first, last, known_title, city = pool.pop(at)
        title = title or known_title or rng.choice(TITLES)
        if title == "Geschäftsführer" and company.country not in ("Germany", "Austria", "Switzerland"):
            title = "Managing Director"
        elsewhere = city and origin == company.country and not company.state and rng.random() < 0.25
        state = "" if elsewhere else company.state
        person = Person(
            first, last, self.address(first, last, company), title, company, self.phones.new(company.country, state),
            self.phones.new(company.country, state, mobile=True) if rng.random() < 0.6 else None,
            f"https://www.linkedin.com/in/{slug(first)}-{slug(last)}-{rng.randrange(16**6):06x}",
            city if elsewhere else company.city, state, company.country,
            email_state="valid" if company.mail in TAKES_MAIL else "dead")
        company.staff.append(person)
        self.people.append(person)
        return person

    def address(self, first, last, company):
        """The person's address; the next pattern when a colleague already has it."""
        german = company.country in ("Germany", "Austria", "Switzerland")
        f, l = letters(first, german), letters(last, german)
        for pattern in (company.pattern, "{f}.{l}", "{f1}.{l}", "{f}{l}", "{l}.{f}"):
            email = pattern.format(f=f, l=l, f1=f[0], l1=l[0]) + "@" + company.domain
            if email not in self.emails:
                self.emails.add(email)
                return email
        raise ValueError(f"no free address for {first} {last} at {company.domain}")

    def number_people(self):
        """Gives out person ids in an order that says nothing about where a person is used."""
        self.people.sort(key=lambda p: (fold(p.lastname), fold(p.firstname), p.email))
        for number, person in enumerate(self.people, 1):
            person.person_id = f"pe{number:04}"
