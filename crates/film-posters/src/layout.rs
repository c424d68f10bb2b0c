//! Where title and composition go on a sheet of 200 by 300 units, and which tone does what.

use crate::compose::{Composition, Kind};
use crate::dice::Dice;
use crate::lettering::{Era, Setting, Title};
use crate::palette::{Palette, Tone};
use crate::tags::Gravity;

pub const WIDTH: f64 = 200.0;
pub const HEIGHT: f64 = 300.0;

/// The part of the sheet that the title takes, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// The title fills the foot or the head; the composition fills the rest.
    Foot,
    Head,
    /// As above, with a margin round the composition.
    FootInset,
    HeadInset,
    /// As above, with the composition in a corner.
    FootCorner,
    HeadCorner,
    /// The title lies on the composition.
    OverFoot,
    OverHead,
    /// The title lies on a band across the middle of the composition.
    Band,
    /// The title lies on a label at the head of the composition.
    Label,
    /// The title runs up a side.
    SpineLeft,
    SpineRight,
}

impl Format {
    fn pick(dice: &mut Dice, era: &Era, may_lie_over: bool, composition: &Composition) -> Self {
        let inset = i32::from(era.is_centred());
        let mut lots = vec![
            (Self::Foot, 5),
            (Self::Head, 4),
            (Self::FootInset, 2 + 2 * inset),
            (Self::HeadInset, 1 + 2 * inset),
            (Self::FootCorner, 1),
            (Self::HeadCorner, 1),
        ];
        if may_lie_over {
            lots.extend([(Self::OverFoot, 4), (Self::OverHead, 3)]);
        }
        if composition.is(Kind::Pattern) {
            lots.extend([(Self::Band, 2), (Self::Label, 2)]);
        }
        lots.extend([(Self::SpineLeft, 2), (Self::SpineRight, 2)]);
        dice.weighted(&lots).unwrap_or(Self::Foot)
    }

    pub const fn is_over(self) -> bool {
        matches!(self, Self::OverFoot | Self::OverHead)
    }

    pub const fn is_spine(self) -> bool {
        matches!(self, Self::SpineLeft | Self::SpineRight)
    }

    pub const fn is_inset(self) -> bool {
        matches!(self, Self::FootInset | Self::HeadInset)
    }

    pub const fn is_corner(self) -> bool {
        matches!(self, Self::FootCorner | Self::HeadCorner)
    }

    /// Returns the classes of the style sheet.
    pub const fn classes(self) -> &'static str {
        match self {
            Self::Foot | Self::FootInset | Self::FootCorner => "foot",
            Self::Head | Self::HeadInset | Self::HeadCorner => "head",
            Self::OverFoot => "foot over",
            Self::OverHead => "head over",
            Self::Band => "band",
            Self::Label => "label",
            Self::SpineLeft => "spine",
            Self::SpineRight => "spine right",
        }
    }

    /// Returns the width that lines of the title may have.
    pub const fn room(self) -> f64 {
        match self {
            Self::Label => 156.0,
            _ => 176.0,
        }
    }
}

/// A rectangle on the sheet.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Window {
    pub x: f64,
    pub y: f64,
    pub w: f64,
    pub h: f64,
}

pub const SHEET: Window = Window { x: 0.0, y: 0.0, w: WIDTH, h: HEIGHT };

/// The tones of a composition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Roles {
    pub field: Tone,
    pub hero: Tone,
    pub second: Tone,
    pub third: Tone,
}

/// The arrangement of one sheet.
#[derive(Debug, Clone)]
pub struct Layout {
    pub format: Format,
    pub setting: Setting,
    /// Height of the block that holds the title, in the direction across its lines.
    pub tall: f64,
    /// Tone of that block; the lettering is in ink, or in ground on ink.
    pub block: Tone,
    pub window: Window,
    pub roles: Roles,
}

/// The input of a layout.
pub struct Brief<'a> {
    /// The title as it is set.
    pub title: &'a str,
    pub era: &'static Era,
    pub gravity: Gravity,
    pub composition: &'a Composition,
    pub palette: &'a Palette,
}

