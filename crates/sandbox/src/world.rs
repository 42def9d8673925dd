//! Who exists: the people and firms behind a list, what the portal already holds about them, and how their mail is set up.

mod load;

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use serde::Deserialize;

use crate::SandboxProblem;
use crate::chance::Dice;

/// Everything a sandbox needs to know before it answers its first call.
#[derive(Debug, Clone, Default)]
pub struct World {
    /// People as they really are; the vendors know parts of this.
    pub people: Vec<Person>,
    /// Firms as they really are.
    pub companies: Vec<Company>,
    /// Contacts the portal holds at the start.
    pub portal_contacts: Vec<PortalContact>,
    /// Companies the portal holds at the start.
    pub portal_companies: Vec<PortalCompany>,
    /// The portal's owners, inactive ones too.
    pub owners: Vec<Owner>,
    /// Mail domains that belong to no firm: free-mail, disposable, dead ones.
    pub domains: Vec<MailDomain>,
}

/// A person as they really are. Empty text means there is no such thing.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Person {
    /// Any text, unique among people.
    #[serde(rename = "person_id")]
    pub id: String,
    /// Given name.
    pub firstname: String,
    /// Family name.
    pub lastname: String,
    /// Work address.
    pub email: String,
    /// Whether that address works.
    pub email_state: EmailState,
    /// Present job title.
    pub jobtitle: String,
    /// One of owner, founder, c_suite, vp, head, director, manager, senior, entry.
    pub seniority: String,
    /// The employer's [`Company::id`].
    pub company_id: String,
    /// Direct line, any form.
    pub phone: String,
    /// Mobile number, any form.
    pub mobile: String,
    /// Profile address with scheme.
    pub linkedin_url: String,
    /// Where they live.
    pub city: String,
    /// State or region.
    pub state: String,
    /// Country name.
    pub country: String,
    /// Asked a data vendor to stop processing their data.
    #[serde(deserialize_with = "load::flag")]
    pub refused: bool,
}

/// Whether an address takes mail.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EmailState {
    /// Mail arrives.
    #[default]
    Valid,
    /// The mailbox is gone.
    Dead,
    /// The person has no work address.
    None,
}

/// A firm as it really is. Empty text means there is no such thing.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Company {
    /// Any text, unique among firms.
    #[serde(rename = "company_id")]
    pub id: String,
    /// Trading name.
    pub name: String,
    /// Bare host, lower case.
    pub domain: String,
    /// HubSpot's UPPER_SNAKE value.
    pub industry: String,
    /// Head count, digits.
    pub employees: String,
    /// Yearly revenue in USD, digits.
    pub annualrevenue: String,
    /// Four digits.
    pub founded_year: String,
    /// Seat.
    pub city: String,
    /// State or region.
    pub state: String,
    /// Country name.
    pub country: String,
    /// Company page address with scheme.
    pub linkedin_url: String,
    /// Switchboard, any form.
    pub phone: String,
    /// How the domain takes mail.
    pub mail: Mail,
    /// The domain publishes SPF.
    #[serde(deserialize_with = "load::flag")]
    pub spf: bool,
    /// The domain publishes DMARC.
    #[serde(deserialize_with = "load::flag")]
    pub dmarc: bool,
}

/// How a domain takes mail.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mail {
    /// Google's servers.
    Google,
    /// Microsoft's servers.
    Microsoft,
    /// A server of its own.
    #[default]
    Own,
    /// Says that it takes no mail (RFC 7505).
    NullMx,
    /// Exists, with neither mail server nor address.
    None,
    /// Does not resolve.
    Dead,
}

/// A mail domain that is no firm's.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct MailDomain {
    /// Bare host, lower case.
    pub domain: String,
    /// How it takes mail.
    pub mail: Mail,
    /// Publishes SPF.
    #[serde(deserialize_with = "load::flag")]
    pub spf: bool,
    /// Publishes DMARC.
    #[serde(deserialize_with = "load::flag")]
    pub dmarc: bool,
}

