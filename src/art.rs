//! Posters drawn by rule: a film's slug and tags always give the same picture, byte for byte.
//! `motif` composes it on a `sheet` in the tones of `colour`, by the `dice`; `lettering` sets the title.

use std::fmt::Write as _;

use self::colour::Tone;
use self::dice::Dice;
use self::motif::Motif;
use self::sheet::Sheet;

mod colour;
mod dice;
mod lettering;
mod motif;
mod preview;
mod sheet;
#[cfg(test)]
mod tests;

/// The art of one film: the same seed and tags always give the same bytes.
#[derive(Debug, Clone, Copy)]
pub struct Poster {
    motif: &'static Motif,
    layout: motif::Layout,
    hue: u16,
    is_mirrored: bool,
    /// What the layout throws its dice with.
    seed: u64,
}

impl Poster {
    /// `seed` is the film's slug; `tags` are slugs of tags, the main genre first: the first one
    /// that has a motif decides. If none has, the seed picks a neutral motif.
    pub fn new<'a>(seed: &str, tags: impl IntoIterator<Item = &'a str>) -> Self {
        let seed = dice::hash(seed);
        let mut dice = Dice::new(seed);
        let neutral = dice.pick(&motif::NEUTRAL);
        let motif = tags.into_iter().find_map(motif::of_tag).unwrap_or(neutral);
        let layout = dice.pick(motif.layouts);
        let shift = dice.pick(&[330, 340, 350, 0, 10, 20, 30]);
        let hue = (dice.pick(motif.hues) + shift) % 360;
        Self { motif, layout, hue, is_mirrored: dice.coin(), seed }
    }

    /// Degrees, a multiple of 10 below 360: the class `hue-N` of art.css colours what stands
    /// around the inline art.
    pub fn hue(&self) -> u16 {
        self.hue
    }

    /// The name of the kind of picture, for tests and sheets.
    pub fn motif(&self) -> &'static str {
        self.motif.name
    }

    /// The motif alone, for inlining in HTML. Its shapes carry classes that art.css colours.
    pub fn inline_svg(&self) -> String {
        let shapes = self.sheet().svg(|tone, line| {
            let letter = tone.letter();
            match line {
                None => format!("class=\"{letter}\""),
                Some(false) => format!("class=\"{}\"", letter.to_ascii_uppercase()),
                Some(true) => format!("class=\"{} r\"", letter.to_ascii_uppercase()),
            }
        });
        let shapes = if self.is_mirrored { format!("<g class=\"f\">{shapes}</g>") } else { shapes };
        format!(
            "<svg class=\"art\" viewBox=\"0 0 200 200\" preserveAspectRatio=\"xMidYMid slice\" \
             aria-hidden=\"true\">{shapes}</svg>"
        )
    }

    /// A whole poster of 400 by 600 as a file of its own, with its colours in it.
    pub fn file_svg(&self, title: &str, year: Option<i16>, director: Option<&str>) -> String {
        let colour = |tone: Tone| tone.hex(self.hue);
        let lettering = lettering::set(title, year, director, colour);
        let art = 600 - lettering.height;
        let picture = self.picture();
        let mut svg = String::from(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"400\" height=\"600\" \
             viewBox=\"0 0 400 600\">",
        );
        let _ = write!(
            svg,
            "<path fill=\"{ground}\" d=\"M0 0h400v600H0z\"/>\
             <svg width=\"400\" height=\"{art}\" viewBox=\"0 0 200 200\" \
             preserveAspectRatio=\"xMidYMid slice\">{picture}</svg>\
             <path fill=\"{panel}\" d=\"M0 {art}h400v{height}H0z\"/>\
             <path fill=\"{accent}\" d=\"M0 {art}h400v5H0z\"/>{text}</svg>",
            ground = colour(Tone::Ground),
            panel = colour(Tone::Panel),
            accent = colour(Tone::Accent),
            height = lettering.height,
            text = lettering.svg,
        );
        svg
    }

    /// The motif with its colours in it.
    fn picture(&self) -> String {
        let shapes = self.sheet().svg(|tone, line| {
            let colour = tone.hex(self.hue);
            match line {
                None => format!("fill=\"{colour}\""),
                Some(false) => format!("fill=\"none\" stroke=\"{colour}\""),
                Some(true) => format!(
                    "fill=\"none\" stroke=\"{colour}\" stroke-linecap=\"round\" \
                     stroke-linejoin=\"round\""
                ),
            }
        });
        let mirror = if self.is_mirrored { " transform=\"matrix(-1 0 0 1 200 0)\"" } else { "" };
        format!("<g{mirror}>{shapes}</g>")
    }

    fn sheet(&self) -> Sheet {
        let mut sheet = Sheet::default();
        (self.layout)(&mut sheet, &mut Dice::new(self.seed.rotate_left(32)));
        sheet
    }
}
