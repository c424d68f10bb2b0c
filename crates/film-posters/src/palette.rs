//! Palettes: five inks that belong together, grouped in families of one mood.

use std::fmt::Write as _;
use std::sync::LazyLock;

use crate::canvas::whole;
use crate::lettering::{ERAS, Era};

/// A role of a colour within its palette.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    Ground,
    /// The lettering; readable on the ground and on `Under`.
    Ink,
    /// May lie under lettering.
    Under,
    Loud,
    Spark,
}

impl Tone {
    pub const ALL: [Self; 5] = [Self::Ground, Self::Ink, Self::Under, Self::Loud, Self::Spark];

    /// Returns the class of the style sheet that fills with the tone; in upper case it strokes.
    pub const fn letter(self) -> char {
        ['g', 'i', 'a', 'b', 'c'][self as usize]
    }
}

/// A name and the tones of palettes.
type Family = (&'static str, Vec<[Oklch; 5]>);

/// The families in the order of the file.
static FAMILIES: LazyLock<Vec<Family>> = LazyLock::new(|| {
    let mut families: Vec<Family> = Vec::new();
    let lines = include_str!("palettes.txt").lines().filter(|line| !line.starts_with('#'));
    for line in lines {
        let Some((family, tones)) = line.split_once(": ") else { continue };
        let tones: Vec<Oklch> = tones.split(", ").map(Oklch::parse).collect();
        let Ok(tones) = <[Oklch; 5]>::try_from(tones) else { continue };
        match families.last_mut() {
            Some((last, palettes)) if *last == family => palettes.push(tones),
            _ => families.push((family, vec![tones])),
        }
    }
    families
});

/// A palette as one sheet prints it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Palette {
    pub family: &'static str,
    pub number: usize,
    /// Whether the ground is bare paper, whose tint depends on the era.
    pub is_paper: bool,
    tones: [Oklch; 5],
}

impl Palette {
    /// Returns a palette of `family`; numbers past the last start again at the first.
    pub fn new(family: &str, number: usize, era: &Era) -> Self {
        let named = FAMILIES.iter().find(|(name, _)| *name == family);
        let (family, palettes) = named.unwrap_or(&FAMILIES[0]);
        let number = number % palettes.len();
        let mut tones = palettes[number];
        let is_paper = tones[0].lightness >= 0.92 && tones[0].chroma <= 0.035;
        if is_paper {
            tones[0] = Oklch::parse(era.paper);
        }
        Self { family, number, is_paper, tones }
    }

    #[cfg(test)]
    /// Returns every palette on the paper of `era`.
    pub fn all(era: &Era) -> impl Iterator<Item = Self> {
        let numbers = FAMILIES.iter().map(|(family, palettes)| (family, 0..palettes.len()));
        numbers.flat_map(move |(family, numbers)| {
            numbers.map(move |number| Self::new(family, number, era))
        })
    }

    /// Returns how many palettes a family has.
    pub fn count(family: &str) -> usize {
        FAMILIES.iter().find(|(name, _)| *name == family).map_or(0, |(_, palettes)| palettes.len())
    }

    pub const fn tone(&self, tone: Tone) -> Oklch {
        self.tones[tone as usize]
    }

    /// Returns the distance of two tones in the `OKLab` space.
    pub fn distance(&self, one: Tone, other: Tone) -> f64 {
        let (one, other) = (self.tone(one), self.tone(other));
        let ((sin, cos), (other_sin, other_cos)) = (one.hue(), other.hue());
        let (a, b) = (
            one.chroma * cos - other.chroma * other_cos,
            one.chroma * sin - other.chroma * other_sin,
        );
        (one.lightness - other.lightness).hypot(a.hypot(b))
    }

    /// Returns whether black, white and this red would make the sheet shrill.
    pub fn has_strong_red(&self) -> bool {
        let is_red = |tone: Oklch| tone.chroma >= 0.17 && (12.0..=42.0).contains(&tone.degrees);
        [Tone::Ground, Tone::Under, Tone::Loud].into_iter().any(|tone| is_red(self.tone(tone)))
    }

    /// Returns the class of the style sheet that defines the tones, such as `day0`.
    pub fn class(&self) -> String {
        format!("{}{}", self.family, self.number)
    }
}

/// A colour in OKLCH.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Oklch {
    text: &'static str,
    pub lightness: f64,
    chroma: f64,
    degrees: f64,
}

impl Oklch {
    fn parse(text: &'static str) -> Self {
        let number = |at| text.split(' ').nth(at).and_then(|part| part.parse().ok());
        let number = |at| number(at).expect("a colour is three numbers");
        Self { text, lightness: number(0), chroma: number(1), degrees: number(2) }
    }

    fn hue(self) -> (f64, f64) {
        self.degrees.to_radians().sin_cos()
    }

    pub fn is_reddish(self) -> bool {
        self.chroma >= 0.1 && !(45.0 < self.degrees && self.degrees < 345.0)
    }

    /// Returns `#rrggbb`, with as much of the chroma as sRGB can show.
    pub fn hex(self) -> String {
        let [r, g, b] = self.rgb();
        format!("#{r:02x}{g:02x}{b:02x}")
    }

    pub fn rgb(self) -> [i32; 3] {
        let mut chroma = self.chroma;
        if !fits(self.linear(chroma)) {
            let (mut inside, mut outside) = (0.0, chroma);
            for _ in 0..16 {
                let middle = f64::midpoint(inside, outside);
                *(if fits(self.linear(middle)) { &mut inside } else { &mut outside }) = middle;
            }
            chroma = inside;
        }
        self.linear(chroma).map(|part| {
            let part = part.clamp(0.0, 1.0);
            let is_dark = part <= 0.003_130_8;
            let root = 1.055 * part.powf(1.0 / 2.4) - 0.055;
            whole(255.0 * if is_dark { 12.92 * part } else { root })
        })
    }

    /// Returns the linear sRGB with another chroma, after <https://bottosson.github.io/posts/oklab/>.
    fn linear(self, chroma: f64) -> [f64; 3] {
        let (sin, cos) = self.hue();
        let (a, b) = (chroma * cos, chroma * sin);
        let l = (self.lightness + 0.396_337_777_4 * a + 0.215_803_757_3 * b).powi(3);
        let m = (self.lightness - 0.105_561_345_8 * a - 0.063_854_172_8 * b).powi(3);
        let s = (self.lightness - 0.089_484_177_5 * a - 1.291_485_548_0 * b).powi(3);
        [
            4.076_741_662_1 * l - 3.307_711_591_3 * m + 0.230_969_929_2 * s,
            -1.268_438_004_6 * l + 2.609_757_401_1 * m - 0.341_319_396_5 * s,
            -0.004_196_086_3 * l - 0.703_418_614_7 * m + 1.707_614_701_0 * s,
        ]
    }
}

fn fits(colour: [f64; 3]) -> bool {
    colour.iter().all(|part| (-0.0005..=1.0005).contains(part))
}

/// Returns the rules that define the tones of every palette, and the papers of every era.
pub fn rules() -> String {
    let mut css = String::new();
    for (family, palettes) in FAMILIES.iter() {
        for (number, tones) in palettes.iter().enumerate() {
            let rule =
                |tone: Tone| format!("--{}:oklch({})", tone.letter(), tones[tone as usize].text);
            _ = writeln!(css, ".{family}{number}{{{}}}", Tone::ALL.map(rule).join(";"));
        }
    }
    for era in &ERAS {
        _ = writeln!(css, ".paper.{}{{--g:oklch({})}}", era.name, era.paper);
    }
    css
}
