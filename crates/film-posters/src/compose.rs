//! The compositions: what is drawn into a window, and which films get which.

use self::Kind::{Flag, Letter, Over, Pattern, Play, Quiet, Veil, Whole, Wild};
use crate::canvas::{Canvas, whole};
use crate::dice::Dice;
use crate::lettering::Era;
use crate::palette::Tone;
use crate::tags::Gravity;

mod letter;
mod line;
mod plane;
mod round;

/// A property of a composition that decides where it may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Could recall a flag in red on white.
    Flag,
    /// Shows a figure that must not be cropped by an edge that cannot be seen.
    Whole,
    Wild,
    Quiet,
    /// Leaves room for the title on the ground and under-tone alone.
    Over,
    /// As [`Kind::Over`], where ground and under-tone are close to each other.
    Veil,
    /// Fills any window evenly.
    Pattern,
    Play,
    /// Needs a character to draw.
    Letter,
}

/// One way to fill a window with shapes.
#[derive(Debug)]
pub struct Composition {
    pub name: &'static str,
    pub draw: fn(&mut Canvas, &Frame),
    /// The eras that favour it, as indices of [`crate::lettering::ERAS`].
    eras: &'static [usize],
    kinds: &'static [Kind],
}

impl Composition {
    pub fn is(&self, kind: Kind) -> bool {
        self.kinds.contains(&kind)
    }

    /// Picks the composition of a film.
    pub fn pick(
        dice: &mut Dice,
        era: &Era,
        energy: f64,
        gravity: Gravity,
        letters: &Letters,
    ) -> &'static Self {
        let weight = |composition: &Self| {
            let is = |kind| composition.is(kind);
            let is_excluded = match gravity {
                Gravity::Light => false,
                Gravity::Grave => is(Play) || is(Letter),
                Gravity::Gravest => !is(Quiet),
            };
            if is_excluded || !letters.allow(composition.name) {
                return 0;
            }
            if gravity == Gravity::Gravest {
                return 1;
            }
            let favour = if composition.eras.contains(&(era.index)) { 2 } else { 0 };
            let step = if energy > 0.6 {
                1
            } else if energy < 0.35 {
                -1
            } else {
                0
            };
            2 + favour + step * (i32::from(is(Wild)) - i32::from(is(Quiet)))
        };
        let weights: Vec<(&Self, i32)> =
            ALL.iter().map(|composition| (composition, weight(composition))).collect();
        dice.weighted(&weights).unwrap_or(&ALL[0])
    }
}

/// The characters that may be drawn large.
#[derive(Debug, Clone, Copy)]
pub struct Letters {
    pub era: &'static Era,
    pub initial: Option<char>,
    pub number: Option<i32>,
}

impl Letters {
    pub fn new(title: &str, era: &'static Era, minutes: Option<i32>, year: Option<i16>) -> Self {
        let number = minutes.filter(|minutes| *minutes > 0).or(year.map(i32::from));
        let number = number.filter(|number| ![14, 18, 28, 69, 88].contains(number));
        Self { era, initial: letter::initial_of(title), number }
    }

    fn allow(&self, composition: &str) -> bool {
        match composition {
            "initial" => self.initial.is_some(),
            "minutes" => self.number.is_some(),
            _ => true,
        }
    }
}

/// The input of a composition: the window it fills, and its film.
#[derive(Debug, Clone)]
pub struct Frame {
    /// Size in units; whole numbers.
    pub w: f64,
    pub h: f64,
    /// One per ten minutes of running time, from 5 to 18.
    pub beats: i32,
    /// From 0 (calm) to 1 (wild).
    pub energy: f64,
    pub gravity: Gravity,
    pub field: Tone,
    pub hero: Tone,
    pub second: Tone,
    pub third: Tone,
    /// Top and bottom of a title that lies on the composition.
    pub title: Option<(f64, f64)>,
    pub letters: Letters,
}

impl Frame {
    /// Returns the smaller side.
    fn min(&self) -> f64 {
        self.w.min(self.h)
    }

    /// Returns the larger side.
    fn max(&self) -> f64 {
        self.w.max(self.h)
    }

    fn middle(&self) -> (f64, f64) {
        (self.w / 2.0, self.h / 2.0)
    }

    /// Returns the point at fractions of the sides.
    fn at(&self, x: f64, y: f64) -> (f64, f64) {
        (x * self.w, y * self.h)
    }

    /// Returns the distance from a point to the farthest corner.
    fn reach(&self, (x, y): (f64, f64)) -> f64 {
        x.max(self.w - x).hypot(y.max(self.h - y))
    }

    fn is_light(&self) -> bool {
        self.gravity == Gravity::Light
    }

    /// Returns the tone of an accent between two heights: never a loud one under a title.
    fn accent(&self, top: f64, bottom: f64) -> Tone {
        let meets = |(start, end): (f64, f64)| top < end && bottom > start;
        if self.title.is_some_and(meets) { self.hero } else { self.second }
    }

    /// Returns the tone of one cell of many.
    fn mix(&self, dice: &mut Dice) -> Tone {
        let (h, s) = (self.hero, self.second);
        dice.pick(&[h, h, h, h, h, s, s, self.third])
    }

