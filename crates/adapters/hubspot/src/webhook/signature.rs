//! The signature of a delivery (version 3): made by HubSpot with our app's secret, over what we received, a moment ago.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use ring::hmac;
use secrecy::{ExposeSecret, SecretString};

/// A delivery older, or further ahead, than this is not accepted.
const TOLERANCE_MS: i64 = 300_000;
/// Escapes that HubSpot decodes before it signs; all others stay.
const DECODED: [(&str, &str); 12] = [
    ("3A", ":"),
    ("2F", "/"),
    ("3F", "?"),
    ("40", "@"),
    ("21", "!"),
    ("24", "$"),
    ("27", "'"),
    ("28", "("),
    ("29", ")"),
    ("2A", "*"),
    ("2C", ","),
    ("3B", ";"),
];

/// A delivery as it came in.
#[derive(Clone, Copy, Debug)]
pub struct Delivery<'a> {
    /// `POST`.
    pub method: &'a str,
    /// The public address as HubSpot called it, with scheme, host and query; behind a proxy it must be rebuilt.
    pub uri: &'a str,
    /// The raw bytes.
    pub body: &'a [u8],
    /// `X-HubSpot-Signature-v3`.
    pub signature: Option<&'a str>,
    /// `X-HubSpot-Request-Timestamp`.
    pub timestamp: Option<&'a str>,
}

/// Why a delivery is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Distrust {
    /// A header is missing or unreadable.
    Unsigned,
    /// More than five minutes old, or from the future: perhaps a replay.
    Stale,
    /// Not made with our secret over this content.
    Forged,
}

impl std::fmt::Display for Distrust {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Distrust::Unsigned => "the delivery has no readable signature and timestamp",
            Distrust::Stale => "the delivery is more than five minutes off",
            Distrust::Forged => "the signature does not belong to this delivery",
        })
    }
}

impl std::error::Error for Distrust {}

/// Checks a delivery; compares in constant time.
///
/// # Errors
/// When the delivery should not be believed. Answer 401 then, and tell nothing more.
pub fn verify(secret: &SecretString, delivery: &Delivery<'_>, now: Timestamp) -> Result<(), Distrust> {
    let (Some(signature), Some(timestamp)) = (delivery.signature, delivery.timestamp) else {
        return Err(Distrust::Unsigned);
    };
    let sent: i64 = timestamp.parse().map_err(|_| Distrust::Unsigned)?;
    if now.as_millisecond().saturating_sub(sent).saturating_abs() > TOLERANCE_MS {
        return Err(Distrust::Stale);
    }
    let signature = STANDARD.decode(signature.trim()).map_err(|_| Distrust::Unsigned)?;
    let mut source = Vec::with_capacity(delivery.body.len() + delivery.uri.len() + 32);
    source.extend_from_slice(delivery.method.as_bytes());
    source.extend_from_slice(decoded(delivery.uri).as_bytes());
    source.extend_from_slice(delivery.body);
    source.extend_from_slice(timestamp.as_bytes());
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.expose_secret().as_bytes());
    hmac::verify(&key, &source, &signature).map_err(|_| Distrust::Forged)
}

/// The address with the twelve escapes decoded that HubSpot decodes, once and from left to right.
fn decoded(uri: &str) -> String {
    let mut text = String::with_capacity(uri.len());
    let mut rest = uri;
    while let Some((before, after)) = rest.split_once('%') {
        text.push_str(before);
        let code = after.get(..2).unwrap_or("");
        let plain = DECODED.iter().find(|(known, _)| known.eq_ignore_ascii_case(code));
        match plain {
            Some((_, plain)) => {
                text.push_str(plain);
                rest = after.get(2..).unwrap_or("");
            }
            None => {
                text.push('%');
                rest = after;
            }
        }
    }
    text.push_str(rest);
    text
}

#[cfg(test)]
mod tests {
    use ring::digest;

    use super::*;

    const BODY: &str = r#"[{"eventId":1,"portalId":7,"subscriptionType":"contact.propertyChange","objectId":123,"propertyName":"firstname","propertyValue":"Zoë"}]"#;
    const SIGNATURE: &str = "kgdGFDnH5JJH/vD1nSIEiS+P34WMcRbMsTkN3Kblu5c=";
    const URI: &str = "https://hooks.example.com/hubspot?tenant=a";
    const SENT: i64 = 1_790_000_000_000;

    fn secret() -> SecretString {
        "test-secret-0001".into()
    }

