//! A curl line, taken apart: what it sends, to where, and how it shows its key.

use serde_json::Value;

/// What a curl line sends.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Curl {
    pub(super) method: String,
    pub(super) url: String,
    pub(super) query: Vec<(String, String)>,
    pub(super) headers: Vec<(String, String)>,
    pub(super) user: Option<String>,
    pub(super) body: Option<Value>,
}

/// Options that take a value and say nothing about the request.
const IGNORED: &[&str] = &[
    "-o",
    "--output",
    "-A",
    "--user-agent",
    "-e",
    "--referer",
    "-b",
    "--cookie",
    "-c",
    "--cookie-jar",
    "-m",
    "--max-time",
    "--connect-timeout",
    "--retry",
    "-w",
    "--write-out",
    "-x",
    "--proxy",
    "--cacert",
    "-E",
    "--cert",
];

/// Takes a line apart.
///
/// # Errors
/// A sentence, when it is no curl line or has no address.
pub(super) fn parse(line: &str) -> Result<Curl, String> {
    let mut words = shell_words(line)?.into_iter().peekable();
    if words.peek().is_some_and(|first| first == "curl" || first.ends_with("/curl")) {
        words.next();
    }
    let mut curl = Curl::default();
    let mut data: Vec<String> = Vec::new();
    let (mut as_query, mut address) = (false, None);
    while let Some(word) = words.next() {
        let (option, attached) = split(&word);
        let mut value = || attached.clone().or_else(|| words.next()).ok_or_else(|| format!("{option} has no value"));
        match option.as_str() {
            "-X" | "--request" => curl.method = value()?.to_uppercase(),
            "-H" | "--header" => {
                let header = value()?;
                let (name, text) = header.split_once(':').ok_or_else(|| format!("`{header}` is no header"))?;
                curl.headers.push((name.trim().to_owned(), text.trim().to_owned()));
            }
            "-d" | "--data" | "--data-raw" | "--data-binary" | "--data-ascii" | "--data-urlencode" => {
                data.push(value()?)
            }
            "--json" => {
                data.push(value()?);
                curl.headers.push(("Content-Type".to_owned(), "application/json".to_owned()));
            }
            "-G" | "--get" => as_query = true,
            "-u" | "--user" => curl.user = Some(value()?),
            "--url" => address = Some(value()?),
            "-F" | "--form" => return Err("a file upload asks nothing about a person or company".to_owned()),
            ignored if IGNORED.contains(&ignored) => {
                value()?;
            }
            flag if flag.starts_with('-') => {}
            _ => address = Some(word),
        }
    }
    let address = address.ok_or("the line has no address")?;
    let full = if address.contains("://") { address } else { format!("https://{address}") };
    let mut url = url::Url::parse(&full).map_err(|error| format!("`{full}` is not an address: {error}"))?;
    curl.query = url.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned())).collect();
    url.set_query(None);
    url.set_fragment(None);
    curl.url = url.to_string();
    let data = data.join("&");
    if as_query {
        curl.query.extend(pairs(&data));
    } else if !data.is_empty() {
        let read = serde_json::from_str(&data).ok();
        curl.body = Some(read.unwrap_or_else(|| {
            Value::Object(pairs(&data).into_iter().map(|(name, value)| (name, Value::String(value))).collect())
        }));
    }
    if curl.method.is_empty() {
        curl.method = if curl.body.is_some() { "POST" } else { "GET" }.to_owned();
    }
    if !matches!(curl.method.as_str(), "GET" | "POST") {
        return Err(format!("{} is no way to ask a question; GET and POST are", curl.method));
    }
    Ok(curl)
}

/// An option and a value written against it: `-XPOST`, `--url=…`.
fn split(word: &str) -> (String, Option<String>) {
    if let Some((option, value)) = word.split_once('=').filter(|_| word.starts_with("--")) {
        return (option.to_owned(), Some(value.to_owned()));
    }
    let short = word.starts_with('-') && !word.starts_with("--") && word.chars().count() > 2;
    match word.char_indices().nth(2).filter(|_| short) {
        Some((at, _)) if ["-X", "-H", "-d", "-u"].contains(&&word[..at]) => {
            (word[..at].to_owned(), Some(word[at..].to_owned()))
        }
        _ => (word.to_owned(), None),
    }
}

fn pairs(text: &str) -> Vec<(String, String)> {
    url::form_urlencoded::parse(text.as_bytes()).map(|(name, value)| (name.into_owned(), value.into_owned())).collect()
}

/// Words as a shell sees them: quotes, backslashes, lines continued.
fn shell_words(line: &str) -> Result<Vec<String>, String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut letters = line.trim().chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\'' => {
                let quoted = word.get_or_insert_with(String::new);
                loop {
                    match letters.next() {
                        Some('\'') => break,
                        Some(inside) => quoted.push(inside),
                        None => return Err("a quote is not closed".to_owned()),
                    }
                }
            }
            '"' => {
                let quoted = word.get_or_insert_with(String::new);
                loop {
                    match letters.next() {
                        Some('"') => break,
                        Some('\\') => match letters.next() {
                            Some(escaped @ ('"' | '\\' | '$' | '`')) => quoted.push(escaped),
                            Some('\n') => {}
                            Some(other) => quoted.extend(['\\', other]),
                            None => return Err("a quote is not closed".to_owned()),
                        },
                        Some(inside) => quoted.push(inside),
                        None => return Err("a quote is not closed".to_owned()),
                    }
                }
            }
            '\\' => match letters.next() {
                Some('\n') | None => {}
                Some('\r') => {
                    letters.next();
                }
                Some(escaped) => word.get_or_insert_with(String::new).push(escaped),
            },
            space if space.is_whitespace() => words.extend(word.take()),
            other => word.get_or_insert_with(String::new).push(other),
        }
    }
    words.extend(word);
    Ok(words)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_line_is_read_as_a_shell_reads_it() {
        let line = "curl -sS -XPOST 'https://api.acme.com/v1/find?limit=1' \\\n  -H \"Authorization: Bearer a\\\"b\" \\\n  --data-raw '{\"email\": \"a@b.co\"}'";
        let curl = parse(line).expect("a curl line");
        assert_eq!((curl.method.as_str(), curl.url.as_str()), ("POST", "https://api.acme.com/v1/find"));
        assert_eq!(curl.query, [("limit".to_owned(), "1".to_owned())]);
        assert_eq!(curl.headers, [("Authorization".to_owned(), "Bearer a\"b".to_owned())]);
        assert_eq!(curl.body, Some(json!({ "email": "a@b.co" })));
        let get = parse("curl -G api.acme.com/find -d domain=acme.com -u me:secret -o out.json").expect("a curl line");
        assert_eq!((get.method.as_str(), get.query.len(), get.user.as_deref()), ("GET", 1, Some("me:secret")));
        assert_eq!(get.url, "https://api.acme.com/find");
    }

    #[test]
    fn what_is_no_question_is_refused_with_a_reason() {
        for (line, part) in [
            ("curl -H 'X: 1'", "no address"),
            ("curl 'https://a.co", "not closed"),
            ("curl -X DELETE https://a.co/x", "DELETE"),
            ("curl -F file=@x https://a.co/x", "upload"),
            ("curl -H", "no value"),
            ("", "no address"),
        ] {
            let why = parse(line).expect_err(line);
            assert!(why.contains(part), "{line}: {why}");
        }
    }
}