    /// Returns `tone`, or hero or second where it would vanish on `below`.
    fn on(&self, below: Tone, tone: Tone) -> Tone {
        match tone {
            _ if tone != below => tone,
            _ if below == self.hero => self.second,
            _ => self.hero,
        }
    }

    /// Returns rows and cell size of a grid of almost square cells.
    fn grid(&self, columns: i32) -> Grid {
        let columns_wide = f64::from(columns);
        let rows = whole(self.h * columns_wide / self.w).max(1);
        Grid { columns, rows, w: self.w / columns_wide, h: self.h / f64::from(rows) }
    }
}

struct Grid {
    columns: i32,
    rows: i32,
    /// Size of a cell.
    w: f64,
    h: f64,
}

impl Grid {
    /// Returns the left upper corners of the cells, row by row.
    fn cells(&self) -> impl Iterator<Item = (f64, f64)> {
        let (columns, w, h) = (self.columns, self.w, self.h);
        let row = move |row| (0..columns).map(move |at| (f64::from(at) * w, f64::from(row) * h));
        (0..self.rows).flat_map(row)
    }
}

/// Returns a point of `[0, w] × [0, h]` mirrored where `x` and `y` say so.
const fn mirror((px, py): (f64, f64), f: &Frame, (x, y): (bool, bool)) -> (f64, f64) {
    (if x { f.w - px } else { px }, if y { f.h - py } else { py })
}

const fn row(
    name: &'static str,
    draw: fn(&mut Canvas, &Frame),
    eras: &'static [usize],
    kinds: &'static [Kind],
) -> Composition {
    Composition { name, draw, eras, kinds }
}

pub static ALL: [Composition; 48] = [
    row("sun", round::sun, &[0, 6], &[Flag, Quiet, Over]),
    row("slices", round::slices, &[5], &[Flag, Whole, Wild]),
    row("beethoven", round::beethoven, &[3], &[Wild]),
    row("rings", round::rings, &[3], &[Pattern, Play, Veil]),
    row("rotor", round::rotor, &[3], &[Play]),
    row("halves", round::halves, &[2, 0], &[Whole]),
    row("overlap", round::overlap, &[2], &[Quiet, Whole]),
    row("crescendo", round::crescendo, &[2], &[Play, Whole]),
    row("spots", round::spots, &[2], &[Pattern, Play]),
    row("screen", round::screen, &[5], &[Pattern]),
    row("weight", round::weight, &[3, 4], &[Flag, Whole]),
    row("spiral", round::spiral, &[4], &[Play, Wild]),
    row("ticks", round::ticks, &[4], &[Pattern, Wild, Play]),
    row("quarter", round::quarter, &[0, 1, 6], &[Flag, Quiet, Over]),
    row("counterchange", round::counterchange, &[3], &[Pattern]),
    row("levels", line::levels, &[5], &[Whole]),
    row("diagonals", line::diagonals, &[0], &[Pattern, Veil]),
    row("fan", line::fan, &[1], &[Flag, Play, Veil, Wild]),
    row("waves", line::waves, &[3], &[Pattern, Quiet, Veil]),
    row("horizon", line::horizon, &[1, 4], &[Flag, Quiet, Veil]),
    row("supergraphic", line::supergraphic, &[4], &[Play]),
    row("arches", line::arches, &[1, 4], &[Play]),
    row("envelope", line::envelope, &[6], &[Whole]),
    row("field", line::field, &[5], &[Pattern, Wild]),
    row("moire", line::moire, &[3], &[Whole]),
    row("ridges", line::ridges, &[6], &[]),
    row("capsules", line::capsules, &[4], &[Wild, Play]),
    row("stroke", line::stroke, &[0, 6], &[]),
    row("albers", plane::albers, &[3], &[Quiet, Whole]),
    row("rooms", plane::rooms, &[2], &[Quiet, Whole]),
    row("planes", plane::planes, &[0], &[Whole]),
    row("truchet", plane::truchet, &[3], &[Pattern]),
    row("warp", plane::warp, &[3], &[Pattern, Wild]),
    row("frames", plane::frames, &[1], &[Whole]),
    row("stairs", plane::stairs, &[1], &[]),
    row("cuts", plane::cuts, &[2], &[]),
    row("shards", plane::shards, &[0, 2], &[Wild]),
    row("pebbles", plane::pebbles, &[2, 6], &[]),
    row("gravel", plane::gravel, &[4], &[Whole, Wild]),
    row("quilt", plane::quilt, &[2], &[Pattern, Wild, Play]),
    row("parting", plane::parting, &[6], &[Flag, Quiet, Over]),
    row("weave", plane::weave, &[4], &[Pattern]),
    row("edge", plane::edge, &[6, 5], &[Quiet]),
    row("tide", plane::tide, &[6, 4], &[Quiet, Over]),
    row("dusk", plane::dusk, &[4, 6], &[Quiet]),
    row("dissolve", plane::dissolve, &[5], &[Pattern]),
    row("initial", letter::initial, &[6, 5], &[Letter, Play]),
    row("minutes", letter::minutes, &[5], &[Letter, Play]),
];
