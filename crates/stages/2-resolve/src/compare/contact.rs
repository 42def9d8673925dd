//! Contacts compared: name, mailbox, employer, LinkedIn, phone, place and title, each with its levels.

use super::{Agreement, cities, equality, is_typo, overlap, similarity};
use crate::features::{ContactFeatures, Mailbox};
use crate::normalize::person::{PersonName, are_nicknames};

/// What two contacts agree on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct ContactComparison {
    pub name: Name,
    /// Whether so many people share the surname that agreeing on it says little.
    pub is_common_name: bool,
    pub mailbox: MailboxLevel,
    pub employer: Employer,
    pub linkedin: Agreement,
    pub phone: Agreement,
    pub city: Agreement,
    pub country: Agreement,
    pub title: Agreement,
}

/// First and last name as one comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Name {
    Same,
    /// Surname the same, given name a short form or a part of the other.
    Nickname,
    /// First and last name changed places.
    Swapped,
    /// A typing mistake in one of them.
    Typo,
    /// Given name the same, surname with more words on one side.
    Compound,
    /// Surname the same, given name an initial of the other.
    Initial,
    /// Given name the same, surname only an initial or missing.
    SurnameUnknown,
    /// Surname the same, given name missing.
    GivenUnknown,
    /// Surname the same, given names different.
    GivenDiffers,
    /// Given name the same, surnames different.
    SurnameDiffers,
    Different,
    /// No name on one side, or only initials.
    Unknown,
    /// No name on either side.
    Neither,
}

impl Name {
    /// Whether the names can be those of one person.
    pub(crate) const fn agrees(self) -> bool {
        matches!(
            self,
            Name::Same
                | Name::Nickname
                | Name::Swapped
                | Name::Typo
                | Name::Compound
                | Name::Initial
                | Name::SurnameUnknown
                | Name::GivenUnknown
        )
    }

    /// Whether both names are there and agree.
    pub(crate) const fn agrees_in_full(self) -> bool {
        matches!(self, Name::Same | Name::Nickname | Name::Swapped | Name::Typo | Name::Compound)
    }
}

/// The two addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum MailboxLevel {
    /// One person's mailbox on both sides.
    Same,
    /// One team mailbox on both sides.
    SameRole,
    /// One typing mistake apart at the same host.
    Typo,
    /// The same personal part before the `@` at another host.
    SameLocal,
    /// Two personal mailboxes at the same firm, both made from a name that agrees: `jdoe@` and `jane.doe@`.
    OtherSpelling,
    /// Two personal mailboxes at the same firm.
    OtherAtSameFirm,
    /// Nothing that says something.
    Unknown,
}

/// The employers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Employer {
    SameDomain,
    /// The same name, or a domain that is made of the name.
    SameName,
    SimilarName,
    Different,
    Unknown,
}

