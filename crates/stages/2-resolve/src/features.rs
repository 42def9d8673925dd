//! Features: what of a subject is compared, read from its fields once.

use evergreen_model::{Entity, Fields, country};

use crate::normalize::company::{CompanyName, LegalForm};
use crate::normalize::domain::domain_label;
use crate::normalize::linkedin::slug_words;
use crate::normalize::person::PersonName;
use crate::normalize::text::{fold, skeleton, squash};
use crate::normalize::{Page, city_key, domain_key, email_key, is_free_mail, is_role, linkedin_key, phone_key};

/// What is compared of a contact or a company.
#[derive(Clone, Debug)]
pub(crate) enum Features {
    /// Of a contact.
    Contact(Box<ContactFeatures>),
    /// Of a company.
    Company(Box<CompanyFeatures>),
}

/// A mailbox, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mailbox {
    /// The whole address as a key.
    pub key: String,
    /// The part before the `@`, in plain letters without digits at the end.
    pub local: String,
    /// Its words.
    pub words: Vec<String>,
    /// The host.
    pub domain: String,
    /// A task or a team, not a person.
    pub is_role: bool,
    /// Anybody can have an address there.
    pub is_free: bool,
}

/// What is compared of a contact.
#[derive(Clone, Debug, Default)]
pub(crate) struct ContactFeatures {
    pub mailbox: Option<Mailbox>,
    pub linkedin: Option<String>,
    /// With initials spelled out where the mailbox or the LinkedIn slug tells the name.
    pub name: PersonName,
    pub phones: Vec<String>,
    /// Registrable domains of the employer: of the domain field and of the work address.
    pub domains: Vec<String>,
    /// The employer's names in one word: as typed, and as the domains say.
    pub employer_names: Vec<String>,
    pub company: CompanyName,
    pub city: Option<String>,
    pub country: Option<&'static str>,
    pub title: String,
}

/// What is compared of a company.
#[derive(Clone, Debug, Default)]
pub(crate) struct CompanyFeatures {
    pub name: CompanyName,
    /// Other names in one word: the alias, the LinkedIn slug.
    pub other_names: Vec<String>,
    pub domain: Option<String>,
    /// The domain without its ending, in plain letters.
    pub label: String,
    pub linkedin: Option<String>,
    pub phones: Vec<String>,
    pub street: String,
    pub city: Option<String>,
    /// From the country field, the phone's prefix, the domain's ending or the legal form, in that order.
    pub country: Option<String>,
    /// Whether the country was named and not only concluded.
    pub country_is_named: bool,
    pub form: Option<LegalForm>,
}

impl Features {
    /// Reads a subject's fields.
    pub(crate) fn read(entity: Entity, fields: &Fields) -> Features {
        match entity {
            Entity::Contact => Features::Contact(Box::new(ContactFeatures::read(fields))),
            Entity::Company => Features::Company(Box::new(CompanyFeatures::read(fields))),
        }
    }
}

fn value<'a>(fields: &'a Fields, name: &str) -> &'a str {
    fields.get(name).map_or("", String::as_str)
}

impl ContactFeatures {
    fn read(fields: &Fields) -> ContactFeatures {
        let mailbox = read_mailbox(value(fields, "email"));
        let linkedin = linkedin_key(value(fields, "hs_linkedin_url"), Page::Person);
        let mut name = PersonName::read(value(fields, "firstname"), value(fields, "lastname"));
        if let Some(mailbox) = mailbox.as_ref().filter(|mailbox| !mailbox.is_role) {
            complete_name(&mut name, &mailbox.words);
        }
        if let Some(slug) = &linkedin {
            let words: Vec<String> = slug_words(slug).iter().map(|word| squash(word)).collect();
            complete_name(&mut name, &words);
        }
        let company = CompanyName::read(value(fields, "company"));
        let domains = employer_domains(fields, mailbox.as_ref());
        let mut employer_names: Vec<String> =
            domains.iter().map(|domain| skeleton(&squash(domain_label(domain)))).collect();
        employer_names.extend([company.core.clone(), company.plain.clone(), company.alias.clone()]);
        unique(&mut employer_names);
        ContactFeatures {
            linkedin,
            name,
            phones: phone_keys(fields, &["phone", "mobilephone"]),
            domains,
            employer_names,
            company,
            city: city_key(value(fields, "city")),
            country: country::code(value(fields, "country")),
            title: title_key(value(fields, "jobtitle")),
            mailbox,
        }
    }
}

