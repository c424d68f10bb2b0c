//! A poster as a picture of 1200 by 630 for link previews, which show no SVG.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock};

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::fontdb::Database;
use resvg::usvg::{FontResolver, Options, Tree};

use super::colour::Tone;
use super::{Poster, dice, lettering};

pub const WIDTH: u32 = 1200;
pub const HEIGHT: u32 = 630;

/// Vollkorn Bold by Friedrich Althausen (Latin, Greek, Cyrillic), under the SIL Open Font Licence:
/// `font/OFL.txt`. One face for all posters, as no other is sure to be there.
static FONT: LazyLock<Arc<Database>> = LazyLock::new(|| {
    let mut fonts = Database::new();
    fonts.load_font_data(include_bytes!("font/Vollkorn-Bold.ttf").to_vec());
    fonts.set_serif_family("Vollkorn");
    fonts.set_sans_serif_family("Vollkorn");
    Arc::new(fonts)
});

impl Poster {
    /// Art on the left, lettering on the right.
    pub fn preview_svg(&self, title: &str, year: Option<i16>, director: Option<&str>) -> String {
        let colour = |tone: Tone| tone.hex(self.hue);
        let lettering = lettering::set(title, year, director, colour);
        // The panel of a poster as wide as the right half, in the middle of its height.
        let scale = f64::from(WIDTH - HEIGHT) / 400.0;
        let top = (f64::from(HEIGHT) - f64::from(lettering.height) * scale) / 2.0;
        let shift = top - f64::from(600 - lettering.height) * scale;
        let mut svg = self.wide_svg(HEIGHT);
        svg.truncate(svg.len() - "</svg>".len());
        // Writing to a `String` cannot fail.
        _ = write!(
            svg,
            "<path fill=\"{}\" d=\"M{HEIGHT} 0h6v{HEIGHT}h-6z\"/>\
             <g transform=\"translate({HEIGHT} {shift:.1})scale({scale})\">{}</g></svg>",
            colour(Tone::Accent),
            lettering.svg,
        );
        svg
    }

    /// The art alone, over the first `width` of the picture.
    fn wide_svg(&self, width: u32) -> String {
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{HEIGHT}\">\
             <path fill=\"{}\" d=\"M0 0h{WIDTH}v{HEIGHT}H0z\"/>\
             <svg width=\"{width}\" height=\"{HEIGHT}\" viewBox=\"0 0 200 200\" \
             preserveAspectRatio=\"xMidYMid slice\">{}</svg></svg>",
            Tone::Panel.hex(self.hue),
            self.picture(),
        )
    }

    /// Another number for every other picture.
    pub fn preview_hash(&self, title: &str, year: Option<i16>, director: Option<&str>) -> u64 {
        dice::hash(&self.preview_svg(title, year, director))
    }

    /// The PNG; a title in letters that the font lacks is left out, and the art fills the picture.
    ///
    /// # Errors
    /// When the drawing is no SVG, which is a defect of this module.
    pub fn preview_png(
        &self,
        title: &str,
        year: Option<i16>,
        director: Option<&str>,
    ) -> anyhow::Result<Vec<u8>> {
        let lacks_letters = AtomicBool::new(false);
        let options = Options {
            fontdb: FONT.clone(),
            font_resolver: FontResolver {
                select_font: FontResolver::default_font_selector(),
                select_fallback: Box::new(|_, _, _| {
                    lacks_letters.store(true, Ordering::Relaxed);
                    None
                }),
            },
            ..Options::default()
        };
        let mut tree = Tree::from_str(&self.preview_svg(title, year, director), &options)?;
        if lacks_letters.load(Ordering::Relaxed) {
            tree = Tree::from_str(&self.wide_svg(WIDTH), &options)?;
        }
        let mut picture = Pixmap::new(WIDTH, HEIGHT).expect("neither side is zero");
        resvg::render(&tree, Transform::identity(), &mut picture.as_mut());
        Ok(picture.encode_png()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn png(title: &str) -> Vec<u8> {
        let poster = Poster::new(title, ["film-noir"]);
        let png = poster.preview_png(title, Some(1944), Some("Billy Wilder")).unwrap();
        assert_eq!(png[..8], *b"\x89PNG\r\n\x1a\n");
        let side = |at: usize| u32::from_be_bytes(png[at..at + 4].try_into().unwrap());
        assert_eq!((side(16), side(20)), (WIDTH, HEIGHT));
        assert!((5_000..200_000).contains(&png.len()), "{title}: {}", png.len());
        png
    }

    #[test]
    fn every_title_makes_a_picture_that_is_always_the_same() {
        for title in ["M", "Сталкер", "Ελένη", &"W & <".repeat(27), "", "七人の侍", "ביקור התזמורת"]
        {
            assert_eq!(png(title), png(title), "{title}");
        }
    }

    #[test]
    fn letters_that_the_font_lacks_leave_the_art_alone() {
        let art = |title| {
            let poster = Poster::new("seed", ["film-noir"]);
            poster.preview_png(title, None, None).unwrap()
        };
        assert_eq!(art("七人の侍"), art("ביקור"));
        assert_ne!(art("Ran"), art("Stalker"));
    }
}
