//! A Smartlead-compatible sequencer: campaigns, adding leads with its quiet refusals, and reading them back.

use std::collections::{BTreeMap, BTreeSet};

use axum::http::Method;
use serde_json::{Map, Value, json};

use crate::chance::share;
use crate::clock::{Millis, iso};
use crate::wire::{Call, Reply};

const LEADS_MAX: usize = 400;
const PAGE_MAX: usize = 100;
const CUSTOM_FIELDS_MAX: usize = 20;
/// The campaign every sandbox starts with.
const PILOT: u64 = 1001;
/// Share of people who told this sequencer to stop, without the CRM knowing.
const UNSUBSCRIBED_SHARE: f64 = 0.006;
/// Share of addresses on its block list.
const BLOCKED_SHARE: f64 = 0.003;

const SETTINGS: &[&str] = &[
    "ignore_global_block_list",
    "ignore_unsubscribe_list",
    "ignore_duplicate_leads_in_other_campaign",
    "ignore_community_bounce_list",
];

#[derive(Debug)]
struct Campaign {
    name: String,
    status: &'static str,
    created: Millis,
}

#[derive(Debug)]
struct Lead {
    id: u64,
    fields: Map<String, Value>,
    created: Millis,
    /// Campaign to the id of the lead's place in it.
    places: BTreeMap<u64, (u64, Millis)>,
}

#[derive(Debug)]
pub(crate) struct Sequencer {
    seed: u64,
    campaigns: BTreeMap<u64, Campaign>,
    leads: BTreeMap<String, Lead>,
    unsubscribed: BTreeSet<String>,
    bounced: BTreeSet<String>,
    next_lead: u64,
    next_place: u64,
}

/// What became of one lead of an add call.
enum Verdict {
    Taken,
    AlreadyThere,
    Duplicate,
    Invalid,
    Unsubscribed,
    Blocked,
    Bounced,
}

impl Sequencer {
    /// `dead` are addresses the bounce list knows.
    pub(crate) fn new(seed: u64, start: Millis, dead: impl Iterator<Item = String>) -> Sequencer {
        Sequencer {
            seed,
            campaigns: BTreeMap::from([(
                PILOT,
                Campaign { name: "Pilot".to_owned(), status: "ACTIVE", created: start },
            )]),
            leads: BTreeMap::new(),
            unsubscribed: BTreeSet::new(),
            // The bounce list is shared by customers and knows a third of the dead mailboxes.
            bounced: dead.filter(|email| share(seed, &["known-bounce", email]) < 0.33).collect(),
            next_lead: 4_155_000_001,
            next_place: 1_221_000_001,
        }
    }

    pub(crate) fn answer(&mut self, call: &Call, at: Millis) -> Reply {
        if !call.replayed && !matches!(call.param("api_key"), Some(key) if !key.is_empty() && key != "wrong") {
            return Reply::json(401, json!({"message": "Invalid API Key"}));
        }
        if let Some(problem) = &call.body_problem {
            return flat(problem);
        }
        let segments = call.segments();
        let method = &call.method;
        match segments.get(3..).unwrap_or_default() {
            ["campaigns"] if method == Method::GET => {
                Reply::json(200, self.campaigns.iter().map(campaign_json).collect())
            }
            ["campaigns", "create"] if method == Method::POST => self.create(&call.body, at),
            ["campaigns", id] if method == Method::GET => {
                // A missing campaign is an empty object with 200, not a 404.
                let found = id.parse().ok().and_then(|id| self.campaigns.get_key_value(&id));
                Reply::json(200, found.map_or_else(|| json!({}), campaign_json))
            }
            ["campaigns", id, "leads"] if method == Method::POST => self.add(id, &call.body, at),
            ["campaigns", id, "leads"] if method == Method::GET => self.page(id, call),
            ["leads"] if method == Method::GET => {
                Reply::json(200, self.by_email(call.param("email").unwrap_or_default()))
            }
            _ => Reply::text(404, &format!("<pre>Cannot {method} {}</pre>", call.path)),
        }
    }

    fn create(&mut self, body: &Value, at: Millis) -> Reply {
        let Some(name) = body["name"].as_str().filter(|name| !name.is_empty()) else {
            return flat("\"name\" is required");
        };
        let id = self.campaigns.keys().next_back().map_or(PILOT, |last| last + 1);
        self.campaigns.insert(id, Campaign { name: name.to_owned(), status: "DRAFTED", created: at });
        Reply::json(200, json!({"ok": true, "id": id, "name": name, "created_at": iso(at)})).changed()
    }

