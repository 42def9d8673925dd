//! Hunter's manners: misses inside a 200, 451 for people who objected, charges only for what was found, repeats free.

use serde_json::{Value, json};

use super::truth::{Clues, Truth, handle, host};
use super::view::{industry_text, size_range};
use super::{CREDIT, CREDITS_AT_START, Priced, free, question};
use crate::clock::{DAY_MS, Millis, day};
use crate::stats::Service;
use crate::wire::{Call, Reply};
use crate::world::{Company, EmailState};

/// Company enrichment costs a fifth of a credit.
const COMPANY_PRICE: u64 = CREDIT / 5;

fn error(status: u16, id: &str, details: &str) -> Reply {
    Reply::json(status, json!({"errors": [{"id": id, "code": status, "details": details}]}))
}

pub(super) fn wrong_key() -> Reply {
    error(401, "authentication_failed", "No user found for the API key supplied.")
}

pub(super) fn no_credits() -> Reply {
    error(429, "too_many_requests", "You have reached the usage limit of your plan.")
}

pub(super) fn answer(truth: &Truth, call: &Call, at: Millis, spent: u64) -> Priced {
    match call.segments().get(1..).unwrap_or_default() {
        ["v2", "email-finder"] => email_finder(truth, call, at),
        ["v2", "companies", "find"] => company(truth, call, at),
        ["v2", "account"] => free(account(at, spent)),
        _ => free(error(404, "not_found", "The requested resource does not exist.")),
    }
}

fn account(at: Millis, spent: u64) -> Reply {
    let used = spent as f64 / CREDIT as f64;
    let available = CREDITS_AT_START as f64;
    Reply::json(
        200,
        json!({"data": {
            "first_name": "Ops", "last_name": "Bot", "email": "ops@evergreen.example", "plan_name": "Scale",
            "plan_level": 3, "reset_date": day(at + 20 * DAY_MS), "team_id": 1,
            "requests": {
                "credits": {"used": used, "available": available, "remaining": available - used},
                "searches": {"used": used.ceil(), "available": available},
                "verifications": {"used": 0, "available": available},
            },
        }}),
    )
}

fn email_finder(truth: &Truth, call: &Call, at: Millis) -> Priced {
    let name = match (call.filled("full_name"), call.filled("first_name"), call.filled("last_name")) {
        (Some(full), _, _) => Some(full.to_owned()),
        (None, Some(first), Some(last)) => Some(format!("{first} {last}")),
        _ => None,
    };
    let profile = call.filled("linkedin_handle");
    let (domain, company) = (call.filled("domain"), call.filled("company"));
    if domain.is_none() && company.is_none() && profile.is_none() {
        return free(error(400, "wrong_params", "You are missing the domain or company parameter."));
    }
    if name.is_none() && profile.is_none() {
        return free(error(400, "wrong_params", "You are missing the first_name, last_name or full_name parameter."));
    }
    let asked = question("email-finder", call);
    let found = truth.person(&Clues { full_name: name.clone(), domain, company, email: None, profile });
    if found.is_some_and(|person| truth.people[person].refused) {
        return Priced {
            reply: error(
                451,
                "claimed_email",
                "The person owning the email address asked us, directly or indirectly, to stop processing their personal data.",
            ),
            micro_credits: 0,
            question: asked,
        };
    }
    let meta = json!({"params": {
        "first_name": call.param("first_name"), "last_name": call.param("last_name"),
        "full_name": call.param("full_name"), "domain": call.param("domain"), "company": call.param("company"),
        "linkedin_handle": call.param("linkedin_handle"), "max_duration": call.param("max_duration"),
    }});
    let hit = found
        .and_then(|person| truth.view(Service::Hunter, person))
        .and_then(|view| view.email().map(|email| (view, email)));
    let Some((view, email)) = hit else {
        let (first, last) = match &name {
            Some(name) => name.split_once(' ').unwrap_or((name, "")),
            None => ("", ""),
        };
        let data = json!({
            "first_name": call.filled("first_name").unwrap_or(first),
            "last_name": call.filled("last_name").unwrap_or(last),
            "email": null, "score": null, "domain": domain.map(host), "accept_all": false, "position": null,
            "twitter": null, "linkedin_url": null, "phone_number": null, "company": null, "source_type": null,
            "sources": [], "verification": {"date": null, "status": null},
        });
        return Priced {
            reply: Reply::json(200, json!({"data": data, "meta": meta})),
            micro_credits: 0,
            question: asked,
        };
    };
    let guessed = view.company.is_some_and(|company| truth.accepts_all(company));
    let mail_domain = email.rsplit_once('@').map_or("", |(_, domain)| domain).to_owned();
    let (score, status) = match (guessed, view.person.email_state) {
        (true, _) => (78, "accept_all"),
        (false, EmailState::Valid) => (97, "valid"),
        (false, _) => (52, "unknown"),
    };
    let sources = if guessed {
        json!([])
    } else {
        json!([{
            "domain": mail_domain, "uri": format!("https://{mail_domain}/team"),
            "extracted_on": day(at - 380 * DAY_MS), "last_seen_on": day(at - 35 * DAY_MS), "still_on_page": true,
        }])
    };
    let data = json!({
        "first_name": view.person.firstname, "last_name": view.person.lastname, "email": email, "score": score,
        "domain": mail_domain, "accept_all": guessed,
        "position": if guessed { None } else { view.title() }, "twitter": null,
        "linkedin_url": if guessed { None } else { view.linkedin() }, "phone_number": view.phone(),
        "company": view.company.map(|company| &company.name),
        "source_type": if guessed { "generated" } else { "found" }, "sources": sources,
        "verification": {"date": if guessed { None } else { Some(day(at - 33 * DAY_MS)) }, "status": status},
    });
    Priced { reply: Reply::json(200, json!({"data": data, "meta": meta})), micro_credits: CREDIT, question: asked }
}

