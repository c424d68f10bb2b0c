//! Posters as files: an SVG with its colours and its title, and a PNG for link previews.

use std::fmt::Write as _;
use std::sync::{Arc, LazyLock};

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::fontdb::Database;
use resvg::usvg::{Error, Options, Tree};

use crate::canvas::Canvas;
use crate::layout::{Format, HEIGHT, WIDTH, Window};
use crate::lettering::{ERAS, GROTESK, Setting, Title};
use crate::palette::Tone;
use crate::{Poster, Throw, dice, nested, throw};

/// Size of a link preview in pixels. Three pixels are one unit.
pub const PREVIEW_SIZE: (u32, u32) = (1200, 630);

/// The part of a preview that shows the composition; the title is left of it.
pub const PREVIEW_ART: Window = Window { x: 196.0, y: 0.0, w: 204.0, h: 210.0 };

/// Characters of a title that are shown.
const MAX_TITLE: usize = 200;

/// Characters of the directors' names that are shown.
const MAX_DIRECTORS: usize = 28;

static FONTS: LazyLock<Arc<Database>> = LazyLock::new(|| {
    let mut fonts = Database::new();
    ERAS.iter().for_each(|era| fonts.load_font_data(era.font.to_vec()));
    Arc::new(fonts)
});

impl Poster {
    /// Returns the poster as an SVG file of 400 by 600, with `directors` on its small line.
    pub fn file(&self, directors: &str) -> String {
        let layout = self.layout();
        let tall = layout.tall;
        let (block, length) = match layout.format {
            Format::Head | Format::HeadInset | Format::HeadCorner | Format::OverHead => {
                ("translate(0 0)".to_owned(), WIDTH)
            }
            Format::Band => (format!("translate(0 {})", (HEIGHT - tall) / 2.0), WIDTH),
            Format::Label => ("translate(12 12)".to_owned(), WIDTH - 24.0),
            Format::SpineLeft => ("translate(0 300)rotate(-90)".to_owned(), HEIGHT),
            Format::SpineRight => (format!("translate({} 300)rotate(-90)", WIDTH - tall), HEIGHT),
            _ => (format!("translate(0 {})", HEIGHT - tall), WIDTH),
        };
        let mut svg = self.open(400, "0 0 200 300");
        let (ground, art) = (layout.ground().letter(), self.art(&layout));
        _ = write!(svg, "<path class=\"{ground}\" d=\"M0 0h200v300H0z\"/>{art}");
        _ = write!(svg, "<g transform=\"{block}\">");
        if !layout.format.is_over() {
            let tone = layout.block.letter();
            _ = write!(svg, "<path class=\"{tone}\" d=\"M0 0h{length}v{tall}H0z\"/>");
        }
        _ = write!(svg, "<g class=\"{}\">", layout.text().letter());
        let top = if layout.format == Format::Label { 8.0 } else { 10.0 };
        let (left, right) = (10.0, length - 10.0);
        let year = self.year.map(|year| format!("{year} ")).unwrap_or_default();
        let start = format!("{year}{}", shorten(&clean(directors), MAX_DIRECTORS));
        let small = "font-size=\"8.2\" font-family=\"system-ui,sans-serif\"";
        text(&mut svg, (left, top + 8.0), small, &start);
        if let Some(minutes) = self.minutes {
            let end = format!("{small} text-anchor=\"end\"");
            text(&mut svg, (right, top + 8.0), &end, &format!("{minutes}′"));
        }
        let room = if layout.format.is_spine() { 270.0 } else { layout.format.room() };
        let first = top + 14.0 + (self.era.line_height - 0.115) * layout.setting.size();
        let (x, anchor) =
            match (self.era.is_centred() && !layout.format.is_spine(), is_rtl(&self.title)) {
                (true, _) => (length / 2.0, "middle"),
                (_, true) => (right, "start"),
                _ => (left, "start"),
            };
        self.push_title(&mut svg, layout.setting, room, (x, first), anchor);
        svg.push_str("</g></g></svg>");
        svg
    }

    /// Returns the SVG of the link preview: the title on the left, the composition on the right.
    /// If the fonts lack characters of the title, the composition fills the picture.
    pub(crate) fn preview_svg(&self, directors: &str) -> String {
        let layout = self.layout();
        let mut svg = self.open(PREVIEW_SIZE.0, "0 0 400 210");
        svg.push_str("<path class=\"g\" d=\"M0 0h400v210H0z\"/>");
        let is_known = self.era.covers(&self.title) && !self.title.is_empty();
        let whole = Window { x: 0.0, w: 400.0, ..PREVIEW_ART };
        let window = if is_known { PREVIEW_ART } else { whole };
        let mut canvas = Canvas::new(throw(self.seed, Throw::Drawing));
        canvas.fill(layout.roles.field).rect(0.0, 0.0, window.w, window.h);
        self.compose(&mut canvas, &layout, window);
        svg.push_str(&nested(window, &canvas.svg(self.is_light(&layout))));
        if is_known {
            svg.push_str("<g class=\"i\">");
            let known = if GROTESK.covers(directors) { directors } else { "" };
            let facts = [
                self.year.map(|year| year.to_string()),
                Some(shorten(&clean(known), MAX_DIRECTORS)).filter(|names| !names.is_empty()),
                self.minutes.map(|minutes| format!("{minutes}′")),
            ];
            let facts: Vec<String> = facts.into_iter().flatten().collect();
            let small = format!("font-size=\"7.5\" font-family=\"{}\"", GROTESK.family);
            text(&mut svg, (16.0, 22.0), &small, &facts.join("\u{a0} "));
            let title = Title::new(&self.title, self.era);
            let setting = title.fit(168.0, 150.0).unwrap_or_else(|| title.set(15, 168.0));
            let above = setting.height(self.era) - self.era.line_height * setting.size();
            self.push_title(&mut svg, setting, 168.0, (16.0, 194.0 - above), "start");
            svg.push_str("</g>");
        }
        svg.push_str("</svg>");
        svg
    }

