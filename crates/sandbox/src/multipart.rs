//! Reads an uploaded form with files into one JSON value, so that imports go through the same door as every other call.

use serde_json::{Map, Value, json};

/// The boundary of a multipart content type.
pub(crate) fn boundary(content_type: &str) -> Option<String> {
    let rest = content_type.strip_prefix("multipart/form-data")?;
    let given = rest.split(';').find_map(|part| part.trim().strip_prefix("boundary="))?;
    Some(given.trim_matches('"').to_owned())
}

/// Fields by name as texts (JSON ones parsed), files under `files` with name and text.
pub(crate) fn read(boundary: &str, body: &[u8]) -> Value {
    let marker = format!("--{boundary}");
    let mut fields = Map::new();
    let mut files = Vec::new();
    for part in split(body, marker.as_bytes()) {
        let Some(at) = find(part, b"\r\n\r\n") else {
            continue;
        };
        let head = String::from_utf8_lossy(&part[..at]).into_owned();
        let content = part[at + 4..].strip_suffix(b"\r\n").unwrap_or(&part[at + 4..]);
        let text = String::from_utf8_lossy(content).into_owned();
        let disposition =
            head.lines().find(|line| line.to_ascii_lowercase().starts_with("content-disposition:")).unwrap_or_default();
        let name = attribute(disposition, "name").unwrap_or_default();
        match attribute(disposition, "filename") {
            Some(file) => files.push(json!({"name": file, "text": text})),
            None => {
                let value = serde_json::from_str(&text).unwrap_or(Value::String(text));
                fields.insert(name, value);
            }
        }
    }
    fields.insert("files".to_owned(), Value::Array(files));
    Value::Object(fields)
}

fn attribute(line: &str, name: &str) -> Option<String> {
    line.split(';').find_map(|part| {
        let (key, value) = part.trim().split_once('=')?;
        (key.trim() == name).then(|| value.trim().trim_matches('"').to_owned())
    })
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}

fn split<'a>(mut body: &'a [u8], marker: &[u8]) -> Vec<&'a [u8]> {
    let mut parts = Vec::new();
    while let Some(at) = find(body, marker) {
        body = &body[at + marker.len()..];
        let end = find(body, marker).unwrap_or(body.len());
        parts.push(&body[..end]);
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_with_a_file_is_read() {
        let kind = "multipart/form-data; boundary=\"xyz\"";
        let body = "--xyz\r\nContent-Disposition: form-data; name=\"importRequest\"\r\n\r\n{\"name\":\"a\"}\r\n\
            --xyz\r\nContent-Disposition: form-data; name=\"files\"; filename=\"people.csv\"\r\n\
            Content-Type: text/csv\r\n\r\nemail\r\na@b.co\r\n\r\n--xyz--\r\n";
        let form = read(&boundary(kind).unwrap(), body.as_bytes());
        assert_eq!(form["importRequest"]["name"], "a");
        assert_eq!(form["files"], json!([{"name": "people.csv", "text": "email\r\na@b.co\r\n"}]));
    }
}
