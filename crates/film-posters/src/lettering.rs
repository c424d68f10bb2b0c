//! Typefaces, and how a title fits into the room it has.

use std::sync::LazyLock;

use ttf_parser::Face;

/// Font sizes of titles in units of the sheet, which is 200 wide. Class `z0` is the first.
pub const SIZES: [f64; 16] = [
    132.0, 112.0, 97.0, 84.0, 72.0, 62.0, 53.0, 45.0, 38.0, 33.0, 28.0, 24.0, 21.0, 18.0, 15.5,
    13.5,
];

/// The time that a film comes from, with the typeface of that time.
#[derive(Debug)]
pub struct Era {
    /// Place in [`ERAS`].
    pub index: usize,
    /// Class of the style sheet, and name of the font's files.
    pub name: &'static str,
    /// Last year.
    until: i16,
    /// In em.
    pub line_height: f64,
    tracking: f64,
    /// Tint of bare paper in OKLCH.
    pub paper: &'static str,
    /// Inks beside the field; one means one and an accent.
    pub inks: usize,
    /// The TrueType file with the characters up to U+024F.
    pub font: &'static [u8],
    /// The font's family name, followed by generic ones.
    pub family: &'static str,
}

macro_rules! era {
    ($index:literal, $name:literal, $family:literal, $until:expr, $line:literal, $track:literal, $paper:literal, $inks:literal) => {
        Era {
            index: $index,
            name: $name,
            until: $until,
            line_height: $line,
            tracking: $track,
            paper: $paper,
            inks: $inks,
            font: include_bytes!(concat!("../fonts/", $name, ".ttf")),
            family: $family,
        }
    };
}

#[rustfmt::skip]
pub static ERAS: [Era; 7] = [
    era!(0, "playbill", "Poster Playbill,Georgia,serif", 1929, 1.0, 0.0, ".9 .045 84", 2),
    era!(1, "deco", "Poster Deco,Arial,sans-serif", 1945, 1.0, 0.0, ".92 .035 86", 2),
    era!(2, "clarendon", "Poster Clarendon,Georgia,serif", 1959, 1.0, -0.015, ".935 .028 88", 2),
    era!(3, "grotesk", "Poster Grotesk,Arial,sans-serif", 1974, 0.95, -0.03, ".96 .012 90", 3),
    era!(4, "spartan", "Poster Spartan,Arial,sans-serif", 1989, 0.94, -0.035, ".95 .02 85", 3),
    era!(5, "gothic", "Poster Gothic,Arial,sans-serif", 2009, 0.94, 0.0, ".965 .008 95", 2),
    era!(6, "display", "Poster Display,Georgia,serif", i16::MAX, 0.92, -0.015, ".975 .004 100", 1),
];

/// The era of the small line of files.
pub static GROTESK: &Era = &ERAS[3];

/// The era of the latest films, and of sheets that must be quiet.
pub static DISPLAY: &Era = &ERAS[6];

impl Era {
    pub fn of_year(year: Option<i16>) -> &'static Self {
        let year = year.unwrap_or(1950);
        ERAS.iter().find(|era| year <= era.until).unwrap_or(DISPLAY)
    }

    pub const fn is_centred(&self) -> bool {
        self.index < 2
    }

    pub const fn is_narrow(&self) -> bool {
        self.index > 4
    }

    /// Returns the title as it is set: in capitals, or as it is.
    pub fn set(&self, title: &str) -> String {
        if self.name == "deco" { title.to_uppercase() } else { title.to_owned() }
    }

    /// Returns the width of `text` in em.
    pub fn width(&self, text: &str) -> f64 {
        text.chars().map(|letter| self.advance(letter)).sum()
    }

    fn advance(&self, letter: char) -> f64 {
        let natural = match (self.known(letter), letter) {
            (Some(advance), _) => advance,
            (None, '\u{300}'..='\u{36f}') => return 0.0,
            (None, _) if is_wide(letter) => 1.0,
            (None, '\u{530}'..) => 0.8,
            (None, _) => 0.64,
        };
        natural + self.tracking
    }

    /// Returns the advance of a character that the font has.
    fn known(&self, letter: char) -> Option<f64> {
        ADVANCES[self.index].get(letter as usize).copied().flatten()
    }

    /// Returns whether the font has every character of `text`.
    pub fn covers(&self, text: &str) -> bool {
        text.chars().all(|letter| letter == ' ' || self.known(letter).is_some())
    }
}

/// Advances in em by character, of every face; `None` where the font lacks the character.
static ADVANCES: LazyLock<[Vec<Option<f64>>; 7]> = LazyLock::new(|| {
    ERAS.each_ref().map(|era| {
        let face = Face::parse(era.font, 0).expect("the fonts of this crate are sound");
        let em = f64::from(face.units_per_em());
        let advance = |letter: char| {
            let glyph = face.glyph_index(letter)?;
            Some(f64::from(face.glyph_hor_advance(glyph)?) / em)
        };
        ('\0'..='\u{2032}').map(advance).collect()
    })
});