impl CompanyFeatures {
    fn read(fields: &Fields) -> CompanyFeatures {
        let name = CompanyName::read(value(fields, "name"));
        let domain = [value(fields, "domain"), value(fields, "website")]
            .into_iter()
            .filter_map(domain_key)
            .find(|domain| !is_free_mail(domain));
        let linkedin = linkedin_key(value(fields, "linkedin_company_page"), Page::Company);
        let slug_name =
            linkedin.as_deref().map(|slug| skeleton(&squash(&slug_words(slug).concat()))).unwrap_or_default();
        let mut other_names = vec![name.alias.clone(), slug_name];
        unique(&mut other_names);
        let named = country::code(value(fields, "country")).map(str::to_owned);
        let by_phone = || country::of_phone(value(fields, "phone")).map(str::to_owned);
        let by_domain = || domain.as_deref().and_then(country::of_domain).map(str::to_owned);
        let by_form =
            || name.form.map(|form| form.countries).filter(|countries| countries.len() == 2).map(str::to_owned);
        let country_is_named = named.is_some();
        let country = named.or_else(by_phone).or_else(by_domain).or_else(by_form);
        CompanyFeatures {
            form: name.form,
            other_names,
            label: domain.as_deref().map(|domain| skeleton(&squash(domain_label(domain)))).unwrap_or_default(),
            domain,
            linkedin,
            phones: phone_keys(fields, &["phone"]),
            street: squash(value(fields, "address")),
            city: city_key(value(fields, "city")),
            country,
            country_is_named,
            name,
        }
    }
}

fn read_mailbox(email: &str) -> Option<Mailbox> {
    let key = email_key(email)?;
    let (local, host) = key.rsplit_once('@')?;
    let folded = fold(local);
    let words: Vec<String> = folded
        .split(' ')
        .map(|word| skeleton(word.trim_end_matches(|letter: char| letter.is_ascii_digit())))
        .filter(|word| !word.is_empty())
        .collect();
    Some(Mailbox {
        local: words.concat(),
        words,
        domain: domain_key(host).unwrap_or_else(|| host.to_owned()),
        is_role: is_role(local),
        is_free: is_free_mail(host),
        key,
    })
}

fn employer_domains(fields: &Fields, mailbox: Option<&Mailbox>) -> Vec<String> {
    let own = domain_key(value(fields, "domain")).filter(|domain| !is_free_mail(domain));
    let work = mailbox.filter(|mailbox| !mailbox.is_free).map(|mailbox| mailbox.domain.clone());
    let mut domains: Vec<String> = own.into_iter().chain(work).collect();
    unique(&mut domains);
    domains
}

fn phone_keys(fields: &Fields, names: &[&str]) -> Vec<String> {
    let mut keys: Vec<String> = names.iter().filter_map(|name| phone_key(value(fields, name))).collect();
    unique(&mut keys);
    keys
}

fn unique(values: &mut Vec<String>) {
    values.retain(|value| !value.is_empty());
    values.sort_unstable();
    values.dedup();
}

/// Spells out an initial or a missing name where the words of a mailbox or slug hold the other name:
/// `K. Han` with `kyungsoo.han@` is `Kyungsoo Han`.
fn complete_name(name: &mut PersonName, words: &[String]) {
    if name.first.len() <= 1 && name.last.len() > 1 {
        let first = other_part(words, &name.last).or_else(|| lone_given_name(words, name));
        if let Some(first) = first.filter(|first| first.starts_with(&name.first)) {
            name.set_first(&first);
        }
    } else if name.last.len() <= 1
        && name.first.len() > 1
        && let Some(last) = other_part(words, &name.first).filter(|last| last.starts_with(&name.last))
    {
        name.set_last(&last);
    }
}

