//! Walls of posters as pages, to look at.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{env, fs};

use super::*;

/// Writes a page for each tag of at least 40 films into `target/posters`. `POSTERS_DATA` names a
/// folder with films other than the demo catalogue's.
#[test]
fn walls_are_written() {
    let out = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/posters");
    fs::create_dir_all(out.join("fonts")).unwrap();
    for (name, content) in FONTS {
        fs::write(out.join("fonts").join(name), content).unwrap();
    }
    fs::write(out.join("poster.css"), style_sheet(|name| format!("fonts/{name}"))).unwrap();
    let other = env::var_os("POSTERS_DATA").map(|folder| films::read(&PathBuf::from(folder)));
    let films = other.as_ref().unwrap_or(&DEMO);
    let mut walls: BTreeMap<&str, Vec<&DemoFilm>> = BTreeMap::new();
    for film in films {
        walls.entry("all").or_default().push(film);
        for tag in &film.tags {
            walls.entry(tag).or_default().push(film);
        }
    }
    for (tag, films) in walls.iter().filter(|(_, films)| films.len() >= 40) {
        let films = &films[..films.len().min(60)];
        let mut posters: Vec<Poster> = films.iter().map(|film| film.poster()).collect();
        hang(&mut posters);
        let figures = posters.iter().zip(films).map(|(poster, film)| figure(poster, film));
        let page = format!(
            "<!doctype html><meta charset=utf-8><title>{tag}</title>\
             <link rel=stylesheet href=poster.css><style>\
             html{{color-scheme:light dark;background:light-dark(#faf8f4,#14171b)}}\
             body{{display:grid;gap:16px;grid-template-columns:repeat(auto-fill,112px)}}\
             </style>{}",
            figures.collect::<String>()
        );
        fs::write(out.join(format!("{tag}.html")), page).unwrap();
    }
}

fn figure(poster: &Poster, film: &DemoFilm) -> String {
    let Sheet { drawing, classes } = poster.sheet();
    let name = poster.composition.name;
    let title = film.title.replace('&', "&amp;").replace('<', "&lt;");
    let year = film.year.map(|year| year.to_string()).unwrap_or_default();
    let minutes = film.minutes.map(|minutes| format!("{minutes}′")).unwrap_or_default();
    format!(
        "<div class=\"{classes}\" title=\"{name}\">{drawing}<span class=poster__text>\
         <bdi class=poster__title>{title}</bdi>\
         <span class=poster__line>{year}<span>{minutes}</span></span></span></div>"
    )
}
