//! Whether two names, domains or profile links may belong to the same person or firm, however they are written.

/// Short forms that people use for one given name; each line is one family of names.
const NICKNAMES: &[&str] = &[
    "abigail abby gail",
    "albert al bert bertie",
    "alexander alexandra alex sandy sasha lex alexa sandra",
    "alfred alf fred freddie",
    "andrew andreas andy drew",
    "anthony antonio tony anton",
    "barbara barb babs",
    "benjamin ben benny benji",
    "catherine katherine kathryn katharina cathy kathy kate katie kat cat kitty",
    "charles charlie chuck chas karl carlos",
    "christine christina christiane tina chris chrissy",
    "christopher christian christoph chris kit topher",
    "daniel daniela dan danny dani",
    "david dave davey",
    "deborah deb debbie debra",
    "donald don donny",
    "dorothy dot dottie",
    "edward eduard eddie ed ted ned eduardo",
    "elizabeth elisabeth liz lizzie beth betty eliza lisa elsa bess",
    "emily em emma",
    "eugene gene",
    "florence flo",
    "frances francis frank fran francisco franziska paco",
    "frederick friedrich fred freddy fritz",
    "gabriel gabriela gabe gabi",
    "gerald gerard gerry jerry",
    "gregory greg",
    "harold harry hal",
    "henry heinrich harry hank",
    "isabella isabel bella izzy",
    "jacob jake",
    "jacqueline jackie",
    "james jim jimmy jamie",
    "jennifer jen jenny",
    "jessica jess jessie",
    "john johannes jack johnny jon hans juan",
    "jonathan jon jonny nathan",
    "joseph josef jose joe joey pepe",
    "joshua josh",
    "judith judy",
    "kenneth ken kenny",
    "kimberly kim",
    "laurence lawrence larry",
    "leonard leo len lenny",
    "louis lewis lou louie luis",
    "madeline maddie",
    "margaret margarete maggie meg peggy greta marge",
    "martin martina marty",
    "mathew matthew matthias matt",
    "maximilian max maxine",
    "melissa mel",
    "michael michel mike mick mickey mikey miguel",
    "natalie natalia nat",
    "nathaniel nathan nate nat",
    "nicholas nikolaus nick nicky nico klaus",
    "nicole nicky nikki",
    "pamela pam",
    "patricia patrick pat patty trish tricia paddy",
    "peter pete pedro",
    "philip phillip phil",
    "raymond ray",
    "rebecca becky becca",
    "richard rick ricky dick rich ricardo",
    "robert rob robbie bob bobby bert roberto",
    "ronald ron ronny",
    "rose rosemary rosie",
    "samuel samantha sam sammy",
    "sarah sara sally",
    "stephen steven stefan steve",
    "stephanie steph stef",
    "susan susanne suzanne sue susie suzy",
    "theodore ted teddy theo",
    "theresa teresa terry tess tessa",
    "thomas tom tommy",
    "timothy tim timmy",
    "valerie val",
    "veronica ronnie vera",
    "victor victoria vic vicky tori",
    "vincent vince vinny",
    "virginia ginny",
    "walter walt wally",
    "wilhelm william bill billy will willy liam guillermo",
    "zachary zach zack",
];

