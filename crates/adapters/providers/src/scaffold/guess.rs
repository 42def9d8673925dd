//! What a curl line probably means: which of its values are inputs, which are keys, and where an answer holds our fields.

use evergreen_model::Entity;
use serde_json::Value;

use super::curl::Curl;
use crate::value::{self, Kind};

/// The inputs of a line, as templates in their places.
pub(super) struct Inputs {
    pub(super) entity: Entity,
    pub(super) needs: Vec<Vec<String>>,
    pub(super) query: Vec<(String, String)>,
    pub(super) body: Option<Value>,
}

/// Which input a parameter is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Input {
    First,
    Last,
    Full,
    Email,
    Domain,
    Company,
    Profile,
    Phone,
}

fn plain(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase()).collect()
}

fn input(name: &str, value: &str) -> Option<Input> {
    Some(match plain(name).as_str() {
        "firstname" | "first" | "givenname" | "fname" => Input::First,
        "lastname" | "last" | "familyname" | "lname" | "surname" => Input::Last,
        "fullname" => Input::Full,
        "name" if value.trim().contains(' ') => Input::Full,
        "name" => Input::Company,
        "email" | "emailaddress" | "mail" | "workemail" | "address" if value.contains('@') || value.is_empty() => {
            Input::Email
        }
        "domain" | "website" | "companydomain" | "companywebsite" | "site" => Input::Domain,
        "company" | "companyname" | "organization" | "organizationname" | "organisation" | "domainorcompany" => {
            if value::domain(value).is_some() {
                Input::Domain
            } else {
                Input::Company
            }
        }
        "linkedin" | "linkedinurl" | "profile" | "profileurl" | "linkedinhandle" | "linkedinprofile" => Input::Profile,
        "phone" | "phonenumber" | "number" | "msisdn" | "mobile" => Input::Phone,
        _ => return None,
    })
}

/// Whether a parameter is probably a key; better one parameter too few in the file than a key in it.
fn is_key(name: &str) -> bool {
    let name = plain(name);
    let parts = ["apikey", "token", "secret", "password", "passwd"];
    parts.iter().any(|part| name.contains(part))
        || name.ends_with("key")
        || ["auth", "apiid", "key", "sig", "signature"].contains(&name.as_str())
}

fn fields_of(input: Input, entity: Entity) -> &'static [&'static str] {
    match (input, entity) {
        (Input::First, _) => &["firstname"],
        (Input::Last, _) => &["lastname"],
        (Input::Full, _) => &["firstname", "lastname"],
        (Input::Email, _) => &["email"],
        (Input::Domain, _) => &["domain"],
        (Input::Company, Entity::Contact) => &["company"],
        (Input::Company, Entity::Company) => &["name"],
        (Input::Profile, Entity::Contact) => &["hs_linkedin_url"],
        (Input::Profile, Entity::Company) => &["linkedin_company_page"],
        (Input::Phone, _) => &["phone"],
    }
}

fn template(input: Input, entity: Entity) -> String {
    fields_of(input, entity).iter().map(|field| format!("{{{{ {field} }}}}")).collect::<Vec<_>>().join(" ")
}

/// The inputs of a line; `None` when it asks about nobody.
pub(super) fn inputs(curl: &Curl) -> Option<Inputs> {
    let mut found = Vec::new();
    for (name, value) in &curl.query {
        found.extend(input(name, value));
    }
    if let Some(body) = &curl.body {
        gather(body, &mut found);
    }
    let segments: Vec<&str> = curl.url.split('/').skip(3).collect();
    found.extend(segments.iter().filter_map(|segment| in_path(segment)));
    let of_person = [Input::First, Input::Last, Input::Full, Input::Email, Input::Phone];
    let company_page = curl.url.to_lowercase().contains("compan") || curl.url.to_lowercase().contains("organi");
    let person =
        found.iter().any(|input| of_person.contains(input)) || (found.contains(&Input::Profile) && !company_page);
    let entity = if person { Entity::Contact } else { Entity::Company };
    let mut needs: Vec<String> = Vec::new();
    for input in &found {
        for field in fields_of(*input, entity) {
            if !needs.iter().any(|known| known == field) {
                needs.push((*field).to_owned());
            }
        }
    }
    if needs.is_empty() {
        return None;
    }
    let filled =
        |name: &str, value: &str| input(name, value).map_or_else(|| escaped(value), |input| template(input, entity));
    let query = curl
        .query
        .iter()
        .filter(|(name, _)| !is_key(name))
        .map(|(name, value)| (name.clone(), filled(name, value)))
        .collect();
    let body = curl.body.as_ref().map(|body| filled_body(body, &filled));
    Some(Inputs { entity, needs: vec![needs], query, body })
}

