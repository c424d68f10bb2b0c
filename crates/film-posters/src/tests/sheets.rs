//! Tests of the output: SVG, lettering, files.

use resvg::usvg::roxmltree::Document;

use super::*;
use crate::file::PREVIEW_SIZE;
use crate::lettering::{ERAS, SIZES, Title};

/// Titles that break careless software, in many scripts.
fn odd_titles() -> [String; 20] {
    [
        "",
        "M",
        " ",
        "<&\">",
        "</text><script>",
        "\u{0}\u{202e}x",
        "ביקור התזמורת",
        "七人の侍",
        "千と千尋の神隠し、千と千尋",
        "Сталкер",
        "Ελένη",
        "पथेर पांचाली",
        "기생충",
        "سكوت",
        "สัตว์ประหลาด",
        "Երանգներ",
        "ქართული",
        "Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch",
        "8½ – ¿Qué?",
        "WWWWWWWWWWWWWWWWWWWW",
    ]
    .map(str::to_owned)
}

#[test]
fn sheets_never_change() {
    let all: Vec<String> = posters().map(|poster| poster.sheet().drawing).collect();
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    assert_eq!(format!("{:016x}", dice::hash(&all)), "11a06b830abf1a6f");
    assert_eq!(dice::hash(&["foo", "bar"]), 0x8594_4171_f739_67e8);
}

#[test]
fn films_of_one_title_have_different_sheets() {
    let sheet = |year: i32| film(&format!("hamlet-{year}"), "Hamlet", &["drama"]).sheet();
    let differing = (1000..2000).filter(|year| sheet(*year) != sheet(year + 1));
    assert!(differing.count() > 990);
}

#[test]
fn drawings_are_small_and_sound() {
    let mut sizes = Vec::new();
    for poster in posters().chain(thousand(&["comedy", "horror", "music"])) {
        for sheet in [poster.sheet(), poster.bare()] {
            let svg = sheet.drawing;
            assert!(Document::parse(&svg).is_ok(), "{svg}");
            assert!(!svg.contains("style") && !svg.contains("id=") && !svg.contains('#'), "{svg}");
            assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
            assert!(svg.len() < 2900, "{}: {}", poster.composition.name, svg.len());
            sizes.push(svg.len());
        }
    }
    sizes.sort_unstable();
    println!("sum {}, median {}", sizes.iter().sum::<usize>(), sizes[sizes.len() / 2]);
    assert!(sizes[sizes.len() / 2] < 700, "{}", sizes[sizes.len() / 2]);
}

#[test]
fn files_are_small_and_sound() {
    for poster in posters() {
        let svg = poster.file("Michael Powell & Emeric Pressburger");
        assert!(Document::parse(&svg).is_ok(), "{svg}");
        assert!(svg.len() < 4500, "{}: {}", poster.composition.name, svg.len());
    }
}

#[test]
fn lines_fit_their_measure() {
    let mut titles: Vec<String> = DEMO.iter().map(|film| film.title.clone()).collect();
    titles.sort_by_key(|title| std::cmp::Reverse(title.chars().count()));
    titles.truncate(200);
    titles.extend(odd_titles());
    for title in titles {
        for era in &ERAS {
            let set = era.set(&file::clean(&title));
            let pieces = Title::new(&set, era);
            for size in 0..SIZES.len() {
                let setting = pieces.set(size, 176.0);
                let lines = pieces.balanced(setting, 176.0);
                assert!(lines.len() <= setting.lines, "{title} {}", era.name);
                let whole: String = lines.concat().split_whitespace().collect();
                assert_eq!(whole, set.split_whitespace().collect::<String>());
                for line in lines.iter().filter(|line| line.chars().count() > 1) {
                    let width = era.width(line) * setting.size();
                    assert!(width <= 176.0, "{title} {} {size}: {line} is {width:.1}", era.name);
                }
            }
        }
    }
}

#[test]
fn words_are_broken_only_when_no_size_fits() {
    let setting = |title: &str| Title::new(title, &ERAS[5]).fit(176.0, 106.0);
    assert_eq!(setting("Ran").unwrap().size, 1);
    assert_eq!(setting("Ran").unwrap().lines, 1);
    assert!(setting("Donaudampfschifffahrtsgesellschaft").is_some());
    assert_eq!(setting(&"W".repeat(40)), None);
}

#[test]
fn cjk_breaks_between_characters_but_not_before_a_stop() {
    let title = "千と千尋の神隠し、千と千尋";
    let pieces = Title::new(title, &ERAS[5]);
    let lines = pieces.balanced(pieces.set(7, 176.0), 176.0);
    assert!(lines.len() > 1 && lines.iter().all(|line| !line.starts_with('、')), "{lines:?}");
}

#[test]
fn odd_titles_make_sound_sheets_and_files() {
    for title in odd_titles().into_iter().chain(["W & <".repeat(60)]) {
        for tags in [&["holocaust"][..], &["film-noir"], &["comedy"]] {
            let poster = film(&title, &title, tags);
            assert!(Document::parse(&poster.sheet().drawing).is_ok());
            let svg = poster.file(&title);
            assert!(!svg.contains("<script") && !svg.contains('\u{202e}'), "{svg}");
            if !title.contains('\u{0}') {
                assert!(Document::parse(&svg).is_ok(), "{svg}");
            }
        }
    }
}

#[test]
fn previews_are_png_files_of_a_moderate_size() {
    for title in odd_titles().iter().chain([&"Stalker".to_owned()]) {
        let png = film(title, title, &["film-noir"]).preview_png(title).unwrap();
        assert_eq!(png[..8], *b"\x89PNG\r\n\x1a\n");
        let side = |at: usize| u32::from_be_bytes(png[at..at + 4].try_into().unwrap());
        assert_eq!((side(16), side(20)), PREVIEW_SIZE);
        assert!((3_000..200_000).contains(&png.len()), "{title}: {}", png.len());
        assert_eq!(png, film(title, title, &["film-noir"]).preview_png(title).unwrap());
    }
}

#[test]
fn composition_fills_the_preview_of_a_title_that_the_fonts_lack() {
    let png = |title| film("seed", title, &["film-noir"]).preview_png("").unwrap();
    assert_eq!(png("七人の侍"), png("ביקור"));
    assert_ne!(png("Ran"), png("Stalker"));
}

#[test]
fn previews_show_the_composition_and_the_palette_of_the_sheet() {
    for poster in posters().take(200) {
        let svg = poster.preview_svg("");
        let ground = poster.palette.tone(Tone::Ground).hex();
        assert!(svg.contains(&format!(".g{{fill:{ground}}}")));
        let layout = poster.layout();
        let mut canvas = Canvas::new(throw(poster.seed, Throw::Drawing));
        poster.compose(&mut canvas, &layout, file::PREVIEW_ART);
        let art = canvas.svg(poster.is_light(&layout));
        assert!(svg.contains(&art));
    }
}
