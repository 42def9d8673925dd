//! The beginning of a manifest, from a curl line and, where one is at hand, a recorded answer.

mod curl;
mod guess;

use evergreen_model::{Problem, Remedy};
use serde_json::{Value, json};

use crate::manifest::Manifest;
use crate::sample::check_sample;
use curl::Curl;
use guess::Inputs;

/// A manifest to begin with.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Scaffold {
    /// The provider's short name; the file is called after it.
    pub name: String,
    /// The text of the manifest; it passes the check as it stands.
    pub manifest: String,
    /// A sample made of the recorded answer, as the manifest reads it now.
    pub sample: Option<String>,
    /// What a person still has to say.
    pub open: Vec<String>,
}

/// Begins a manifest. `name` is taken from the host when absent; `answer` is a recorded body, for guessing where fields stand.
///
/// # Errors
/// `EG-PROVIDER-004` where the line is no curl line that asks about a person or company.
pub fn scaffold(line: &str, name: Option<&str>, answer: Option<&str>) -> Result<Scaffold, Problem> {
    let cannot = |why: String| {
        Problem::new(
            "EG-PROVIDER-004",
            Remedy::FixInput,
            "no manifest can be made of this line",
            why,
            "copy a whole curl line from the vendor's documentation, with an example address, name or domain in it",
        )
    };
    let curl = curl::parse(line).map_err(cannot)?;
    let answer: Option<Value> = match answer {
        Some(text) => Some(
            serde_json::from_str(text).map_err(|error| cannot(format!("the recorded answer is no JSON: {error}")))?,
        ),
        None => None,
    };
    let inputs = guess::inputs(&curl).ok_or_else(|| {
        cannot("none of its parameters is a name, an address, a domain, a profile or a number".to_owned())
    })?;
    let name = name.map_or_else(|| guess::name(&curl.url), str::to_owned);
    let fields = guess::fields(inputs.entity, answer.as_ref());
    let manifest = text(&name, &curl, &inputs, &fields);
    let parsed = Manifest::parse(&format!("{name}.yaml"), &manifest)?;
    let sample = answer.map(|answer| sample(&parsed, &curl, &inputs, &answer));
    let mut open = vec![
        "price: `money_per_credit`, `price_max` and `charge` are one credit at no price until you say".to_owned(),
        "limits: how many requests a second the vendor allows".to_owned(),
        "rules: how the vendor says that it found nothing, that the account is empty, that it is too fast".to_owned(),
        "law: where the data come from".to_owned(),
    ];
    if sample.is_none() {
        open.push(
            "fields: they are guesses; run again with a recorded answer to see where the values stand".to_owned(),
        );
    }
    Ok(Scaffold { name, manifest, sample: sample.map(|sample| format!("{sample:#}\n")), open })
}

