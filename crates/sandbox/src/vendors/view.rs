//! What one vendor knows of one person: misses that vendors share, fields that are missing, wrong persons, stale titles.

use super::truth::Truth;
use crate::chance::{draw, normal, share};
use crate::stats::Service;
use crate::world::{Company, EmailState, Person};

/// How much of a miss is the person's own obscurity rather than the vendor's gap. With the
/// coverages below, three vendors together find 80 to 85 % of people.
const SHARED_OBSCURITY: f64 = 0.35;
/// One answer in fifty is about somebody else.
const WRONG_PERSON: f64 = 0.02;
/// Three in a hundred know a former title.
const STALE: f64 = 0.03;
/// Firms are easier to know than people.
const COMPANY_COVERAGE: f64 = 0.88;

/// A vendor's picture of the person that was asked about, or of the wrong one.
#[derive(Debug)]
pub(crate) struct View<'a> {
    vendor: Service,
    seed: u64,
    pub person: &'a Person,
    pub company: Option<&'a Company>,
    /// Somebody else than was asked for.
    pub wrong: bool,
    /// What the vendor believes the title to be.
    pub title: String,
}

/// A field a vendor may or may not have.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Field {
    Email,
    Title,
    Phone,
    Linkedin,
}

/// Standard normal quantiles of 55, 60 and 50 %.
fn threshold(vendor: Service) -> f64 {
    match vendor {
        Service::Hunter => 0.1257,
        Service::Apollo => 0.2533,
        _ => 0.0,
    }
}

/// How often a vendor that knows a person knows this about them.
fn presence(vendor: Service, field: Field) -> f64 {
    match (vendor, field) {
        (Service::Hunter, Field::Email) => 1.0,
        (Service::Hunter, Field::Title) => 0.7,
        (Service::Hunter, Field::Linkedin) => 0.6,
        (Service::Hunter, Field::Phone) => 0.12,
        (Service::Apollo, Field::Email) => 0.88,
        (Service::Apollo, Field::Title) => 0.95,
        (Service::Apollo, Field::Linkedin) => 0.9,
        (Service::Apollo, Field::Phone) => 0.0,
        (_, Field::Email) => 0.65,
        (_, Field::Title) => 0.9,
        (_, Field::Linkedin) => 0.95,
        (_, Field::Phone) => 0.45,
    }
}

impl Truth {
    /// The vendor's view of a person; none when it does not know them.
    pub(crate) fn view(&self, vendor: Service, person: usize) -> Option<View<'_>> {
        let asked = &self.people[person];
        let id = asked.id.as_str();
        let obscurity = normal(self.seed, &["obscurity", id]);
        let own_gap = normal(self.seed, &["gap", vendor.name(), id]);
        let score = SHARED_OBSCURITY.sqrt() * obscurity + (1.0 - SHARED_OBSCURITY).sqrt() * own_gap;
        if score >= threshold(vendor) {
            return None;
        }
        let other = (share(self.seed, &["wrong", vendor.name(), id]) < WRONG_PERSON)
            .then(|| self.somebody_else(vendor, asked))
            .flatten();
        let seen = other.unwrap_or(asked);
        let stale = share(self.seed, &["stale", vendor.name(), id]) < STALE;
        Some(View {
            vendor,
            seed: self.seed,
            person: seen,
            company: self.employer(seen),
            wrong: other.is_some(),
            title: if stale { former_title(&seen.jobtitle) } else { seen.jobtitle.clone() },
        })
    }

    /// A colleague with another last name if there is one, else anybody.
    fn somebody_else(&self, vendor: Service, asked: &Person) -> Option<&Person> {
        let pick = draw(self.seed, &["who", vendor.name(), &asked.id]) as usize;
        let colleagues: Vec<&Person> = self
            .colleagues(asked)
            .iter()
            .map(|at| &self.people[*at])
            .filter(|person| person.lastname != asked.lastname && !person.refused)
            .collect();
        if !colleagues.is_empty() {
            return Some(colleagues[pick % colleagues.len()]);
        }
        let other = &self.people[pick % self.people.len()];
        (other.lastname != asked.lastname && !other.refused).then_some(other)
    }

    /// The vendor knows this firm.
    pub(crate) fn knows_company(&self, vendor: Service, company: &Company) -> bool {
        share(self.seed, &["firm", vendor.name(), &company.id]) < COMPANY_COVERAGE
    }

    /// The firm's mail server takes any address, so a vendor can only guess.
    pub(crate) fn accepts_all(&self, company: &Company) -> bool {
        share(self.seed, &["accept-all", &company.id]) < 0.12
    }

    /// A repeating choice about a person or firm.
    pub(crate) fn chance(&self, what: &str, id: &str) -> f64 {
        share(self.seed, &[what, id])
    }

    /// A made-up id that belongs to one thing of one vendor.
    pub(crate) fn id_of(&self, what: &str, id: &str) -> String {
        format!("{:016x}{:08x}", draw(self.seed, &["id", what, id]), draw(self.seed, &["id2", what, id]) as u32)
    }
}

