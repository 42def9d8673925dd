//! Survivorship: chooses the value of each field from everything sources have said, and says why that value won.

use std::collections::{BTreeMap, BTreeSet};

use evergreen_model::field::{self, FieldKind};
use evergreen_model::{Entity, Evidence, Golden, GoldenValue, Source};

use crate::normalize::text::{fold, squash};
use crate::normalize::{domain_key, email_key, phone_key};
use crate::settings::{Rule, Settings};

/// Fields the portal's own processes keep: its value wins whatever others say.
const PORTAL_OWNED: [&str; 4] = ["hubspot_owner_id", "lifecyclestage", "hs_lead_status", "hs_email_optout"];
/// Fields that describe one place and must not be mixed from two.
const PLACE: [&str; 5] = ["country", "state", "city", "zip", "address"];
/// How sure a provider must be, 0 to 100, for its value to count as verified.
const VERIFIED_CONFIDENCE: u8 = 90;

/// The golden values of a record from all its evidence.
///
/// By default a person beats the portal, the portal a provider, a provider a table and a table a list, as
/// [`Settings::source_trust`] says; a provider's trust shrinks with its confidence; among equals the newest wins. What
/// the portal owns (owner, lifecycle, lead status, opt-out) comes from the portal if it has it.
#[must_use]
pub fn golden(entity: Entity, evidence: &[Evidence], settings: &Settings) -> Golden {
    let pieces: Vec<&Evidence> = evidence.iter().collect();
    choose_all(entity, &pieces, settings)
}

/// The golden values without what the portal says: what Evergreen would write.
#[must_use]
pub fn offered(entity: Entity, evidence: &[Evidence], settings: &Settings) -> Golden {
    let pieces: Vec<&Evidence> = evidence.iter().filter(|piece| piece.source != Source::Crm).collect();
    choose_all(entity, &pieces, settings)
}

/// One source's say on one field.
#[derive(Clone, Copy)]
struct Claim<'a> {
    value: &'a str,
    piece: &'a Evidence,
    /// 0 to 100.
    trust: f64,
}

fn choose_all(entity: Entity, pieces: &[&Evidence], settings: &Settings) -> Golden {
    let mut claims: BTreeMap<&str, Vec<Claim>> = BTreeMap::new();
    for piece in pieces {
        let trust = trust_of(piece, settings);
        for (name, value) in &piece.fields {
            if !value.trim().is_empty() {
                claims.entry(name).or_default().push(Claim { value, piece, trust });
            }
        }
    }
    keep_one_place(&mut claims, settings);
    claims
        .into_iter()
        .filter(|(_, claims)| !claims.is_empty())
        .map(|(name, claims)| (name.to_owned(), choose(entity, name, newest_per_source(claims), settings)))
        .collect()
}

/// How much a source is believed, 0 to 100: its own entry, else that of its kind; a provider's confidence scales it.
fn trust_of(piece: &Evidence, settings: &Settings) -> f64 {
    let (kind, name, fallback) = match &piece.source {
        Source::Person(name) => ("person", name.as_str(), 100),
        Source::Crm => ("crm", "", 90),
        Source::Provider(name) => ("provider", name.as_str(), 80),
        Source::Table(name) => ("table", name.as_str(), 70),
        Source::List(name) => ("list", name.as_str(), 50),
    };
    let named = settings.source_trust.get(&format!("{kind}:{name}"));
    let trust = f64::from(*named.or_else(|| settings.source_trust.get(kind)).unwrap_or(&fallback));
    match piece.source {
        Source::Provider(_) => trust * f64::from(piece.confidence.min(100)) / 100.0,
        _ => trust,
    }
}

/// Of each source only its newest word on a field counts.
fn newest_per_source(claims: Vec<Claim>) -> Vec<Claim> {
    let mut newest: BTreeMap<&Source, Claim> = BTreeMap::new();
    for claim in claims {
        newest
            .entry(&claim.piece.source)
            .and_modify(|known| {
                if is_newer(&claim, known) {
                    *known = claim;
                }
            })
            .or_insert(claim);
    }
    newest.into_values().collect()
}

fn is_newer(a: &Claim, b: &Claim) -> bool {
    (a.piece.at, a.piece.id) > (b.piece.at, b.piece.id)
}

/// Drops claims about another place than that of the most trusted source, unless a rule was set for the field.
fn keep_one_place(claims: &mut BTreeMap<&str, Vec<Claim>>, settings: &Settings) {
    let fields: Vec<&str> = PLACE.into_iter().filter(|name| !settings.survivorship.contains_key(*name)).collect();
    let mut pieces: Vec<Claim> = fields.iter().filter_map(|name| claims.get(name)).flatten().copied().collect();
    pieces.sort_by(by_trust);
    pieces.dedup_by_key(|claim| claim.piece.id);
    let mut place: BTreeMap<&str, String> = BTreeMap::new();
    let mut foreign: BTreeSet<i64> = BTreeSet::new();
    for claim in pieces {
        let said = fields
            .iter()
            .filter_map(|name| Some((*name, squash(claim.piece.fields.get(*name)?))))
            .filter(|(_, value)| !value.is_empty());
        let said: Vec<(&str, String)> = said.collect();
        // A finer spelling of the street is no other place; another town or country is.
        let elsewhere =
            said.iter().any(|(name, value)| *name != "address" && place.get(name).is_some_and(|known| known != value));
        if elsewhere {
            foreign.insert(claim.piece.id.0);
        } else {
            for (name, value) in said {
                place.entry(name).or_insert(value);
            }
        }
    }
    for name in fields {
        if let Some(claims) = claims.get_mut(name) {
            claims.retain(|claim| !foreign.contains(&claim.piece.id.0));
        }
    }
}

