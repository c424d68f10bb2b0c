//! Posters drawn by rule: each film always gets the same sheet, byte for byte.
//!
//! A sheet says what is known of its film without depicting anything. The title is set in a
//! typeface of the film's time, as large as it fits; the tags choose a family of palettes and how
//! calm or wild the sheet is; the running time counts bars, rings and waves; the slug throws the
//! dice for everything else. Films about atrocities get quiet, grey sheets.
//!
//! In a page, a [`Sheet`] is an inline SVG and the classes of the element around it, which
//! [`style_sheet`] colours and sizes. As files there are [`Poster::file`] and, for link previews,
//! [`Poster::preview_png`].

mod canvas;
mod compose;
mod dice;
mod file;
mod layout;
mod lettering;
mod palette;
mod tags;
#[cfg(test)]
mod tests;

use std::fmt::Write as _;

use crate::canvas::Canvas;
use crate::compose::{Composition, Frame, Letters};
use crate::dice::Dice;
use crate::layout::{Brief, Layout, SHEET, Window};
use crate::lettering::{DISPLAY, Era};
use crate::palette::{Palette, Tone};
use crate::tags::{Gravity, Mood};

/// Seeds the dice. Another edition gives every film another sheet; this one has the most even walls
/// of the catalogues it was chosen with.
const EDITION: &str = "288";

/// The facts that a poster is drawn from.
#[derive(Debug, Clone, Copy)]
pub struct Film<'a> {
    /// Identifies the film; two films of one slug get the same dice.
    pub slug: &'a str,
    pub title: &'a str,
    pub year: Option<i16>,
    /// Running time.
    pub minutes: Option<i32>,
    /// Slugs of tags, the main genre first.
    pub tags: &'a [&'a str],
}

/// The poster of one film.
#[derive(Debug, Clone)]
pub struct Poster {
    /// The title as it is set, without characters that cannot be shown.
    title: String,
    year: Option<i16>,
    minutes: Option<i32>,
    era: &'static Era,
    gravity: Gravity,
    energy: f64,
    beats: i32,
    letters: Letters,
    composition: &'static Composition,
    palette: Palette,
    seed: u64,
}

/// A poster for inlining in HTML.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    /// The SVG element. Its shapes carry classes of [`style_sheet`].
    pub drawing: String,
    /// The classes of the element that holds the drawing and the title.
    pub classes: String,
}

/// The independent sequences of dice of one film.
#[derive(Clone, Copy)]
enum Throw {
    Mood,
    Palette,
    Composition,
    Layout,
    Drawing,
}

impl Poster {
    pub fn new(film: &Film) -> Self {
        Self::of_edition(film, EDITION)
    }

    fn of_edition(film: &Film, edition: &str) -> Self {
        let seed = dice::hash(&[edition, " ", film.slug]);
        let mut dice = throw(seed, Throw::Mood);
        let Mood { families, energy, gravity } = Mood::new(film.tags, &mut dice);
        let typical = dice.between(80, 130);
        let beats = film.minutes.filter(|minutes| *minutes > 0).unwrap_or(typical);
        let beats = ((beats + 5) / 10).clamp(5, 18);
        let era = match gravity {
            Gravity::Gravest => DISPLAY,
            _ => Era::of_year(film.year),
        };
        let palette = palette(&mut throw(seed, Throw::Palette), &families, gravity, era);
        let title = era.set(&file::clean(film.title));
        let letters = Letters::new(&title, era, film.minutes, film.year);
        let mut dice = throw(seed, Throw::Composition);
        let composition = Composition::pick(&mut dice, era, energy, gravity, &letters);
        Self {
            title,
            year: film.year,
            minutes: film.minutes,
            era,
            gravity,
            energy,
            beats,
            letters,
            composition,
            palette,
            seed,
        }
    }

    /// Returns the whole poster, for an element that also holds the title.
    pub fn sheet(&self) -> Sheet {
        let layout = self.layout();
        let size = layout.setting.size;
        let block = match layout.block {
            Tone::Under => " on-a",
            Tone::Ink => " on-i",
            _ => "",
        };
        self.inline(&layout, &format!("{} z{size}{block} ", layout.format.classes()))
    }

    /// Returns the composition alone, for where the title stands beside it.
    pub fn bare(&self) -> Sheet {
        self.inline(&Layout { window: SHEET, ..self.layout() }, "bare ")
    }

    /// Returns a sheet with `classes` in addition to those of its inks and typeface.
    fn inline(&self, layout: &Layout, classes: &str) -> Sheet {
        let (palette, era) = (self.palette.class(), self.era.name);
        let paper = if self.palette.is_paper { " paper" } else { "" };
        let ground = match layout.ground() {
            Tone::Ground => String::new(),
            tone => format!(" sheet-{}", tone.letter()),
        };
        let art = self.art(layout);
        Sheet {
            drawing: format!("<svg viewBox=\"0 0 200 300\" aria-hidden=\"true\">{art}</svg>"),
            classes: format!("poster {classes}{palette}{paper} {era}{ground}"),
        }
    }

    fn layout(&self) -> Layout {
        let brief = Brief {
            title: &self.title,
            era: self.era,
            gravity: self.gravity,
            composition: self.composition,
            palette: &self.palette,
        };
        Layout::new(&brief, &mut throw(self.seed, Throw::Layout))
    }