impl ContactComparison {
    pub(crate) fn of(a: &ContactFeatures, b: &ContactFeatures) -> ContactComparison {
        let name = names(&a.name, &b.name);
        ContactComparison {
            name,
            is_common_name: a.name.is_common || b.name.is_common,
            mailbox: mailboxes(a.mailbox.as_ref(), b.mailbox.as_ref(), name),
            employer: employers(a, b),
            linkedin: equality(a.linkedin.as_ref(), b.linkedin.as_ref()),
            phone: overlap(&a.phones, &b.phones),
            city: cities(a.city.as_ref(), b.city.as_ref()),
            country: equality(a.country.as_ref(), b.country.as_ref()),
            title: titles(&a.title, &b.title),
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Same,
    Near,
    Typo,
    Compound,
    Initial,
    Missing,
    Different,
}

fn names(a: &PersonName, b: &PersonName) -> Name {
    match (a.is_empty(), b.is_empty()) {
        (true, true) => return Name::Neither,
        (false, false) => {}
        _ => return Name::Unknown,
    }
    let (given, surname) = (given_names(a, b), surnames(a, b));
    let level = match (given, surname) {
        (Part::Same, Part::Same) => Name::Same,
        (Part::Near, Part::Same) => Name::Nickname,
        (Part::Typo, Part::Same) | (Part::Same | Part::Near | Part::Typo, Part::Typo) => Name::Typo,
        (Part::Same | Part::Near | Part::Typo, Part::Compound) | (Part::Near, Part::Near) => Name::Compound,
        (Part::Initial, Part::Same | Part::Typo | Part::Compound) => Name::Initial,
        (Part::Missing, Part::Same | Part::Compound) => Name::GivenUnknown,
        (Part::Missing, Part::Typo) => Name::Unknown,
        (Part::Same | Part::Near | Part::Typo, Part::Initial | Part::Missing) => Name::SurnameUnknown,
        (Part::Different, Part::Same | Part::Typo | Part::Compound) => Name::GivenDiffers,
        (Part::Same | Part::Near, Part::Different) => Name::SurnameDiffers,
        (Part::Missing, Part::Missing)
        | (Part::Missing, Part::Initial)
        | (Part::Initial, Part::Missing | Part::Initial) => Name::Unknown,
        _ => Name::Different,
    };
    if level.agrees_in_full() || !a.is_full() || !b.is_full() {
        return level;
    }
    let crossed = |left: &str, right: &str| left == right || (left.len() >= 5 && is_typo(left, right));
    if crossed(&a.first, &b.last) && crossed(&a.last, &b.first) { Name::Swapped } else { level }
}

fn given_names(a: &PersonName, b: &PersonName) -> Part {
    let (x, y) = (a.first.as_str(), b.first.as_str());
    if x.is_empty() || y.is_empty() {
        return Part::Missing;
    }
    if x.len() == 1 || y.len() == 1 {
        return if x.as_bytes()[0] == y.as_bytes()[0] { Part::Initial } else { Part::Different };
    }
    if x == y {
        return Part::Same;
    }
    if x == b.head || y == a.head || are_nicknames(x, y) || is_short_form(x, y) {
        return Part::Near;
    }
    let leads = |one: &PersonName, other: &str| !one.lead.is_empty() && other.starts_with(&one.lead);
    if leads(a, y) || leads(b, x) {
        return Part::Initial;
    }
    if differ_in_gender(x, y) {
        return Part::Different;
    }
    if is_typo(x, y) || (x.len().min(y.len()) >= 5 && similarity(x, y) >= 0.93) {
        return Part::Typo;
    }
    Part::Different
}

fn surnames(a: &PersonName, b: &PersonName) -> Part {
    let (x, y) = (a.last.as_str(), b.last.as_str());
    if x.is_empty() || y.is_empty() {
        return Part::Missing;
    }
    if x.len() == 1 || y.len() == 1 {
        return if x.as_bytes()[0] == y.as_bytes()[0] { Part::Initial } else { Part::Different };
    }
    if x == y {
        return Part::Same;
    }
    if is_typo(x, y) || (x.len().min(y.len()) >= 5 && similarity(x, y) >= 0.94) {
        return Part::Typo;
    }
    let within = |whole: &PersonName, part: &str| part.len() > 2 && whole.last_parts.iter().any(|word| word == part);
    if within(a, y) || within(b, x) {
        return Part::Compound;
    }
    Part::Different
}

/// `Chris` of `Christopher`, but not `Maria` of `Mariana`: at least two letters more and three in common.
fn is_short_form(x: &str, y: &str) -> bool {
    let (short, long) = if x.len() <= y.len() { (x, y) } else { (y, x) };
    short.len() >= 3
        && long.len() >= short.len() + 2
        && long.starts_with(short)
        && !long.ends_with("ina")
        && !long.ends_with("ana")
}

/// `Mario` and `Maria`, `Daniel` and `Daniela`: two people, not a typing mistake.
fn differ_in_gender(x: &str, y: &str) -> bool {
    let (short, long) = if x.len() <= y.len() { (x, y) } else { (y, x) };
    if long.len() == short.len() {
        let at = short.len() - 1;
        return short.is_char_boundary(at)
            && short[..at] == long[..at]
            && matches!(
                (short.as_bytes()[at], long.as_bytes()[at]),
                (b'a', b'o' | b'e' | b'i') | (b'o' | b'e' | b'i', b'a')
            );
    }
    long.len() == short.len() + 1 && long.starts_with(short) && matches!(long.as_bytes()[short.len()], b'a' | b'e')
}

fn mailboxes(a: Option<&Mailbox>, b: Option<&Mailbox>, name: Name) -> MailboxLevel {
    let (Some(a), Some(b)) = (a, b) else { return MailboxLevel::Unknown };
    if a.key == b.key {
        return if a.is_role { MailboxLevel::SameRole } else { MailboxLevel::Same };
    }
    if a.is_role || b.is_role {
        return MailboxLevel::Unknown;
    }
    if a.domain == b.domain {
        let numbered = a.local == b.local;
        if !numbered && name.agrees() && a.local.len() >= 5 && is_typo(&a.key, &b.key) {
            return MailboxLevel::Typo;
        }
        return match (a.is_free, numbered) {
            (true, _) => MailboxLevel::Unknown,
            (false, false) if name.agrees_in_full() => MailboxLevel::OtherSpelling,
            (false, _) => MailboxLevel::OtherAtSameFirm,
        };
    }
    if a.local == b.local && a.local.len() >= 6 {
        return MailboxLevel::SameLocal;
    }
    MailboxLevel::Unknown
}

fn employers(a: &ContactFeatures, b: &ContactFeatures) -> Employer {
    if overlap(&a.domains, &b.domains) == Agreement::Same {
        return Employer::SameDomain;
    }
    match overlap(&a.employer_names, &b.employer_names) {
        Agreement::Unknown => return Employer::Unknown,
        Agreement::Same => return Employer::SameName,
        _ => {}
    }
    let similar = a.employer_names.iter().any(|x| b.employer_names.iter().any(|y| names_of_one_firm(x, y)));
    if similar || shares_rare_words(a, b) { Employer::SimilarName } else { Employer::Different }
}

/// Both in one word: a typing mistake, or one is the beginning of the other.
fn names_of_one_firm(x: &str, y: &str) -> bool {
    let (short, long) = if x.len() <= y.len() { (x, y) } else { (y, x) };
    is_typo(x, y) || (short.len() >= 5 && long.starts_with(short)) || (short.len() >= 6 && similarity(x, y) >= 0.94)
}

fn shares_rare_words(a: &ContactFeatures, b: &ContactFeatures) -> bool {
    let (x, y) = (&a.company, &b.company);
    let acronym = |long: &str, short: &str| long.len() >= 3 && long == short;
    acronym(&x.acronym, &y.core) || acronym(&y.acronym, &x.core)
}

fn titles(a: &str, b: &str) -> Agreement {
    match (a.is_empty(), b.is_empty()) {
        (false, false) if a == b => Agreement::Same,
        (false, false) if similarity(a, b) >= 0.92 => Agreement::Similar,
        (false, false) => Agreement::Different,
        _ => Agreement::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn level(a: (&str, &str), b: (&str, &str)) -> Name {
        let (a, b) = (PersonName::read(a.0, a.1), PersonName::read(b.0, b.1));
        assert_eq!(names(&a, &b), names(&b, &a), "{a:?} {b:?}");
        names(&a, &b)
    }

    #[test]
    fn names_meet_at_their_level() {
        for (a, b, wanted) in [
            (("Anna", "Müller"), ("anna", "MUELLER"), Name::Same),
            (("William", "Doe"), ("Bill", "Doe"), Name::Nickname),
            (("Hans", "Knappe"), ("Hans-Karl", "Knappe"), Name::Nickname),
            (("Jun-seok", "Lim"), ("Jun-ho", "Lim"), Name::GivenDiffers),
            (("Wang", "Lei"), ("Lei", "Wang"), Name::Swapped),
            (("Richard", "Miller"), ("Richard", "Mliler"), Name::Typo),
            (("Jinghai", "Song"), ("Jinghai", "Snog"), Name::Typo),
            (("Gitte", "Gregersen Petersen"), ("Gitte", "Petersen"), Name::Compound),
            (("R.", "Ahmed"), ("Rita", "Ahmed"), Name::Initial),
            (("R. Maria", "Ahmed"), ("Rita", "Ahmed"), Name::Initial),
            (("", "Ahmed"), ("Rita", "Ahmed"), Name::GivenUnknown),
            (("Rita", "A."), ("Rita", "Ahmed"), Name::SurnameUnknown),
            (("Mario", "Rossi"), ("Maria", "Rossi"), Name::GivenDiffers),
            (("Daniel", "Doe"), ("Daniela", "Doe"), Name::GivenDiffers),
            (("Anna", "Smith"), ("Anna", "Jones"), Name::SurnameDiffers),
            (("Anna", "Smith"), ("Bob", "Jones"), Name::Different),
            (("", ""), ("Bob", "Jones"), Name::Unknown),
        ] {
            assert_eq!(level(a, b), wanted, "{a:?} {b:?}");
        }
    }
}