/// What the words say beside the known name, when that is a whole name and not an initial.
fn other_part(words: &[String], known: &str) -> Option<String> {
    let joined = words.concat();
    let whole = skeleton(&joined);
    let rest = whole.strip_suffix(known).or_else(|| whole.strip_prefix(known))?;
    // Two letters glued to a name are as likely two initials as a name.
    let is_own_word = words.iter().any(|word| word == rest);
    (rest.len() >= if is_own_word { 2 } else { 4 } && rest.bytes().all(|byte| byte.is_ascii_lowercase()))
        .then(|| rest.to_owned())
}

/// The mailbox `leixiao@` of `L. Dong`: one word that begins with the initial and has nothing of the surname.
fn lone_given_name(words: &[String], name: &PersonName) -> Option<String> {
    let [word] = words else { return None };
    let surname_start: String = name.last.chars().take(3).collect();
    (name.first.len() == 1 && word.len() >= 4 && !word.contains(&surname_start)).then(|| word.clone())
}

/// A job title with the usual abbreviations read as one: `VP Sales` and `Vice President of Sales`.
fn title_key(title: &str) -> String {
    let folded = fold(title);
    let spelled = folded
        .replace("vice president", "vp")
        .replace("chief executive officer", "ceo")
        .replace("chief technology officer", "cto");
    let spelled = spelled
        .replace("chief financial officer", "cfo")
        .replace("chief operating officer", "coo")
        .replace("chief marketing officer", "cmo");
    let spelled = spelled
        .replace("human resources", "hr")
        .replace("software engineer", "swe")
        .replace("information technology", "it");
    let mut words: Vec<&str> = spelled
        .split(' ')
        .filter(|word| !matches!(*word, "of" | "the" | "and" | "for" | "senior" | "sr" | "jr" | "junior"))
        .map(|word| match word {
            "dir" => "director",
            "mgr" | "mngr" => "manager",
            "eng" => "engineer",
            "exec" => "executive",
            "dev" => "development",
            "mktg" => "marketing",
            other => other,
        })
        .collect();
    words.sort_unstable();
    words.concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contact(pairs: &[(&str, &str)]) -> ContactFeatures {
        ContactFeatures::read(&pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    #[test]
    fn a_mailbox_spells_out_an_initial() {
        let features = contact(&[("firstname", "K."), ("lastname", "Han"), ("email", "kyungsoo.han@acme.kr")]);
        assert_eq!(features.name.first, "kyungso");
        let features = contact(&[("lastname", "Demirel"), ("email", "demirel.abdis@acme.com.tr")]);
        assert_eq!(features.name.first, "abdis");
        let features = contact(&[
            ("firstname", "Donald"),
            ("lastname", "M."),
            ("hs_linkedin_url", "https://www.linkedin.com/in/donald-martin-98b5"),
        ]);
        assert_eq!(features.name.last, "martin");
        let features = contact(&[("firstname", "L."), ("lastname", "Dong"), ("email", "leixiao@acme.cn")]);
        assert_eq!(features.name.first, "leixiao");
        let features = contact(&[("firstname", "R."), ("lastname", "Ahmed"), ("email", "rahmed@acme.uk")]);
        assert_eq!(features.name.first, "r");
    }

    #[test]
    fn an_employer_goes_by_its_domain_and_its_name() {
        let features = contact(&[("email", "jo@fiducial-office.fr"), ("company", "Fiducial Office SAS")]);
        assert_eq!(features.employer_names, vec!["fiducialofice"]);
        assert_eq!(features.domains, vec!["fiducial-office.fr"]);
        assert!(contact(&[("email", "jo@gmail.com")]).domains.is_empty());
    }

    #[test]
    fn a_title_has_one_key_in_short_and_in_full() {
        assert_eq!(title_key("VP Sales"), title_key("Vice President of Sales"));
        assert_eq!(title_key("CEO"), title_key("Chief Executive Officer"));
    }
}
