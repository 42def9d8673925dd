//! How a delivery proves where it comes from: the v1, v2 and v3 signatures over secret, request and time.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// The escapes that are decoded before a URI is signed; all others stay.
const DECODED: &[(&str, &str)] = &[
    ("%3A", ":"),
    ("%2F", "/"),
    ("%3F", "?"),
    ("%40", "@"),
    ("%21", "!"),
    ("%24", "$"),
    ("%27", "'"),
    ("%28", "("),
    ("%29", ")"),
    ("%2A", "*"),
    ("%2C", ","),
    ("%3B", ";"),
];

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn sha256(text: &str) -> String {
    hex(ring::digest::digest(&ring::digest::SHA256, text.as_bytes()).as_ref())
}

/// Of the secret and the body.
pub(crate) fn v1(secret: &str, body: &str) -> String {
    sha256(&format!("{secret}{body}"))
}

/// Of the secret, the method, the URI and the body.
pub(crate) fn v2(secret: &str, method: &str, uri: &str, body: &str) -> String {
    sha256(&format!("{secret}{method}{uri}{body}"))
}

/// Keyed, and with the time in it.
pub(crate) fn v3(secret: &str, method: &str, uri: &str, body: &str, timestamp: &str) -> String {
    let mut uri = uri.to_owned();
    for (escape, plain) in DECODED {
        uri = uri.replace(escape, plain).replace(&escape.to_lowercase(), plain);
    }
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, secret.as_bytes());
    STANDARD.encode(ring::hmac::sign(&key, format!("{method}{uri}{body}{timestamp}").as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "test-secret-0001";
    const URI: &str = "https://hooks.example.com/hubspot?tenant=a";
    const BODY: &str = "[{\"eventId\":1,\"portalId\":7,\"subscriptionType\":\"contact.propertyChange\",\"objectId\":123,\"propertyName\":\"firstname\",\"propertyValue\":\"Zoë\"}]";

    #[test]
    fn the_vector_that_both_official_helpers_confirmed() {
        assert_eq!(v3(SECRET, "POST", URI, BODY, "1790000000000"), "kgdGFDnH5JJH/vD1nSIEiS+P34WMcRbMsTkN3Kblu5c=");
        assert_eq!(v2(SECRET, "POST", URI, BODY), "96521d7b6504c4230be8048391e6433f65aaf5d42d554ead702f9bff2ad26c27");
        assert_eq!(v1(SECRET, BODY), "9eaecdf61e1ca391acce85909a63cebb51af26ea3430449227f07d20429de128");
        let card = "https://hooks.example.com/card?email=a@b.co";
        assert_eq!(v3(SECRET, "GET", card, "", "1790000000000"), "ByvB8XiPlRQVSdSQm/zn33bV3Tv6fRgbblOleVJEISM=");
        let escaped = "https://hooks.example.com/card?email=a%40b.co";
        assert_eq!(v3(SECRET, "GET", escaped, "", "1790000000000"), v3(SECRET, "GET", card, "", "1790000000000"));
    }

    #[test]
    fn the_vector_of_the_documentation() {
        let secret = "yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy";
        assert_eq!(
            v2(secret, "GET", "https://www.example.com/webhook_uri", ""),
            "eee2dddcc73c94d699f5e395f4b9d454a069a6855fbfa152e91e88823087200e"
        );
    }
}