    /// Returns the composition in its window, for a sheet of the tone of [`Layout::ground`].
    fn art(&self, layout: &Layout) -> String {
        let window = layout.window;
        let mut canvas = Canvas::new(throw(self.seed, Throw::Drawing));
        if layout.ground() != layout.roles.field {
            canvas.fill(layout.roles.field).rect(0.0, 0.0, window.w, window.h);
        }
        self.compose(&mut canvas, layout, window);
        let svg = canvas.svg(self.is_light(layout));
        if window == SHEET { svg } else { nested(window, &svg) }
    }

    /// Draws the composition for a window.
    fn compose(&self, canvas: &mut Canvas, layout: &Layout, window: Window) {
        let title = match layout.title_zone() {
            // On another window the title lies elsewhere, but the tones are the same.
            Some(_) if window != SHEET => Some((-1.0, -1.0)),
            zone => zone,
        };
        let frame = Frame {
            w: window.w,
            h: window.h,
            beats: self.beats,
            energy: self.energy,
            gravity: self.gravity,
            field: layout.roles.field,
            hero: layout.roles.hero,
            second: layout.roles.second,
            third: layout.roles.third,
            title,
            letters: self.letters,
        };
        (self.composition.draw)(canvas, &frame);
    }

    fn is_light(&self, layout: &Layout) -> bool {
        self.palette.tone(layout.roles.field).lightness > 0.6
    }

    /// Returns what neighbours must not have in common.
    fn look(&self) -> (&'static str, &'static str, usize) {
        (self.composition.name, self.palette.family, self.palette.number)
    }
}

/// Changes the inks of posters in a list that look like one of the 13 before them: those are all
/// the neighbours in a grid of two to twelve columns.
pub fn hang<'a>(posters: impl IntoIterator<Item = &'a mut Poster>) {
    let mut looks = Vec::new();
    for poster in posters {
        for _ in 0..2 {
            if looks.iter().rev().take(13).any(|look| *look == poster.look()) {
                let Palette { family, number, .. } = poster.palette;
                poster.palette = inks(family, number + 3, poster.gravity, poster.era);
            }
        }
        looks.push(poster.look());
    }
}

/// Returns `svg` in a window that clips it.
fn nested(window: Window, svg: &str) -> String {
    let mut nested = String::from("<svg");
    for (name, value) in [("x", window.x), ("y", window.y)] {
        if value != 0.0 {
            _ = write!(nested, " {name}=\"{value}\"");
        }
    }
    _ = write!(nested, " width=\"{}\" height=\"{}\">{svg}</svg>", window.w, window.h);
    nested
}

fn throw(seed: u64, throw: Throw) -> Dice {
    Dice::new(seed.rotate_left(11 * (1 + throw as u32)))
}

fn palette(
    dice: &mut Dice,
    families: &[(&'static str, i32)],
    gravity: Gravity,
    era: &Era,
) -> Palette {
    let family = dice.weighted(families).unwrap_or("city");
    let is_stone = match gravity {
        Gravity::Light => false,
        Gravity::Grave => dice.chance(60),
        Gravity::Gravest => true,
    };
    let family = if is_stone { "stone" } else { family };
    let number = dice.index(Palette::count(family));
    inks(family, number, gravity, era)
}

/// Returns a palette of the family, or of stone where red would be shrill.
fn inks(family: &str, number: usize, gravity: Gravity, era: &Era) -> Palette {
    let palette = Palette::new(family, number, era);
    if gravity > Gravity::Light && palette.has_strong_red() {
        return Palette::new("stone", number, era);
    }
    palette
}

/// Returns the style sheet of the posters; `font` gives the address of one of the [`FONTS`].
pub fn style_sheet(font: impl Fn(&str) -> String) -> String {
    let mut css = String::new();
    for (name, _) in FONTS {
        let family = name.trim_end_matches(".woff2").trim_end_matches("-ext");
        let range = if name.contains("-ext") {
            "U+100-24F"
        } else {
            "U+0-FF,U+2013-2014,U+2018-2019,U+201C-201D,U+2026,U+2032"
        };
        _ = writeln!(
            css,
            "@font-face{{font-family:{family};src:url({}) format(\"woff2\");font-display:swap;unicode-range:{range}}}",
            font(name)
        );
    }
    css.push_str(include_str!("poster.css"));
    css.push_str("@layer components{\n");
    css.push_str(&palette::rules());
    for (number, size) in lettering::SIZES.iter().enumerate() {
        _ = writeln!(css, ".z{number}{{--z:{}cqw}}", size / 2.0);
    }
    css.push_str("}\n");
    css
}

macro_rules! fonts {
    ($($name:literal),*) => {
        [$(($name, include_bytes!(concat!("../fonts/", $name)))),*]
    };
}

/// Names and contents of the web fonts.
pub const FONTS: [(&str, &[u8]); 14] = fonts![
    "playbill.woff2",
    "playbill-ext.woff2",
    "deco.woff2",
    "deco-ext.woff2",
    "clarendon.woff2",
    "clarendon-ext.woff2",
    "grotesk.woff2",
    "grotesk-ext.woff2",
    "spartan.woff2",
    "spartan-ext.woff2",
    "gothic.woff2",
    "gothic-ext.woff2",
    "display.woff2",
    "display-ext.woff2"
];
