//! Tales and cut paper, for children and others.

use super::Motif;
use crate::art::colour::Tone::{Accent, Deep, Ground, Ink, Mid, Panel, Vivid};
use crate::art::dice::Dice;
use crate::art::sheet::{Sheet, disc, polar, polygon};

pub const FANTASY: Motif = Motif {
    name: "fantasy",
    hues: &[290, 170, 320, 60],
    layouts: &[castle, great_tree, serpent, sword_stone, winged_moon],
};

pub const ANIMATION: Motif = Motif {
    name: "animation",
    hues: &[190, 130, 60, 320],
    layouts: &[balloon_ride, creature, paper_boat, cut_hills, rocket_toy],
};

fn castle(s: &mut Sheet, d: &mut Dice) {
    let (sky, moon) = d.pick(&[(Mid, Accent), (Ground, Vivid), (Vivid, Ink), (Accent, Vivid)]);
    let x = d.between(74, 126);
    s.field(sky);
    s.disc(moon, x, 74, 52);
    s.fill(Panel, "M0 210v-30l56-28V108h-5l15-30 15 30h-5v26h12V74h-6l20-44 20 44h-6v60h10v-22h-5l14-28 14 28h-5v40l56 30v28z");
    s.fill(if moon == Vivid { Ink } else { moon }, "M98 84h7v14h-7zM64 116h5v10h-5z");
}

fn great_tree(s: &mut Sheet, d: &mut Dice) {
    let (sky, crown) = d.pick(&[(Accent, Mid), (Ground, Vivid), (Vivid, Panel), (Mid, Accent)]);
    s.field(sky);
    let fruit = if crown == Mid || crown == Accent { Vivid } else { Accent };
    s.fill(crown, disc(60, 84, 44) + &disc(100, 58, 50) + &disc(144, 86, 42));
    s.fill(
        if crown == Panel { Ground } else { Panel },
        "M86 110 62 76l30 22 6-44 8 50 34-30-24 42q-4 50 24 88H56q36-40 30-94z",
    );
    let mut dots = String::new();
    for (x, y) in [(48, 66), (80, 34), (122, 38), (156, 76), (40, 104), (150, 112)] {
        dots += &format!("M{} {}h0", x + d.between(-4, 4), y + d.between(-4, 4));
    }
    s.round(fruit, 13, dots);
}

fn serpent(s: &mut Sheet, d: &mut Dice) {
    let (sky, skin) = d.pick(&[(Vivid, Panel), (Ground, Accent), (Accent, Mid), (Mid, Ink)]);
    let r = d.between(24, 30);
    s.field(sky);
    s.disc(
        if sky == Accent {
            Ink
        } else if sky == Vivid {
            Accent
        } else {
            Vivid
        },
        146,
        48,
        24,
    );
    s.line(
        skin,
        22,
        format!(
            "M{} 150a{r} {r} 0 0 1 {} 0M{} 150a20 20 0 0 1 40 0M-10 150a14 14 0 0 1 24 0",
            96 - r,
            2 * r,
            150
        ),
    );
    s.line(skin, 24, "M56 160V78q0-26 26-26h24");
    s.fill(skin, "M96 34l50 18-4 14-46 2zM44 80 26 66l18-8zM44 110 26 96l18-8z");
    s.disc(sky, 104, 49, 4);
    s.fill(
        if skin == Panel { Mid } else { Panel },
        "M0 146q17-14 34 0t34 0 34 0 34 0 34 0 34 0v64H0z",
    );
}

fn sword_stone(s: &mut Sheet, d: &mut Dice) {
    let (back, ray) = d.pick(&[(Mid, Vivid), (Ground, Mid), (Vivid, Accent), (Accent, Ink)]);
    let turn = d.between(0, 14);
    s.field(back);
    for at in 0..8 {
        let a = 180 + turn + at * 24;
        s.fill(
            ray,
            polygon([(100.0, 130.0), polar(100, 130, 200, a - 5), polar(100, 130, 200, a + 5)]),
        );
    }
    s.fill(Ink, "M92 66h16v80H92z");
    s.fill(
        if back == Vivid {
            Panel
        } else if back == Accent {
            Vivid
        } else {
            Accent
        },
        "M64 54h72v12H64zM94 24h12v32H94z",
    );
    s.disc(
        if back == Vivid {
            Panel
        } else if back == Accent {
            Vivid
        } else {
            Accent
        },
        100,
        20,
        10,
    );
    s.fill(Panel, "M10 210l30-66 44-22 60 8 50 80z");
    s.fill(Deep, "M40 144l44-22 22 88H64z");
}

