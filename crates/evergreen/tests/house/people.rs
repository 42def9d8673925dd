//! The small world: forty-two people at seven firms, six of them in the portal, and the list a person would make of them.

use std::collections::BTreeMap;

use evergreen_sandbox::{Company, EmailState, Mail, Person, PortalCompany, PortalContact, World};

/// Name, domain and how its mail works. The portal knows the first five.
const FIRMS: &[(&str, &str, Mail)] = &[
    ("Harbour Tools", "harbour-tools.com", Mail::Google),
    ("Northquay Logistics", "northquay-logistics.com", Mail::Microsoft),
    ("Bluefern Analytics", "bluefern-analytics.com", Mail::Own),
    ("Oakridge Foods", "oakridge-foods.com", Mail::Google),
    ("Silverline Energy", "silverline-energy.com", Mail::Microsoft),
    ("Copperfield Media", "copperfield-media.com", Mail::Own),
    ("Quietstone Travel", "quietstone-travel.com", Mail::Dead),
];
const FIRST: &[&str] = &[
    "Amara", "Bruno", "Celine", "Dmitri", "Elif", "Farid", "Greta", "Hiro", "Ingrid", "Jamal", "Katja", "Lorenzo",
    "Mireille", "Nadia", "Oskar", "Priya", "Quentin", "Rosalind", "Stefan", "Tomoko", "Ulrich", "Valeria", "Wendell",
    "Ximena", "Yusuf", "Zelda", "Anselm", "Beatriz", "Cormac", "Delphine", "Emeka", "Fiorella", "Gideon", "Henrike",
    "Ismael", "Jolanda", "Kasimir", "Leonor", "Magnus", "Noemi", "Orlando", "Petra",
];
const LAST: &[&str] = &[
    "Abernathy",
    "Bielecki",
    "Castellano",
    "Drummond",
    "Eriksson",
    "Fairbanks",
    "Grunwald",
    "Hashimoto",
    "Iversen",
    "Jankowski",
    "Kowalczyk",
    "Lindqvist",
    "Montgomery",
    "Nakamura",
    "Okonkwo",
    "Pemberton",
    "Quinlan",
    "Rasmussen",
    "Sorensen",
    "Thibault",
    "Underhill",
    "Vandermeer",
    "Whitlock",
    "Xanthopoulos",
    "Yamaguchi",
    "Zielinski",
    "Ashworth",
    "Broussard",
    "Cavendish",
    "Delacroix",
    "Espinoza",
    "Fitzgerald",
    "Gallagher",
    "Hollister",
    "Ingersoll",
    "Jorgensen",
    "Kirkpatrick",
    "Lockhart",
    "McAllister",
    "Novotny",
    "Oppenheim",
    "Prendergast",
];
const TITLES: &[&str] =
    &["Head of Operations", "Sales Director", "Chief Financial Officer", "IT Manager", "Procurement Lead"];

/// A person of the small world; the same number is always the same person.
pub fn person(at: usize) -> Person {
    let (first, last) = (FIRST[at % FIRST.len()], LAST[at % LAST.len()]);
    let domain = FIRMS[at % FIRMS.len()].1;
    Person {
        id: format!("p{at}"),
        firstname: first.to_owned(),
        lastname: last.to_owned(),
        email: format!("{}.{}@{domain}", first.to_lowercase(), last.to_lowercase()),
        email_state: EmailState::Valid,
        jobtitle: TITLES[at % TITLES.len()].to_owned(),
        seniority: "director".to_owned(),
        company_id: format!("c{}", at % FIRMS.len()),
        phone: format!("+1 415 555 {:04}", 2_000 + at * 37),
        linkedin_url: format!("https://www.linkedin.com/in/{}-{}", first.to_lowercase(), last.to_lowercase()),
        city: "Denver".to_owned(),
        state: "CO".to_owned(),
        country: "United States".to_owned(),
        ..Person::default()
    }
}