fn company(truth: &Truth, call: &Call, at: Millis) -> Priced {
    let Some(domain) = call.filled("domain") else {
        return free(error(400, "wrong_params", "You are missing the domain parameter."));
    };
    let asked = question("companies/find", call);
    let known = truth
        .company_by_domain(domain)
        .map(|at| &truth.companies[at])
        .filter(|company| truth.knows_company(Service::Hunter, company));
    match known {
        Some(company) => Priced {
            reply: Reply::json(
                200,
                json!({"data": company_body(truth, company, at), "meta": {"domain": host(domain)}}),
            ),
            micro_credits: COMPANY_PRICE,
            question: asked,
        },
        None => Priced {
            reply: error(404, "not_found", "The requested company does not exist."),
            micro_credits: 0,
            question: asked,
        },
    }
}

fn title_case(text: &str) -> String {
    text.split(' ')
        .map(|word| {
            let mut letters = word.chars();
            letters.next().map_or_else(String::new, |first| first.to_uppercase().collect::<String>() + letters.as_str())
        })
        .collect::<Vec<_>>()
        .join(" ")
}

fn company_body(truth: &Truth, company: &Company, at: Millis) -> Value {
    let text = |value: &str| (!value.is_empty()).then(|| value.to_owned());
    let industry = text(&company.industry).map(|value| title_case(&industry_text(&value, " & ")));
    let location: Vec<&str> = [company.city.as_str(), company.state.as_str(), company.country.as_str()]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect();
    let id = truth.id_of("hunter-company", &company.id);
    json!({
        "id": format!("{}-{}-5a86-9d2e-{}", &id[..8], &id[8..12], &id[12..24]),
        "name": company.name, "legalName": company.name, "domain": company.domain, "domainAliases": [],
        "site": {
            "phoneNumbers": text(&company.phone).into_iter().collect::<Vec<_>>(),
            "emailAddresses": [format!("info@{}", company.domain)],
        },
        "category": {
            "sector": null, "industryGroup": null, "industry": industry, "subIndustry": null, "gicsCode": null,
            "sicCode": null, "sic4Codes": [], "naicsCode": null, "naics6Codes": [], "naics6Codes2022": [],
        },
        "tags": text(&company.industry).map(|value| industry_text(&value, " and ")).into_iter().collect::<Vec<_>>(),
        "description": text(&company.industry)
            .map(|value| format!("{} works in {}.", company.name, industry_text(&value, " and "))),
        "foundedYear": company.founded_year.parse::<u32>().ok(), "location": location.join(", "),
        "timeZone": null, "utcOffset": null,
        "geo": {
            "city": text(&company.city), "state": text(&company.state), "stateCode": null,
            "country": text(&company.country), "countryCode": null, "lat": null, "lng": null, "streetNumber": null,
            "streetName": null, "subPremise": null, "streetAddress": null, "postalCode": null,
        },
        "logo": null, "facebook": {"handle": null, "likes": null},
        "linkedin": {"handle": text(&company.linkedin_url).map(|url| format!("company/{}", handle(&url)))},
        "twitter": {
            "handle": null, "id": null, "bio": null, "followers": null, "following": null, "location": null,
            "site": null, "avatar": null,
        },
        "crunchbase": {"handle": null}, "youtube": {"handle": null}, "instagram": {"handle": null},
        "emailProvider": null, "type": "private", "companyType": "privately held", "ticker": null,
        "identifiers": {"usEIN": null}, "phone": text(&company.phone),
        "metrics": {
            "alexaUsRank": null, "alexaGlobalRank": null, "trafficRank": "medium",
            "employees": size_range(&company.employees), "marketCap": null, "raised": null, "annualRevenue": null,
            "estimatedAnnualRevenue": null, "fiscalYearEnd": null,
        },
        "indexedAt": day(at - 50 * DAY_MS), "tech": [], "techCategories": [], "fundingRounds": [],
        "parent": {"domain": null}, "ultimateParent": {"domain": null},
    })
}