impl View<'_> {
    fn has(&self, field: Field) -> bool {
        let name = format!("{field:?}");
        share(self.seed, &["field", self.vendor.name(), &name, &self.person.id]) < presence(self.vendor, field)
    }

    fn field(&self, field: Field, value: &str) -> Option<String> {
        (!value.is_empty() && self.has(field)).then(|| value.to_owned())
    }

    /// The address; vendors still hold half of the dead ones.
    pub(crate) fn email(&self) -> Option<String> {
        let kept = match self.person.email_state {
            EmailState::Valid => true,
            EmailState::Dead => share(self.seed, &["dead", self.vendor.name(), &self.person.id]) < 0.5,
            EmailState::None => false,
        };
        if kept { self.field(Field::Email, &self.person.email) } else { None }
    }

    pub(crate) fn title(&self) -> Option<String> {
        self.field(Field::Title, &self.title)
    }

    pub(crate) fn phone(&self) -> Option<String> {
        self.field(Field::Phone, &self.person.phone)
    }

    pub(crate) fn mobile(&self) -> Option<String> {
        self.field(Field::Phone, &self.person.mobile)
    }

    pub(crate) fn linkedin(&self) -> Option<String> {
        self.field(Field::Linkedin, &self.person.linkedin_url)
    }

    pub(crate) fn full_name(&self) -> String {
        format!("{} {}", self.person.firstname, self.person.lastname)
    }
}

/// What a person was before they became what they are.
fn former_title(title: &str) -> String {
    const STEPS: &[(&str, &str)] = &[
        ("Chief Executive Officer", "Managing Director"),
        ("CEO", "Managing Director"),
        ("Chief ", "Head of "),
        ("VP of ", "Director of "),
        ("VP ", "Director "),
        ("Vice President", "Director"),
        ("Head of ", "Manager, "),
        ("Director of ", "Senior Manager, "),
        ("Senior ", ""),
    ];
    STEPS
        .iter()
        .find_map(|(now, then)| title.strip_prefix(now).map(|rest| format!("{then}{rest}")))
        .map(|title| title.replace(" Officer", ""))
        .unwrap_or_else(|| format!("Junior {title}"))
}

/// An industry value in a vendor's free text: `FOOD_BEVERAGES` with `joiner` for its `_AND_`.
pub(crate) fn industry_text(value: &str, joiner: &str) -> String {
    value.replace("_AND_", joiner).replace('_', " ").to_lowercase()
}

/// The employee range a head count falls into.
pub(crate) fn size_range(employees: &str) -> Option<&'static str> {
    let count: u64 = employees.parse().ok()?;
    Some(match count {
        0..=10 => "1-10",
        11..=50 => "11-50",
        51..=200 => "51-200",
        201..=500 => "201-500",
        501..=1_000 => "501-1000",
        1_001..=5_000 => "1001-5000",
        5_001..=10_000 => "5001-10000",
        _ => "10001+",
    })
}

/// Digits and a leading plus of a phone number.
pub(crate) fn bare_number(phone: &str) -> String {
    phone.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(vendor: Service, truth: &Truth) -> Vec<bool> {
        (0..truth.people.len()).map(|at| truth.view(vendor, at).is_some()).collect()
    }

    #[test]
    fn vendors_cover_what_they_should_and_miss_together() {
        let world = crate::World::generated(5, 4_000, 600);
        let truth = Truth::new(5, world.people, world.companies);
        let [hunter, apollo, pdl] =
            [Service::Hunter, Service::Apollo, Service::Pdl].map(|vendor| found(vendor, &truth));
        let rate = |hits: &[bool]| hits.iter().filter(|hit| **hit).count() as f64 / hits.len() as f64;
        let union: Vec<bool> = (0..hunter.len()).map(|at| hunter[at] || apollo[at] || pdl[at]).collect();
        assert!((rate(&hunter) - 0.55).abs() < 0.03, "{}", rate(&hunter));
        assert!((rate(&apollo) - 0.60).abs() < 0.03, "{}", rate(&apollo));
        assert!((rate(&pdl) - 0.50).abs() < 0.03, "{}", rate(&pdl));
        assert!((0.79..0.86).contains(&rate(&union)), "{}", rate(&union));
    }

    #[test]
    fn a_former_title_differs() {
        assert_eq!(former_title("VP of Sales"), "Director of Sales");
        assert_eq!(former_title("Office Coordinator"), "Junior Office Coordinator");
    }
}
