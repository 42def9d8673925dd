//! Runs the address reader over two sets of addresses that nobody here wrote; every difference is listed with its reason.

use std::path::PathBuf;

use evergreen_verify::address;

/// The folder with the shared test data beside the repository, when it is there.
fn corpus(name: &str) -> Option<String> {
    let path =
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../../shared/data/verification/email-syntax").join(name);
    let text = std::fs::read_to_string(&path).ok();
    if text.is_none() {
        println!("skipped: {name} is not beside the repository");
    }
    text
}

/// What isemail says of an address that we refuse although it may be legal, and why we refuse it.
const REFUSED_ON_PURPOSE: &[(&str, &str)] = &[
    (
        "ISEMAIL_RFC5321_QUOTEDSTRING",
        "quoted local parts are never a person's address in a CRM, and many hosts refuse them",
    ),
    ("ISEMAIL_RFC5321_ADDRESSLITERAL", "a number in brackets is no company's domain"),
    ("ISEMAIL_RFC5321_TLDNUMERIC", "no top-level domain is a number, so mail cannot be delivered"),
    ("ISEMAIL_RFC5321_TLD", "a domain of one label takes no mail from the internet (ICANN SSAC 053)"),
    ("ISEMAIL_RFC5321_IPV6DEPRECATED", "a number in brackets is no company's domain"),
    ("ISEMAIL_CFWS_FWS", "folding white space belongs to a message header, not to an address"),
    ("ISEMAIL_CFWS_COMMENT", "comments belong to a message header, not to an address"),
    ("ISEMAIL_DEPREC_LOCALPART", "obsolete form"),
    ("ISEMAIL_DEPREC_FWS", "obsolete form"),
    ("ISEMAIL_DEPREC_QTEXT", "obsolete form"),
    ("ISEMAIL_DEPREC_QP", "obsolete form"),
    ("ISEMAIL_DEPREC_COMMENT", "obsolete form"),
    ("ISEMAIL_DEPREC_CTEXT", "obsolete form"),
    ("ISEMAIL_DEPREC_CFWS_NEAR_AT", "obsolete form"),
];

/// Single cases of isemail where we differ, by address.
const DIFFERENCES: &[(&str, &str)] =
    &[("test@io", "a domain of one label takes no mail from the internet (ICANN SSAC 053)")];

/// The codes we may give for a diagnosis of isemail that is an error.
const NAMED: &[(&str, &[&str])] = &[
    ("ISEMAIL_ERR_NOLOCALPART", &["syntax-no-local-part"]),
    ("ISEMAIL_ERR_DOMAINHYPHENSTART", &["syntax-hyphen"]),
    ("ISEMAIL_ERR_DOMAINHYPHENEND", &["syntax-hyphen"]),
    ("ISEMAIL_ERR_DOT_START", &["syntax-dots"]),
    ("ISEMAIL_ERR_DOT_END", &["syntax-dots"]),
    ("ISEMAIL_ERR_CONSECUTIVEDOTS", &["syntax-dots", "syntax-no-at"]),
    ("ISEMAIL_ERR_NODOMAIN", &["syntax-no-domain", "syntax-no-at"]),
    ("ISEMAIL_ERR_UNCLOSEDQUOTEDSTR", &["syntax-quoted"]),
    ("ISEMAIL_ERR_UNCLOSEDCOMMENT", &["syntax-comment"]),
    ("ISEMAIL_ERR_UNCLOSEDDOMLIT", &["syntax-literal"]),
    ("ISEMAIL_RFC5322_LOCAL_TOOLONG", &["syntax-local-part-too-long", "syntax-quoted"]),
    ("ISEMAIL_RFC5322_LABEL_TOOLONG", &["syntax-label-too-long"]),
    ("ISEMAIL_RFC5322_DOMAIN_TOOLONG", &["syntax-domain-too-long"]),
    ("ISEMAIL_RFC5322_DOMAINLITERAL", &["syntax-literal"]),
    ("ISEMAIL_RFC5321_TLDNUMERIC", &["syntax-numeric-tld"]),
    ("ISEMAIL_RFC5321_QUOTEDSTRING", &["syntax-quoted"]),
    ("ISEMAIL_RFC5321_ADDRESSLITERAL", &["syntax-literal"]),
    ("ISEMAIL_CFWS_COMMENT", &["syntax-comment"]),
];