/// A portal user to whom records belong.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Owner {
    /// Owner id, digits; this is what `hubspot_owner_id` takes.
    pub id: String,
    /// Address.
    pub email: String,
    /// Given name.
    #[serde(rename = "firstName")]
    pub first_name: String,
    /// Family name.
    #[serde(rename = "lastName")]
    pub last_name: String,
    /// User id, digits; what history entries name.
    #[serde(rename = "userId")]
    pub user_id: String,
    /// No longer active.
    #[serde(deserialize_with = "load::flag")]
    pub archived: bool,
    /// Team, or empty.
    #[serde(rename = "teamId")]
    pub team_id: String,
    /// Team name, or empty.
    #[serde(rename = "teamName")]
    pub team_name: String,
}

/// A contact the portal holds at the start.
#[derive(Debug, Clone, Default)]
pub struct PortalContact {
    /// Record id, digits.
    pub id: String,
    /// Property values by HubSpot name, `associatedcompanyid` among them; empty ones may be left out.
    pub properties: BTreeMap<String, String>,
    /// Properties whose newest history entry is a person's edit in the UI.
    pub human_edited: Vec<String>,
    /// User id, owner id or address of that person.
    pub edited_by: String,
    /// When they edited, RFC 3339; empty takes some days before the start.
    pub edited_at: String,
}

/// A company the portal holds at the start.
#[derive(Debug, Clone, Default)]
pub struct PortalCompany {
    /// Record id, digits.
    pub id: String,
    /// Property values by HubSpot name; empty ones may be left out.
    pub properties: BTreeMap<String, String>,
    /// Properties whose newest history entry is a person's edit in the UI.
    pub human_edited: Vec<String>,
}

impl World {
    /// The world of the pilot: about 1,000 people on a list, and a CRM that already knows some of them.
    ///
    /// # Panics
    /// When the files built into the sandbox contradict themselves, which its tests rule out.
    pub fn pilot() -> World {
        match load::embedded() {
            Ok(world) => world,
            Err(problem) => panic!("the built-in pilot world is broken: {problem}"),
        }
    }

    /// Reads a world from a folder with the same six CSV files the pilot has.
    ///
    /// # Errors
    /// Names the file and the column or line that is missing or wrong.
    pub fn load(folder: &Path) -> Result<World, SandboxProblem> {
        load::folder(folder)
    }

    /// A made-up world of any size, always the same for a seed; a tenth of its people is in the portal.
    pub fn generated(seed: u64, people: usize, companies: usize) -> World {
        crate::generate::world(seed, people, companies)
    }

    /// Writes a raw list of this world's people as a person would collect it: 60 % have an address,
    /// half a title, 30 % a phone. More rows than people start over.
    ///
    /// # Errors
    /// When `out` cannot be written.
    pub fn list_csv(&self, rows: usize, out: impl Write) -> std::io::Result<()> {
        let firms: std::collections::HashMap<&str, &Company> =
            self.companies.iter().map(|company| (company.id.as_str(), company)).collect();
        let mut writer = csv::Writer::from_writer(out);
        writer.write_record(["First Name", "Last Name", "Company", "Website", "Email", "Title", "Phone", "Country"])?;
        for (row, person) in self.people.iter().cycle().take(rows).enumerate() {
            let firm = firms.get(person.company_id.as_str());
            let mut dice = Dice::new(row as u64 ^ 0xC0FF_EE00_0000);
            let mut maybe = |percent: usize, text: &str| {
                if dice.percent(percent) { text.to_owned() } else { String::new() }
            };
            writer.write_record([
                person.firstname.as_str(),
                person.lastname.as_str(),
                firm.map_or("", |f| f.name.as_str()),
                firm.map_or("", |f| f.domain.as_str()),
                &maybe(60, &person.email),
                &maybe(50, &person.jobtitle),
                &maybe(30, &person.phone),
                person.country.as_str(),
            ])?;
        }
        writer.flush()
    }
}
