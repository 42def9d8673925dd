//! Signatures with a shared secret: made for requests, checked on deliveries.

use ring::hmac;

use crate::document::{Algorithm, Encoding};

/// The signature of `message` in the form a vendor writes it.
pub(crate) fn sign(algorithm: Algorithm, encoding: Encoding, secret: &[u8], message: &[u8]) -> String {
    let tag = hmac::sign(&hmac::Key::new(of(algorithm), secret), message);
    match encoding {
        Encoding::Hex => tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect(),
        Encoding::Base64 => base64(tag.as_ref()),
    }
}

/// Whether `given` signs `message`; takes as long for a wrong signature as for a right one.
pub(crate) fn is_signed(algorithm: Algorithm, encoding: Encoding, secret: &[u8], message: &[u8], given: &str) -> bool {
    let expected = sign(algorithm, encoding, secret, message);
    let given = if encoding == Encoding::Hex { given.trim().to_lowercase() } else { given.trim().to_owned() };
    same(expected.as_bytes(), given.as_bytes())
}

/// Equality that takes as long for the first wrong byte as for the last.
pub(crate) fn same(one: &[u8], other: &[u8]) -> bool {
    one.len() == other.len() && one.iter().zip(other).fold(0, |differs, (a, b)| differs | (a ^ b)) == 0
}

fn of(algorithm: Algorithm) -> hmac::Algorithm {
    match algorithm {
        Algorithm::Sha1 => hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
        Algorithm::Sha256 => hmac::HMAC_SHA256,
        Algorithm::Sha512 => hmac::HMAC_SHA512,
    }
}

pub(crate) fn base64(bytes: &[u8]) -> String {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_what_the_standard_says_and_a_changed_byte_breaks_it() {
        // The example everybody prints: key "key", the quick brown fox.
        let message = b"The quick brown fox jumps over the lazy dog";
        let sha1 = "de7c9b85b8b78aa6bc8a7a36f70a90701c9db4d9";
        assert_eq!(sign(Algorithm::Sha1, Encoding::Hex, b"key", message), sha1);
        assert!(is_signed(Algorithm::Sha1, Encoding::Hex, b"key", message, &sha1.to_uppercase()));
        assert!(!is_signed(Algorithm::Sha1, Encoding::Hex, b"key", b"the quick brown fox", sha1));
        let sha256 = sign(Algorithm::Sha256, Encoding::Base64, b"key", message);
        assert_eq!(sha256, "97yD9DBThCSxMpjmqm+xQ+9NWaFJRhdZl0edvC0aPNg=");
    }
}
