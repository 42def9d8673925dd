//! Whatever stands in evergreen.yaml, reading it ends in settings or in complaints with a place in the file, never in a panic.

use std::path::Path;

use evergreen_config::{TEMPLATE, load};
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn a_damaged_template_is_read_or_refused_at_a_place(
        cut in 0..TEMPLATE.len(),
        length in 0..120_usize,
        noise in "[ -~\n\t•é]{0,12}|null|\\[\\]|- |: |\"|\\$\\{|&a |\\*a|\\|\n",
    ) {
        let floor = |at: usize| (0..=at.min(TEMPLATE.len())).rev().find(|at| TEMPLATE.is_char_boundary(*at)).unwrap_or(0);
        let text = format!("{}{noise}{}", &TEMPLATE[..floor(cut)], &TEMPLATE[floor(cut + length)..]);
        if let Err(errors) = load(Path::new("evergreen.yaml"), &text) {
            prop_assert!(!errors.errors.is_empty());
            prop_assert!(!errors.to_string().is_empty());
            for error in &errors.errors {
                prop_assert!(error.line >= 1 && error.line <= text.lines().count().max(1) + 1, "{error:?}");
                prop_assert!(error.column >= 1);
            }
        }
    }

    #[test]
    fn any_text_is_read_or_refused(text in any::<String>()) {
        if let Err(errors) = load(Path::new("evergreen.yaml"), &text) {
            prop_assert!(!errors.to_string().is_empty());
        }
    }
}
