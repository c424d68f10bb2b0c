//! The seven tones of a poster, from one hue. `static/css/art.css` says the same in CSS.

/// What a shape is painted with. Lightness is fixed per tone, so contrast does not depend on hue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// The darkest: text stands on it.
    Panel,
    Ground,
    /// A dark of the second hue.
    Deep,
    Mid,
    /// The full colour of the main hue.
    Vivid,
    /// The light of the second hue.
    Accent,
    /// Nearly white: paper, snow, light.
    Ink,
}

/// The second hue of each main hue: gold, coral, mint or ice, whichever sings against it.
const SECOND: [u16; 36] = [
    85, 200, 70, 195, 90, 185, 100, 30, 210, 35, 60, 345, 70, 50, 345, 85, 40, 75, // 0 to 170
    30, 80, 50, 85, 35, 95, 60, 85, 40, 100, 70, 110, 80, 170, 90, 60, 190, 95, // 180 to 350
];

/// The hue of Deep, Accent and Ink beside the main hue `hue`.
pub fn second(hue: u16) -> u16 {
    SECOND[usize::from(hue / 10 % 36)]
}

impl Tone {
    #[cfg(test)]
    pub const ALL: [Self; 7] =
        [Self::Panel, Self::Ground, Self::Deep, Self::Mid, Self::Vivid, Self::Accent, Self::Ink];

    /// The class in art.css; as a stroke the same letter in upper case.
    pub const fn letter(self) -> char {
        match self {
            Self::Panel => 'p',
            Self::Ground => 'g',
            Self::Deep => 'd',
            Self::Mid => 'm',
            Self::Vivid => 'v',
            Self::Accent => 'a',
            Self::Ink => 'i',
        }
    }

    /// As art.css has it: lightness, chroma, and whether the hue is the second one.
    pub const fn oklch(self) -> (f64, f64, bool) {
        match self {
            Self::Panel => (0.19, 0.04, false),
            Self::Ground => (0.27, 0.065, false),
            Self::Deep => (0.37, 0.08, true),
            Self::Mid => (0.46, 0.115, false),
            Self::Vivid => (0.63, 0.155, false),
            Self::Accent => (0.82, 0.115, true),
            Self::Ink => (0.97, 0.02, true),
        }
    }

    /// `#rrggbb`, with chroma taken back until the colour exists in sRGB.
    pub fn hex(self, hue: u16) -> String {
        let [r, g, b] = self.rgb(hue);
        format!("#{r:02x}{g:02x}{b:02x}")
    }

    pub fn rgb(self, hue: u16) -> [u8; 3] {
        let (lightness, chroma, is_second) = self.oklch();
        let hue = f64::from(if is_second { second(hue) } else { hue }).to_radians();
        let (mut inside, mut outside) = (0.0, chroma);
        let mut found = linear(lightness, chroma, hue);
        if !fits(found) {
            for _ in 0..16 {
                let middle = f64::midpoint(inside, outside);
                let tried = linear(lightness, middle, hue);
                if fits(tried) {
                    (inside, found) = (middle, tried);
                } else {
                    outside = middle;
                }
            }
        }
        found.map(byte)
    }
}

/// Linear sRGB of an OKLCH colour, after Björn Ottosson, <https://bottosson.github.io/posts/oklab/>.
fn linear(lightness: f64, chroma: f64, hue: f64) -> [f64; 3] {
    let (a, b) = (chroma * hue.cos(), chroma * hue.sin());
    let l = (lightness + 0.396_337_777_4 * a + 0.215_803_757_3 * b).powi(3);
    let m = (lightness - 0.105_561_345_8 * a - 0.063_854_172_8 * b).powi(3);
    let s = (lightness - 0.089_484_177_5 * a - 1.291_485_548_0 * b).powi(3);
    [
        4.076_741_662_1 * l - 3.307_711_591_3 * m + 0.230_969_929_2 * s,
        -1.268_438_004_6 * l + 2.609_757_401_1 * m - 0.341_319_396_5 * s,
        -0.004_196_086_3 * l - 0.703_418_614_7 * m + 1.707_614_701_0 * s,
    ]
}

fn fits(colour: [f64; 3]) -> bool {
    colour.iter().all(|part| (-0.0005..=1.0005).contains(part))
}

fn byte(part: f64) -> u8 {
    let part = part.clamp(0.0, 1.0);
    let curved =
        if part <= 0.003_130_8 { 12.92 * part } else { 1.055 * part.powf(1.0 / 2.4) - 0.055 };
    // Search instead of a cast: f64 to u8 has no lossless conversion.
    (0..=u8::MAX).find(|&byte| f64::from(byte) + 0.5 >= curved * 255.0).unwrap_or(u8::MAX)
}

#[cfg(test)]
mod tests {
    use super::{Tone, second};

    fn luminance(rgb: [u8; 3]) -> f64 {
        let [r, g, b] = rgb.map(|byte| {
            let part = f64::from(byte) / 255.0;
            if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        });
        0.2126 * r + 0.7152 * g + 0.0722 * b
    }

    fn contrast(light: Tone, dark: Tone, hue: u16) -> f64 {
        (luminance(light.rgb(hue)) + 0.05) / (luminance(dark.rgb(hue)) + 0.05)
    }

    #[test]
    fn text_is_readable_on_every_hue() {
        for hue in 0..360 {
            for light in [Tone::Ink, Tone::Accent] {
                let found = contrast(light, Tone::Panel, hue);
                assert!(found >= 7.0, "{light:?} on the panel at hue {hue}: {found:.1}");
            }
        }
    }

    #[test]
    fn tones_stay_apart_on_every_hue() {
        for hue in (0..360).step_by(10) {
            for (light, dark) in [(Tone::Vivid, Tone::Ground), (Tone::Accent, Tone::Mid)] {
                let found = contrast(light, dark, hue);
                assert!(found >= 2.5, "{light:?} on {dark:?} at hue {hue}: {found:.1}");
            }
        }
    }

    #[test]
    fn white_and_black_come_out_of_the_formula() {
        assert_eq!(super::linear(1.0, 0.0, 0.0).map(super::byte), [255; 3]);
        assert_eq!(super::linear(0.0, 0.0, 0.0).map(super::byte), [0; 3]);
    }

    #[test]
    fn the_stylesheet_has_the_same_tones() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/static/css/art.css");
        let css = std::fs::read_to_string(path).unwrap();
        for hue in (0..360).step_by(10) {
            let rule = format!(".hue-{hue}{{--hue:{hue};--to:{}}}", second(hue));
            assert!(css.contains(&rule), "art.css lacks {rule}");
        }
        for tone in Tone::ALL {
            let (lightness, chroma, is_second) = tone.oklch();
            let hue = if is_second { "--to" } else { "--hue" };
            let name = format!("{tone:?}").to_lowercase();
            let number = |part: f64| part.to_string().trim_start_matches('0').to_owned();
            let (lightness, chroma) = (number(lightness), number(chroma));
            let rule = format!("--art-{name}:oklch({lightness} {chroma} var({hue}))");
            assert!(css.contains(&rule), "art.css lacks {rule}");
        }
    }
}
