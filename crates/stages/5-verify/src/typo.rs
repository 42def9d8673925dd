//! The address that was probably meant when the domain is one slip away from a big mail provider: gmial.com, gmail.com.

/// Providers people mean when they mistype one; the most used ones of the free-mail list.
const PROVIDERS: &[&str] = &[
    "gmail.com",
    "googlemail.com",
    "yahoo.com",
    "yahoo.co.uk",
    "yahoo.co.in",
    "yahoo.fr",
    "yahoo.de",
    "ymail.com",
    "hotmail.com",
    "hotmail.co.uk",
    "hotmail.fr",
    "hotmail.de",
    "hotmail.it",
    "hotmail.es",
    "outlook.com",
    "outlook.de",
    "outlook.fr",
    "live.com",
    "live.co.uk",
    "msn.com",
    "icloud.com",
    "me.com",
    "mac.com",
    "aol.com",
    "gmx.de",
    "gmx.net",
    "gmx.at",
    "gmx.ch",
    "gmx.com",
    "web.de",
    "t-online.de",
    "freenet.de",
    "orange.fr",
    "wanadoo.fr",
    "free.fr",
    "laposte.net",
    "sfr.fr",
    "libero.it",
    "virgilio.it",
    "bluewin.ch",
    "protonmail.com",
    "proton.me",
    "comcast.net",
    "verizon.net",
    "btinternet.com",
    "qq.com",
    "163.com",
    "naver.com",
    "mail.ru",
    "yandex.ru",
    "uol.com.br",
    "bol.com.br",
];

/// The address with the provider's name spelled right, when the domain is exactly one slip away from a big provider.
///
/// A slip is one letter more, less or wrong, or two neighbours swapped. `None` for anything else, the providers included.
#[must_use]
pub fn suggestion(address: &str) -> Option<String> {
    let (local, domain) = address.rsplit_once('@')?;
    let domain = domain.to_ascii_lowercase();
    // Short names are one slip away from each other (gmx.de, gmx.at), so they say nothing.
    if domain.len() < 7 || PROVIDERS.contains(&domain.as_str()) {
        return None;
    }
    let meant = PROVIDERS.iter().find(|provider| one_slip(&domain, provider))?;
    Some(format!("{local}@{meant}"))
}

/// Whether the Damerau-Levenshtein distance is exactly one.
fn one_slip(left: &str, right: &str) -> bool {
    let (left, right) = (left.as_bytes(), right.as_bytes());
    let same = left.iter().zip(right).take_while(|(a, b)| a == b).count();
    let (a, b) = (&left[same..], &right[same..]);
    match (a, b) {
        ([], []) => false,
        _ if a.get(1..) == Some(b) || b.get(1..) == Some(a) => true,
        ([_, rest_a @ ..], [_, rest_b @ ..]) if rest_a == rest_b => true,
        ([x, y, rest_a @ ..], [z, w, rest_b @ ..]) => x == w && y == z && rest_a == rest_b,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_slip_finds_the_provider() {
        for domain in ["gmial.com", "gmai.com", "gmaill.com", "gnail.com", "gmail.con", "gmail.co"] {
            assert_eq!(suggestion(&format!("jane@{domain}")).as_deref(), Some("jane@gmail.com"), "{domain}");
        }
        assert_eq!(suggestion("jane@hotmial.com").as_deref(), Some("jane@hotmail.com"));
    }

    #[test]
    fn a_provider_and_a_company_get_no_suggestion() {
        for domain in ["gmail.com", "acme.com", "gmx.at", "yahoo.com", "male.com"] {
            assert_eq!(suggestion(&format!("jane@{domain}")), None, "{domain}");
        }
    }
}
