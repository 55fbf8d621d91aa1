//! Which font draws a character that Inter doesn't have: one for each script.

use std::ops::RangeInclusive;

/// One line for each font; the build collects the files that it names.
const TABLE: &str = include_str!("../web/fonts.txt");

/// A font for one script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Script {
    /// The name that the relay serves it by.
    pub name: &'static str,
    /// Whether letters change with their neighbours, so that no device draws them right one by one.
    pub is_joined: bool,
    characters: Vec<RangeInclusive<u32>>,
}

impl Script {
    /// Whether it is for this character.
    pub fn has(&self, character: char) -> bool {
        self.characters.iter().any(|range| range.contains(&u32::from(character)))
    }
}

/// The fonts there are.
pub fn scripts() -> Vec<Script> {
    lines().filter_map(script).collect()
}

fn lines() -> impl Iterator<Item = &'static str> {
    TABLE.lines().filter(|line| !line.starts_with('#'))
}

fn script(line: &'static str) -> Option<Script> {
    let mut columns = line.split('|').map(str::trim);
    let (name, _file, how) = (columns.next()?, columns.next()?, columns.next()?);
    let is_joined = match how {
        "joined" => true,
        "single" => false,
        _ => return None,
    };
    let characters = columns.next()?.split_whitespace().map(range).collect::<Option<_>>()?;
    Some(Script { name, is_joined, characters })
}

fn range(text: &str) -> Option<RangeInclusive<u32>> {
    let (from, to) = text.split_once('-')?;
    let number = |digits| u32::from_str_radix(digits, 16).ok();
    Some(number(from)?..=number(to)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(character: char) -> Vec<&'static str> {
        scripts().iter().filter(|script| script.has(character)).map(|script| script.name).collect()
    }

    #[test]
    fn every_line_of_the_table_is_a_font() {
        assert_eq!(scripts().len(), lines().count());
    }

    #[test]
    fn names_from_everywhere_have_a_font() {
        let cases = [('株', "cjk"), ('テ', "cjk"), ('한', "hangul"), ('م', "arabic"), ('ש', "hebrew"), ('ส', "thai")];
        for (character, name) in cases.into_iter().chain([('🚀', "emoji"), ('क', "devanagari"), ('ქ', "georgian")])
        {
            assert_eq!(names(character), [name], "{character}");
        }
    }

    #[test]
    fn what_inter_has_needs_no_other_font() {
        for character in "Größe Łódź Ελλάδα Привет Việt € ’ …".chars() {
            assert!(!names(character).iter().any(|name| *name != "symbols"), "{character}");
        }
    }
}
