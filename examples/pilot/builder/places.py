# What differs from country to country: company quotas, the origin of people's names, spellings found in lists, phone numbers.

# How many companies of the world come from each country.
QUOTAS = {
    "United States": 330, "Canada": 110, "United Kingdom": 135, "Germany": 130, "Switzerland": 50, "Austria": 18,
    "France": 60, "Netherlands": 30, "Sweden": 45, "Denmark": 25, "Norway": 18, "Finland": 12, "Spain": 20,
    "Italy": 30, "Belgium": 10, "Ireland": 12, "Turkey": 12, "India": 40, "Australia": 32, "Singapore": 18,
    "South Korea": 18, "Japan": 15, "China": 15, "Brazil": 15,
}

# Where the names of people who work in a country come from, most likely first (weights).
ORIGINS = {
    "United States": {"United States": 62, "India": 10, "China": 9, "United Kingdom": 6, "South Korea": 5, "Italy": 3, "Germany": 3},
    "Canada": {"United States": 45, "France": 15, "India": 12, "China": 12, "United Kingdom": 10, "South Korea": 4},
    "United Kingdom": {"United Kingdom": 60, "United States": 15, "India": 12, "Romania": 4, "Hungary": 3, "China": 6},
    "Ireland": {"United Kingdom": 70, "United States": 30},
    "Germany": {"Germany": 80, "Turkey": 8, "Czech Republic": 4, "Romania": 4, "Hungary": 4},
    "Austria": {"Germany": 75, "Hungary": 15, "Czech Republic": 10},
    "Switzerland": {"Germany": 55, "France": 25, "Italy": 20},
    "France": {"France": 95, "Italy": 5}, "Belgium": {"Netherlands": 60, "France": 40},
    "Netherlands": {"Netherlands": 90, "Germany": 10}, "Sweden": {"Sweden": 90, "Denmark": 10},
    "Denmark": {"Denmark": 90, "Sweden": 10}, "Norway": {"Denmark": 55, "Sweden": 45}, "Finland": {"Sweden": 100},
    "Spain": {"Spain": 100}, "Italy": {"Italy": 100}, "Turkey": {"Turkey": 100}, "Brazil": {"Brazil": 100},
    "India": {"India": 100}, "Australia": {"United States": 50, "United Kingdom": 30, "China": 10, "India": 10},
    "Singapore": {"China": 60, "India": 25, "United Kingdom": 15}, "South Korea": {"South Korea": 100},
    "Japan": {"China": 40, "South Korea": 40, "United States": 20}, "China": {"China": 100},
}

# Every spelling of a country in the people's source, by the name used in the world.
SPELLED = {
    "United States": ("United States of America", "US", "USA"), "China": ("CN",), "India": ("IN",),
    "South Korea": ("Korea", "KR"), "Germany": ("Deutschland", "DE"), "France": ("FR",),
    "United Kingdom": ("GB", "England", "UK"), "Netherlands": ("NL", "The Netherlands"), "Sweden": ("SE", "Sverige"),
    "Denmark": ("DK", "Danmark"), "Italy": ("IT", "Italia"), "Turkey": ("TR", "Türkiye"), "Spain": ("ES", "España"),
    "Czech Republic": ("Czechia", "CZ"), "Brazil": ("BR", "Brasil"), "Romania": ("RO", "România"), "Hungary": ("HU", "Magyarország"),
}
CANONICAL = {spelling: name for name, spellings in SPELLED.items() for spelling in (name, *spellings)}

# Other spellings the raw list uses beside the plain name.
IN_LISTS = {
    "United States": ("USA", "US", "U.S.A.", "united states"), "United Kingdom": ("UK", "GB", "England", "Great Britain"),
    "Germany": ("Deutschland", "DE", "GERMANY"), "Switzerland": ("CH", "Schweiz"), "Austria": ("AT", "Österreich"),
    "France": ("FR",), "Netherlands": ("NL", "The Netherlands", "Holland"), "Sweden": ("SE", "Sverige"), "Spain": ("España",),
    "Italy": ("Italia", "IT"), "Denmark": ("DK", "Danmark"), "South Korea": ("Korea", "KR"), "Canada": ("CA", "CAN"),
    "India": ("IN",), "China": ("CN", "PRC"), "Brazil": ("Brasil",), "Australia": ("AU",), "Turkey": ("Türkiye",),
}

TEAM = {"United States": "AMER", "Canada": "AMER", "Brazil": "AMER", "Germany": "DACH", "Austria": "DACH", "Switzerland": "DACH",
        "India": "APAC", "Australia": "APAC", "Singapore": "APAC", "South Korea": "APAC", "Japan": "APAC", "China": "APAC"}