impl Layout {
    pub fn new(brief: &Brief, dice: &mut Dice) -> Self {
        let Brief { title, era, gravity, composition, palette } = *brief;
        let mut format = Format::pick(dice, era, may_lie_over(composition, palette), composition);
        let mut tall: f64 = dice.pick(&[84.0, 106.0, 130.0, 150.0, 176.0]);
        let title_pieces = Title::new(title, era);
        let spine = spine(title, &title_pieces).filter(|_| gravity < Gravity::Gravest);
        if format.is_spine() && spine.is_none() {
            format = dice.pick(&[Format::Foot, Format::Head]);
        }
        if format.is_inset() || matches!(format, Format::Label | Format::Band) {
            tall = tall.min(106.0);
        }
        let setting = match spine {
            Some(setting) if format.is_spine() => setting,
            _ => fit(&title_pieces, era, format.room(), tall),
        };
        let around = if format == Format::Label { 32.0 } else { 36.0 };
        let tall = (around + setting.height(era)).ceil().min(240.0);
        let block = if format.is_over() || format.is_inset() {
            Tone::Ground
        } else {
            let (g, a) = (Tone::Ground, Tone::Under);
            dice.pick(&[g, g, g, g, g, g, a, a, Tone::Ink])
        };
        let window = window(format, tall, dice);
        let field = field(dice, format, composition, block);
        let roles = if format.is_over() {
            let second = dice.pick(&[Tone::Loud, Tone::Loud, Tone::Spark]);
            Roles { field, hero: Tone::Under, second, third: Tone::Under }
        } else {
            Roles::pick(dice, palette, era.inks, field)
        };
        let roles = if composition.is(Kind::Flag) { roles.unflagged(palette) } else { roles };
        Self { format, setting, tall, block, window, roles }
    }

    /// Returns top and bottom of a title that lies on the composition.
    pub fn title_zone(&self) -> Option<(f64, f64)> {
        match self.format {
            Format::OverFoot => Some((HEIGHT - self.tall, HEIGHT)),
            Format::OverHead => Some((0.0, self.tall)),
            _ => None,
        }
    }

    /// Returns the tone of the sheet around the window, or under all of it.
    pub fn ground(&self) -> Tone {
        let has_margin = self.format.is_inset() || self.format.is_corner();
        if has_margin && self.window != SHEET { Tone::Ground } else { self.roles.field }
    }

    /// Returns the tone of the lettering.
    pub const fn text(&self) -> Tone {
        if matches!(self.block, Tone::Ink) { Tone::Ground } else { Tone::Ink }
    }
}

/// Returns whether a title may lie on the composition: its hero is then the under-tone.
fn may_lie_over(composition: &Composition, palette: &Palette) -> bool {
    let (ground, under) = (palette.tone(Tone::Ground), palette.tone(Tone::Under));
    let is_flag = composition.is(Kind::Flag) && ground.lightness > 0.8 && under.is_reddish();
    let is_veil = composition.is(Kind::Veil) && palette.distance(Tone::Ground, Tone::Under) < 0.14;
    (composition.is(Kind::Over) || is_veil) && !is_flag
}

/// Returns the largest setting of a short word up the side of the sheet, if the title is one.
fn spine(title: &str, pieces: &Title) -> Option<Setting> {
    let is_short = (1..=13).contains(&title.chars().count());
    let is_word = title.chars().all(|letter| letter < '\u{590}' && letter != ' ');
    (is_short && is_word).then(|| pieces.fit_line(270.0, 72.0)).flatten()
}

/// Returns the largest setting that fits, with more height if the letters would be small.
fn fit(title: &Title, era: &'static Era, room: f64, tall: f64) -> Setting {
    let least = if era.is_narrow() { 33.0 } else { 24.0 };
    let mut found = None;
    for tall in [tall, tall.max(130.0), tall.max(170.0)] {
        let setting = title.fit(room, tall);
        found = setting.or(found);
        if setting.is_some_and(|setting| setting.size() >= least) {
            break;
        }
    }
    found.unwrap_or_else(|| title.set(crate::lettering::SIZES.len() - 1, room))
}

fn window(format: Format, tall: f64, dice: &mut Dice) -> Window {
    let rest = tall - 3.0;
    let (x, y, w, h) = match format {
        Format::Foot => (0.0, 0.0, WIDTH, HEIGHT - rest),
        Format::Head => (0.0, rest, WIDTH, HEIGHT - rest),
        Format::FootInset => (12.0, 12.0, 176.0, HEIGHT - 12.0 - tall),
        Format::HeadInset => (12.0, tall, 176.0, HEIGHT - 12.0 - tall),
        Format::FootCorner | Format::HeadCorner => {
            let side = dice.pick(&[12.0, 40.0, 64.0]);
            let x = if dice.coin() { side } else { 0.0 };
            let y = if format == Format::HeadCorner { rest } else { 0.0 };
            (x, y, WIDTH - side, HEIGHT - rest)
        }
        Format::OverFoot | Format::OverHead | Format::Band | Format::Label => {
            (0.0, 0.0, WIDTH, HEIGHT)
        }
        Format::SpineLeft => (rest, 0.0, WIDTH - rest, HEIGHT),
        Format::SpineRight => (0.0, 0.0, WIDTH - rest, HEIGHT),
    };
    Window { x, y, w, h }
}

