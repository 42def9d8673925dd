//! How an email address must be written (RFC 5321, 5322, 6531), with the reason named when it is not.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// An address that is written correctly and could be mailed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// The part before the `@`, in Unicode normal form C, case kept.
    pub local: String,
    /// The domain in ASCII (IDNA A-labels), lower case.
    pub domain: String,
    /// The local part is not ASCII, so the mail host must speak SMTPUTF8 (RFC 6531).
    pub needs_smtputf8: bool,
}

impl Address {
    /// The normal form: local part as given, domain in ASCII and lower case.
    #[must_use]
    pub fn normal(&self) -> String {
        format!("{}@{}", self.local, self.domain)
    }
}

/// What is wrong with the way an address is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum Fault {
    /// No `@`.
    #[error("there is no @ in it")]
    NoAt,
    /// More than one `@` outside quotes.
    #[error("there is more than one @ in it")]
    ManyAt,
    /// Nothing before the `@`.
    #[error("there is nothing before the @")]
    NoLocal,
    /// Nothing after the `@`.
    #[error("there is nothing after the @")]
    NoDomain,
    /// The part before the `@` is longer than 64 bytes (RFC 5321 4.5.3.1.1).
    #[error("the part before the @ is longer than 64 characters")]
    LocalTooLong,
    /// The domain is longer than 253 bytes.
    #[error("the domain is longer than 253 characters")]
    DomainTooLong,
    /// A label of the domain is longer than 63 bytes.
    #[error("a part of the domain is longer than 63 characters")]
    LabelTooLong,
    /// The whole address is longer than 254 bytes (RFC 5321 4.5.3.1.3).
    #[error("it is longer than 254 characters")]
    TooLong,
    /// A dot first, last, or twice.
    #[error("a dot stands first, last or twice in a row")]
    Dots,
    /// A quoted local part: legal, but never a person's address in practice.
    #[error("it uses quotation marks, which mail systems in use refuse")]
    Quoted,
    /// A comment in brackets: legal in a header, never part of an address to be stored.
    #[error("it holds a comment in brackets")]
    Comment,
    /// A space or line break.
    #[error("there is a space or a line break in it")]
    Space,
    /// A control, formatting or unassigned character.
    #[error("there is an invisible or forbidden character in it")]
    Invisible,
    /// A character that must not stand where it does.
    #[error("a character in it is not allowed")]
    Character,
    /// A name with the address in angle brackets.
    #[error("it is a name with an address in <>, not an address")]
    DisplayName,
    /// A label that begins or ends with a hyphen, or has two at the place reserved for IDNA.
    #[error("a hyphen stands where the domain must not have one")]
    Hyphen,
    /// An address literal such as `[127.0.0.1]`.
    #[error("the domain is a number in brackets, not a name")]
    Literal,
    /// The domain breaks the rules of international names (IDNA).
    #[error("the domain is not a valid international name")]
    Idna,
    /// A domain of one label.
    #[error("the domain has no dot")]
    SingleLabel,
    /// A top-level domain of digits only.
    #[error("the domain ends in a number")]
    NumericTld,
    /// A name reserved for other purposes (RFC 6761 and its registry).
    #[error("the domain is reserved for tests or private networks")]
    Reserved,
}

impl Fault {
    /// The stable code, as in `email_reason`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Fault::NoAt => "syntax-no-at",
            Fault::ManyAt => "syntax-many-at",
            Fault::NoLocal => "syntax-no-local-part",
            Fault::NoDomain => "syntax-no-domain",
            Fault::LocalTooLong => "syntax-local-part-too-long",
            Fault::DomainTooLong => "syntax-domain-too-long",
            Fault::LabelTooLong => "syntax-label-too-long",
            Fault::TooLong => "syntax-too-long",
            Fault::Dots => "syntax-dots",
            Fault::Quoted => "syntax-quoted",
            Fault::Comment => "syntax-comment",
            Fault::Space => "syntax-space",
            Fault::Invisible => "syntax-invisible",
            Fault::Character => "syntax-character",
            Fault::DisplayName => "syntax-display-name",
            Fault::Hyphen => "syntax-hyphen",
            Fault::Literal => "syntax-literal",
            Fault::Idna => "syntax-idna",
            Fault::SingleLabel => "syntax-single-label",
            Fault::NumericTld => "syntax-numeric-tld",
            Fault::Reserved => "syntax-reserved",
        }
    }

    /// The fault of that code.
    #[must_use]
    pub fn parse(code: &str) -> Option<Fault> {
        Fault::ALL.into_iter().find(|fault| fault.code() == code)
    }

    const ALL: [Fault; 21] = [
        Fault::NoAt,
        Fault::ManyAt,
        Fault::NoLocal,
        Fault::NoDomain,
        Fault::LocalTooLong,
        Fault::DomainTooLong,
        Fault::LabelTooLong,
        Fault::TooLong,
        Fault::Dots,
        Fault::Quoted,
        Fault::Comment,
        Fault::Space,
        Fault::Invisible,
        Fault::Character,
        Fault::DisplayName,
        Fault::Hyphen,
        Fault::Literal,
        Fault::Idna,
        Fault::SingleLabel,
        Fault::NumericTld,
        Fault::Reserved,
    ];
}