/// Han, kana and Hangul, which fill a square, and between which a line may break.
const fn is_wide(letter: char) -> bool {
    matches!(letter, '\u{1100}'..='\u{11ff}' | '\u{2e80}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}'
        | '\u{f900}'..='\u{faff}' | '\u{ff00}'..='\u{ff60}' | '\u{1f300}'..='\u{1faff}'
        | '\u{20000}'..='\u{3fffd}')
}

/// A part of a title that stays on one line, with its width in em without the space at its end.
struct Piece<'a> {
    text: &'a str,
    width: f64,
    space: f64,
}

/// A title cut into the pieces between which a line may break.
pub struct Title<'a> {
    era: &'static Era,
    pieces: Vec<Piece<'a>>,
    has_tails: bool,
}

/// A title set in a size: an index of [`SIZES`] and a number of lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Setting {
    pub size: usize,
    pub lines: usize,
}

impl Setting {
    pub const fn size(self) -> f64 {
        SIZES[self.size]
    }

    pub fn height(self, era: &Era) -> f64 {
        f64::from(u32::try_from(self.lines).unwrap_or(1)) * self.size() * era.line_height
    }
}

impl<'a> Title<'a> {
    /// Cuts `title`, which is already [set](Era::set), into pieces.
    pub fn new(title: &'a str, era: &'static Era) -> Self {
        let mut pieces = Vec::new();
        let mut start = 0;
        let mut letters = title.char_indices().peekable();
        while let Some((_, letter)) = letters.next() {
            let next = letters.peek().copied();
            let breaks = matches!(letter, ' ' | '-' | '–' | '—' | '/') || is_wide(letter);
            let end = next.map_or(title.len(), |(at, _)| at);
            let is_break = breaks && next.is_none_or(|(_, next)| next != ' ' && !closes(next));
            let is_before_wide = next.is_some_and(|(_, next)| is_wide(next) && !closes(next));
            if is_break || is_before_wide || next.is_none() {
                let text = &title[start..end];
                let word = text.trim_end();
                let width = era.width(word);
                pieces.push(Piece { text, width, space: era.width(text) - width });
                start = end;
            }
        }
        let has_tails = title.chars().any(|letter| "gjpqyQJ,;".contains(letter));
        Self { era, pieces, has_tails }
    }

    fn widest(&self) -> f64 {
        self.pieces.iter().map(|piece| piece.width).fold(0.0, f64::max)
    }

    /// Returns the largest setting whose widest word fits `room` and whose lines fit `tall`, both
    /// in units.
    pub fn fit(&self, room: f64, tall: f64) -> Option<Setting> {
        let first = if self.has_tails { 3 } else { 0 };
        (first..SIZES.len()).map(|size| self.set(size, room)).find(|setting| {
            let is_narrow_enough = self.widest() * setting.size() <= room * MEASURE;
            is_narrow_enough && setting.height(self.era) <= tall
        })
    }

    /// Returns the largest setting on one line that is at most `length` long and `most` large.
    pub fn fit_line(&self, length: f64, most: f64) -> Option<Setting> {
        let width: f64 = self.pieces.iter().map(|piece| piece.width + piece.space).sum();
        let may = |size: &usize| SIZES[*size] <= most && width * SIZES[*size] <= length * MEASURE;
        (0..SIZES.len()).find(may).map(|size| Setting { size, lines: 1 })
    }

    /// Returns the setting in an index of [`SIZES`]; words wider than `room` are broken anywhere.
    pub fn set(&self, size: usize, room: f64) -> Setting {
        Setting { size, lines: self.lines(room * MEASURE / SIZES[size]).len().max(1) }
    }

    /// Returns the lines of a measure in em, broken as browsers break them: each as full as can be.
    fn lines(&self, measure: f64) -> Vec<String> {
        let mut lines = Vec::new();
        let (mut line, mut width) = (String::new(), 0.0);
        for piece in &self.pieces {
            if width + piece.width > measure && !line.is_empty() {
                lines.push(std::mem::take(&mut line));
                width = 0.0;
            }
            if piece.width > measure {
                for letter in piece.text.chars() {
                    let advance = self.era.advance(letter);
                    if width + advance > measure && !line.is_empty() && letter != ' ' {
                        lines.push(std::mem::take(&mut line));
                        width = 0.0;
                    }
                    line.push(letter);
                    width += advance;
                }
            } else {
                line.push_str(piece.text);
                width += piece.width + piece.space;
            }
        }
        lines.push(line);
        lines
    }

    /// Returns the lines of `setting`, about equally long.
    pub fn balanced(&self, setting: Setting, room: f64) -> Vec<String> {
        let full = room * MEASURE / setting.size();
        let mut lines = self.lines(full);
        let mut measure = full;
        while measure > self.widest().max(full / 4.0) {
            measure -= full / 40.0;
            let narrower = self.lines(measure);
            if narrower.len() > lines.len() || self.widest() > measure {
                break;
            }
            lines = narrower;
        }
        lines.iter().map(|line| line.trim().to_owned()).collect()
    }
}

/// Part of the room that text may fill, as browsers round and kern.
const MEASURE: f64 = 0.97;

/// Marks that never begin a line.
const fn closes(letter: char) -> bool {
    matches!(letter, '、' | '。' | '」' | '』' | '！' | '？' | 'ー' | '）' | '，' | '：')
}