fn text(name: &str, curl: &Curl, inputs: &Inputs, fields: &[(&'static str, String)]) -> String {
    let quoted = |text: &str| Value::String(text.to_owned()).to_string();
    let (base_url, path) = guess::base_and_path(&curl.url, inputs.entity);
    let entity = inputs.entity.as_str();
    let mut lines = vec![
        format!(
            "# {name}: answers questions about a {entity}. Begun from a curl line: say here what it answers, at what price, read where and when."
        ),
        format!("name: {name}"),
        format!("title: {}", quoted(name)),
        "checked_on: \"2026-01-01\" # the day you read the vendor's documentation".to_owned(),
        "legal: say where the data come from and what the law asks before using them".to_owned(),
        "money_per_credit: 0 # what one credit costs you".to_owned(),
        "repeats_free: false # true only where the vendor documents that a repeated question costs nothing".to_owned(),
        format!("base_url: {}", quoted(&base_url)),
    ];
    lines.extend(guess::auth(curl));
    lines.extend([
        "limits:".to_owned(),
        "  windows:".to_owned(),
        "    - { count: 1, ms: 1000 } # one a second until you know better".to_owned(),
        "  concurrency: 1".to_owned(),
    ]);
    let headers = guess::plain_headers(curl);
    if !headers.is_empty() {
        lines.push("headers:".to_owned());
        lines.extend(headers.iter().map(|(name, value)| format!("  {}: {}", quoted(name), quoted(value))));
    }
    lines.extend([
        String::new(),
        "# The first rule that fits says how an answer reads. What the status usually means is known: 401 is a wrong key, 402 an empty".to_owned(),
        "# account, 429 haste, 5xx passes. Here stands only what this vendor does otherwise.".to_owned(),
        "rules:".to_owned(),
        "  - when: { status: [404] }".to_owned(),
        "    outcome: miss".to_owned(),
        "    assumed: true # until a recorded answer proves it".to_owned(),
        "  - when: { status: [204] }".to_owned(),
        "    outcome: miss".to_owned(),
        "  - when: { status: [400-499], text: [insufficient credit, not enough credit, out of credit, no credits left] }".to_owned(),
        "    outcome: no_credits".to_owned(),
        "    assumed: true".to_owned(),
        String::new(),
        "operations:".to_owned(),
        "  lookup:".to_owned(),
        format!("    about: What the vendor knows of a {entity}; say at what price."),
        format!("    entity: {entity}"),
        "    needs:".to_owned(),
    ]);
    lines.extend(inputs.needs.iter().map(|set| format!("      - [{}]", set.join(", "))));
    lines.extend([
        "    price_max: 1".to_owned(),
        "    fresh_days: 90".to_owned(),
        "    request:".to_owned(),
        format!("      method: {}", curl.method),
        format!("      path: {}", quoted(&path)),
    ]);
    if !inputs.query.is_empty() {
        lines.push("      query:".to_owned());
        lines.extend(inputs.query.iter().map(|(name, value)| format!("        {}: {}", quoted(name), quoted(value))));
    }
    if let Some(body) = &inputs.body {
        lines.push(format!("      body: {body}"));
    }
    lines.push("    fields:".to_owned());
    lines.extend(fields.iter().map(|(name, rule)| format!("      {name}: {rule}")));
    lines.push("    charge:".to_owned());
    lines.push("      - { outcomes: [hit, partial], credits: 1 }".to_owned());
    lines.join("\n") + "\n"
}

/// The recorded answer as a sample that expects what the manifest reads now, for a person to correct.
fn sample(manifest: &Manifest, curl: &Curl, inputs: &Inputs, answer: &Value) -> Value {
    let body = answer.to_string().into_bytes();
    let read = manifest.read("lookup", 200, &[], &body, &[]);
    let extract: serde_json::Map<String, Value> =
        read.fields.iter().map(|(name, value)| (name.clone(), Value::String(value.clone()))).collect();
    let query: serde_json::Map<String, Value> = curl
        .query
        .iter()
        .filter(|(name, _)| inputs.query.iter().any(|(kept, _)| kept == name))
        .map(|(name, value)| (name.clone(), Value::String(value.clone())))
        .collect();
    let mut sample = json!({
        "provider": manifest.name(), "case": "first-answer", "operation": "lookup",
        "origin": { "kind": "own", "source": "recorded by hand; replace every real value before sharing it" },
        "request": { "method": curl.method, "url": curl.url, "query": query, "headers": {} },
        "response": { "status": 200, "headers": { "content-type": "application/json" }, "body": answer },
        "expect": {
            "outcome": read.outcome.as_str(),
            "charge": { "amount": read.charge.credits.to_string() },
            "extract": extract,
            "note": "as the manifest reads it now: correct what is wrong, then correct the manifest",
        },
    });
    if let Some(body) = curl.body.as_ref() {
        sample["request"]["body"] = guess::without_keys(body);
    }
    // An answer about another example than the line's is a miss; then the sample says so.
    let checked = check_sample(manifest, &sample);
    if !checked.mismatches.is_empty() {
        let word = checked.reads.split(',').next().unwrap_or_default().to_owned();
        sample["expect"] =
            json!({ "outcome": word, "note": "the answer seems to be about somebody else than the request" });
    }
    sample
}

#[cfg(test)]
mod tests {
    use evergreen_model::Entity;

    use super::*;

    #[test]
    fn a_line_becomes_a_manifest_that_passes_its_check() {
        for (line, entity, needs) in [
            ("curl 'https://api.acme.com/v2/find?email=a@b.co&api_key=hush'", Entity::Contact, vec!["email"]),
            ("curl -H 'X-API-Key: hush' https://api.acme.com/companies/acme.com", Entity::Company, vec!["domain"]),
            (
                "curl -u id:hush https://acme.com/x --json '{\"data\":[{\"first_name\":\"A\",\"last_name\":\"B\",\"website\":\"acme.com\"}]}'",
                Entity::Contact,
                vec!["firstname", "lastname", "domain"],
            ),
            (
                "curl -G https://acme.com/x -d 'name=Ana Ruiz' -d company=Acme -H 'Authorization: Bearer hush'",
                Entity::Contact,
                vec!["firstname", "lastname", "company"],
            ),
            ("curl -G https://acme.com/x -d name=Acme", Entity::Company, vec!["name"]),
            ("curl 'https://acme.com/x?hapikey=hush&domain=acme.com'", Entity::Company, vec!["domain"]),
            (
                "curl https://acme.com/x -H 'X-Workspace-Secret: hush' --json '{\"license_key\":\"hush\",\"domain\":\"acme.com\"}'",
                Entity::Company,
                vec!["domain"],
            ),
        ] {
            let begun = scaffold(line, None, Some("{\"email\":\"a@b.co\",\"name\":\"Acme\"}")).expect(line);
            let sample = begun.sample.as_deref().expect("a sample");
            assert!(!sample.contains("hush"), "{line}: a key never stays in a sample\n{sample}");
            let manifest = Manifest::parse("x.yaml", &begun.manifest).expect("sound");
            let card = manifest.card();
            assert_eq!(
                (card.operations[0].entity, &card.operations[0].needs[0]),
                (entity, &needs.iter().map(ToString::to_string).collect::<Vec<_>>()),
                "{line}"
            );
            assert!(!begun.manifest.contains("hush"), "{line}: a key never stays in a file\n{}", begun.manifest);
        }
    }

    #[test]
    fn a_recorded_answer_shows_where_the_values_stand_and_becomes_a_sample() {
        let answer = r#"{"result":{"person":{"givenName":"Ana","workEmail":"ana@acme.com","position":"CEO"},"employer":{"name":"Acme"}}}"#;
        let begun =
            scaffold("curl 'https://api.acme.com/v1/p?email=ana@acme.com'", Some("acme"), Some(answer)).expect("begun");
        let manifest = Manifest::parse("acme.yaml", &begun.manifest).expect("sound");
        let read = manifest.read("lookup", 200, &[], answer.as_bytes(), &["email".to_owned()]);
        assert_eq!((read.fields["email"].as_str(), read.fields["jobtitle"].as_str()), ("ana@acme.com", "CEO"));
        let sample: Value = serde_json::from_str(&begun.sample.expect("a sample")).expect("JSON");
        assert_eq!(check_sample(&manifest, &sample).mismatches, []);
        assert_eq!(sample["expect"]["outcome"], "hit");
    }
}