/// The most trusted first, then the newest, then the latest in the store, then by value: a total order.
fn by_trust(a: &Claim, b: &Claim) -> std::cmp::Ordering {
    b.trust.total_cmp(&a.trust).then_with(|| by_age(a, b))
}

fn by_age(a: &Claim, b: &Claim) -> std::cmp::Ordering {
    (b.piece.at, b.piece.id).cmp(&(a.piece.at, a.piece.id)).then_with(|| a.value.cmp(b.value))
}

fn choose(entity: Entity, name: &str, mut claims: Vec<Claim>, settings: &Settings) -> GoldenValue {
    let kind = field::find(entity, name).map_or(FieldKind::Text, |known| known.kind);
    let same = |claim: &Claim| comparable(kind, claim.value);
    let all = claims.len();
    let distinct = claims.iter().map(same).collect::<BTreeSet<_>>().len();
    let abbreviated = drop_initials(entity, name, &mut claims);
    let rule = settings.survivorship.get(name).copied();
    let rule = rule.unwrap_or(if PORTAL_OWNED.contains(&name) { Rule::PortalWins } else { Rule::MostTrusted });
    let from_portal = claims.iter().position(|claim| claim.piece.source == Source::Crm);
    let (winner, why) = match rule {
        Rule::PortalWins if from_portal.is_some() => (from_portal.unwrap_or(0), "portal wins".to_owned()),
        Rule::Newest => (first_by(&claims, by_age), format!("newest of {all}")),
        Rule::Longest => (first_by(&claims, by_length), format!("longest of {all}")),
        Rule::Majority => {
            let mut votes: BTreeMap<String, usize> = BTreeMap::new();
            for claim in &claims {
                *votes.entry(same(claim)).or_default() += 1;
            }
            let count = |claim: &Claim| votes.get(&same(claim)).copied().unwrap_or(0);
            let winner = first_by(&claims, |a, b| count(b).cmp(&count(a)).then_with(|| by_trust(a, b)));
            let why = format!("{} of {all} sources agree", count(&claims[winner]));
            (winner, why)
        }
        Rule::Verified if claims.iter().any(is_verified) => {
            let winner = first_by(&claims, |a, b| is_verified(b).cmp(&is_verified(a)).then_with(|| by_trust(a, b)));
            let why = format!("verified by {}", claims[winner].piece.source);
            (winner, why)
        }
        _ => {
            let winner = first_by(&claims, by_trust);
            let equals = claims.iter().filter(|claim| claim.trust.total_cmp(&claims[winner].trust).is_eq()).count();
            let why = if equals == claims.len() && equals > 1 { "newest of" } else { "most trusted of" };
            (winner, format!("{why} {all}"))
        }
    };
    let claim = claims[winner];
    let why = match (all, distinct) {
        (1, _) => "only value".to_owned(),
        (_, 1) => format!("{all} sources agree"),
        _ if abbreviated => format!("{why}, initials passed over"),
        _ => why,
    };
    GoldenValue {
        value: claim.value.to_owned(),
        evidence: claim.piece.id,
        source: claim.piece.source.clone(),
        at: claim.piece.at,
        why,
    }
}

fn first_by<'a>(claims: &[Claim<'a>], order: impl Fn(&Claim<'a>, &Claim<'a>) -> std::cmp::Ordering) -> usize {
    (0..claims.len()).min_by(|x, y| order(&claims[*x], &claims[*y])).unwrap_or(0)
}

fn by_length(a: &Claim, b: &Claim) -> std::cmp::Ordering {
    b.value.chars().count().cmp(&a.value.chars().count()).then_with(|| by_trust(a, b))
}

fn is_verified(claim: &Claim) -> bool {
    match claim.piece.source {
        Source::Person(_) => true,
        Source::Provider(_) => claim.piece.confidence >= VERIFIED_CONFIDENCE,
        _ => false,
    }
}

/// An initial never beats a name, unless a person typed it. True when something was dropped.
fn drop_initials(entity: Entity, name: &str, claims: &mut Vec<Claim>) -> bool {
    if entity != Entity::Contact || !matches!(name, "firstname" | "lastname") {
        return false;
    }
    let is_initial =
        |claim: &Claim| fold(claim.value).split(' ').all(|word| word.len() <= 1) && !fold(claim.value).is_empty();
    let by_person = |claim: &Claim| matches!(claim.piece.source, Source::Person(_));
    if claims.iter().all(is_initial) {
        return false;
    }
    let before = claims.len();
    claims.retain(|claim| !is_initial(claim) || by_person(claim));
    claims.len() < before
}

/// What two spellings of one value have in common.
fn comparable(kind: FieldKind, value: &str) -> String {
    let key = match kind {
        FieldKind::Email => email_key(value),
        FieldKind::Phone => phone_key(value),
        FieldKind::Domain => domain_key(value),
        FieldKind::Url => Some(
            value
                .trim_end_matches('/')
                .trim_start_matches("https://")
                .trim_start_matches("http://")
                .trim_start_matches("www.")
                .to_lowercase(),
        ),
        _ => None,
    };
    key.unwrap_or_else(|| match squash(value) {
        folded if folded.is_empty() => value.to_owned(),
        folded => folded,
    })
}