    fn add(&mut self, campaign: &str, body: &Value, at: Millis) -> Reply {
        let Some(campaign) = campaign.parse().ok().filter(|id| self.campaigns.contains_key(id)) else {
            return Reply::json(404, json!({"error": "Campaign not found - Invalid campaign_id."}));
        };
        let Some(list) = body["lead_list"].as_array() else {
            return flat("\"lead_list\" is required");
        };
        if let Some(refusal) = check_request(list, &body["settings"]) {
            return refusal;
        }
        let ignores = |setting: &str| body["settings"][setting].as_bool().unwrap_or(false);
        let mut seen = BTreeSet::new();
        let mut counts = [0usize; 5];
        let (mut invalid, mut unsubscribed) = (Vec::new(), Vec::new());
        for lead in list {
            let email = lead["email"].as_str().unwrap_or_default().trim().to_lowercase();
            let verdict = self.judge(campaign, &email, seen.insert(email.clone()), &ignores);
            match verdict {
                Verdict::Taken => {
                    self.enrol(campaign, &email, lead, at);
                    counts[0] += 1;
                }
                Verdict::AlreadyThere => counts[1] += 1,
                Verdict::Duplicate => counts[2] += 1,
                Verdict::Invalid => invalid.push(email),
                Verdict::Unsubscribed => unsubscribed.push(email),
                Verdict::Blocked => counts[3] += 1,
                Verdict::Bounced => counts[4] += 1,
            }
        }
        let answer = json!({
            "ok": true, "upload_count": counts[0], "total_leads": list.len(),
            "already_added_to_campaign": counts[1], "duplicate_count": counts[2],
            "invalid_email_count": invalid.len(), "unsubscribed_leads": unsubscribed, "invalid_emails": invalid,
            "block_count": counts[3], "bounce_count": counts[4], "lead_import_stopped_count": 0,
            "is_lead_limit_exhausted": false,
        });
        let reply = Reply::json(200, answer);
        if counts[0] > 0 { reply.changed() } else { reply }
    }

    fn judge(&self, campaign: u64, email: &str, first: bool, ignores: &impl Fn(&str) -> bool) -> Verdict {
        let lead = self.leads.get(email);
        if !looks_like_an_address(email) {
            Verdict::Invalid
        } else if !first {
            Verdict::Duplicate
        } else if lead.is_some_and(|lead| lead.places.contains_key(&campaign)) {
            Verdict::AlreadyThere
        } else if lead.is_some_and(|lead| !lead.places.is_empty())
            && !ignores("ignore_duplicate_leads_in_other_campaign")
        {
            Verdict::Duplicate
        } else if self.is_unsubscribed(email) && !ignores("ignore_unsubscribe_list") {
            Verdict::Unsubscribed
        } else if share(self.seed, &["blocked", email]) < BLOCKED_SHARE && !ignores("ignore_global_block_list") {
            Verdict::Blocked
        } else if self.bounced.contains(email) && !ignores("ignore_community_bounce_list") {
            Verdict::Bounced
        } else {
            Verdict::Taken
        }
    }

    fn is_unsubscribed(&self, email: &str) -> bool {
        self.unsubscribed.contains(email) || share(self.seed, &["unsubscribed", email]) < UNSUBSCRIBED_SHARE
    }

    fn enrol(&mut self, campaign: u64, email: &str, fields: &Value, at: Millis) {
        let place = self.next_place;
        self.next_place += 1;
        let lead = self.leads.entry(email.to_owned()).or_insert_with(|| {
            let id = self.next_lead;
            self.next_lead += 1;
            Lead { id, fields: Map::new(), created: at, places: BTreeMap::new() }
        });
        if let Some(fields) = fields.as_object() {
            lead.fields = fields.clone();
        }
        lead.fields.insert("email".to_owned(), json!(email));
        lead.places.insert(campaign, (place, at));
    }

    /// Someone clicks "unsubscribe" in a mail.
    pub(crate) fn unsubscribe(&mut self, email: &str) {
        self.unsubscribed.insert(email.trim().to_lowercase());
    }

    fn lead_json(&self, lead: &Lead) -> Value {
        let field = |name: &str| lead.fields.get(name).cloned().unwrap_or(Value::Null);
        let email = lead.fields.get("email").and_then(Value::as_str).unwrap_or_default();
        json!({
            "id": lead.id.to_string(), "email": email, "first_name": field("first_name"),
            "last_name": field("last_name"), "created_at": iso(lead.created), "phone_number": field("phone_number"),
            "company_name": field("company_name"), "website": field("website"), "location": field("location"),
            "custom_fields": lead.fields.get("custom_fields").cloned().unwrap_or_else(|| json!({})),
            "linkedin_profile": field("linkedin_profile"), "company_url": field("company_url"),
            "is_unsubscribed": self.is_unsubscribed(email), "unsubscribed_client_id_map": {},
        })
    }