/// Longest local part, in bytes (RFC 5321 4.5.3.1.1).
const LOCAL_MAX: usize = 64;
/// Longest address, in bytes: a path of 256 with its two angle brackets (RFC 5321 4.5.3.1.3).
const ADDRESS_MAX: usize = 254;
/// Longest domain, in bytes, as it fits into 255 bytes on the wire (RFC 1035 3.1).
const DOMAIN_MAX: usize = 253;
/// Longest label, in bytes.
const LABEL_MAX: usize = 63;

/// Top-level names that never take mail from the internet (special-use registry, RFC 6761, 6762, 7686, 8375, 9476).
const RESERVED: &[&str] = &["alt", "arpa", "example", "internal", "invalid", "local", "localhost", "onion", "test"];

/// Takes off what people paste around an address: white space, `mailto:`, and a name with angle brackets.
#[must_use]
pub fn clean(given: &str) -> String {
    let mut text = given.trim();
    if let (Some(open), Some(inner)) = (text.rfind('<'), text.strip_suffix('>')) {
        text = inner[open + 1..].trim();
    }
    if text.get(..7).is_some_and(|start| start.eq_ignore_ascii_case("mailto:")) {
        text = text[7..].trim();
    }
    text.to_owned()
}

/// Reads an address. `reserved` lets reserved domains such as `acme.example` through.
///
/// # Errors
/// The first fault found, reading from the left.
pub fn parse(text: &str, reserved: bool) -> Result<Address, Fault> {
    let (given, domain) = split(text)?;
    let local = read_local(given)?;
    let domain = read_domain(domain, reserved)?;
    if local.len() > LOCAL_MAX {
        return Err(Fault::LocalTooLong);
    }
    // Every way of writing it must fit: hosts that speak SMTPUTF8 may see the domain in Unicode and the name as given.
    let unicode = idna::domain_to_unicode(&domain).0;
    if local.len().max(given.len()) + 1 + domain.len().max(unicode.len()) > ADDRESS_MAX {
        return Err(Fault::TooLong);
    }
    Ok(Address { needs_smtputf8: !local.is_ascii(), local, domain })
}

/// Splits at the one `@`, and names what people write instead of a plain address.
fn split(text: &str) -> Result<(&str, &str), Fault> {
    if text.starts_with('"') {
        // A quoted name may come before <address>, a quoted local part before @.
        return Err(if text.ends_with('>') { Fault::DisplayName } else { Fault::Quoted });
    }
    if text.contains('<') || text.contains('>') {
        return Err(Fault::DisplayName);
    }
    let (local, domain) = text.split_once('@').ok_or(Fault::NoAt)?;
    if local.is_empty() {
        return Err(Fault::NoLocal);
    }
    if domain.is_empty() {
        return Err(Fault::NoDomain);
    }
    if domain.contains('@') && !local.contains('\\') {
        return Err(Fault::ManyAt);
    }
    Ok((local, domain))
}

/// RFC 5321 Dot-string, with the Unicode of RFC 6531, in normal form C.
fn read_local(given: &str) -> Result<String, Fault> {
    if given.contains('"') {
        return Err(Fault::Quoted);
    }
    if given.contains('(') {
        return Err(Fault::Comment);
    }
    let local: String = given.nfc().collect();
    for character in local.chars() {
        match character {
            'a'..='z' | 'A'..='Z' | '0'..='9' | '.' => {}
            '!' | '#' | '$' | '%' | '&' | '\'' | '*' | '+' | '-' | '/' | '=' | '?' | '^' | '_' | '`' | '{' | '|'
            | '}' | '~' => {}
            _ if character.is_whitespace() => return Err(Fault::Space),
            _ if is_invisible(character) => return Err(Fault::Invisible),
            _ if character.is_ascii() => return Err(Fault::Character),
            _ => {}
        }
    }
    if local.starts_with('.') || local.ends_with('.') || local.contains("..") {
        return Err(Fault::Dots);
    }
    if local.chars().next().is_some_and(is_combining_mark) {
        return Err(Fault::Invisible);
    }
    Ok(local)
}

/// A domain name in ASCII, at least two labels, not reserved.
fn read_domain(given: &str, reserved: bool) -> Result<String, Fault> {
    if given.starts_with('[') {
        return Err(Fault::Literal);
    }
    if given.contains('(') {
        return Err(Fault::Comment);
    }
    if given.contains(char::is_whitespace) {
        return Err(Fault::Space);
    }
    if given.chars().any(is_invisible) {
        return Err(Fault::Invisible);
    }
    let domain = to_ascii(given)?;
    let labels: Vec<&str> = domain.split('.').collect();
    let Some(top) = labels.last().filter(|_| labels.len() > 1) else {
        return Err(Fault::SingleLabel);
    };
    if top.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Fault::NumericTld);
    }
    if !reserved && (RESERVED.contains(top) || domain.ends_with(".home.arpa")) {
        return Err(Fault::Reserved);
    }
    Ok(domain)
}

