//! Addresses of every kind: e-mail, phone, web, host names, LinkedIn profiles.

/// Addresses that vendors show in place of one they do not give: `email_not_unlocked@domain.com`.
pub(super) fn is_placeholder_address(text: &str) -> bool {
    let low = text.to_lowercase();
    let local = low.split('@').next().unwrap_or_default();
    let sentence =
        ["not_unlocked", "not-unlocked", "notunlocked", "not_available", "not_found", "email_not", "unlock_email"];
    sentence.iter().any(|word| local.contains(word))
        || ["noemail", "no-email", "no_email", "none", "null", "unknown", "n-a", "na", "undefined", "locked", "hidden"]
            .contains(&local)
}

pub(super) fn email(text: &str) -> Option<String> {
    let text = text.strip_prefix("mailto:").unwrap_or(text).to_lowercase();
    let (local, host) = text.rsplit_once('@')?;
    let sound = !local.is_empty() && !local.contains('@') && host.contains('.') && !text.contains(char::is_whitespace);
    (sound && !host.starts_with('.') && !host.ends_with('.')).then(|| text.clone())
}

pub(super) fn phone(text: &str) -> Option<String> {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let letters = text.chars().any(char::is_alphabetic);
    match (digits, letters) {
        (0..=5, _) => None,
        (_, true) => text.to_lowercase().contains('x').then(|| text.to_owned()), // an extension: keep it as written
        (_, false) if text.starts_with('+') => {
            Some(format!("+{}", text.chars().filter(char::is_ascii_digit).collect::<String>()))
        }
        (_, false) => Some(text.to_owned()),
    }
}

pub(super) fn url(text: &str) -> Option<String> {
    let full = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
    let parsed = url::Url::parse(&full).ok()?;
    parsed.host_str().filter(|host| host.contains('.'))?;
    Some(full)
}

/// A bare host name.
pub(crate) fn domain(text: &str) -> Option<String> {
    let text = text.trim().to_lowercase();
    let rest = text.split_once("://").map_or(text.as_str(), |(_, rest)| rest);
    let rest = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
    let host = rest.split(['/', '?', '#', ':']).next().unwrap_or_default();
    let host = host.strip_prefix("www.").unwrap_or(host).trim_end_matches('.');
    (host.contains('.') && !host.contains(char::is_whitespace) && !host.starts_with('.')).then(|| host.to_owned())
}

/// `https://www.linkedin.com/in/marta-velasco`, from an address or a bare handle.
pub(crate) fn linkedin(text: &str, kind: &str) -> Option<String> {
    let low = text.trim().to_lowercase();
    let path = match low.split_once("linkedin.com/") {
        Some((_, path)) => path,
        None if low.contains("://") || low.contains('.') && low.contains('/') => return None,
        None => low.as_str(),
    };
    let path = path.split(['?', '#']).next().unwrap_or_default().trim_matches('/');
    let mut parts = path.split('/').filter(|part| !part.is_empty());
    let (place, handle) = match (parts.next()?, parts.next()) {
        (handle, None) => (kind, handle),
        (place, Some(handle)) => (place, handle),
    };
    let allowed: &[&str] = if kind == "in" { &["in", "pub"] } else { &["company", "school", "showcase"] };
    (allowed.contains(&place) && !handle.contains(char::is_whitespace))
        .then(|| format!("https://www.linkedin.com/{place}/{handle}"))
}
