use super::{Poster, dice, motif};

fn posters() -> impl Iterator<Item = Poster> {
    motif::TAGS
        .into_iter()
        .chain(["no-such-tag"])
        .flat_map(|tag| (0..150).map(move |seed| Poster::new(&format!("film-{seed}"), [tag])))
}

/// Whether every element is closed in order and no attribute is left open.
fn is_well_formed(svg: &str) -> bool {
    let mut open = Vec::new();
    let mut rest = svg;
    while let Some(start) = rest.find('<') {
        if rest[..start].contains('>') {
            return false;
        }
        let Some(end) = rest.find('>') else { return false };
        let tag = &rest[start + 1..end];
        rest = &rest[end + 1..];
        if !tag.matches('"').count().is_multiple_of(2) || tag.contains('<') {
            return false;
        }
        let name = |tag: &str| tag.split(' ').next().unwrap_or_default().to_owned();
        if let Some(closed) = tag.strip_prefix('/') {
            if open.pop().as_deref() != Some(closed) {
                return false;
            }
        } else if !tag.ends_with('/') {
            open.push(name(tag));
        }
    }
    open.is_empty() && rest.is_empty()
}

#[test]
fn hash_and_dice_are_the_published_ones() {
    assert_eq!(dice::hash(""), 0xcbf2_9ce4_8422_2325);
    assert_eq!(dice::hash("foobar"), 0x8594_4171_f739_67e8);
}

#[test]
fn the_same_film_has_the_same_bytes_for_ever() {
    let poster = Poster::new("stalker-1979", ["science-fiction", "drama"]);
    assert_eq!((poster.motif(), poster.hue()), ("science fiction", 280));
    assert_eq!(
        poster.inline_svg(),
        "<svg class=\"art\" viewBox=\"0 0 200 200\" preserveAspectRatio=\"xMidYMid slice\" \
         aria-hidden=\"true\"><path class=\"m\" d=\"M0 0h200v200H0z\"/>\
         <path class=\"A\" stroke-width=\"9\" d=\"M5.8 123A98 26-16 0 1 194.2 69\"/>\
         <path class=\"i\" d=\"M47 96a53 53 0 1 1 106 0a53 53 0 1 1-106 0z\"/>\
         <path class=\"d\" d=\"M114.6 146.9A53 53 0 0 0 85.4 45.1 66 53-16 0 1 114.6 146.9z\"/>\
         <path class=\"A\" stroke-width=\"9\" d=\"M5.8 123A98 26-16 0 0 194.2 69\"/></svg>"
    );
    let file = poster.file_svg("Stalker", Some(1979), Some("Andrei Tarkovsky"));
    assert_eq!(dice::hash(&file), 0x9945_0272_ae29_ca04);
    let all: String = posters().map(|poster| poster.inline_svg()).collect();
    assert_eq!(dice::hash(&all), 0xa6da_fbe2_2bd0_7603);
}

#[test]
fn every_motif_has_three_layouts_and_round_hues() {
    for tag in motif::TAGS {
        let motif = motif::of_tag(tag).unwrap();
        assert!(motif.layouts.len() >= 3, "{tag}");
        assert!(motif.hues.iter().all(|hue| hue % 10 == 0 && *hue < 360), "{tag}");
    }
}

#[test]
fn the_first_tag_with_a_motif_decides() {
    assert_eq!(Poster::new("a", ["one-day", "western", "drama"]).motif(), "western");
    let neutral = Poster::new("a", []).motif();
    assert!(["forms", "projection"].contains(&neutral));
}

#[test]
fn hues_are_classes_of_the_stylesheet() {
    assert!(posters().all(|poster| poster.hue() % 10 == 0 && poster.hue() < 360));
}

#[test]
fn inline_art_is_small_and_well_formed() {
    let mut sizes = Vec::new();
    for poster in posters() {
        let svg = poster.inline_svg();
        assert!(svg.len() <= 1500, "{} {}: {svg}", poster.motif(), svg.len());
        assert!(is_well_formed(&svg), "{svg}");
        assert!(!svg.contains('#') && !svg.contains("style"), "{svg}");
        sizes.push(svg.len());
    }
    sizes.sort_unstable();
    let median = sizes[sizes.len() / 2];
    assert!(median < 700, "median {median}");
}

#[test]
fn files_are_small_and_well_formed() {
    let longest = "W & ".repeat(60);
    for poster in posters() {
        let svg = poster.file_svg(&longest, Some(1979), Some("Andrei Tarkovsky"));
        assert!(svg.len() < 4096, "{} {}", poster.motif(), svg.len());
        assert!(is_well_formed(&svg), "{svg}");
    }
}

#[test]
fn odd_titles_make_sound_files() {
    let poster = Poster::new("odd", ["drama"]);
    for title in
        ["", "M", "<&\">", "</text><script>", "\u{0}\u{202e}x", "ביקור התזמורת", "七人の侍"]
    {
        let svg = poster.file_svg(title, None, None);
        assert!(is_well_formed(&svg), "{svg}");
        assert!(!svg.contains("<script") && !svg.contains('\u{202e}') && !svg.contains('\u{0}'));
    }
}

#[test]
fn films_of_one_title_and_genre_usually_differ() {
    let pairs = (0..200).filter(|year| {
        let art = |slug: String| Poster::new(&slug, ["horror"]).inline_svg();
        art(format!("frankenstein-{year}")) != art(format!("frankenstein-{}", year + 1))
    });
    assert!(pairs.count() > 190);
}
