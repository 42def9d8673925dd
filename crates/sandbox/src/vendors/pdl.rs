//! People Data Labs' manners: lower-case values, free 404 misses, a meter in the headers, and booleans where the plan ends.

use serde_json::{Value, json};

use super::truth::{Clues, Truth, handle, host};
use super::view::{View, bare_number, industry_text, size_range};
use super::{CREDIT, CREDITS_AT_START, Priced, free, question};
use crate::clock::{DAY_MS, Millis, day};
use crate::stats::Service;
use crate::wire::{Call, Reply};
use crate::world::Company;

/// Share of people whose contact fields come as true or false, as on a plan without them.
const BOOLEAN_SHARE: f64 = 0.08;
const LIKELIHOOD_DEFAULT: u64 = 2;

fn error(status: u16, kind: &str, message: &str) -> Reply {
    Reply::json(status, json!({"status": status, "error": {"type": kind, "message": message}}))
}

pub(super) fn wrong_key() -> Reply {
    error(401, "authentication_error", "Request contained a missing or invalid key")
}

pub(super) fn no_credits() -> Reply {
    metered(
        error(402, "payment_required", "You have reached your account maximum (all matches used)"),
        "enrich",
        0,
        CREDITS_AT_START * CREDIT,
    )
}

/// Puts the vendor's own meter on an answer.
fn metered(reply: Reply, kind: &'static str, charged: u64, spent: u64) -> Reply {
    let used = (spent + charged) / CREDIT;
    let left = CREDITS_AT_START.saturating_sub(used).to_string();
    reply
        .header("x-call-credits-spent", (charged / CREDIT).to_string())
        .header("x-call-credits-type", kind)
        .header("x-totallimit-remaining", left.clone())
        .header("x-totallimit-purchased-remaining", left)
        .header("x-totallimit-overages-remaining", "0")
        .header("x-lifetime-used", used.to_string())
        .header("x-ratelimit-limit", "{'minute': 1000}")
        .header("x-ratelimit-remaining", "{'minute': 998}")
}

pub(super) fn answer(truth: &Truth, call: &Call, at: Millis, spent: u64) -> Priced {
    match call.segments().get(1..).unwrap_or_default() {
        ["v5", "person", "enrich"] => person(truth, call, at, spent),
        ["v5", "company", "enrich"] => company(truth, call, spent),
        _ => free(error(404, "not_found", "The requested URL was not found on the server.")),
    }
}

fn not_found(kind: &'static str, spent: u64, asked: String) -> Priced {
    Priced {
        reply: metered(error(404, "not_found", "No records were found matching your request"), kind, 0, spent),
        micro_credits: 0,
        question: asked,
    }
}

fn person(truth: &Truth, call: &Call, at: Millis, spent: u64) -> Priced {
    let name = call
        .filled("name")
        .map(str::to_owned)
        .or_else(|| Some(format!("{} {}", call.filled("first_name")?, call.filled("last_name")?)));
    let (email, profile) = (call.filled("email"), call.filled("profile"));
    let company = call.filled("company");
    let enough = email.is_some()
        || profile.is_some()
        || (name.is_some()
            && (company.is_some() || call.filled("location").is_some() || call.filled("school").is_some()));
    if !enough {
        return free(error(400, "invalid_request_error", "Request must contain a minimum combination of data points"));
    }
    let asked = question("person/enrich", call);
    let view = truth
        .person(&Clues { full_name: name, domain: None, company, email, profile })
        // Who objected is simply not in the data set.
        .filter(|person| !truth.people[*person].refused)
        .and_then(|person| truth.view(Service::Pdl, person));
    let Some(view) = view else {
        return not_found("enrich", spent, asked);
    };
    let likelihood = likelihood(truth, &view, profile.is_some(), email.is_some());
    let least = call.filled("min_likelihood").and_then(|text| text.parse().ok()).unwrap_or(LIKELIHOOD_DEFAULT);
    let data = person_body(truth, &view, at, call.flag("titlecase"));
    if likelihood < least || !meets(&data, call.param("required").unwrap_or_default()) {
        return not_found("enrich", spent, asked);
    }
    let matched: Vec<&str> = ["name", "first_name", "last_name", "company", "email", "profile"]
        .into_iter()
        .filter(|name| call.filled(name).is_some())
        .collect();
    let body = json!({"status": 200, "likelihood": likelihood, "data": data, "matched": matched});
    Priced { reply: metered(Reply::json(200, body), "enrich", CREDIT, spent), micro_credits: CREDIT, question: asked }
}

