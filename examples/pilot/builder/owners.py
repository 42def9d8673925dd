# The seller's own side: the owners and teams of the portal, the territory matrix and the do-not-contact list.

TEAMS = {"AMER": "11", "EMEA": "12", "DACH": "13", "APAC": "14"}
DOMAIN = "birchwood.example"

# (first name, last name, team, archived)
_OWNERS = (
    ("Maya", "Ortiz", "AMER", False), ("Calvin", "Brooks", "AMER", False), ("Priya", "Raman", "AMER", False), ("Owen", "Tremblay", "AMER", False),
    ("Derek", "Lowell", "AMER", True), ("Fiona", "Ashworth", "EMEA", False), ("Luca", "Ferrante", "EMEA", False), ("Camille", "Rousset", "EMEA", False),
    ("Gareth", "Pryce", "EMEA", True), ("Jonas", "Winkler", "DACH", False), ("Annika", "Seidl", "DACH", False), ("Reto", "Amstutz", "DACH", True),
    ("Mei", "Tanaka", "APAC", False), ("Arjun", "Nair", "APAC", False),
)
OWNERS = [
    {"id": str(70001200 + 37 * n), "email": f"{first}.{last}@{DOMAIN}".lower(), "firstName": first, "lastName": last,
     "userId": str(4400100 + 13 * n), "archived": archived, "teamId": TEAMS[team], "teamName": team}
    for n, (first, last, team, archived) in enumerate(_OWNERS, 1)
]
EMAIL = {owner["firstName"]: owner["email"] for owner in OWNERS}

# region,country,state,industry,headcount,lead_source,owner; empty = any. No line catches everything: the fallback is in the config.
TERRITORIES = (
    ("North America", "", "", "", "", "", "team:AMER"),
    ("North America", "", "", "", "501+", "", EMAIL["Maya"]),
    ("North America", "", "", "", "", "partner_list", EMAIL["Calvin"]),
    ("North America", "United States", "CA", "COMPUTER_SOFTWARE", "", "", EMAIL["Priya"]),
    ("North America", "United States", "CA", "COMPUTER_SOFTWARE", "501+", "", EMAIL["Maya"]),
    ("North America", "United States", "NY", "FINANCIAL_SERVICES", "", "", EMAIL["Calvin"]),
    ("North America", "United States", "NY", "BANKING", "", "", EMAIL["Calvin"]),
    ("North America", "United States", "TX", "", "", "", EMAIL["Derek"]),
    ("North America", "Canada", "", "", "", "", EMAIL["Owen"]),
    ("North America", "Canada", "QC", "", "51-500", "", EMAIL["Camille"]),
    ("", "Brazil", "", "", "", "", "team:AMER"),
    ("EMEA", "", "", "", "", "", "team:EMEA"),
    ("EMEA", "", "", "", "1-50", "", EMAIL["Luca"]),
    ("EMEA", "United Kingdom", "", "", "", "", EMAIL["Fiona"]),
    ("EMEA", "United Kingdom", "", "", "1-50", "webinar", "team:EMEA"),
    ("EMEA", "France", "", "", "", "", EMAIL["Camille"]),
    ("EMEA", "Italy", "", "", "", "", EMAIL["Luca"]),
    ("EMEA", "", "", "INSURANCE", "501+", "", EMAIL["Fiona"]),
    ("DACH", "", "", "", "", "", "team:DACH"),
    ("DACH", "Germany", "", "", "501+", "", EMAIL["Jonas"]),
    ("DACH", "Switzerland", "", "", "", "", EMAIL["Annika"]),
    ("DACH", "", "", "MACHINERY", "", "event_2026", EMAIL["Jonas"]),
    ("APAC", "", "", "", "", "", "team:APAC"),
    ("APAC", "India", "", "", "", "", EMAIL["Arjun"]),
    ("APAC", "Australia", "", "", "51-500", "", EMAIL["Mei"]),
)
