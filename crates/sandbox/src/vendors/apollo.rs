//! Apollo's manners: misses as null or as an empty shell inside a 200, locked addresses behind a placeholder, plain-text 401.

use serde_json::{Value, json};

use super::truth::{Clues, Truth, host};
use super::view::{View, bare_number, industry_text};
use super::{CREDIT, Priced, free, question};
use crate::stats::Service;
use crate::wire::{Call, Reply};
use crate::world::{Company, EmailState};

/// The address Apollo shows when the real one is not unlocked.
const PLACEHOLDER: &str = "email_not_unlocked@domain.com";
const LOCKED_SHARE: f64 = 0.05;
/// Share of misses answered with the request echoed back instead of null.
const SHELL_SHARE: f64 = 0.3;

pub(super) fn wrong_key() -> Reply {
    Reply::text(401, "Invalid API key. See https://docs.apollo.io/docs/create-api-key")
}

pub(super) fn no_credits() -> Reply {
    Reply::json(422, json!({"error": "Insufficient credits. Please upgrade your plan."}))
}

pub(super) fn answer(truth: &Truth, call: &Call) -> Priced {
    let mut priced = match (call.method.as_str(), call.segments().get(1..).unwrap_or_default()) {
        ("POST", ["api", "v1", "people", "match"]) => people_match(truth, call),
        ("GET", ["api", "v1", "organizations", "enrich"]) => organization(truth, call),
        _ => return free(Reply::json(404, json!({"error": "Not Found"}))),
    };
    for (name, value) in [("x-rate-limit-minute", "1000"), ("x-minute-usage", "1"), ("x-minute-requests-left", "999")] {
        priced.reply = priced.reply.header(name, value);
    }
    priced
}

fn people_match(truth: &Truth, call: &Call) -> Priced {
    let asked = question("people/match", call);
    let name = call
        .filled("name")
        .map(str::to_owned)
        .or_else(|| Some(format!("{} {}", call.filled("first_name")?, call.filled("last_name")?)));
    let found = truth.person(&Clues {
        full_name: name.clone(),
        domain: call.filled("domain"),
        company: call.filled("organization_name"),
        email: call.filled("email"),
        profile: call.filled("linkedin_url"),
    });
    let (person, micro_credits) = match found.and_then(|at| truth.view(Service::Apollo, at)) {
        Some(view) => (person_body(truth, &view), CREDIT),
        None if truth.chance("shell", &asked) < SHELL_SHARE && name.is_some() => {
            let shell = json!({
                "id": null, "first_name": call.param("first_name"), "last_name": call.param("last_name"),
                "name": name, "match_confidence": "none", "email": null, "title": null, "linkedin_url": null,
                "organization": null,
            });
            (shell, 0)
        }
        None => (Value::Null, 0),
    };
    Priced { reply: Reply::json(200, json!({"person": person})), micro_credits, question: asked }
}

fn organization(truth: &Truth, call: &Call) -> Priced {
    let Some(domain) = call.filled("domain").or_else(|| call.filled("website")) else {
        return free(Reply::json(422, json!({"error": "Required parameter is missing: domain"})));
    };
    let company = truth
        .company_by_domain(domain)
        .map(|at| &truth.companies[at])
        .filter(|company| truth.knows_company(Service::Apollo, company));
    Priced {
        micro_credits: if company.is_some() { CREDIT } else { 0 },
        reply: Reply::json(200, json!({"organization": company.map(|company| organization_body(truth, company))})),
        question: question("organizations/enrich", call),
    }
}