/// Returns the tone under the composition: never that of the title's block, unless it is the ground.
fn field(dice: &mut Dice, format: Format, composition: &Composition, block: Tone) -> Tone {
    use Tone::{Ground as G, Ink as I, Spark as C, Under as A};
    let is_pattern = composition.is(Kind::Pattern);
    let choices: &[Tone] = match format {
        Format::OverFoot | Format::OverHead => &[G],
        Format::Foot | Format::Head => &[G, G, G, G, G, G, A, C, I],
        Format::FootInset | Format::HeadInset if is_pattern || composition.is(Kind::Whole) => {
            &[G, G, G, A, A, C, I]
        }
        Format::FootCorner | Format::HeadCorner if is_pattern => &[G, G, A, A, C, I],
        Format::SpineLeft | Format::SpineRight => &[G, G, A, A, C, I],
        Format::FootInset | Format::HeadInset | Format::FootCorner | Format::HeadCorner => {
            &[A, A, C, I]
        }
        Format::Band | Format::Label => &[G, A, A, C],
    };
    let choices: Vec<Tone> =
        choices.iter().copied().filter(|tone| *tone == G || *tone != block).collect();
    dice.pick(&choices)
}

impl Roles {
    fn pick(dice: &mut Dice, palette: &Palette, inks: usize, field: Tone) -> Self {
        use Tone::{Ground as G, Ink as I, Loud as B, Spark as C, Under as A};
        let apart = |one, other, least| palette.distance(one, other) > least;
        let among = |lots: &[(Tone, i32)], may: &dyn Fn(Tone) -> bool| -> Vec<(Tone, i32)> {
            lots.iter().copied().filter(|(tone, _)| may(*tone)).collect()
        };
        let is_candidate = |tone| tone != field && apart(tone, field, 0.16);
        let lots = [(B, 6), (A, 3), (C, 2), (I, 2), (G, 1)];
        let strong = among(&lots, &|tone| is_candidate(tone) && apart(tone, field, 0.3));
        let hero = dice
            .weighted(&strong)
            .or_else(|| dice.weighted(&among(&lots, &is_candidate)))
            .unwrap_or(if field == I { G } else { I });
        let lots = [(B, 4), (C, 4), (A, 3), (I, 2), (G, 2)];
        let is_other = |tone| is_candidate(tone) && apart(tone, hero, 0.14);
        let second = dice
            .weighted(&among(&lots, &|tone| is_other(tone) && apart(tone, field, 0.24)))
            .or_else(|| dice.weighted(&among(&lots, &is_other)))
            .unwrap_or(hero);
        let is_third = |tone| is_candidate(tone) && tone != hero && tone != second;
        let rest: Vec<Tone> = Tone::ALL.into_iter().filter(|tone| is_third(*tone)).collect();
        let any = if rest.is_empty() { second } else { dice.pick(&rest) };
        let third = match inks {
            1 => hero,
            2 => second,
            _ => any,
        };
        Self { field, hero, second, third }
    }

    /// Returns the roles without a red figure on a light field, which recalls flags.
    fn unflagged(self, palette: &Palette) -> Self {
        if palette.tone(self.field).lightness <= 0.8 {
            return self;
        }
        let tame = |tone: Tone| {
            let others = [Tone::Ink, Tone::Loud, Tone::Spark, Tone::Under];
            let may = |tone: &Tone| {
                !palette.tone(*tone).is_reddish() && palette.distance(*tone, self.field) > 0.16
            };
            if palette.tone(tone).is_reddish() { others.into_iter().find(may) } else { Some(tone) }
        };
        let hero = tame(self.hero).unwrap_or(Tone::Ink);
        let second = tame(self.second).unwrap_or(Tone::Ink);
        Self { hero, second, third: if self.third == self.hero { hero } else { second }, ..self }
    }
}
