//! Reads the records of a domain into facts: mail hosts in order, null MX, SPF and DMARC.

use evergreen_model::MailHost;
use hickory_resolver::proto::rr::rdata::{MX, TXT};

/// Mail hosts in order of preference, and whether the domain says that it takes no mail (RFC 7505).
///
/// A null MX beside real ones is a mistake of the domain's owner and is left out.
pub(crate) fn mail_hosts<'a>(records: impl Iterator<Item = &'a MX>) -> (Vec<MailHost>, bool) {
    let mut null = false;
    let mut hosts = Vec::new();
    for record in records {
        if record.exchange.is_root() {
            null = true;
            continue;
        }
        let host = record.exchange.to_ascii().trim_end_matches('.').to_ascii_lowercase();
        hosts.push(MailHost { preference: record.preference, host });
    }
    hosts.sort_by(|a, b| (a.preference, &a.host).cmp(&(b.preference, &b.host)));
    hosts.dedup();
    let null = null && hosts.is_empty();
    (hosts, null)
}

/// Whether there is exactly one SPF record; two are an error that voids both (RFC 7208 4.5).
pub(crate) fn has_spf<'a>(records: impl Iterator<Item = &'a TXT>) -> bool {
    let is_spf = |text: &String| {
        let text = text.to_ascii_lowercase();
        text == "v=spf1" || text.starts_with("v=spf1 ")
    };
    records.map(joined).filter(is_spf).count() == 1
}

/// Whether there is exactly one DMARC record; two count as none (RFC 7489 6.6.3).
pub(crate) fn has_dmarc<'a>(records: impl Iterator<Item = &'a TXT>) -> bool {
    let is_dmarc = |text: &String| {
        let tag: String =
            text.split(';').next().unwrap_or_default().chars().filter(|character| !character.is_whitespace()).collect();
        tag.eq_ignore_ascii_case("v=DMARC1")
    };
    records.map(joined).filter(is_dmarc).count() == 1
}

/// The strings of one TXT record, joined without a space (RFC 7208 3.3).
fn joined(record: &TXT) -> String {
    record.txt_data.iter().map(|part| String::from_utf8_lossy(part)).collect()
}

/// The domain that a registry sold, under which a DMARC record may stand for all subdomains.
pub(crate) fn organisation(domain: &str) -> Option<&str> {
    psl::domain_str(domain)
}

#[cfg(test)]
mod tests {
    use hickory_resolver::proto::rr::Name;

    use super::*;

    fn mx(preference: u16, host: &str) -> MX {
        MX::new(preference, Name::from_ascii(host).unwrap())
    }

    fn txt(parts: &[&str]) -> TXT {
        TXT::new(parts.iter().map(|part| (*part).to_owned()).collect())
    }

    #[test]
    fn mail_hosts_come_in_order_of_preference() {
        let records = [mx(20, "B.Mail.net."), mx(10, "z.mail.net."), mx(10, "a.mail.net."), mx(10, "a.mail.net.")];
        let (hosts, null) = mail_hosts(records.iter());
        let hosts: Vec<_> = hosts.iter().map(|host| (host.preference, host.host.as_str())).collect();
        assert_eq!((hosts, null), (vec![(10, "a.mail.net"), (10, "z.mail.net"), (20, "b.mail.net")], false));
    }

    #[test]
    fn a_null_mx_counts_only_when_it_stands_alone() {
        assert_eq!(mail_hosts([mx(0, ".")].iter()), (Vec::new(), true));
        let (hosts, null) = mail_hosts([mx(0, "."), mx(10, "a.mail.net.")].iter());
        assert_eq!((hosts.len(), null), (1, false));
    }

    #[test]
    fn spf_is_one_record_that_may_come_in_parts() {
        assert!(has_spf([txt(&["v=spf1 include:_spf.", "mail.net -all"]), txt(&["other"])].iter()));
        assert!(has_spf([txt(&["V=SPF1"])].iter()));
        assert!(!has_spf([txt(&["v=spf10 -all"])].iter()));
        assert!(!has_spf([txt(&["v=spf1 -all"]), txt(&["v=spf1 ~all"])].iter()));
    }

    #[test]
    fn dmarc_is_one_record_that_begins_with_its_version() {
        assert!(has_dmarc([txt(&["v=DMARC1; p=none"])].iter()));
        assert!(has_dmarc([txt(&["v = DMARC1;p=reject"])].iter()));
        assert!(!has_dmarc([txt(&["p=none; v=DMARC1"])].iter()));
        assert!(!has_dmarc([txt(&["v=DMARC1; p=none"]), txt(&["v=DMARC1; p=none"])].iter()));
    }
}