fn person_body(truth: &Truth, view: &View<'_>) -> Value {
    let person = view.person;
    let text = |value: &str| (!value.is_empty()).then(|| value.to_owned());
    let locked = truth.chance("locked", &person.id) < LOCKED_SHARE;
    let real = view.email();
    let (email, status) = match (&real, locked) {
        (Some(_), true) => (Some(PLACEHOLDER.to_owned()), "verified"),
        (Some(email), false) => (
            Some(email.clone()),
            match person.email_state {
                EmailState::Valid => "verified",
                _ => "unverified",
            },
        ),
        (None, _) => (None, "unavailable"),
    };
    let title = view.title();
    let organization_id = view.company.map(|company| truth.id_of("apollo-org", &company.id));
    let job = truth.id_of("apollo-job", &person.id);
    let history: Vec<Value> = title
        .iter()
        .map(|title| {
            json!({
                "_id": job, "created_at": null, "current": true, "degree": null, "description": null,
                "emails": null, "end_date": null, "grade_level": null, "kind": null, "major": null,
                "organization_id": organization_id, "organization_name": view.company.map(|c| &c.name),
                "raw_address": null, "start_date": "2021-03-01", "title": title, "updated_at": null,
                "id": job, "key": job,
            })
        })
        .collect();
    json!({
        "id": truth.id_of("apollo-person", &person.id), "first_name": person.firstname,
        "last_name": person.lastname, "name": view.full_name(),
        "linkedin_url": view.linkedin().map(|url| url.replacen("https://", "http://", 1)), "title": title,
        "email_status": status, "photo_url": null, "twitter_url": null, "github_url": null, "facebook_url": null,
        "extrapolated_email_confidence": null,
        "headline": title.as_ref().map(|title| match view.company {
            Some(company) => format!("{title} at {}", company.name),
            None => title.clone(),
        }),
        "email": email, "organization_id": organization_id, "employment_history": history,
        "state": text(&person.state), "city": text(&person.city), "country": text(&person.country),
        "revealed_for_current_team": !locked,
        "organization": view.company.map(|company| organization_body(truth, company)),
        "is_likely_to_engage": false, "show_intent": false, "departments": [], "subdepartments": [],
        "functions": [], "seniority": text(&person.seniority),
    })
}

fn organization_body(truth: &Truth, company: &Company) -> Value {
    let text = |value: &str| (!value.is_empty()).then(|| value.to_owned());
    let industry = text(&company.industry).map(|value| industry_text(&value, " & "));
    let phone = text(&company.phone);
    let revenue = company.annualrevenue.parse::<u64>().ok();
    let address: Vec<String> = [&company.city, &company.state, &company.country]
        .into_iter()
        .filter(|part| !part.is_empty())
        .map(|part| part.to_lowercase())
        .collect();
    json!({
        "id": truth.id_of("apollo-org", &company.id), "name": company.name,
        "website_url": format!("http://www.{}", company.domain), "blog_url": null, "angellist_url": null,
        "linkedin_url": text(&company.linkedin_url).map(|url| url.replacen("https://", "http://", 1)),
        "twitter_url": null, "facebook_url": null,
        "primary_phone": phone.as_ref().map_or_else(|| json!({}), |phone| json!({
            "number": phone, "source": "Scraped", "sanitized_number": bare_number(phone),
        })),
        "languages": ["English"], "alexa_ranking": null, "phone": phone, "linkedin_uid": null,
        "founded_year": company.founded_year.parse::<u32>().ok(), "publicly_traded_symbol": null,
        "publicly_traded_exchange": null, "logo_url": null, "crunchbase_url": null,
        "primary_domain": host(&company.domain), "industry": industry, "keywords": [],
        "estimated_num_employees": company.employees.parse::<u64>().ok(),
        "industries": industry.clone().into_iter().collect::<Vec<_>>(), "secondary_industries": [],
        "snippets_loaded": true, "retail_location_count": 0, "raw_address": address.join(", "),
        "street_address": null, "city": text(&company.city), "state": text(&company.state), "postal_code": null,
        "country": text(&company.country), "owned_by_organization_id": null, "seo_description": null,
        "short_description": industry.map(|industry| format!("{} works in {industry}.", company.name)),
        "suborganizations": [], "num_suborganizations": 0,
        "annual_revenue_printed": revenue.map(|sum| format!("{}M", sum / 1_000_000)), "annual_revenue": revenue,
        "total_funding": null, "total_funding_printed": null, "latest_funding_round_date": null,
        "latest_funding_stage": null, "funding_events": [], "technology_names": [], "current_technologies": [],
    })
}