/// The words of a name, without accents, case and punctuation.
pub(crate) fn words(text: &str) -> Vec<String> {
    deunicode::deunicode(text)
        .to_lowercase()
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Whether two given names may be one: equal, initial, short form, or a slip of the pen.
pub(crate) fn given_alike(one: &str, other: &str) -> bool {
    let (one, other) = (words(one), words(other));
    one.concat() == other.concat() || one.iter().any(|a| other.iter().any(|b| given_words_alike(a, b)))
}

fn given_words_alike(a: &str, b: &str) -> bool {
    if a == b {
        return true;
    }
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    let initial = short.chars().count() == 1;
    if (initial || short.len() >= 3) && long.starts_with(short) {
        return true;
    }
    let family = |word: &str, names: &str| names.split(' ').any(|name| name == word);
    NICKNAMES.iter().any(|names| family(a, names) && family(b, names)) || close(a, b, 0.9)
}

/// Whether two family names may be one: equal, one part of a double name, initial, or a slip of the pen.
pub(crate) fn family_alike(one: &str, other: &str) -> bool {
    let (one, other) = (words(one), words(other));
    let (joined, joined_other) = (one.concat(), other.concat());
    if joined == joined_other || close(&joined, &joined_other, 0.92) {
        return true;
    }
    let initial = |word: &str, full: &str| word.chars().count() == 1 && full.starts_with(word);
    if initial(&joined, &joined_other) || initial(&joined_other, &joined) {
        return true;
    }
    one.iter().any(|a| a.len() >= 3 && other.iter().any(|b| b.len() >= 3 && (a == b || close(a, b, 0.92))))
}

/// Spelling near enough; `Mueller` is `Müller`, whichever way the accent was lost.
fn close(a: &str, b: &str, least: f64) -> bool {
    let plain = |word: &str| word.replace("ae", "a").replace("oe", "o").replace("ue", "u");
    plain(a) == plain(b) || a.len() >= 4 && b.len() >= 4 && strsim::jaro_winkler(a, b) >= least
}

/// Words that say what kind of firm it is, not which.
const LEGAL_FORMS: &[&str] = &[
    "ab",
    "ag",
    "as",
    "asa",
    "bv",
    "co",
    "company",
    "corp",
    "corporation",
    "gmbh",
    "group",
    "holding",
    "holdings",
    "inc",
    "incorporated",
    "kg",
    "kk",
    "limited",
    "llc",
    "llp",
    "ltd",
    "nv",
    "oy",
    "plc",
    "pte",
    "pty",
    "sa",
    "sarl",
    "sas",
    "se",
    "sl",
    "spa",
    "srl",
    "the",
];

/// Whether two firm names may be one, legal forms aside.
pub(crate) fn firm_alike(one: &str, other: &str) -> bool {
    let core = |text: &str| {
        let all = words(text);
        let kept: Vec<String> = all.iter().filter(|word| !LEGAL_FORMS.contains(&word.as_str())).cloned().collect();
        if kept.is_empty() { all } else { kept }
    };
    let (one, other) = (core(one), core(other));
    if one.is_empty() || other.is_empty() {
        return false;
    }
    let (joined, joined_other) = (one.concat(), other.concat());
    let within =
        |few: &[String], many: &[String]| few.concat().len() >= 4 && few.iter().all(|word| many.contains(word));
    joined == joined_other || close(&joined, &joined_other, 0.93) || within(&one, &other) || within(&other, &one)
}

/// Second-level labels under which names are registered in some countries: `acme.co.uk`.
const SECOND_LEVEL: &[&str] = &["ac", "co", "com", "edu", "gov", "net", "or", "org", "ne", "gob"];

/// Whether two domains may be one firm's: equal, one below the other, or the same name under another ending.
pub(crate) fn domain_alike(one: &str, other: &str) -> bool {
    let (one, other) = (bare_domain(one), bare_domain(other));
    if one == other || one.ends_with(&format!(".{other}")) || other.ends_with(&format!(".{one}")) {
        return true;
    }
    matches!((brand(&one), brand(&other)), (Some(a), Some(b)) if a == b && a.len() >= 4)
}

/// A host name without scheme, `www.`, path and final dot, in lower case.
pub(crate) fn bare_domain(text: &str) -> String {
    let text = text.trim().to_lowercase();
    let text = text.split_once("://").map_or(text.as_str(), |(_, rest)| rest);
    let host = text.split(['/', '?', '#', ':']).next().unwrap_or_default();
    host.strip_prefix("www.").unwrap_or(host).trim_end_matches('.').to_owned()
}

fn brand(domain: &str) -> Option<&str> {
    let mut labels: Vec<&str> = domain.split('.').collect();
    labels.pop()?;
    if labels.len() >= 2 && labels.last().is_some_and(|label| SECOND_LEVEL.contains(label)) {
        labels.pop();
    }
    labels.pop()
}

/// The part of a LinkedIn address that names the profile: `in/marta-velasco`.
pub(crate) fn profile(text: &str) -> Option<String> {
    let text = text.trim().to_lowercase();
    let path = text.split_once("linkedin.com/").map_or(text.as_str(), |(_, path)| path);
    let path = path.split(['?', '#']).next().unwrap_or_default().trim_matches('/');
    let mut parts = path.split('/').filter(|part| !part.is_empty());
    match (parts.next(), parts.next()) {
        (Some(kind), Some(handle)) => Some(format!("{kind}/{handle}")),
        (Some(handle), None) => Some(format!("in/{handle}")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_names_are_alike_through_accents_initials_and_short_forms() {
        for (one, other) in [
            ("José", "Jose"),
            ("M.", "Marta"),
            ("Bob", "Robert"),
            ("Kate", "Katherine"),
            ("Jean-Luc", "Jeanluc"),
            ("Alex", "Alexander"),
            ("Marta", "Marta Elena"),
        ] {
            assert!(given_alike(one, other), "{one} and {other}");
            assert!(given_alike(other, one), "{other} and {one}");
        }
        for (one, other) in [("Marta", "Idris"), ("Jo", "Robert"), ("Anna", "Petra")] {
            assert!(!given_alike(one, other), "{one} and {other}");
        }
    }

    #[test]
    fn family_names_are_alike_through_umlauts_and_double_names() {
        for (one, other) in [
            ("Müller", "Mueller"),
            ("Okonjo-Hale", "Hale"),
            ("de la Cruz", "De La Cruz"),
            ("V.", "Velasco"),
            ("O'Brien", "OBrien"),
        ] {
            assert!(family_alike(one, other), "{one} and {other}");
        }
        for (one, other) in [("Velasco", "Lindqvist"), ("de Boer", "de Vries"), ("Smith", "Jones")] {
            assert!(!family_alike(one, other), "{one} and {other}");
        }
    }

    #[test]
    fn domains_of_one_brand_are_alike() {
        for (one, other) in [
            ("acme.com", "www.acme.com"),
            ("mail.acme.com", "acme.com"),
            ("northquay.de", "northquay.co.uk"),
            ("https://acme.com/x", "acme.com"),
        ] {
            assert!(domain_alike(one, other), "{one} and {other}");
        }
        for (one, other) in [("acme.com", "acne.com"), ("ab.com", "ab.de"), ("foo.co.uk", "bar.co.uk")] {
            assert!(!domain_alike(one, other), "{one} and {other}");
        }
    }

    #[test]
    fn firm_names_are_alike_without_their_legal_form() {
        assert!(firm_alike("Northquay Logistics Inc.", "northquay logistics"));
        assert!(firm_alike("Siemens AG", "Siemens"));
        assert!(!firm_alike("Northquay Logistics", "Southquay Legal"));
    }
}
