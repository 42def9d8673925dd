//! Writes the two lists of `bench hubspot`: people as they were, and the same people with four values changed beside new ones.

use std::fs::File;
use std::io::{BufWriter, Result, Write};
use std::path::Path;

const FIRST: [&str; 12] =
    ["Maya", "Jonas", "Anne", "Jose", "Lidia", "Noah", "Zora", "Omar", "Ingrid", "Tomas", "Aisha", "Kenji"];
/// Family names are four of these: colleagues of one given name have nothing else in common, and nobody bears the name of another.
const SYLLABLES: [&str; 20] = [
    "ba", "ke", "li", "mon", "nu", "pra", "ste", "tor", "vil", "wex", "zan", "dri", "fop", "gul", "hym", "jac", "quo",
    "rul", "sib", "yet",
];
const TITLE: [&str; 5] = ["VP Sales", "Head of Marketing", "CTO", "Head of Operations", "Owner"];
/// Area codes: with 10,000 numbers each everybody has two of their own.
const AREA: [u32; 20] =
    [303, 312, 617, 512, 415, 206, 213, 404, 602, 702, 503, 614, 704, 801, 901, 919, 202, 305, 407, 215];
const CITY: [&str; 4] = ["Denver", "Chicago", "Boston", "Austin"];

/// The domain of a firm.
pub fn domain(firm: usize) -> String {
    format!("firm{firm}-bench.com")
}

/// A list of the people `0..known` as they are at a `day`, and after them `new` more, all at so many firms. From one day to the next
/// everybody has another title, phone, city and profile.
pub fn write(path: &Path, firms: usize, known: usize, day: usize, new: usize) -> Result<()> {
    let mut out = BufWriter::with_capacity(1 << 20, File::create(path)?);
    writeln!(out, "First Name,Last Name,Email,Job Title,Phone,City,LinkedIn URL,Country")?;
    for at in 0..known + new {
        let turn = if at < known { day } else { 0 };
        let (seat, firm) = (at / firms, at % firms);
        let (first, last) = (FIRST[seat % FIRST.len()], family(seat, firm));
        let (given, number) = (first.to_lowercase(), at * 2 + turn % 2);
        writeln!(
            out,
            "{first},{last},{given}.{}@{},{},+1{}555{:04},{},https://www.linkedin.com/in/{given}-{}-{at}{},United States",
            last.to_lowercase(),
            domain(firm),
            TITLE[(at + turn) % TITLE.len()],
            AREA[number / 10_000 % AREA.len()],
            number % 10_000,
            CITY[(at + turn) % CITY.len()],
            last.to_lowercase(),
            if turn % 2 == 1 { "-b" } else { "" },
        )?;
    }
    out.flush()
}

fn family(seat: usize, firm: usize) -> String {
    let one = SYLLABLES[(seat + firm) % 20];
    let rest = [(seat * 3 + firm / 20) % 20, (seat * 7 + firm / 400) % 20, (seat / FIRST.len() * 3 + 1) % 20];
    let rest = rest.map(|at| SYLLABLES[at]).concat();
    format!("{}{}{rest}", one[..1].to_uppercase(), &one[1..])
}

#[cfg(test)]
mod tests {
    #[test]
    fn nobody_bears_the_name_of_another() {
        let firms = 2_001;
        let name = |at: usize| (at / firms % super::FIRST.len(), super::family(at / firms, at % firms));
        let names: std::collections::HashSet<(usize, String)> = (0..100_000).map(name).collect();
        assert_eq!(names.len(), 100_000);
    }

    #[test]
    fn four_values_of_the_known_change_and_the_new_follow_them() {
        let folder = tempfile::tempdir().unwrap();
        let read = |name: &str, known, day, new| {
            let path = folder.path().join(name);
            super::write(&path, 10, known, day, new).unwrap();
            std::fs::read_to_string(path).unwrap().lines().map(str::to_owned).collect::<Vec<_>>()
        };
        let (before, after) = (read("before.csv", 100, 1, 0), read("after.csv", 100, 2, 50));
        assert_eq!((before.len(), after.len()), (101, 151));
        for (before, after) in before.iter().zip(&after).skip(1) {
            let differences = before.split(',').zip(after.split(',')).filter(|(before, after)| before != after);
            assert_eq!(differences.count(), 4, "{before} / {after}");
        }
    }
}