/// Wrong persons usually score low, but not always low enough.
fn likelihood(truth: &Truth, view: &View<'_>, by_profile: bool, by_email: bool) -> u64 {
    if view.wrong {
        return if truth.chance("likely", &view.person.id) < 0.6 { 4 } else { 6 };
    }
    match (by_profile, by_email) {
        (true, _) => 10,
        (false, true) => 9,
        _ => 8,
    }
}

/// `required=work_email AND (job_title OR phone_numbers)`, without precedence: AND of ORs.
fn meets(data: &Value, required: &str) -> bool {
    let plain = required.replace(['(', ')'], " ");
    plain.split(" AND ").map(str::trim).filter(|part| !part.is_empty()).all(|part| {
        part.split(" OR ").map(str::trim).any(|field| match &data[field] {
            Value::Null | Value::Bool(_) => false,
            Value::String(text) => !text.is_empty(),
            Value::Array(list) => !list.is_empty(),
            _ => true,
        })
    })
}

fn lower(text: &str, titlecase: bool) -> Option<String> {
    if text.is_empty() {
        return None;
    }
    Some(if titlecase { text.to_owned() } else { text.to_lowercase() })
}

fn without_scheme(url: &str) -> String {
    url.trim_start_matches("https://").trim_start_matches("http://").trim_start_matches("www.").to_lowercase()
}

fn place(parts: &[&str]) -> Option<String> {
    let filled: Vec<String> = parts.iter().filter(|part| !part.is_empty()).map(|part| part.to_lowercase()).collect();
    (!filled.is_empty()).then(|| filled.join(", "))
}

fn person_body(truth: &Truth, view: &View<'_>, at: Millis, titlecase: bool) -> Value {
    let person = view.person;
    let company = view.company;
    let of = |pick: fn(&Company) -> &String| company.and_then(|company| lower(pick(company), false));
    let industry =
        company.filter(|company| !company.industry.is_empty()).map(|company| industry_text(&company.industry, " and "));
    let linkedin = view.linkedin().map(|url| without_scheme(&url));
    let username = linkedin.as_deref().map(handle);
    let title = view.title().and_then(|title| lower(&title, titlecase));
    let size = company.and_then(|company| size_range(&company.employees));
    let email = view.email();
    let numbers: Vec<String> =
        [view.mobile(), view.phone()].into_iter().flatten().map(|number| bare_number(&number)).collect();
    let company_id = company.map(|company| truth.id_of("pdl-company", &company.id));
    let verified = day(at - 70 * DAY_MS);
    let mut data = json!({
        "id": format!("{}_0000", truth.id_of("pdl-person", &person.id)),
        "full_name": lower(&view.full_name(), titlecase), "first_name": lower(&person.firstname, titlecase),
        "middle_initial": null, "middle_name": null,
        "last_initial": person.lastname.chars().next().map(|c| c.to_lowercase().to_string()),
        "last_name": lower(&person.lastname, titlecase), "sex": null, "birth_year": null, "birth_date": null,
        "linkedin_url": linkedin, "linkedin_username": username, "linkedin_id": null,
        "facebook_url": null, "twitter_url": null, "github_url": null,
        "work_email": email, "personal_emails": [], "recommended_personal_email": null,
        "mobile_phone": view.mobile().map(|number| bare_number(&number)), "industry": industry,
        "job_title": title, "job_title_role": null, "job_title_sub_role": null, "job_title_class": null,
        "job_title_levels": lower(&person.seniority, false).into_iter().collect::<Vec<_>>(),
        "job_company_id": company_id, "job_company_name": of(|c| &c.name),
        "job_company_website": company.map(|company| host(&company.domain)), "job_company_size": size,
        "job_company_founded": company.and_then(|company| company.founded_year.parse::<u32>().ok()),
        "job_company_industry": industry, "job_company_industry_v2": null,
        "job_company_linkedin_url": company
            .filter(|company| !company.linkedin_url.is_empty())
            .map(|company| without_scheme(&company.linkedin_url)),
        "job_company_location_name": company.and_then(|c| place(&[&c.city, &c.state, &c.country])),
        "job_company_location_locality": of(|c| &c.city), "job_company_location_region": of(|c| &c.state),
        "job_company_location_country": of(|c| &c.country),
        "job_last_changed": null, "job_last_verified": verified, "job_start_date": "2021-03",
        "location_name": place(&[&person.city, &person.state, &person.country]),
        "location_locality": lower(&person.city, false), "location_region": lower(&person.state, false),
        "location_country": lower(&person.country, false), "location_street_address": null,
        "location_postal_code": null, "location_geo": null, "location_last_updated": verified,
        "phone_numbers": numbers,
        "emails": email.iter().map(|email| json!({"address": email, "type": "current_professional"})).collect::<Vec<_>>(),
        "interests": [], "skills": [], "education": [],
        "experience": title.iter().map(|title| json!({
            "company": {"name": of(|c| &c.name), "size": size, "id": company_id,
                        "website": company.map(|company| host(&company.domain))},
            "end_date": null, "start_date": "2021-03", "title": {"name": title}, "is_primary": true,
        })).collect::<Vec<_>>(),
        "dataset_version": "35.0",
    });
    if truth.chance("pdl-booleans", &person.id) < BOOLEAN_SHARE {
        for field in [
            "work_email",
            "personal_emails",
            "recommended_personal_email",
            "mobile_phone",
            "phone_numbers",
            "emails",
            "location_name",
            "location_locality",
            "location_region",
            "birth_year",
        ] {
            let exists = match &data[field] {
                Value::Null => false,
                Value::Array(list) => !list.is_empty(),
                _ => true,
            };
            data[field] = json!(exists);
        }
    }
    data
}