# country: (calling code, trunk prefix, (area code, subscriber digits) of landlines, (prefix, remaining digits) of mobiles).
NUMBERS = {
    "United Kingdom": ("44", "0", (("20", "7946####"), ("161", "496####"), ("113", "496####"), ("131", "496####")), (("77", "1#######"),)),
    "Ireland": ("353", "0", (("1", "5######"),), (("87", "#######"),)),
    "Germany": ("49", "0", (("30", "2312####"), ("89", "9998####"), ("69", "9000####"), ("40", "6696####"), ("221", "4710####")), (("151", "5#######"), ("171", "39#####"))),
    "Austria": ("43", "0", (("1", "5######"), ("732", "6#####")), (("664", "#######"),)),
    "Switzerland": ("41", "0", (("44", "5######"), ("22", "7######"), ("61", "2######")), (("79", "#######"),)),
    "France": ("33", "0", (("1", "9900####"), ("4", "6571####"), ("2", "6191####")), (("6", "12######"),)),
    "Belgium": ("32", "0", (("2", "5######"), ("3", "2######")), (("475", "######"),)),
    "Netherlands": ("31", "0", (("20", "5######"), ("10", "4######")), (("6", "1#######"),)),
    "Sweden": ("46", "0", (("8", "46504###"), ("31", "390####")), (("70", "174####"),)),
    "Denmark": ("45", "", (("", "33######"), ("", "8612####")), (("", "2020####"),)),
    "Norway": ("47", "", (("", "22######"), ("", "55######")), (("", "90######"),)),
    "Finland": ("358", "0", (("9", "4######"),), (("40", "#######"),)),
    "Spain": ("34", "", (("91", "5######"), ("93", "4######")), (("6", "12######"),)),
    "Italy": ("39", "", (("02", "48######"), ("06", "56######")), (("347", "#######"),)),
    "Turkey": ("90", "0", (("212", "2######"), ("312", "4######")), (("532", "#######"),)),
    "India": ("91", "0", (("22", "2#######"), ("80", "2#######"), ("11", "4#######")), (("98", "########"),)),
    "Australia": ("61", "0", (("2", "5550####"), ("3", "7010####")), (("491", "57####"),)),
    "Singapore": ("65", "", (("", "63######"),), (("", "91######"),)),
    "South Korea": ("82", "0", (("2", "5#######"),), (("10", "2#######"),)),
    "Japan": ("81", "0", (("3", "5#######"), ("6", "6#######")), (("90", "1#######"),)),
    "China": ("86", "0", (("10", "6#######"), ("21", "6#######")), (("138", "########"),)),
    "Brazil": ("55", "0", (("11", "3#######"), ("21", "2#######")), (("11", "98#######"),)),
}
NORTH_AMERICAN_AREAS = {
    "CA": "415 310 408 619", "NY": "212 646 516", "TX": "512 713 214", "MA": "617 508", "FL": "305 813", "OH": "216 614", "NJ": "201 973",
    "PA": "215 412", "IL": "312 847", "CO": "303", "WA": "206", "NV": "702", "NC": "704", "GA": "404", "MN": "612", "MD": "410", "MO": "314",
    "MI": "313", "AZ": "602", "VA": "703", "CT": "203", "WI": "414", "IN": "317", "TN": "615", "OR": "503", "BC": "604 778", "ON": "416 647",
    "AB": "403 587", "QC": "514 438", "NS": "902", "MB": "204", "SK": "306",
}


class Phones:
    """Makes phone numbers that exist in their country's plan and are never given out twice."""

    def __init__(self, rng):
        self.rng, self.used = rng, set()

    def new(self, country, state="", mobile=False):
        """A number as (calling code, trunk prefix, area code, subscriber number)."""
        while True:
            number = self._draw(country, state, mobile)
            if number not in self.used:
                self.used.add(number)
                return number

    def _draw(self, country, state, mobile):
        if country in ("United States", "Canada"):
            areas = NORTH_AMERICAN_AREAS.get(state, "212 312" if country == "United States" else "416 604").split()
            return ("1", "", self.rng.choice(areas), "555" + self._fill("####"))
        code, trunk, landlines, mobiles = NUMBERS[country]
        area, pattern = self.rng.choice(mobiles if mobile else landlines)
        return (code, trunk, area, self._fill(pattern))

    def _fill(self, pattern):
        return "".join(str(self.rng.randrange(10)) if c == "#" else c for c in pattern)


def grouped(digits):
    """1234567 as people write it: 123 4567."""
    head = len(digits) - 4
    return f"{digits[:head]} {digits[head:]}" if head > 1 else digits


def written(number, style):
    """A number in one of the three styles of the raw list: national, e164 or 00."""
    code, trunk, area, subscriber = number
    if style == "e164":
        return f"+{code}{area}{subscriber}"
    if style == "00":
        return " ".join(part for part in (f"00{code}", area, grouped(subscriber)) if part)
    if code == "1":
        return f"({area}) {subscriber[:3]}-{subscriber[3:]}"
    return f"({trunk}{area}) {grouped(subscriber)}" if area else grouped(subscriber)
