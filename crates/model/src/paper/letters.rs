//! How wide Helvetica's letters are, and texts in the bytes that it is addressed by (WinAnsi, which is Windows-1252).

use unicode_normalization::UnicodeNormalization;

/// Widths of the letters from blank to `~`, in thousandths of the size.
const WIDTHS: [u16; 95] = [
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556, 556, 556,
    556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833,
    722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556, 333, 556, 556, 500, 556,
    556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334,
    260, 334, 584,
];

/// Bytes from 0x80 to 0x9f that are letters.
const HIGH: [(char, u8); 16] = [
    ('€', 0x80),
    ('‚', 0x82),
    ('„', 0x84),
    ('…', 0x85),
    ('Š', 0x8a),
    ('Œ', 0x8c),
    ('Ž', 0x8e),
    ('‘', 0x91),
    ('’', 0x92),
    ('“', 0x93),
    ('”', 0x94),
    ('•', 0x95),
    ('–', 0x96),
    ('—', 0x97),
    ('š', 0x9a),
    ('ž', 0x9e),
];

/// The bytes of a text.
pub(crate) fn encoded(text: &str) -> Vec<u8> {
    text.chars().map(byte).collect()
}

fn byte(letter: char) -> u8 {
    let known = |letter: char| match letter {
        ' '..='~' | '\u{a0}'..='ÿ' => u8::try_from(u32::from(letter)).ok(),
        _ => HIGH.iter().find(|(high, _)| *high == letter).map(|(_, byte)| *byte),
    };
    // Without its marks, when it is not known with them.
    let plain = || std::iter::once(letter).nfkd().next().and_then(known);
    known(letter).or_else(plain).unwrap_or(b'?')
}

/// How wide a text is.
pub(crate) fn width(text: &str, size: f32) -> f32 {
    let of = |byte: u8| match byte {
        b' '..=b'~' => WIDTHS[usize::from(byte - b' ')],
        0xa0 => 278,
        0x85 | 0x97 => 1000,
        0xb7 => 278,
        // Capitals with marks are the widest of these.
        0xc0..=0xde => 722,
        _ => 556,
    };
    let sum: u32 = encoded(text).into_iter().map(|byte| u32::from(of(byte))).sum();
    size * sum as f32 / 1_000.0
}

/// The text, cut with an ellipsis where it is wider than the room.
pub(crate) fn cut(text: &str, size: f32, room: f32) -> String {
    if width(text, size) <= room {
        return text.to_owned();
    }
    let mut short = String::new();
    for letter in text.chars() {
        short.push(letter);
        if width(&short, size) + size > room {
            short.pop();
            break;
        }
    }
    format!("{}…", short.trim_end())
}

/// The text in lines that fit the room.
pub(crate) fn wrapped(text: &str, size: f32, room: f32) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let Some(line) = lines.last_mut() else { break };
        let longer = if line.is_empty() { word.to_owned() } else { format!("{line} {word}") };
        if line.is_empty() || width(&longer, size) <= room {
            *line = longer;
        } else {
            lines.push(word.to_owned());
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_written_as_helvetica_knows_them() {
        assert_eq!(encoded("a–€é…"), [b'a', 0x96, 0x80, 0xe9, 0x85]);
        assert_eq!(encoded("łĕ漢"), [b'?', b'e', b'?']);
    }

    #[test]
    fn what_does_not_fit_is_cut_or_wrapped() {
        assert_eq!(width("11", 10.0), 11.12);
        assert_eq!(cut("Referral", 10.0, 100.0), "Referral");
        let short = cut("Referral of a friend", 10.0, 50.0);
        assert!(short.ends_with('…') && width(&short, 10.0) <= 50.0, "{short}");
        assert_eq!(wrapped("one two three", 10.0, 40.0), ["one two", "three"]);
        assert_eq!(wrapped("", 10.0, 40.0), [""]);
    }
}
