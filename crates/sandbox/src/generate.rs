//! Builds made-up worlds of any size for benches: plausible people at plausible firms, always the same for a seed.

pub(crate) mod names;

use std::collections::{BTreeMap, HashSet};

use crate::chance::Dice;
use crate::world::{Company, EmailState, Mail, MailDomain, Owner, Person, PortalCompany, PortalContact, World};
use names::{FIRM_HEAD, FIRM_KIND, FIRM_TAIL, FIRST, LAST, PLACE, STAGE, TITLE};

pub(crate) fn world(seed: u64, people: usize, companies: usize) -> World {
    let mut dice = Dice::new(crate::chance::mix(seed, 1));
    let companies: Vec<Company> = firms(&mut dice, companies.max(1));
    let people = crew(&mut dice, people, &companies);
    let owners = owners();
    let portal_companies: Vec<PortalCompany> = companies
        .iter()
        .enumerate()
        .step_by(5)
        .map(|(at, company)| portal_company(at, company, &owners, &mut dice))
        .collect();
    let portal_contacts = people
        .iter()
        .enumerate()
        .step_by(10)
        .map(|(at, person)| portal_contact(at, person, &companies, &owners, &mut dice))
        .collect();
    World { people, companies, portal_contacts, portal_companies, owners, domains: free_mail() }
}

fn firms(dice: &mut Dice, count: usize) -> Vec<Company> {
    let heads: Vec<&str> = FIRM_HEAD.split(' ').collect();
    let tails: Vec<&str> = FIRM_TAIL.split(' ').collect();
    let mut taken = HashSet::new();
    (0..count)
        .map(|at| {
            let (kind, kind_slug, industry) = *dice.pick(FIRM_KIND);
            let (legal, city, state, country, tld, prefix, digits) = *dice.pick(PLACE);
            let base = format!("{}{}", dice.pick(&heads), dice.pick(&tails));
            let mut slug = base.to_lowercase();
            if !taken.insert(format!("{slug}.{tld}")) {
                slug = format!("{slug}{kind_slug}");
                if !taken.insert(format!("{slug}.{tld}")) {
                    slug = format!("{slug}{at}");
                    taken.insert(format!("{slug}.{tld}"));
                }
            }
            let employees = match dice.below(5) {
                0 => 5 + dice.below(45),
                1 | 2 => 50 + dice.below(200),
                3 => 250 + dice.below(1_750),
                _ => 2_000 + dice.below(18_000),
            };
            let mail = match dice.below(100) {
                0..=39 => Mail::Google,
                40..=74 => Mail::Microsoft,
                75..=91 => Mail::Own,
                92..=93 => Mail::NullMx,
                94..=95 => Mail::None,
                _ => Mail::Dead,
            };
            Company {
                id: format!("co{at}"),
                name: format!("{base} {kind} {legal}"),
                domain: format!("{slug}.{tld}"),
                industry: industry.to_owned(),
                employees: employees.to_string(),
                annualrevenue: (employees * (90_000 + dice.below(120_000))).to_string(),
                founded_year: (1950 + dice.below(74)).to_string(),
                city: city.to_owned(),
                state: state.to_owned(),
                country: country.to_owned(),
                linkedin_url: format!("https://www.linkedin.com/company/{slug}"),
                phone: number(dice, prefix, digits),
                mail,
                spf: dice.percent(85),
                dmarc: dice.percent(60),
            }
        })
        .collect()
}

fn number(dice: &mut Dice, prefix: &str, digits: usize) -> String {
    let limit = 10usize.pow(digits as u32);
    format!("{prefix}{:0digits$}", dice.below(limit))
}

fn crew(dice: &mut Dice, count: usize, companies: &[Company]) -> Vec<Person> {
    let firsts: Vec<&str> = FIRST.split(' ').collect();
    let lasts: Vec<&str> = LAST.split(' ').collect();
    let mut taken = HashSet::new();
    (0..count)
        .map(|at| {
            let first = *dice.pick(&firsts);
            let last = *dice.pick(&lasts);
            let company = dice.pick(companies);
            let (title, seniority) = *dice.pick(TITLE);
            let slug = |name: &str| {
                deunicode::deunicode(name).to_lowercase().replace(|c: char| !c.is_ascii_alphanumeric(), "")
            };
            let mut mailbox = format!("{}.{}", slug(first), slug(last));
            if !taken.insert(format!("{mailbox}@{}", company.domain)) {
                mailbox = format!("{mailbox}{at}");
            }
            let email_state = match dice.below(100) {
                0..=5 => EmailState::Dead,
                6..=9 => EmailState::None,
                _ => EmailState::Valid,
            };
            let place = PLACE.iter().find(|place| place.1 == company.city).unwrap_or(&PLACE[0]);
            Person {
                id: format!("p{at}"),
                firstname: first.to_owned(),
                lastname: last.to_owned(),
                email: if email_state == EmailState::None {
                    String::new()
                } else {
                    format!("{mailbox}@{}", company.domain)
                },
                email_state,
                jobtitle: title.to_owned(),
                seniority: seniority.to_owned(),
                company_id: company.id.clone(),
                phone: number(dice, place.5, place.6),
                mobile: if dice.percent(60) { number(dice, place.5, place.6) } else { String::new() },
                linkedin_url: format!("https://www.linkedin.com/in/{}-{}-{at:x}", slug(first), slug(last)),
                city: company.city.clone(),
                state: company.state.clone(),
                country: company.country.clone(),
                refused: dice.below(200) == 0,
            }
        })
        .collect()
}

