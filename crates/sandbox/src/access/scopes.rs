//! Which scopes a call needs. The longest lists of the vendor's own documents are no usable minimum; these are the ones a client really needs.

use axum::http::Method;

use crate::wire::Call;

/// One requirement; a call may have several, and each must be met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Need {
    AnyOf(Vec<String>),
    /// Any scope that starts so; the list is what the refusal names.
    Prefix(&'static str, Vec<String>),
}

impl Need {
    fn one(scope: impl Into<String>) -> Need {
        Need::AnyOf(vec![scope.into()])
    }

    fn any(scopes: &[&str]) -> Need {
        Need::AnyOf(scopes.iter().map(|scope| (*scope).to_owned()).collect())
    }

    /// The scopes a refusal names.
    pub(crate) fn named(&self) -> Vec<&str> {
        let (Need::AnyOf(list) | Need::Prefix(_, list)) = self;
        list.iter().map(String::as_str).collect()
    }
}

/// What a token with everything says it has.
pub(crate) const KNOWN: &[&str] = &[
    "communication_preferences.read",
    "communication_preferences.read_write",
    "communication_preferences.statuses.batch.read",
    "communication_preferences.statuses.batch.write",
    "communication_preferences.write",
    "crm.import",
    "crm.lists.read",
    "crm.lists.write",
    "crm.objects.companies.read",
    "crm.objects.companies.write",
    "crm.objects.contacts.read",
    "crm.objects.contacts.write",
    "crm.objects.deals.read",
    "crm.objects.deals.write",
    "crm.objects.owners.read",
    "crm.schemas.companies.read",
    "crm.schemas.companies.write",
    "crm.schemas.contacts.read",
    "crm.schemas.contacts.write",
    "crm.schemas.custom.read",
    "crm.schemas.deals.read",
    "crm.schemas.deals.write",
    "oauth",
    "sales-email-read",
];

fn is_version(part: &str) -> bool {
    matches!(part, "v1" | "v2" | "v3" | "v4") || part.starts_with("20")
}

/// The family of scopes an object belongs to; activities go with contacts.
fn family(object: &str) -> String {
    match object {
        "contacts" | "contact" | "0-1" => "contacts".to_owned(),
        "companies" | "company" | "0-2" => "companies".to_owned(),
        "deals" | "deal" | "0-3" => "deals".to_owned(),
        "tickets" | "ticket" | "0-5" => "tickets".to_owned(),
        "leads" | "lead" | "0-136" => "leads".to_owned(),
        "products" | "product" | "0-7" => "products".to_owned(),
        "line_items" | "line_item" | "0-8" => "line_items".to_owned(),
        "notes" | "note" | "0-46" | "tasks" | "task" | "0-27" | "calls" | "call" | "0-48" | "meetings" | "meeting"
        | "0-47" | "emails" | "email" | "0-49" | "communications" | "communication" | "0-18" => "contacts".to_owned(),
        _ => "custom".to_owned(),
    }
}

fn is_email_engagement(object: &str) -> bool {
    matches!(object, "emails" | "email" | "0-49")
}

/// Everything a call needs, in the order a refusal is given.
pub(crate) fn needed(call: &Call) -> Vec<Need> {
    let segments = call.segments();
    let path: Vec<&str> = segments.iter().copied().filter(|part| !is_version(part)).collect();
    let reading = call.method == Method::GET || path.last() == Some(&"search") || path.ends_with(&["batch", "read"]);
    let verb = if reading { "read" } else { "write" };
    let objects = |object: &str| Need::one(format!("crm.objects.{}.{verb}", family(object)));
    let schemas = |object: &str| Need::one(format!("crm.schemas.{}.{verb}", family(object)));
    match path.as_slice() {
        ["crm", "objects", from, _, "associations", tail @ ..] => {
            let to = if tail.first() == Some(&"default") { tail.get(1) } else { tail.first() };
            pair(from, to, &objects)
        }
        ["crm", "objects", object, ..] if reading && is_email_engagement(object) => {
            vec![objects(object), Need::one("sales-email-read")]
        }
        ["crm", "objects", object, ..] => vec![objects(object)],
        ["crm", "associations", from, to, "labels"] => vec![schemas(from), schemas(to)],
        ["crm", "associations", from, to, ..] => pair(from, Some(to), &objects),
        ["crm", "properties" | "property-validations", object, ..] => vec![schemas(object)],
        ["crm", "owners", ..] => vec![Need::one("crm.objects.owners.read")],
        ["crm", "lists", ..] => vec![Need::one(format!(
            "crm.lists.{}",
            if call.method == Method::GET || matches!(path.last(), Some(&"search" | &"all" | &"read")) {
                "read"
            } else {
                "write"
            }
        ))],
        ["crm", "imports", ..] => vec![Need::one("crm.import")],
        ["crm", "pipelines", object, ..] => {
            let family = family(object);
            vec![Need::AnyOf(vec![format!("crm.objects.{family}.{verb}"), format!("crm.schemas.{family}.{verb}")])]
        }
        ["crm", "limits", ..] => vec![Need::Prefix(
            "crm.objects.",
            ["contacts", "companies", "deals"].iter().map(|one| format!("crm.objects.{one}.read")).collect(),
        )],
        ["crm-object-schemas", ..] => {
            vec![Need::any(&["crm.schemas.custom.read", "crm.schemas.contacts.read", "crm.schemas.companies.read"])]
        }
        ["communication-preferences", "statuses", "batch", .., "read"] => {
            vec![Need::one("communication_preferences.statuses.batch.read")]
        }
        ["communication-preferences", "statuses", "batch", ..] => {
            vec![Need::one("communication_preferences.statuses.batch.write")]
        }
        ["communication-preferences", ..] if call.method == Method::GET => {
            vec![Need::any(&["communication_preferences.read", "communication_preferences.read_write"])]
        }
        ["communication-preferences", ..] => {
            vec![Need::any(&["communication_preferences.write", "communication_preferences.read_write"])]
        }
        // Account details and usage were answered to keys with unrelated scopes.
        _ => Vec::new(),
    }
}

fn pair(from: &str, to: Option<&&str>, need: &dyn Fn(&str) -> Need) -> Vec<Need> {
    let mut needs = vec![need(from)];
    if let Some(to) = to {
        let other = need(to);
        if other != needs[0] {
            needs.push(other);
        }
    }
    needs
}