fn winged_moon(s: &mut Sheet, d: &mut Dice) {
    let (sky, moon) = d.pick(&[(Ground, Accent), (Vivid, Ink), (Mid, Accent), (Panel, Vivid)]);
    let r = d.between(54, 62);
    s.field(sky);
    s.disc(moon, 92, 100, r + 10);
    s.disc(sky, 122, 86, r);
    let mut stars = |x: i32, y: i32, size: i32| {
        let small = size / 4;
        s.fill(Ink, format!("M{x} {}l{small} {} {} {small} -{} {small} -{small} {} -{small} -{} -{} -{small} {} -{small}z", y - size, size - small, size - small, size - small, size - small, size - small, size - small, size - small));
    };
    stars(128, 88, d.between(20, 28));
    stars(168, 50, 12);
    stars(150, 140, 10);
}

fn balloon_ride(s: &mut Sheet, d: &mut Dice) {
    let (sky, skin) = d.pick(&[(Accent, Vivid), (Vivid, Ink), (Mid, Accent)]);
    let x = d.between(86, 114);
    s.field(sky);
    s.fill(if sky == Accent { Mid } else { Ground }, "M0 170q60-40 110-8t90-16v54H0z");
    s.disc(skin, x, 70, 54);
    s.fill(skin, format!("M{} 96h96l-34 44h-28z", x - 48));
    s.fill(
        if skin == Vivid { Ink } else { Vivid },
        format!("M{x} 16q-44 54 -8 124h16q36 -70 -8 -124z"),
    );
    s.fill(Panel, format!("M{} 150h28l-4 20h-20z", x - 14));
}

fn creature(s: &mut Sheet, d: &mut Dice) {
    let (back, fur) = d.pick(&[(Accent, Vivid), (Ground, Accent), (Vivid, Panel), (Mid, Vivid)]);
    let (gap, look) = (d.between(22, 32), d.between(-5, 5));
    s.field(back);
    s.fill(
        fur,
        if d.coin() {
            "M20 210V116a80 80 0 0 1 160 0v94z"
        } else {
            "M24 210V40l40 34q36-12 72 0l40-34v170z"
        },
    );
    for x in [100 - gap, 100 + gap] {
        s.disc(Ink, x, 106, 20);
        s.disc(if fur == Panel { Mid } else { Panel }, x + look, 108, 9);
    }
    s.fill(if fur == Panel { Accent } else { Panel }, "M84 150h32l-16 16z");
}

fn paper_boat(s: &mut Sheet, d: &mut Dice) {
    let (sky, sea) = d.pick(&[(Accent, Vivid), (Vivid, Mid), (Ground, Mid), (Mid, Panel)]);
    let y = d.between(0, 14);
    s.field(sky);
    s.disc(if sky == Accent || sky == Vivid { Ink } else { Accent }, 154, 50, 22);
    s.fill(Ink, format!("M22 {}h156l-34 42H56z", 112 - y));
    s.fill(if sky == Accent { Panel } else { Accent }, format!("M100 {}l44 62H56z", 50 - y));
    s.fill(sea, "M0 144q25-22 50 0t50 0 50 0 50 0v56H0z");
    s.fill(Panel, "M-25 172q25-18 50 0t50 0 50 0 50 0 50 0v40H-25z");
}

fn cut_hills(s: &mut Sheet, d: &mut Dice) {
    let (sky, sun) = d.pick(&[(Accent, Vivid), (Vivid, Accent), (Mid, Accent), (Ink, Vivid)]);
    let (x, turn) = (d.between(70, 130), d.between(0, 20));
    s.field(sky);
    for at in 0..12 {
        let a = turn + at * 30;
        s.fill(
            sun,
            polygon([polar(x, 84, 52, a - 7), polar(x, 84, 76, a), polar(x, 84, 52, a + 7)]),
        );
    }
    s.disc(sun, x, 84, 44);
    s.fill(Mid, "M0 130a60 44 0 0 1 110 0v80H0z");
    s.fill(Ground, "M70 210v-56q70-60 140-10v66z");
    s.fill(Panel, "M0 210v-36q70-30 130 36z");
}

fn rocket_toy(s: &mut Sheet, d: &mut Dice) {
    let (sky, hull) = d.pick(&[(Mid, Ink), (Vivid, Ink), (Accent, Vivid), (Ground, Accent)]);
    let x = d.between(92, 108);
    s.field(sky);
    let fin = if hull == Vivid || sky == Vivid { Panel } else { Vivid };
    s.fill(fin, format!("M{} 108l-30 40v20l30 -16zM{} 108l30 40v20l-30 -16z", x - 24, x + 24));
    s.fill(hull, format!("M{x} 14q60 70 20 138h-40q-40 -68 20 -138z"));
    s.disc(Panel, x, 84, 15);
    s.fill(
        if sky == Accent { Ink } else { Accent },
        format!("M{} 158h32l-16 {}z", x - 16, d.between(30, 40)),
    );
}