fn company(truth: &Truth, call: &Call, spent: u64) -> Priced {
    let (website, name, profile) = (call.filled("website"), call.filled("name"), call.filled("profile"));
    if website.is_none() && name.is_none() && profile.is_none() {
        return free(error(400, "invalid_request_error", "Request must contain a minimum combination of data points"));
    }
    let asked = question("company/enrich", call);
    let found = website
        .and_then(|website| truth.company_by_domain(website))
        .or_else(|| name.and_then(|name| truth.company_by_name(name)))
        .map(|at| &truth.companies[at])
        .filter(|company| truth.knows_company(Service::Pdl, company));
    let Some(company) = found else {
        return not_found("enrich_company", spent, asked);
    };
    let industry = lower(&company.industry, false).map(|value| industry_text(&value.to_uppercase(), " and "));
    let linkedin = lower(&company.linkedin_url, false).map(|url| without_scheme(&url));
    let body = json!({
        "status": 200, "id": truth.id_of("pdl-company", &company.id), "name": lower(&company.name, false),
        "display_name": company.name, "size": size_range(&company.employees),
        "employee_count": company.employees.parse::<u64>().ok(), "founded": company.founded_year.parse::<u32>().ok(),
        "industry": industry, "industry_v2": null, "naics": null, "sic": null,
        "location": {
            "name": place(&[&company.city, &company.state, &company.country]),
            "locality": lower(&company.city, false), "region": lower(&company.state, false), "metro": null,
            "country": lower(&company.country, false), "continent": null, "street_address": null,
            "address_line_2": null, "postal_code": null, "geo": null,
        },
        "linkedin_id": null, "linkedin_slug": linkedin.as_deref().map(handle), "linkedin_url": linkedin,
        "facebook_url": null, "twitter_url": null, "profiles": [], "website": host(&company.domain),
        "ticker": null, "mic_exchange": null, "type": "private", "summary": null, "tags": [], "headline": null,
        "alternative_names": [], "alternative_domains": [], "affiliated_profiles": [],
        "total_funding_raised": null, "latest_funding_stage": null, "last_funding_date": null,
        "number_funding_rounds": null, "funding_stages": [], "employee_count_by_country": {},
        "dataset_version": "35.0", "likelihood": if website.is_some() { 8 } else { 6 },
    });
    Priced {
        reply: metered(Reply::json(200, body), "enrich_company", CREDIT, spent),
        micro_credits: CREDIT,
        question: asked,
    }
}