/// Everybody of the small world.
pub fn people() -> Vec<Person> {
    (0..FIRST.len()).map(person).collect()
}

/// The small world. The portal knows the first six people by name and address, and the first five firms completely.
pub fn world() -> World {
    let companies: Vec<Company> = FIRMS
        .iter()
        .enumerate()
        .map(|(at, (name, domain, mail))| Company {
            id: format!("c{at}"),
            name: (*name).to_owned(),
            domain: (*domain).to_owned(),
            industry: "LOGISTICS_AND_SUPPLY_CHAIN".to_owned(),
            employees: (120 + at * 80).to_string(),
            city: "Denver".to_owned(),
            state: "CO".to_owned(),
            country: "United States".to_owned(),
            linkedin_url: format!("https://www.linkedin.com/company/{}", domain.trim_end_matches(".com")),
            mail: *mail,
            spf: true,
            dmarc: true,
            ..Company::default()
        })
        .collect();
    let portal_companies = companies
        .iter()
        .take(5)
        .enumerate()
        .map(|(at, company)| PortalCompany {
            id: (7_001 + at).to_string(),
            properties: properties(&[
                ("name", &company.name),
                ("domain", &company.domain),
                ("industry", &company.industry),
                ("numberofemployees", &company.employees),
                ("country", &company.country),
                ("state", &company.state),
            ]),
            ..PortalCompany::default()
        })
        .collect();
    let portal_contacts = (0..5)
        .map(|at| {
            let person = person(at);
            PortalContact {
                id: (1_001 + at).to_string(),
                properties: properties(&[
                    ("email", &person.email),
                    ("firstname", &person.firstname),
                    ("lastname", &person.lastname),
                    ("company", FIRMS[at].0),
                    ("associatedcompanyid", &(7_001 + at).to_string()),
                ]),
                ..PortalContact::default()
            }
        })
        .collect();
    let pilot = World::pilot();
    World {
        people: people(),
        companies,
        portal_contacts,
        portal_companies,
        owners: pilot.owners,
        domains: pilot.domains,
    }
}

fn properties(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// The columns of a list, in order.
const HEADER: &[&str] = &[
    "First Name",
    "Last Name",
    "Email",
    "Job Title",
    "Company",
    "Website",
    "Phone",
    "Person Linkedin Url",
    "State",
    "Country",
];

/// One row of a list.
#[derive(Clone, Debug)]
pub struct Row(BTreeMap<&'static str, String>);

/// Everything there is to know of a person, as a row.
pub fn row(at: usize) -> Row {
    let person = person(at);
    let (name, domain, _) = FIRMS[at % FIRMS.len()];
    let cells = [
        person.firstname,
        person.lastname,
        person.email,
        person.jobtitle,
        name.to_owned(),
        format!("https://www.{domain}/"),
        person.phone,
        person.linkedin_url,
        person.state,
        person.country,
    ];
    Row(HEADER.iter().copied().zip(cells).collect())
}

impl Row {
    /// The same row without a cell.
    pub fn without(self, column: &str) -> Row {
        self.with(column, "")
    }

    /// The same row with another cell.
    pub fn with(mut self, column: &str, text: &str) -> Row {
        let column = HEADER.iter().find(|name| **name == column).unwrap_or_else(|| panic!("no column {column}"));
        self.0.insert(column, text.to_owned());
        self
    }

    /// What stands in a cell.
    pub fn cell(&self, column: &str) -> &str {
        self.0.get(column).map_or("", String::as_str)
    }

    /// The row as CSV, without the end of line.
    pub fn csv(&self) -> String {
        let cells: Vec<String> =
            HEADER.iter().map(|name| format!("\"{}\"", self.cell(name).replace('"', "\"\""))).collect();
        cells.join(",")
    }
}

/// A list of these rows as CSV.
pub fn list(rows: &[Row]) -> String {
    let mut text = HEADER.join(",");
    for row in rows {
        text.push('\n');
        text.push_str(&row.csv());
    }
    text.push('\n');
    text
}