#[test]
fn every_isemail_case_agrees_or_is_listed() {
    let Some(text) = corpus("isemail-tests.xml") else {
        return;
    };
    let mut seen = 0;
    let mut wrong = Vec::new();
    for test in text.split("<test ").skip(1) {
        let address = unescape(element(test, "address").unwrap_or_default());
        let category = element(test, "category").expect("category");
        let diagnosis = element(test, "diagnosis").expect("diagnosis");
        seen += 1;
        let legal = matches!(category, "ISEMAIL_VALID_CATEGORY" | "ISEMAIL_DNSWARN");
        let listed = DIFFERENCES.iter().any(|(differs, _)| *differs == address);
        let on_purpose = REFUSED_ON_PURPOSE.iter().any(|(refused, _)| *refused == diagnosis);
        let must_refuse = category == "ISEMAIL_ERR" || category == "ISEMAIL_RFC5322";
        assert!(
            legal || must_refuse || on_purpose || listed,
            "{diagnosis} of {address:?} is neither legal, wrong nor listed"
        );
        match address::parse(&address, false) {
            Ok(_) if !legal || listed => wrong.push(format!("accepted {address:?} ({diagnosis})")),
            Err(fault) if legal && !listed => {
                wrong.push(format!("refused {address:?} ({diagnosis}): {}", fault.code()))
            }
            Err(fault) => {
                if let Some((_, codes)) = NAMED.iter().find(|(name, _)| *name == diagnosis)
                    && !codes.contains(&fault.code())
                {
                    wrong.push(format!("{address:?} ({diagnosis}) is called {}", fault.code()));
                }
            }
            Ok(_) => {}
        }
    }
    assert_eq!(seen, 164);
    assert!(wrong.is_empty(), "{} of {seen}:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_case_of_the_python_validator_agrees() {
    let Some(text) = corpus("email-validator-dev.tsv") else {
        return;
    };
    let mut seen = 0;
    let mut wrong = Vec::new();
    for line in text.lines().skip(1) {
        let columns = columns(line);
        let [given, expected, normalized, domain, smtputf8] = [0, 1, 2, 3, 4].map(|index| columns[index].clone());
        // A lone surrogate cannot be written in Rust text, so it can never reach us.
        let Some(given) = unicode_escape(&given) else {
            continue;
        };
        seen += 1;
        match (address::parse(&given, false), expected.as_str()) {
            (Ok(_), "invalid") => wrong.push(format!("accepted {given:?}")),
            (Err(fault), "valid") => wrong.push(format!("refused {given:?}: {}", fault.code())),
            (Ok(address), _) => {
                let local = unicode_escape(&normalized)
                    .and_then(|text| text.rsplit_once('@').map(|(local, _)| local.to_owned()));
                assert_eq!(Some(&address.local), local.as_ref(), "{given:?}");
                assert_eq!(address.domain, domain, "{given:?}");
                // U+1FEF is the ASCII back-tick in normal form C, so the mail host need not speak SMTPUTF8.
                let smtputf8 = smtputf8 == "1" && given != "\u{1fef}@example.com";
                assert_eq!(address.needs_smtputf8, smtputf8, "{given:?}");
            }
            (Err(_), _) => {}
        }
    }
    assert!(seen > 200);
    assert!(wrong.is_empty(), "{} of {seen}:\n{}", wrong.len(), wrong.join("\n"));
}

fn element<'a>(xml: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = xml.split_once(&format!("<{name}>"))?;
    rest.split_once(&format!("</{name}>")).map(|(inner, _)| inner)
}

/// XML entities, and the pictures U+2400… that stand for control characters in this file.
fn unescape(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        plain.push_str(&rest[..at]);
        let end = rest[at..].find(';').expect("entity") + at;
        match &rest[at + 1..end] {
            "amp" => plain.push('&'),
            "lt" => plain.push('<'),
            "gt" => plain.push('>'),
            "quot" => plain.push('"'),
            "apos" => plain.push('\''),
            number => {
                let hex = number.strip_prefix("#x").expect("number");
                plain.push(char::from_u32(u32::from_str_radix(hex, 16).expect("hex")).expect("character"));
            }
        }
        rest = &rest[end + 1..];
    }
    plain.push_str(rest);
    plain
        .chars()
        .map(|character| match u32::from(character) {
            code @ 0x2400..=0x243f => char::from_u32(code - 0x2400).expect("control"),
            _ => character,
        })
        .collect()
}

/// Columns of a TSV line whose fields may be quoted as in CSV.
fn columns(line: &str) -> Vec<String> {
    line.split('\t')
        .map(|field| match field.strip_prefix('"').and_then(|field| field.strip_suffix('"')) {
            Some(inner) => inner.replace("\"\"", "\""),
            None => field.to_owned(),
        })
        .collect()
}

/// Python's unicode_escape; `None` for a lone surrogate.
fn unicode_escape(text: &str) -> Option<String> {
    let mut plain = String::new();
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        if character != '\\' {
            plain.push(character);
            continue;
        }
        let digits = match characters.next()? {
            'n' => {
                plain.push('\n');
                continue;
            }
            'r' => {
                plain.push('\r');
                continue;
            }
            't' => {
                plain.push('\t');
                continue;
            }
            '\\' => {
                plain.push('\\');
                continue;
            }
            'x' => 2,
            'u' => 4,
            'U' => 8,
            other => panic!("escape \\{other}"),
        };
        let hex: String = characters.by_ref().take(digits).collect();
        plain.push(char::from_u32(u32::from_str_radix(&hex, 16).ok()?)?);
    }
    Some(plain)
}