/// IDNA (UTS 46, strict), with the plainer faults named before it says no to everything.
fn to_ascii(given: &str) -> Result<String, Fault> {
    if given.is_ascii() {
        name_ascii_fault(given)?;
    }
    match idna::domain_to_ascii_strict(given) {
        Ok(domain) => {
            name_ascii_fault(&domain)?;
            Ok(domain)
        }
        Err(_) if given.is_ascii() => Err(Fault::Idna),
        // The lenient reading shows whether lengths or dots are to blame.
        Err(_) => match idna::domain_to_ascii(given) {
            Ok(domain) => name_ascii_fault(&domain).and(Err(Fault::Idna)),
            Err(_) => Err(Fault::Idna),
        },
    }
}

fn name_ascii_fault(domain: &str) -> Result<(), Fault> {
    for label in domain.split('.') {
        if label.is_empty() {
            return Err(Fault::Dots);
        }
        if label.len() > LABEL_MAX {
            return Err(Fault::LabelTooLong);
        }
        if label.starts_with('-') || label.ends_with('-') {
            return Err(Fault::Hyphen);
        }
        if label.get(2..4) == Some("--") && !label.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("xn--")) {
            return Err(Fault::Hyphen);
        }
        if !label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
            return Err(Fault::Character);
        }
    }
    if domain.len() > DOMAIN_MAX { Err(Fault::DomainTooLong) } else { Ok(()) }
}

/// Control, formatting, private and never-assigned characters: they hide what an address says.
fn is_invisible(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{fff9}'..='\u{fffd}' | '\u{fdd0}'..='\u{fdef}' | '\u{e000}'..='\u{f8ff}' | '\u{e0000}'..='\u{10ffff}')
        || u32::from(character) & 0xfffe == 0xfffe
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(text: &str) -> &'static str {
        parse(text, false).expect_err(text).code()
    }

    #[test]
    fn every_fault_is_named() {
        let cases = [
            ("jane.acme.com", "syntax-no-at"),
            ("jane@doe@acme.com", "syntax-many-at"),
            ("@acme.com", "syntax-no-local-part"),
            ("jane@", "syntax-no-domain"),
            ("jane..doe@acme.com", "syntax-dots"),
            ("jane@acme..com", "syntax-dots"),
            ("jane@acme.com.", "syntax-dots"),
            ("\"jane doe\"@acme.com", "syntax-quoted"),
            ("jane(work)@acme.com", "syntax-comment"),
            ("jane doe@acme.com", "syntax-space"),
            ("jane\u{202e}@acme.com", "syntax-invisible"),
            ("jane,doe@acme.com", "syntax-character"),
            ("Jane <jane@acme.com>", "syntax-display-name"),
            ("jane@-acme.com", "syntax-hyphen"),
            ("jane@[127.0.0.1]", "syntax-literal"),
            ("jane@xn--0.com", "syntax-idna"),
            ("jane@acme", "syntax-single-label"),
            ("jane@acme.123", "syntax-numeric-tld"),
            ("jane@acme.local", "syntax-reserved"),
        ];
        for (text, code) in cases {
            assert_eq!(fault(text), code, "{text}");
        }
        assert_eq!(fault(&format!("{}@acme.com", "a".repeat(65))), "syntax-local-part-too-long");
        assert_eq!(fault(&format!("a@{}.com", "b".repeat(64))), "syntax-label-too-long");
    }

    #[test]
    fn a_code_names_its_fault() {
        for fault in Fault::ALL {
            assert_eq!(Fault::parse(fault.code()), Some(fault));
        }
    }

    #[test]
    fn an_international_domain_becomes_ascii_and_lower_case() {
        let address = parse("Jürgen@MÜNCHEN.de", false).unwrap();
        assert_eq!((address.local.as_str(), address.domain.as_str()), ("Jürgen", "xn--mnchen-3ya.de"));
        assert!(address.needs_smtputf8);
    }

    #[test]
    fn what_people_paste_around_an_address_is_taken_off() {
        for given in [" jane@acme.com ", "mailto:jane@acme.com", "Jane Doe <jane@acme.com>", "<MAILTO:jane@acme.com>"] {
            assert_eq!(clean(given), "jane@acme.com");
        }
        assert_eq!(clean(">"), ">");
        assert_eq!(clean("é<é>"), "é");
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(text in "\\PC{0,80}") {
            let _ = parse(&clean(&text), false);
        }

        #[test]
        fn what_is_accepted_is_accepted_again_in_its_normal_form(local in "[a-zé.+]{1,12}", domain in "[a-zü-]{1,9}\\.(com|de)") {
            if let Ok(address) = parse(&format!("{local}@{domain}"), false) {
                proptest::prop_assert_eq!(parse(&address.normal(), false), Ok(address));
            }
        }
    }
}
