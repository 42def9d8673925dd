//! Finds the place in the file of a place within a text, whether the text is quoted, plain or folded over lines.

use std::ops::Range;

use crate::error::Spot;

/// Where `at`, a range of bytes of `value`, stands in the file, given where the value begins.
pub(crate) fn within(file: &str, begin: Spot, value: &str, at: &Range<usize>) -> Spot {
    let start = walk(file, begin.byte, value, at.start);
    let length = value.get(at.clone()).map_or(1, |part| part.chars().count().max(1));
    let before = &file[..start];
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    Spot {
        line: before.matches('\n').count() + 1,
        column: file[line_start..start].chars().count() + 1,
        length,
        byte: start,
    }
}

/// Goes through file and value together; blanks, quotes, backslashes and block marks that only the file has are passed over.
fn walk(file: &str, from: usize, value: &str, until: usize) -> usize {
    let mut letters = file.get(from..).unwrap_or_default().char_indices().peekable();
    let mut end = from;
    for (_, wanted) in
        value.char_indices().take_while(|(at, _)| *at < until).filter(|(_, letter)| !letter.is_whitespace())
    {
        for (at, letter) in letters.by_ref() {
            if letter == wanted {
                end = from + at + letter.len_utf8();
                break;
            }
        }
    }
    // The next letter of the value, not the blanks or quotes before it.
    let Some(next) = value.get(until..).and_then(|rest| rest.chars().find(|letter| !letter.is_whitespace())) else {
        return end;
    };
    file.get(end..).and_then(|rest| rest.find(next)).map_or(end, |at| end + at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_found_in_plain_quoted_and_folded_text() {
        let value = "company.size > 5 && contact.nme == \"x\"";
        let at = value.find("contact.nme").unwrap()..value.find("contact.nme").unwrap() + 11;
        for file in [
            "when: company.size > 5 && contact.nme == \"x\"\n",
            "when: 'company.size > 5 && contact.nme == \"x\"'\n",
            "when: \"company.size > 5 && contact.nme == \\\"x\\\"\"\n",
            "when: >-\n  company.size > 5 &&\n  contact.nme == \"x\"\n",
        ] {
            let begin = Spot { line: 1, column: 7, length: 1, byte: 6 };
            let spot = within(file, begin, value, &at);
            assert_eq!(&file[spot.byte..spot.byte + 11], "contact.nme", "{file}");
            assert_eq!(spot.line, file[..spot.byte].matches('\n').count() + 1);
        }
    }
}
