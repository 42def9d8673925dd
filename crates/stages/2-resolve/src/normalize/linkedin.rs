//! LinkedIn addresses: the canonical link we keep and the slug two records are compared by.

/// What a LinkedIn address leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Page {
    /// A person's profile.
    Person,
    /// A company's page.
    Company,
}

impl Page {
    const fn segment(self) -> &'static str {
        match self {
            Page::Person => "in",
            Page::Company => "company",
        }
    }
}

/// The canonical link of that kind of page: `https://www.linkedin.com/in/jane-doe`; absent for any other address.
#[must_use]
pub fn tidy_linkedin(value: &str, page: Page) -> Option<String> {
    let slug = slug(value, page)?;
    Some(format!("https://www.linkedin.com/{}/{slug}", page.segment()))
}

/// The slug of that kind of page, lower-case: `jane-doe`; absent for any other address.
#[must_use]
pub fn linkedin_key(value: &str, page: Page) -> Option<String> {
    slug(value, page)
}

fn slug(value: &str, page: Page) -> Option<String> {
    let decoded = decode(value.trim()).to_lowercase();
    let rest = decoded.split_once("://").map_or(decoded.as_str(), |(_, rest)| rest);
    let rest = rest.trim_start_matches('/');
    let path = match rest.split_once('/') {
        Some((host, path)) if host == "linkedin.com" || host.ends_with(".linkedin.com") => path,
        Some((first, _)) if first == page.segment() => rest,
        _ => return None,
    };
    let path = path.split(['?', '#']).next().unwrap_or(path);
    let mut segments = path.split('/').filter(|segment| !segment.is_empty());
    let kind = segments.next()?;
    let known = match page {
        Page::Person => kind == "in" || kind == "pub",
        Page::Company => matches!(kind, "company" | "school" | "showcase" | "organization"),
    };
    if !known {
        return None;
    }
    let mut slug: String = segments.next()?.trim().to_owned();
    if kind == "pub" {
        // `/pub/jane-doe/12/345/678` became `/in/jane-doe-67834512`.
        let tail: Vec<&str> = segments.take(3).collect();
        if tail.len() == 3 && tail.iter().all(|part| part.chars().all(|letter| letter.is_ascii_alphanumeric())) {
            slug = format!("{slug}-{}{}{}", tail[2], tail[1], tail[0]);
        }
    }
    let clean = slug.trim_matches(['-', '.', ' ']);
    let sound = clean.chars().all(|letter| letter.is_alphanumeric() || matches!(letter, '-' | '_' | '.' | '&' | '\''));
    (sound && clean.chars().any(char::is_alphanumeric)).then(|| clean.to_owned())
}

/// Reads `%C3%A9` as `é`; leaves what is no valid escape.
fn decode(value: &str) -> String {
    if !value.contains('%') {
        return value.to_owned();
    }
    let bytes = value.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let escaped = (bytes[at] == b'%')
            .then(|| bytes.get(at + 1..at + 3))
            .flatten()
            .and_then(|pair| std::str::from_utf8(pair).ok())
            .and_then(|pair| u8::from_str_radix(pair, 16).ok());
        match escaped {
            Some(byte) => {
                out.push(byte);
                at += 3;
            }
            None => {
                out.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8(out).unwrap_or_else(|_| value.to_owned())
}

/// The words of a person's slug that can be parts of a name: `jane-doe-98b548ca4` gives `jane` and `doe`.
pub(crate) fn slug_words(slug: &str) -> Vec<&str> {
    let mut words: Vec<&str> = slug.split('-').filter(|word| !word.is_empty()).collect();
    if words.len() > 1 && words.last().is_some_and(|word| word.chars().any(|letter| letter.is_ascii_digit())) {
        words.pop();
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_a_profile_is_one_link() {
        for typed in [
            "https://www.linkedin.com/in/Jane-Doe-1a2b/",
            "http://uk.linkedin.com/in/jane-doe-1a2b?trk=x",
            "linkedin.com/in/jane-doe-1a2b/en-us",
            "www.linkedin.com/in/jane%2Ddoe-1a2b",
            "in/jane-doe-1a2b",
        ] {
            assert_eq!(
                tidy_linkedin(typed, Page::Person).as_deref(),
                Some("https://www.linkedin.com/in/jane-doe-1a2b"),
                "{typed}"
            );
        }
        assert_eq!(linkedin_key("https://www.linkedin.com/in/jos%C3%A9", Page::Person).as_deref(), Some("josé"));
        assert_eq!(
            linkedin_key("linkedin.com/pub/jane-doe/12/345/678", Page::Person).as_deref(),
            Some("jane-doe-67834512")
        );
    }

    #[test]
    fn a_company_page_is_no_person() {
        assert_eq!(linkedin_key("https://linkedin.com/company/acme/about/", Page::Person), None);
        assert_eq!(
            tidy_linkedin("linkedin.com/company/Acme/about/", Page::Company).as_deref(),
            Some("https://www.linkedin.com/company/acme")
        );
        assert_eq!(linkedin_key("https://twitter.com/jane", Page::Person), None);
        assert_eq!(linkedin_key("https://www.linkedin.com/feed", Page::Person), None);
    }
}
