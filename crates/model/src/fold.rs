//! Folding of text for search and comparison: case and accents gone, look-alike punctuation made one.
//!
//! Folded text is for comparing, never for showing.

use unicode_normalization::UnicodeNormalization;

/// Folds text: "Żółć  ŒUVRE" becomes "zolc  oeuvre". Folding twice changes nothing more.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    let mut rest = text;
    // Most text is mostly ASCII: only what lies between goes the long way.
    while !rest.is_empty() {
        let ascii = rest.find(|letter: char| !letter.is_ascii()).unwrap_or(rest.len());
        folded.extend(rest[..ascii].chars().map(|letter| letter.to_ascii_lowercase()));
        rest = &rest[ascii..];
        let other = rest.find(|letter: char| letter.is_ascii()).unwrap_or(rest.len());
        fold_other(&rest[..other], &mut folded);
        rest = &rest[other..];
    }
    folded
}

fn fold_other(text: &str, folded: &mut String) {
    // Some letters only come apart once they are small, so the pieces are taken apart a second time.
    let small = text.nfkd().flat_map(char::to_lowercase);
    for letter in small.nfkd().filter(|letter| !is_ignorable(*letter)) {
        match plain_form(letter) {
            Some(plain) => folded.push_str(plain),
            None => folded.push(letter),
        }
    }
}

/// Splits text into folded words, for `contains_all`.
pub fn fold_words(text: &str) -> Vec<String> {
    fold(text).split_whitespace().map(str::to_owned).collect()
}

/// Whether every needle occurs somewhere in the haystack; both are folded already.
pub fn contains_all<S: AsRef<str>>(folded_haystack: &str, folded_needles: &[S]) -> bool {
    folded_needles.iter().all(|needle| folded_haystack.contains(needle.as_ref()))
}

/// Returns the ASCII digits of a text: what is left of a phone number when only digits count.
pub fn digits(text: &str) -> String {
    text.nfkd().filter(char::is_ascii_digit).collect()
}

/// Accents of the alphabets that are read without them, and characters that take no space.
///
/// Vowel signs of Indic scripts and Thai are marks too, but they make different words, so they stay.
const fn is_ignorable(letter: char) -> bool {
    matches!(letter,
        '\u{300}'..='\u{36f}' | '\u{483}'..='\u{487}' // Latin, Greek, Cyrillic
        | '\u{591}'..='\u{5bd}' | '\u{5bf}' | '\u{5c1}'..='\u{5c2}' | '\u{5c4}'..='\u{5c5}' | '\u{5c7}' // Hebrew
        | '\u{64b}'..='\u{65f}' | '\u{670}' // Arabic
        | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}' | '\u{fe20}'..='\u{fe2f}'
        | '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' // soft hyphen, zero-width
    )
}

/// Small letters that have no decomposition, and punctuation that keyboards and word processors write differently.
const fn plain_form(letter: char) -> Option<&'static str> {
    Some(match letter {
        'ß' => "ss",
        'æ' => "ae",
        'œ' => "oe",
        'ø' => "o",
        'ł' => "l",
        'đ' | 'ð' => "d",
        'þ' => "th",
        'ħ' => "h",
        'ı' => "i",
        'ŋ' => "n",
        'ŧ' => "t",
        'ĸ' => "k",
        'ς' => "σ",
        '‘' | '’' | '‚' | '‛' | 'ʼ' | '´' => "'",
        '“' | '”' | '„' => "\"",
        '‐' | '‑' | '‒' | '–' | '—' | '−' => "-",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn case_and_accents_do_not_count() {
        let cases = [
            ("Ada", "ada"),
            ("ÉCLAIR", "eclair"),
            ("Żółć", "zolc"),
            ("Straße", "strasse"),
            ("STRAẞE", "strasse"),
            ("Ærøskøbing", "aeroskobing"),
            ("Þórður", "thordur"),
            ("İstanbul", "istanbul"),
            ("ΟΔΥΣΣΕΥΣ Οδυσσεύς", "οδυσσευσ οδυσσευσ"),
            ("O’Neil – “Sons”", "o'neil - \"sons\""),
            ("ﬁne Ｗｉｄｅ №", "fine wide no"),
        ];
        for (typed, folded) in cases {
            assert_eq!(fold(typed), folded, "{typed}");
        }
    }

    #[test]
    fn vowel_signs_that_make_another_word_stay() {
        assert_ne!(fold("राम"), fold("रीम"));
    }

    #[test]
    fn folding_any_character_twice_is_folding_it_once() {
        // Ideographs and old scripts without cases are left out.
        let cased = (char::MIN..='\u{33ff}').chain('\u{a000}'..='\u{abff}').chain('\u{d7b0}'..='\u{11fff}');
        for letter in cased.chain('\u{16e00}'..='\u{16fff}').chain('\u{1d000}'..='\u{1f2ff}') {
            let once = fold(&letter.to_string());
            assert_eq!(fold(&once), once, "U+{:04X}", u32::from(letter));
        }
    }

    #[test]
    fn every_word_must_occur_somewhere() {
        let haystack = fold("Zoë Müller, Straße 5");

        assert!(contains_all(&haystack, &fold_words("MUL zoe")));
        assert!(contains_all::<String>(&haystack, &[]));
        assert!(!contains_all(&haystack, &fold_words("zoe weg")));
    }

    #[test]
    fn digits_are_what_is_left_of_a_phone_number() {
        assert_eq!(digits("+1 (212) 555-０１47 x9"), "121255501479");
        assert_eq!(digits("none"), "");
    }

    proptest! {
        #[test]
        fn text_is_folded_as_if_all_of_it_went_the_long_way(text in "[a-zA-Z ÄÖéİßﬁŁ\u{301}\u{323}가か゛राम]{0,20}") {
            let mut long_way = String::new();
            fold_other(&text, &mut long_way);
            prop_assert_eq!(fold(&text), long_way);
        }

        #[test]
        fn folding_twice_is_folding_once(text: String) {
            let once = fold(&text);
            prop_assert_eq!(fold(&once), once);
        }

        #[test]
        fn a_part_of_a_word_is_found_whatever_its_case(before in "[a-zäöüß ]{0,8}", part in "[a-zäöüß]{1,8}") {
            let haystack = fold(&format!("{before}{part}"));
            prop_assert!(contains_all(&haystack, &[fold(&part.to_uppercase())]));
        }
    }
}
