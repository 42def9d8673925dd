//! Block: the keys by which possible duplicates find each other, so that not everything is compared with everything.

use evergreen_model::{Entity, Fields};

use crate::features::{CompanyFeatures, ContactFeatures, Features};
use crate::normalize::text::skeleton;

/// A block with more members than this is not compared in full: its members are sorted and each meets its neighbours.
const BLOCK_MAX: usize = 200;
/// How many neighbours each member of an oversized block meets.
const WINDOW: usize = 8;
/// How many letters of an employer's name take part in a key, so that endings and line of business do not matter.
const EMPLOYER_LETTERS: usize = 6;

/// The blocking keys of a record: strong ones (`e:` email, `l:` LinkedIn, `d:` company domain) first, then weak ones
/// (`r:` team address, `p:` phone, `n:` full name, `m:` part of a name with employer, `c:` company name, `x:` beginning
/// of a company name). At most eleven, in a fixed order and without repetition.
///
/// Every pair that scores `review` or more shares a key.
#[must_use]
pub fn keys(entity: Entity, fields: &Fields) -> Vec<String> {
    keys_of(&Features::read(entity, fields))
}

/// The keys of features already read.
pub(crate) fn keys_of(features: &Features) -> Vec<String> {
    let mut keys = match features {
        Features::Contact(contact) => contact_keys(contact),
        Features::Company(company) => company_keys(company),
    };
    let mut seen = std::collections::HashSet::new();
    keys.retain(|key| seen.insert(key.clone()));
    keys
}

fn contact_keys(contact: &ContactFeatures) -> Vec<String> {
    let mut keys = Vec::with_capacity(10);
    let email = |role: bool| contact.mailbox.iter().filter(move |mailbox| mailbox.is_role == role);
    keys.extend(email(false).map(|mailbox| format!("e:{}", mailbox.key)));
    keys.extend(contact.linkedin.iter().map(|slug| format!("l:{slug}")));
    keys.extend(email(true).map(|mailbox| format!("r:{}", mailbox.key)));
    keys.extend(contact.phones.iter().take(2).map(|phone| format!("p:{phone}")));
    let name = &contact.name;
    if name.is_full() {
        // Sorted, so that first and last name may change places.
        let (one, two) = if name.first <= name.last { (&name.first, &name.last) } else { (&name.last, &name.first) };
        keys.push(format!("n:{one} {two}"));
    }
    let employers = employer_prefixes(contact);
    for part in [&name.last, &name.first].into_iter().filter(|part| part.len() > 1) {
        keys.extend(employers.iter().map(|employer| format!("m:{part} {employer}")));
    }
    keys
}

/// Beginnings of the employer's names: of the name as typed and of each domain; at most two.
fn employer_prefixes(contact: &ContactFeatures) -> Vec<String> {
    let mut prefixes: Vec<String> =
        contact.employer_names.iter().map(|name| name.chars().take(EMPLOYER_LETTERS).collect()).collect();
    prefixes.sort_unstable();
    prefixes.dedup();
    prefixes.truncate(3);
    prefixes
}

fn company_keys(company: &CompanyFeatures) -> Vec<String> {
    let mut keys = Vec::with_capacity(10);
    keys.extend(company.domain.iter().map(|domain| format!("d:{domain}")));
    keys.extend(company.linkedin.iter().map(|slug| format!("l:{slug}")));
    keys.extend(company.phones.iter().map(|phone| format!("p:{phone}")));
    let names = [&company.name.core, &company.name.plain, &company.label].into_iter().chain(&company.other_names);
    keys.extend(names.filter(|name| !name.is_empty()).take(5).map(|name| format!("c:{name}")));
    if !company.name.core.is_empty() {
        let start: String = company.name.core.chars().take(EMPLOYER_LETTERS).collect();
        keys.push(format!("x:{start}"));
    }
    if company.name.acronym.len() >= 3 {
        keys.push(format!("c:{}", skeleton(&company.name.acronym)));
    }
    keys
}

/// Pairs of positions, lower first, that share a key; sorted and without repetition.
///
/// `order` gives the position in the order of preference, so that the choice in oversized blocks does not depend on the
/// order of input.
pub(crate) fn candidate_pairs(keys: &[&[u64]], order: &[usize]) -> Vec<(usize, usize)> {
    let mut entries: Vec<(u64, usize)> = Vec::with_capacity(keys.iter().map(|keys| keys.len()).sum());
    for &position in order {
        entries.extend(keys[position].iter().map(|key| (*key, position)));
    }
    // Stable: within a block the order of preference stays.
    entries.sort_by_key(|(key, _)| *key);
    let mut pairs = Vec::new();
    for block in entries.chunk_by(|a, b| a.0 == b.0) {
        let reach = if block.len() <= BLOCK_MAX { block.len() } else { WINDOW };
        for (at, (_, left)) in block.iter().enumerate() {
            let neighbours = block[at + 1..].iter().take(reach);
            pairs.extend(neighbours.map(|(_, right)| (*left.min(right), *left.max(right))));
            if block.len() > BLOCK_MAX && at > 0 {
                let first = block[0].1;
                pairs.push((first.min(*left), first.max(*left)));
            }
        }
    }
    pairs.sort_unstable();
    pairs.dedup();
    pairs
}

/// A key as a number that is the same in every run.
pub(crate) fn hash(entity: Entity, key: &str) -> u64 {
    // FNV-1a: short keys, no hostile input worth defending against (a collision only costs one comparison).
    let seed = if entity == Entity::Contact { 0xcbf2_9ce4_8422_2325 } else { 0x8422_2325_cbf2_9ce4 };
    key.bytes().fold(seed, |state: u64, byte| (state ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3))
}
