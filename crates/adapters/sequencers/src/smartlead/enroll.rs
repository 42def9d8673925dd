//! Adding leads: refusals hide inside a 200 and name nobody, so the campaign is read back whenever not everybody was taken.

use std::collections::{BTreeMap, BTreeSet};

use evergreen_ports::{EnrollOutcome, Lead, SequencerError};

use super::call::{Line, Reply, Sent};
use super::wire::{self, Added};
use super::{known, problem};

/// What became of each address.
type Outcomes = BTreeMap<String, EnrollOutcome>;

/// Adds up to 400 leads; one outcome per lead, in order.
pub(super) async fn add(line: &Line, campaign: &str, leads: &[Lead]) -> Result<Vec<EnrollOutcome>, SequencerError> {
    let mut outcomes = Outcomes::new();
    let mut seen = BTreeSet::new();
    // One address twice in a call is one lead.
    let unique: Vec<&Lead> = leads.iter().filter(|lead| seen.insert(lead.email.to_lowercase())).collect();
    // Smartlead refuses a whole call for one bad lead: halves, until the bad one stands alone.
    let mut waiting = vec![unique];
    while let Some(batch) = waiting.pop() {
        match post(line, campaign, &batch).await? {
            Posted::Read(answer) => outcomes.extend(read(line, campaign, &batch, &answer).await?),
            Posted::Refused(404, _) => return Err(problem::no_campaign(campaign)),
            Posted::Refused(403, message) => return Err(problem::refused(403, &message, "leads")),
            Posted::Refused(_, message) if batch.len() == 1 => {
                outcomes.extend(batch.iter().map(|lead| (key(lead), EnrollOutcome::Refused(message.clone()))));
            }
            Posted::Refused(..) => {
                let (left, right) = batch.split_at(batch.len() / 2);
                waiting.extend([right.to_vec(), left.to_vec()]);
            }
        }
    }
    let unknown = || EnrollOutcome::Refused("Smartlead said nothing about this lead".to_owned());
    Ok(leads.iter().map(|lead| outcomes.get(&key(lead)).cloned().unwrap_or_else(unknown)).collect())
}

enum Posted {
    Read(Added),
    Refused(u16, String),
}

/// Posts once. When the answer is lost, what arrived is read back before the rest is posted again.
async fn post(line: &Line, campaign: &str, batch: &[&Lead]) -> Result<Posted, SequencerError> {
    if batch.is_empty() {
        return Ok(Posted::Read(Added::default()));
    }
    let path = format!("/campaigns/{campaign}/leads");
    match line.post(&path, &wire::add_body(batch)).await? {
        Sent::Answered(Reply::Ok(body)) => Ok(Posted::Read(Added::read(&body))),
        Sent::Answered(Reply::Refused(status, message)) => Ok(Posted::Refused(status, message)),
        Sent::Lost(error) => {
            tracing::warn!("the answer of Smartlead was lost ({error}); reading back who arrived");
            let there = known::in_campaign(line, campaign).await?;
            let missing: Vec<&Lead> = batch.iter().copied().filter(|lead| !there.contains_key(&key(lead))).collect();
            let arrived = (batch.len() - missing.len()) as u64;
            if missing.is_empty() {
                return Ok(Posted::Read(Added { accepted: arrived, ..Added::default() }));
            }
            match line.post(&path, &wire::add_body(&missing)).await? {
                Sent::Answered(Reply::Ok(body)) => {
                    let added = Added::read(&body);
                    Ok(Posted::Read(Added { accepted: added.accepted + arrived, ..added }))
                }
                Sent::Answered(Reply::Refused(status, message)) => Ok(Posted::Refused(status, message)),
                Sent::Lost(error) => Err(problem::no_answer(&error)),
            }
        }
    }
}

/// Turns Smartlead's counters into one outcome per lead.
async fn read(line: &Line, campaign: &str, batch: &[&Lead], added: &Added) -> Result<Outcomes, SequencerError> {
    if added.accepted == batch.len() as u64 {
        return Ok(batch.iter().map(|lead| (key(lead), EnrollOutcome::Enrolled)).collect());
    }
    if added.allowance_spent && added.accepted + added.already == 0 {
        return Err(problem::allowance_spent());
    }
    let there = known::in_campaign(line, campaign).await?;
    let present = newest_first(batch, &there);
    // Those put in last are the ones this call added; the others were there before.
    let enrolled: BTreeSet<&str> =
        present.iter().take(usize::try_from(added.accepted).unwrap_or(usize::MAX)).copied().collect();
    let outcome = |lead: &&Lead| {
        let email = key(lead);
        let outcome = if enrolled.contains(email.as_str()) {
            EnrollOutcome::Enrolled
        } else if added.unsubscribed.contains(&email) {
            EnrollOutcome::Refused("unsubscribed".to_owned())
        } else if added.invalid.contains(&email) {
            EnrollOutcome::Refused("invalid address".to_owned())
        } else if there.contains_key(&email) {
            EnrollOutcome::Already
        } else {
            EnrollOutcome::Refused(added.likely_reason())
        };
        (email, outcome)
    };
    Ok(batch.iter().map(outcome).collect())
}

/// Addresses of the batch that are in the campaign now, the latest first. RFC 3339 in one zone sorts as text.
fn newest_first<'a>(batch: &[&Lead], there: &'a BTreeMap<String, String>) -> Vec<&'a str> {
    let mut present: Vec<(&String, &String)> =
        batch.iter().filter_map(|lead| there.get_key_value(&key(lead))).collect();
    present.sort_by(|(_, one), (_, other)| other.cmp(one));
    present.into_iter().map(|(email, _)| email.as_str()).collect()
}

fn key(lead: &Lead) -> String {
    lead.email.trim().to_lowercase()
}