fn owners() -> Vec<Owner> {
    ["Ada Lind", "Bo Marsh", "Cleo Hart", "Dev Rao", "Eli Stone", "Fay Cole", "Gus Vane", "Hedy Moss"]
        .iter()
        .enumerate()
        .map(|(at, name)| {
            let (first, last) = name.split_once(' ').unwrap_or((name, ""));
            let team = if at % 2 == 0 { ("1", "Enterprise") } else { ("2", "Mid-market") };
            Owner {
                id: (6001 + at).to_string(),
                email: format!("{}@ourfirm.example", first.to_lowercase()),
                first_name: first.to_owned(),
                last_name: last.to_owned(),
                user_id: (9001 + at).to_string(),
                // The last one left the firm; records still point at them.
                archived: at == 7,
                team_id: team.0.to_owned(),
                team_name: team.1.to_owned(),
            }
        })
        .collect()
}

fn filled(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs
        .iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

fn company_record_id(at: usize) -> String {
    (70_000_000 + at).to_string()
}

fn portal_company(at: usize, company: &Company, owners: &[Owner], dice: &mut Dice) -> PortalCompany {
    PortalCompany {
        id: company_record_id(at),
        properties: filled(&[
            ("name", &company.name),
            ("domain", &company.domain),
            ("country", &company.country),
            ("city", &company.city),
            ("lifecyclestage", STAGE[dice.below(STAGE.len())]),
            ("hubspot_owner_id", &dice.pick(owners).id),
        ]),
        human_edited: if dice.percent(10) { vec!["name".to_owned()] } else { Vec::new() },
    }
}

fn portal_contact(
    at: usize,
    person: &Person,
    companies: &[Company],
    owners: &[Owner],
    dice: &mut Dice,
) -> PortalContact {
    let firm: usize = person.company_id.trim_start_matches("co").parse().unwrap_or(0);
    let owner = dice.pick(owners);
    // Every fifth firm is in the portal, see `world`.
    let known = firm.is_multiple_of(5);
    PortalContact {
        id: (10_000_000 + at).to_string(),
        properties: filled(&[
            ("email", &person.email),
            ("firstname", &person.firstname),
            ("lastname", &person.lastname),
            ("jobtitle", if dice.percent(50) { &person.jobtitle } else { "" }),
            ("company", companies.get(firm).map_or("", |c| c.name.as_str())),
            ("country", &person.country),
            ("lifecyclestage", STAGE[dice.below(STAGE.len())]),
            ("hubspot_owner_id", &owner.id),
            ("hs_email_optout", if dice.percent(3) { "true" } else { "" }),
            ("associatedcompanyid", &if known { company_record_id(firm) } else { String::new() }),
        ]),
        human_edited: if dice.percent(15) { vec!["jobtitle".to_owned()] } else { Vec::new() },
        edited_by: owner.user_id.clone(),
        edited_at: String::new(),
    }
}

fn free_mail() -> Vec<MailDomain> {
    ["gmail.com", "outlook.com", "yahoo.com", "gmx.de", "proton.me", "icloud.com"]
        .iter()
        .map(|domain| MailDomain {
            domain: (*domain).to_owned(),
            mail: if *domain == "gmail.com" { Mail::Google } else { Mail::Own },
            spf: true,
            dmarc: true,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_always_makes_the_same_world() {
        let (one, two) = (world(7, 300, 60), world(7, 300, 60));
        assert_eq!(format!("{one:?}"), format!("{two:?}"));
        assert_eq!((one.people.len(), one.companies.len()), (300, 60));
    }

    #[test]
    fn domains_and_addresses_are_unique() {
        let world = world(3, 20_000, 4_000);
        let domains: HashSet<_> = world.companies.iter().map(|c| &c.domain).collect();
        assert_eq!(domains.len(), 4_000);
        let with_mail: Vec<_> = world.people.iter().filter(|p| !p.email.is_empty()).collect();
        let emails: HashSet<_> = with_mail.iter().map(|p| &p.email).collect();
        assert_eq!(emails.len(), with_mail.len());
    }
}
