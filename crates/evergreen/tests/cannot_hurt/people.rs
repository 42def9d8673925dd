//! The small worlds: a few people at a few firms, what the portal knows of them at the start, and the lists made of them.

use std::collections::BTreeMap;

use evergreen_sandbox::{Owner, PortalCompany, PortalContact, World};

use crate::dice::Dice;

const FIRST: &[&str] =
    &["Amara", "Bruno", "Celine", "Dmitri", "Elif", "Farid", "Greta", "Hiro", "Ingrid", "Jamal", "Katja", "Lorenzo"];
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
];
const FIRMS: &[(&str, &str)] = &[
    ("Harbour Tools", "harbour-tools.com"),
    ("Northquay Logistics", "northquay.com"),
    ("Oakridge Foods", "oakridge-foods.com"),
];
const TITLES: &[&str] =
    &["Head of Operations", "Sales Director", "Chief Financial Officer", "IT Manager", "Procurement Lead"];
const CITIES: &[&str] = &["Denver", "Boston", "Austin", "Chicago"];

/// The columns of a list.
const HEADER: &str = "First Name,Last Name,Email,Job Title,Phone,City,LinkedIn URL,Country,Company,Website";

/// Somebody; the same number is always the same person.
#[derive(Clone, Debug)]
pub struct Person {
    pub at: usize,
}

impl Person {
    pub fn first(&self) -> &'static str {
        FIRST[self.at % FIRST.len()]
    }

    pub fn last(&self) -> &'static str {
        LAST[self.at % LAST.len()]
    }

    pub fn firm(&self) -> (&'static str, &'static str) {
        FIRMS[self.at % FIRMS.len()]
    }

    pub fn email(&self) -> String {
        format!("{}.{}@{}", self.first().to_lowercase(), self.last().to_lowercase(), self.firm().1)
    }

    /// What is known of a property in one of their states.
    pub fn value(&self, property: &str, state: usize) -> String {
        let at = self.at;
        match property {
            "firstname" => self.first().to_owned(),
            "lastname" => self.last().to_owned(),
            "email" => self.email(),
            "jobtitle" => TITLES[(at + state) % TITLES.len()].to_owned(),
            "city" => CITIES[(at + state) % CITIES.len()].to_owned(),
            "phone" => format!("+1303555{:04}", 2_000 + at * 10 + state),
            "hs_linkedin_url" => {
                let tail = if state == 0 { String::new() } else { format!("-{state}") };
                format!(
                    "https://www.linkedin.com/in/{}-{}{tail}",
                    self.first().to_lowercase(),
                    self.last().to_lowercase()
                )
            }
            "country" => "United States".to_owned(),
            "company" => self.firm().0.to_owned(),
            _ => String::new(),
        }
    }
}

/// A list of these people, each in a state of theirs: cells missing here and there, some rows twice, some empty.
pub fn list(people: &[(Person, usize)], with_firms: bool, dice: &mut Dice) -> String {
    let mut lines = vec![HEADER.to_owned()];
    for (person, state) in people {
        let mut cell = |property: &str, missing: usize| {
            if dice.permille(missing) { String::new() } else { person.value(property, *state) }
        };
        let mut cells = vec![
            cell("firstname", 0),
            cell("lastname", 0),
            cell("email", 60),
            cell("jobtitle", 100),
            cell("phone", 200),
            cell("city", 150),
            cell("hs_linkedin_url", 150),
            cell("country", 100),
        ];
        let firm = if with_firms {
            (person.firm().0, format!("https://www.{}/", person.firm().1))
        } else {
            ("", String::new())
        };
        cells.extend([firm.0.to_owned(), firm.1]);
        lines.push(cells.join(","));
        if dice.permille(150) {
            cells[2] = cells[2].to_uppercase();
            lines.push(cells.join(","));
        }
        if dice.permille(50) {
            lines.push(",,,,,,,,,".to_owned());
        }
    }
    lines.join("\n") + "\n"
}

/// Owners of the portal; records of the simulation go to the first.
pub const OWNERS: [(&str, &str); 3] =
    [("501", "ada@ours.example"), ("502", "bo@ours.example"), ("503", "cleo@ours.example")];

/// What the portal holds at the start: some of the people, in parts, some of it typed by a person.
pub fn portal(known: &[Person], with_firms: bool, dice: &mut Dice) -> World {
    let owners = OWNERS
        .iter()
        .enumerate()
        .map(|(at, (id, email))| Owner {
            id: (*id).to_owned(),
            email: (*email).to_owned(),
            first_name: "Owner".to_owned(),
            last_name: id.to_string(),
            user_id: (9_001 + at).to_string(),
            archived: false,
            team_id: "11".to_owned(),
            team_name: "AMER".to_owned(),
        })
        .collect();
    let portal_contacts = known
        .iter()
        .enumerate()
        .map(|(at, person)| {
            let mut properties: BTreeMap<String, String> = BTreeMap::new();
            for name in ["firstname", "lastname", "email"] {
                properties.insert(name.to_owned(), person.value(name, 0));
            }
            let mut typed = Vec::new();
            for name in ["jobtitle", "phone", "city", "hs_linkedin_url"] {
                if dice.permille(400) {
                    properties.insert(name.to_owned(), person.value(name, 3));
                    if dice.permille(500) {
                        typed.push(name.to_owned());
                    }
                }
            }
            PortalContact {
                id: (1_001 + at).to_string(),
                properties,
                human_edited: typed,
                edited_by: "9001".to_owned(),
                edited_at: String::new(),
            }
        })
        .collect();
    let portal_companies = if with_firms && dice.permille(500) {
        let (name, domain) = FIRMS[0];
        let properties = [("name", name), ("domain", domain)].map(|(name, value)| (name.to_owned(), value.to_owned()));
        vec![PortalCompany { id: "7001".to_owned(), properties: properties.into(), ..PortalCompany::default() }]
    } else {
        Vec::new()
    };
    World { owners, portal_contacts, portal_companies, ..World::default() }
}