    fn delivery<'a>(uri: &'a str, body: &'a str, signature: &'a str) -> Delivery<'a> {
        Delivery { method: "POST", uri, body: body.as_bytes(), signature: Some(signature), timestamp: Some("1790000000000") }
    }

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millisecond(millis).unwrap()
    }

    fn hex(data: &[u8]) -> String {
        data.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    #[test]
    fn the_vectors_that_both_official_helpers_confirm_are_accepted() {
        assert_eq!(verify(&secret(), &delivery(URI, BODY, SIGNATURE), at(SENT)), Ok(()));
        let get = Delivery {
            method: "GET",
            ..delivery("https://hooks.example.com/card?email=a@b.co", "", "ByvB8XiPlRQVSdSQm/zn33bV3Tv6fRgbblOleVJEISM=")
        };
        assert_eq!(verify(&secret(), &get, at(SENT)), Ok(()));
        // The same address as it is often written on the wire.
        let escaped = Delivery { uri: "https://hooks.example.com/card?email=a%40b.co", ..get };
        assert_eq!(verify(&secret(), &escaped, at(SENT)), Ok(()));
        let lower = Delivery { uri: "https%3a%2f%2fhooks.example.com/card?email=a%40b.co", ..get };
        assert_eq!(verify(&secret(), &lower, at(SENT)), Ok(()));
    }

    #[test]
    fn a_changed_byte_anywhere_is_a_forgery() {
        let other = BODY.replace("Zoë", "Zoe");
        assert_eq!(verify(&secret(), &delivery(URI, &other, SIGNATURE), at(SENT)), Err(Distrust::Forged));
        let address = "https://hooks.example.com/hubspot?tenant=b";
        assert_eq!(verify(&secret(), &delivery(address, BODY, SIGNATURE), at(SENT)), Err(Distrust::Forged));
        let put = Delivery { method: "PUT", ..delivery(URI, BODY, SIGNATURE) };
        assert_eq!(verify(&secret(), &put, at(SENT)), Err(Distrust::Forged));
        let later = Delivery { timestamp: Some("1790000000001"), ..delivery(URI, BODY, SIGNATURE) };
        assert_eq!(verify(&secret(), &later, at(SENT)), Err(Distrust::Forged));
        assert_eq!(verify(&"other".into(), &delivery(URI, BODY, SIGNATURE), at(SENT)), Err(Distrust::Forged));
    }

    #[test]
    fn five_minutes_are_tolerated_in_both_directions_and_not_a_millisecond_more() {
        for off in [-TOLERANCE_MS, TOLERANCE_MS] {
            assert_eq!(verify(&secret(), &delivery(URI, BODY, SIGNATURE), at(SENT + off)), Ok(()));
        }
        for off in [-TOLERANCE_MS - 1, TOLERANCE_MS + 1, -1_000_000_000_000, 1_000_000_000_000] {
            assert_eq!(verify(&secret(), &delivery(URI, BODY, SIGNATURE), at(SENT + off)), Err(Distrust::Stale));
        }
    }

    #[test]
    fn a_delivery_without_readable_headers_is_unsigned() {
        let good = delivery(URI, BODY, SIGNATURE);
        for bad in [
            Delivery { signature: None, ..good },
            Delivery { timestamp: None, ..good },
            Delivery { signature: Some("not base64!"), ..good },
            Delivery { timestamp: Some("yesterday"), ..good },
            Delivery { timestamp: Some("99999999999999999999"), ..good },
        ] {
            assert_eq!(verify(&secret(), &bad, at(SENT)), Err(Distrust::Unsigned));
        }
        // The extreme of a readable time must not overflow.
        let extreme = Delivery { timestamp: Some("-9223372036854775808"), ..good };
        assert_eq!(verify(&secret(), &extreme, at(SENT)), Err(Distrust::Stale));
    }

    #[test]
    fn only_the_twelve_escapes_are_decoded_and_only_once() {
        assert_eq!(decoded("/a%20b%2Fc%2fd%3Fe%26f%3D"), "/a%20b/c/d?e%26f%3D");
        assert_eq!(decoded("%2540 %4 %"), "%2540 %4 %");
        assert_eq!(decoded("%3A%2F%3F%40%21%24%27%28%29%2A%2C%3B"), ":/?@!$'()*,;");
        assert_eq!(decoded("%é"), "%é");
    }

    #[test]
    fn the_older_signatures_agree_with_the_official_vectors() {
        let secret = "test-secret-0001";
        let v1 = hex(digest::digest(&digest::SHA256, format!("{secret}{BODY}").as_bytes()).as_ref());
        assert_eq!(v1, "9eaecdf61e1ca391acce85909a63cebb51af26ea3430449227f07d20429de128");
        let v2 = hex(digest::digest(&digest::SHA256, format!("{secret}POST{URI}{BODY}").as_bytes()).as_ref());
        assert_eq!(v2, "96521d7b6504c4230be8048391e6433f65aaf5d42d554ead702f9bff2ad26c27");
    }
}