    fn by_email(&self, email: &str) -> Value {
        let Some(lead) = self.leads.get(&email.trim().to_lowercase()) else {
            return json!({});
        };
        let mut body = self.lead_json(lead);
        body["lead_campaign_data"] = lead
            .places
            .iter()
            .map(|(campaign, (place, _))| {
                json!({
                    "campaign_lead_map_id": place.to_string(), "lead_category_id": null, "campaign_id": campaign,
                    "campaign_name": self.campaigns.get(campaign).map(|c| c.name.as_str()), "client_id": null,
                })
            })
            .collect();
        body
    }

    fn page(&self, campaign: &str, call: &Call) -> Reply {
        let Some(campaign) = campaign.parse::<u64>().ok().filter(|id| self.campaigns.contains_key(id)) else {
            return Reply::json(404, json!({"error": "Campaign not found - Invalid campaign_id."}));
        };
        let number =
            |name: &str, default: usize| call.filled(name).and_then(|text| text.parse().ok()).unwrap_or(default);
        let (offset, limit) = (number("offset", 0), number("limit", PAGE_MAX));
        if limit > PAGE_MAX {
            return flat("\"limit\" must be less than or equal to 100");
        }
        let mut inside: Vec<(u64, Millis, &Lead)> = self
            .leads
            .values()
            .filter_map(|lead| lead.places.get(&campaign).map(|(place, at)| (*place, *at, lead)))
            .collect();
        inside.sort_unstable_by_key(|(place, _, _)| *place);
        let data: Vec<Value> = inside
            .iter()
            .skip(offset)
            .take(limit)
            .map(|(place, at, lead)| {
                json!({
                    "campaign_lead_map_id": place.to_string(), "lead_category_id": null, "status": "STARTED",
                    "created_at": iso(*at), "lead": self.lead_json(lead),
                })
            })
            .collect();
        Reply::json(
            200,
            json!({"total_leads": inside.len().to_string(), "offset": offset, "limit": limit, "data": data}),
        )
    }

    /// Who is enrolled where, sorted; without `ids` the sequencer's own numbers are left out.
    pub(crate) fn snapshot(&self, times: bool, ids: bool) -> Value {
        let mut enrolments: BTreeMap<String, BTreeMap<&str, Value>> = BTreeMap::new();
        for (email, lead) in &self.leads {
            for (campaign, (place, at)) in &lead.places {
                let mut body = json!({"fields": lead.fields});
                if ids {
                    body["lead_id"] = json!(lead.id);
                    body["campaign_lead_map_id"] = json!(place);
                }
                if times {
                    body["created_at"] = json!(iso(*at));
                }
                enrolments.entry(campaign.to_string()).or_default().insert(email, body);
            }
        }
        json!(enrolments)
    }
}

fn campaign_json((id, campaign): (&u64, &Campaign)) -> Value {
    json!({
        "id": id, "user_id": 1, "created_at": iso(campaign.created), "updated_at": iso(campaign.created),
        "status": campaign.status, "name": campaign.name, "track_settings": [], "scheduler_cron_value": null,
        "min_time_btwn_emails": 10, "max_leads_per_day": 500, "stop_lead_settings": "REPLY_TO_AN_EMAIL",
        "client_id": null, "parent_campaign_id": null,
    })
}

fn flat(message: &str) -> Reply {
    Reply::json(400, json!({"statusCode": 400, "error": "Bad Request", "message": message}))
}

fn check_request(list: &[Value], settings: &Value) -> Option<Reply> {
    if list.len() > LEADS_MAX {
        return Some(flat("\"lead_list\" must contain less than or equal to 400 items"));
    }
    let unknown = settings.as_object().into_iter().flat_map(Map::keys).find(|key| !SETTINGS.contains(&key.as_str()));
    if let Some(key) = unknown {
        return Some(flat(&format!("\"settings.{key}\" is not allowed")));
    }
    for (at, lead) in list.iter().enumerate() {
        if lead["email"].as_str().is_none_or(str::is_empty) {
            return Some(Reply::json(
                400,
                json!({"error": {
                    "code": "VALIDATION_ERROR", "message": "email field is required for all leads in lead_list",
                    "details": {"field": format!("lead_list[{at}].email"), "constraint": "required"},
                }}),
            ));
        }
        if lead["custom_fields"].as_object().is_some_and(|fields| fields.len() > CUSTOM_FIELDS_MAX) {
            return Some(flat(&format!(
                "\"lead_list[{at}].custom_fields\" must have less than or equal to {CUSTOM_FIELDS_MAX} keys"
            )));
        }
    }
    None
}

fn looks_like_an_address(email: &str) -> bool {
    email.split_once('@').is_some_and(|(local, domain)| {
        !local.is_empty() && domain.contains('.') && !domain.contains('@') && !email.contains(char::is_whitespace)
    })
}
