//! Who is in a campaign already: asked lead by lead for a few, read off the campaigns' lists for many.

use std::collections::{BTreeMap, BTreeSet};

use evergreen_ports::SequencerError;
use serde_json::Value;

use super::call::{Line, Reply};
use super::problem;
use super::wire::{self, LeadsPage};

/// Leads per page.
const PAGE: u64 = 100;
/// Up to so many addresses are asked one by one without looking at the lists.
const FEW: usize = 10;

/// Addresses among `emails` that are in any campaign.
pub(super) async fn enrolled(line: &Line, emails: &[String]) -> Result<Vec<String>, SequencerError> {
    let wanted: BTreeSet<String> =
        emails.iter().map(|email| email.trim().to_lowercase()).filter(|email| !email.is_empty()).collect();
    if wanted.len() <= FEW {
        return one_by_one(line, &wanted).await;
    }
    // The first page of each campaign tells how many there are; then the cheaper way is taken.
    let mut seen = BTreeSet::new();
    let mut rest = Vec::new();
    for campaign in campaigns(line).await? {
        let first = page(line, &campaign, 0).await?;
        seen.extend(first.leads.into_iter().map(|(email, _)| email));
        rest.extend((1..first.total.div_ceil(PAGE)).map(|number| (campaign.clone(), number * PAGE)));
    }
    let open: BTreeSet<String> = wanted.difference(&seen).cloned().collect();
    let mut found: BTreeSet<String> = wanted.intersection(&seen).cloned().collect();
    if rest.len() > open.len() {
        found.extend(one_by_one(line, &open).await?);
    } else {
        for (campaign, offset) in rest {
            let page = page(line, &campaign, offset).await?;
            found.extend(page.leads.into_iter().map(|(email, _)| email).filter(|email| wanted.contains(email)));
        }
    }
    Ok(found.into_iter().collect())
}

/// Everybody in one campaign: address to when they were put in.
pub(super) async fn in_campaign(line: &Line, campaign: &str) -> Result<BTreeMap<String, String>, SequencerError> {
    let mut found = BTreeMap::new();
    let mut offset = 0;
    loop {
        let page = page(line, campaign, offset).await?;
        let empty = page.leads.is_empty();
        found.extend(page.leads);
        offset += PAGE;
        if empty || offset >= page.total {
            return Ok(found);
        }
    }
}

async fn one_by_one(line: &Line, emails: &BTreeSet<String>) -> Result<Vec<String>, SequencerError> {
    let mut found = Vec::new();
    for email in emails {
        let body = match line.get("/leads/", &[("email", email.clone())]).await? {
            Reply::Ok(body) => body,
            Reply::Refused(404, _) => continue,
            Reply::Refused(status, message) => {
                return Err(problem::refused(status, &message, "a question about a lead"));
            }
        };
        // An unknown lead is an empty object; a known one may have left all campaigns.
        if body["lead_campaign_data"].as_array().is_some_and(|places| !places.is_empty()) {
            found.push(email.clone());
        }
    }
    Ok(found)
}

async fn campaigns(line: &Line) -> Result<Vec<String>, SequencerError> {
    match line.get("/campaigns/", &[]).await? {
        Reply::Ok(Value::Array(list)) => Ok(list.iter().filter_map(|campaign| wire::text(&campaign["id"])).collect()),
        Reply::Ok(other) => Err(problem::refused(
            200,
            &other.to_string().chars().take(120).collect::<String>(),
            "the list of campaigns",
        )),
        Reply::Refused(status, message) => Err(problem::refused(status, &message, "the list of campaigns")),
    }
}

async fn page(line: &Line, campaign: &str, offset: u64) -> Result<LeadsPage, SequencerError> {
    let query = [("offset", offset.to_string()), ("limit", PAGE.to_string())];
    match line.get(&format!("/campaigns/{campaign}/leads"), &query).await? {
        Reply::Ok(body) => Ok(LeadsPage::read(&body)),
        Reply::Refused(404, _) => Err(problem::no_campaign(campaign)),
        Reply::Refused(status, message) => Err(problem::refused(status, &message, "the leads of the campaign")),
    }
}