fn gather(value: &Value, found: &mut Vec<Input>) {
    match value {
        Value::Object(entries) => {
            for (name, entry) in entries {
                match entry {
                    Value::String(text) => found.extend(input(name, text)),
                    other => gather(other, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| gather(item, found)),
        _ => {}
    }
}

/// A body as it was sent, without keys in it.
pub(super) fn without_keys(body: &Value) -> Value {
    filled_body(body, &|_, value| value.to_owned())
}

fn filled_body(value: &Value, filled: &impl Fn(&str, &str) -> String) -> Value {
    match value {
        Value::Object(entries) => Value::Object(
            entries
                .iter()
                .filter(|(name, _)| !is_key(name))
                .map(|(name, entry)| match entry {
                    Value::String(text) => (name.clone(), Value::String(filled(name, text))),
                    other => (name.clone(), filled_body(other, filled)),
                })
                .collect(),
        ),
        Value::Array(items) => Value::Array(items.iter().map(|item| filled_body(item, filled)).collect()),
        other => other.clone(),
    }
}

/// Braces of a plain value must not become a template.
fn escaped(value: &str) -> String {
    if value.contains("{{") || value.contains("{%") { String::new() } else { value.to_owned() }
}

fn in_path(segment: &str) -> Option<Input> {
    let text = segment.replace("%40", "@").replace("%2B", "+");
    if text.contains('@') {
        return Some(Input::Email);
    }
    if text.starts_with('+') && text.chars().filter(char::is_ascii_digit).count() > 6 {
        return Some(Input::Phone);
    }
    let version = text.starts_with('v') && text.chars().nth(1).is_some_and(|letter| letter.is_ascii_digit());
    let file = [".json", ".php", ".xml", ".html", ".aspx"].iter().any(|end| text.ends_with(end));
    (value::domain(&text).is_some() && !version && !file).then_some(Input::Domain)
}

/// Root and path of an address: version and `api` belong to the root, an example in the path becomes an input.
pub(super) fn base_and_path(url: &str, entity: Entity) -> (String, String) {
    let mut parts = url.splitn(4, '/');
    let (scheme, _, host) = (parts.next().unwrap_or_default(), parts.next(), parts.next().unwrap_or_default());
    let mut base = format!("{scheme}//{host}");
    let mut path = String::new();
    for segment in parts.next().unwrap_or_default().split('/').filter(|segment| !segment.is_empty()) {
        let version = segment.starts_with('v') && segment[1..].starts_with(|letter: char| letter.is_ascii_digit());
        if path.is_empty() && (version || segment == "api") {
            base.push_str(&format!("/{segment}"));
        } else {
            let filled = in_path(segment).map_or_else(|| escaped(segment), |input| template(input, entity));
            path.push_str(&format!("/{filled}"));
        }
    }
    (base, if path.is_empty() { "/".to_owned() } else { path })
}

/// A short name from a host: `acme` of `api.acme.com`.
pub(super) fn name(url: &str) -> String {
    let host = value::domain(url).unwrap_or_default();
    let parts: Vec<&str> = host.split('.').collect();
    let middle = parts.len().checked_sub(2).and_then(|at| parts.get(at)).copied().unwrap_or("vendor");
    let name: String = middle
        .chars()
        .filter(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || *letter == '-')
        .collect();
    if name.is_empty() { "vendor".to_owned() } else { name }
}

/// How the key is sent, as lines of a manifest.
pub(super) fn auth(curl: &Curl) -> Vec<String> {
    let quoted = |text: &str| Value::String(text.to_owned()).to_string();
    let line = if curl.user.is_some() {
        "  basic: {}".to_owned()
    } else if let Some((name, value)) = curl.headers.iter().find(|(name, _)| is_secret_header(name)) {
        match value.split_once(' ') {
            Some(("Basic" | "basic", _)) => "  basic: {}".to_owned(),
            Some((scheme, _)) => {
                format!("  header: {{ name: {}, prefix: {} }}", quoted(name), quoted(&format!("{scheme} ")))
            }
            None => format!("  header: {{ name: {} }}", quoted(name)),
        }
    } else if let Some((name, _)) = curl.query.iter().find(|(name, _)| is_key(name)) {
        format!("  query: {{ name: {} }} # use a header if the vendor has one: addresses end up in logs", quoted(name))
    } else {
        return vec!["auth: none # the line shows no key".to_owned()];
    };
    vec!["auth:".to_owned(), line]
}

fn is_secret_header(name: &str) -> bool {
    let name = name.to_lowercase();
    ["auth", "key", "token", "secret"].iter().any(|part| name.contains(part))
}

/// Headers that are neither a key nor said by every request.
pub(super) fn plain_headers(curl: &Curl) -> Vec<(String, String)> {
    let usual = ["accept", "content-type", "user-agent", "host", "cookie", "content-length"];
    curl.headers
        .iter()
        .filter(|(name, _)| !is_secret_header(name) && !usual.contains(&name.to_lowercase().as_str()))
        .map(|(name, value)| (name.clone(), escaped(value)))
        .collect()
}

/// Our fields, how each is read, and the names vendors give them.
const OF_CONTACT: &[(&str, Kind, &str, &[&str])] = &[
    (
        "email",
        Kind::Email,
        "email",
        &["email", "workemail", "emailaddress", "businessemail", "professionalemail", "value"],
    ),
    ("firstname", Kind::Title, "title", &["firstname", "givenname"]),
    ("lastname", Kind::Title, "title", &["lastname", "familyname", "surname"]),
    ("jobtitle", Kind::Title, "title", &["jobtitle", "title", "position", "job", "currentjobtitle"]),
    ("company", Kind::Text, "text", &["company", "companyname", "organization", "organizationname", "employer"]),
    ("domain", Kind::Domain, "domain", &["companydomain", "domain", "website", "companywebsite"]),
    ("mobilephone", Kind::Phone, "phone", &["mobilephone", "mobile", "mobilenumber"]),
    ("phone", Kind::Phone, "phone", &["phone", "phonenumber"]),
    (
        "hs_linkedin_url",
        Kind::LinkedinPerson,
        "linkedin_person",
        &["linkedinurl", "linkedin", "profileurl", "linkedinhandle"],
    ),
    ("city", Kind::Title, "title", &["city", "locality"]),
    ("country", Kind::Title, "title", &["country", "countryname"]),
];
const OF_COMPANY: &[(&str, Kind, &str, &[&str])] = &[
    ("name", Kind::Text, "text", &["name", "companyname", "displayname", "organization"]),
    ("domain", Kind::Domain, "domain", &["domain", "website", "primarydomain", "url"]),
    ("industry", Kind::Text, "text", &["industry", "sector"]),
    (
        "numberofemployees",
        Kind::Headcount,
        "headcount",
        &[
            "employees",
            "employeecount",
            "employeescount",
            "headcount",
            "size",
            "numberofemployees",
            "estimatednumemployees",
            "sizerange",
        ],
    ),
    ("annualrevenue", Kind::Amount, "amount", &["revenue", "annualrevenue"]),
    ("founded_year", Kind::Year, "year", &["foundedyear", "founded", "yearfounded"]),
    ("phone", Kind::Phone, "phone", &["phone", "phonenumber"]),
    (
        "linkedin_company_page",
        Kind::LinkedinCompany,
        "linkedin_company",
        &["linkedinurl", "linkedin", "linkedinhandle"],
    ),
    ("city", Kind::Title, "title", &["city", "locality"]),
    ("country", Kind::Title, "title", &["country", "countryname"]),
];

/// Fields and their rules: where the recorded answer has them, or the usual places when there is none.
pub(super) fn fields(entity: Entity, answer: Option<&Value>) -> Vec<(&'static str, String)> {
    let table = match entity {
        Entity::Contact => OF_CONTACT,
        Entity::Company => OF_COMPANY,
    };
    let mut leaves = Vec::new();
    if let Some(answer) = answer {
        walk(answer, String::new(), "", &mut leaves);
    }
    let found: Vec<(&'static str, String)> = table
        .iter()
        .filter_map(|(field, kind, word, names)| {
            let places: Vec<&String> = names
                .iter()
                .flat_map(|name| {
                    leaves.iter().filter(move |(key, parent, ..)| key == name || format!("{parent}{key}") == *name)
                })
                .filter(|(_, _, _, value)| value::read(value, *kind).is_ok())
                .map(|(_, _, path, _)| path)
                .collect();
            let first = places.first()?;
            Some((*field, format!("{{ from: {}, as: {word} }}", Value::String((*first).clone()))))
        })
        .collect();
    if !found.is_empty() {
        return found;
    }
    let usual = |name: &str| format!("[{name}, data.{name}, result.{name}]");
    let few = |field: &'static str, name: &str, word: &str| {
        (field, format!("{{ from: {}, as: {word} }} # a guess", usual(name)))
    };
    match entity {
        Entity::Contact => {
            vec![few("email", "email", "email"), few("jobtitle", "title", "title"), few("phone", "phone", "phone")]
        }
        Entity::Company => vec![
            few("name", "name", "text"),
            few("industry", "industry", "text"),
            few("numberofemployees", "employees", "headcount"),
        ],
    }
}

/// Every value of an answer with its key, the key above it and its place.
fn walk(value: &Value, path: String, parent: &str, leaves: &mut Vec<(String, String, String, Value)>) {
    match value {
        Value::Object(entries) => {
            for (key, entry) in entries {
                let sound = key.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
                    && !key.starts_with(|letter: char| letter.is_ascii_digit());
                let step = if sound { key.clone() } else { Value::String(key.clone()).to_string() };
                let here = if path.is_empty() { step } else { format!("{path}.{step}") };
                if matches!(entry, Value::Object(_) | Value::Array(_)) {
                    walk(entry, here, &plain(key), leaves);
                } else {
                    let above = if plain(key) == "name" { parent.to_owned() } else { String::new() };
                    leaves.push((plain(key), above, here, entry.clone()));
                }
            }
        }
        Value::Array(items) => {
            if let Some(first) = items.first() {
                walk(first, if path.is_empty() { "[0]".to_owned() } else { format!("{path}[0]") }, parent, leaves);
            }
        }
        other => leaves.push((parent.to_owned(), String::new(), path, other.clone())),
    }
}