    /// Returns the start of a file, with the colours of its classes.
    pub(crate) fn open(&self, width: u32, view_box: &str) -> String {
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" viewBox=\"{view_box}\"><style>"
        );
        for tone in Tone::ALL {
            let (lower, upper) = (tone.letter(), tone.letter().to_ascii_uppercase());
            let colour = self.palette.tone(tone).hex();
            _ = write!(svg, ".{lower}{{fill:{colour}}}.{upper}{{fill:none;stroke:{colour}}}");
            _ = write!(svg, ".f{lower}.f{lower}{{fill:{colour}}}");
        }
        _ = write!(
            svg,
            ".e{{fill-rule:evenodd}}.r{{stroke-linecap:round}}.m{{mix-blend-mode:multiply}}\
             .n{{mix-blend-mode:screen}}.t{{font-family:{}}}</style>",
            self.era.family
        );
        svg
    }

    /// Appends the lines of the title. Known ones get their width in any font.
    fn push_title(
        &self,
        svg: &mut String,
        setting: Setting,
        room: f64,
        (x, first): (f64, f64),
        anchor: &str,
    ) {
        let size = setting.size();
        let mut baseline = first;
        for line in Title::new(&self.title, self.era).balanced(setting, room) {
            let mut attributes =
                format!("class=\"t\" font-size=\"{size}\" text-anchor=\"{anchor}\"");
            if self.era.covers(&line) && !line.is_empty() {
                let width = self.era.width(&line) * size;
                _ = write!(
                    attributes,
                    " textLength=\"{width:.1}\" lengthAdjust=\"spacingAndGlyphs\""
                );
            }
            text(svg, (x, baseline), &attributes, &line);
            baseline += size * self.era.line_height;
        }
    }

    /// Returns a hash of what the link preview shows.
    pub fn preview_hash(&self, directors: &str) -> u64 {
        dice::hash(&[&self.preview_svg(directors)])
    }

    /// Returns the link preview as a PNG of [`PREVIEW_SIZE`].
    ///
    /// # Errors
    /// If the drawing is not a valid SVG, which would be a defect of this crate.
    pub fn preview_png(&self, directors: &str) -> Result<Vec<u8>, Error> {
        let picture = render(&self.preview_svg(directors), PREVIEW_SIZE)?;
        Ok(picture.encode_png().expect("a picture in memory can be encoded"))
    }
}

/// Renders a file of this crate to `width` by `height` pixels.
pub fn render(svg: &str, (width, height): (u32, u32)) -> Result<Pixmap, Error> {
    let options = Options { fontdb: FONTS.clone(), ..Options::default() };
    let tree = Tree::from_str(svg, &options)?;
    let mut picture = Pixmap::new(width, height).ok_or(Error::InvalidSize)?;
    let (across, down) = (tree.size().width(), tree.size().height());
    #[expect(clippy::cast_precision_loss, reason = "pictures are small")]
    let scale = Transform::from_scale(width as f32 / across, height as f32 / down);
    resvg::render(&tree, scale, &mut picture.as_mut());
    Ok(picture)
}

fn text(svg: &mut String, (x, y): (f64, f64), attributes: &str, text: &str) {
    let direction = if is_rtl(text) { " direction=\"rtl\"" } else { "" };
    let text = escape(text);
    _ = write!(svg, "<text x=\"{x:.1}\" y=\"{y:.1}\" {attributes}{direction}>{text}</text>");
}

/// Returns whether the first letter runs from right to left.
fn is_rtl(text: &str) -> bool {
    let first = text.chars().find(|letter| letter.is_alphabetic());
    first.is_some_and(|letter| {
        matches!(letter, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{feff}'
            | '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}')
    })
}

/// Returns `title` on one line, without control characters and marks that turn text round.
pub fn clean(title: &str) -> String {
    let words = title.split_whitespace().collect::<Vec<_>>().join(" ");
    let is_shown = |letter: &char| !letter.is_control() && !is_invisible(*letter);
    shorten(&words.chars().filter(is_shown).collect::<String>(), MAX_TITLE)
}

/// Returns `text`, cut to `most` characters with an ellipsis.
fn shorten(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let kept: String = text.chars().take(most - 1).collect();
    format!("{}…", kept.trim_end())
}

/// Bidirectional controls, other invisible characters, and what XML 1.0 does not allow.
const fn is_invisible(letter: char) -> bool {
    matches!(letter, '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{fffe}' | '\u{ffff}')
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
