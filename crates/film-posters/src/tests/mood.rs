//! Colours and sensitive subjects.

use super::*;
use crate::palette::Tone::{Ground, Ink, Loud, Under};
use crate::tags::Gravity;

fn luminance(palette: &Palette, tone: Tone) -> f64 {
    let [r, g, b] = palette.tone(tone).rgb().map(|byte| {
        let part = f64::from(byte) / 255.0;
        if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
    });
    0.2126 * r + 0.7152 * g + 0.0722 * b
}

fn contrast(palette: &Palette, one: Tone, other: Tone) -> f64 {
    let (one, other) = (luminance(palette, one), luminance(palette, other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

#[test]
fn lettering_has_contrast_in_every_palette_on_every_paper() {
    for era in &ERAS {
        for palette in Palette::all(era) {
            for below in [Ground, Under] {
                let found = contrast(&palette, Ink, below);
                assert!(found >= 4.5, "{} {} on {below:?}: {found:.2}", palette.class(), era.name);
            }
        }
    }
}

#[test]
fn style_sheet_has_the_colours_of_the_palettes() {
    let css = style_sheet(|name| format!("/fonts/{name}"));
    let day0 = ".day0{--g:oklch(.88 .165 95);--i:oklch(.23 .06 275);--a:oklch(.72 .17 40);\
                --b:oklch(.6 .21 28);--c:oklch(.97 .02 95)}";
    assert!(css.contains(day0));
    assert!(css.contains(".paper.gothic{--g:oklch(.965 .008 95)}"));
    assert!(css.contains(".z0{--z:66cqw}") && css.contains(".z15{--z:6.75cqw}"));
    assert_eq!(css.matches('{').count(), css.matches('}').count());
    assert_eq!(Palette::all(DISPLAY).count(), 73);
    for palette in Palette::all(DISPLAY) {
        assert!(css.contains(&format!(".{}{{--g:", palette.class())));
    }
    for (name, _) in FONTS {
        assert!(css.contains(&format!("url(/fonts/{name})")), "{name}");
    }
    assert!(css.len() < 20_000, "{}", css.len());
}

#[test]
fn colours_are_converted_to_srgb() {
    assert_eq!(Palette::new("day", 0, DISPLAY).tone(Ground).hex(), "#fad53b");
    assert_eq!(Palette::new("day", 0, DISPLAY).tone(Loud).hex(), "#e2352e");
}

#[test]
fn grave_films_have_calm_sheets() {
    let grave = [
        "war",
        "propaganda",
        "docudrama",
        "colonialism",
        "race",
        "dictatorship",
        "exile",
        "resistance",
        "revolution",
        "grief",
        "illness",
        "refugees",
        "apartheid",
        "second-world-war",
        "vietnam-war",
    ];
    for poster in thousand(&grave) {
        assert_eq!(poster.gravity, Gravity::Grave);
        let is = |kind| poster.composition.is(kind);
        assert!(
            !is(compose::Kind::Play) && !is(compose::Kind::Letter),
            "{}",
            poster.composition.name
        );
        assert!(poster.palette.family == "stone" || !poster.palette.has_strong_red());
    }
}

#[test]
fn gravest_films_have_quiet_grey_sheets_without_text_or_upright_stripes() {
    for poster in thousand(&GRAVEST) {
        assert_eq!(poster.gravity, Gravity::Gravest);
        assert_eq!((poster.palette.family, poster.era.name), ("stone", "display"));
        assert!(poster.composition.is(compose::Kind::Quiet), "{}", poster.composition.name);
        let sheet = poster.sheet();
        assert!(!sheet.drawing.contains("<text") && !sheet.classes.contains("spine"));
    }
    let tags = ["comedy", "drama", "silent", "adventure", "horror", "holocaust"];
    assert_eq!(film("hidden", "Hidden", &tags).gravity, Gravity::Gravest);
    assert_eq!(film("a", "A", &["rape-and-revenge-film"]).gravity, Gravity::Gravest);
}

#[test]
fn posters_avoid_flag_like_colours() {
    let flags = thousand(&["comedy", "drama", "romance", "animation"])
        .filter(|poster| poster.composition.is(compose::Kind::Flag));
    let mut seen = 0;
    for poster in flags {
        let roles = poster.layout().roles;
        let tone = |tone| poster.palette.tone(tone);
        if tone(roles.field).lightness > 0.8 {
            seen += 1;
            for figure in [roles.hero, roles.second, roles.third] {
                let is_red = figure != Ink && tone(figure).is_reddish();
                assert!(!is_red, "{}", poster.palette.class());
            }
        }
    }
    assert!(seen > 20, "{seen}");
}

#[test]
fn loud_tones_never_lie_under_a_title() {
    let mut seen = 0;
    let tags =
        ["comedy", "crime", "romance", "western", "space", "horror", "drama", "sea", "fantasy"];
    for poster in thousand(&tags).chain(posters()) {
        let layout = poster.layout();
        let Some((top, bottom)) = layout.title_zone() else { continue };
        seen += 1;
        let mut svg = poster.open(200, "0 0 200 300");
        svg.push_str("<path class=\"g\" d=\"M0 0h200v300H0z\"/>");
        svg.push_str(&poster.art(&layout));
        svg.push_str("</svg>");
        let picture = file::render(&svg, (200, 300)).unwrap();
        let ends = [Ground, Under].map(|tone| poster.palette.tone(tone).rgb().map(f64::from));
        for (at, pixel) in (0..).zip(picture.pixels()) {
            let y = f64::from(at / 200);
            if y >= top && y + 1.0 <= bottom {
                let colour = [pixel.red(), pixel.green(), pixel.blue()].map(f64::from);
                let away = distance_from_segment(colour, ends);
                assert!(away < 4.0, "{} {away} {svg}", poster.composition.name);
            }
        }
    }
    assert!(seen > 60, "{seen}");
}

/// Returns how far a colour is from being a mixture of two others.
fn distance_from_segment(colour: [f64; 3], [from, to]: [[f64; 3]; 2]) -> f64 {
    let minus = |one: [f64; 3], other: [f64; 3]| [0, 1, 2].map(|at| one[at] - other[at]);
    let dot =
        |one: [f64; 3], other: [f64; 3]| one.iter().zip(other).map(|(a, b)| a * b).sum::<f64>();
    let (along, off) = (minus(to, from), minus(colour, from));
    let share = (dot(off, along) / dot(along, along)).clamp(0.0, 1.0);
    let rest = minus(off, along.map(|part| part * share));
    dot(rest, rest).sqrt()
}
