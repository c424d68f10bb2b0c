//! Country without roads.

use super::Motif;
use crate::art::colour::Tone::{Accent, Deep, Ground, Ink, Mid, Panel, Vivid};
use crate::art::dice::Dice;
use crate::art::sheet::{Sheet, polar, polygon};

pub const ADVENTURE: Motif = Motif {
    name: "adventure",
    hues: &[40, 150, 200],
    layouts: &[ridges, compass, river, treasure_map, rope_bridge],
};

pub const WESTERN: Motif =
    Motif { name: "western", hues: &[40, 60, 20], layouts: &[mesa, hat, cactus, star_badge, duel] };

pub const MOUNTAINS: Motif =
    Motif { name: "mountains", hues: &[220, 250, 190], layouts: &[peak, pines, cabin, ski_track] };

pub const DESERT: Motif =
    Motif { name: "desert", hues: &[50, 70, 30], layouts: &[dunes, heat, long_shadow] };

fn ridges(s: &mut Sheet, d: &mut Dice) {
    let (sky, sun) = d.pick(&[(Accent, Vivid), (Vivid, Accent), (Ground, Accent), (Mid, Ink)]);
    let far = if sky == Mid { Vivid } else { Mid };
    s.field(sky);
    s.disc(sun, d.between(64, 136), d.between(66, 84), 34);
    s.fill(far, format!("M0 {}L46 84 84 116 130 76l70 50v80H0z", d.between(96, 116)));
    s.fill(Deep, format!("M0 {}L60 116l50 34 60-30 30 24v60H0z", d.between(136, 150)));
    s.fill(Panel, format!("M0 {}l80 -20 120 36v40H0z", d.between(164, 176)));
}

fn compass(s: &mut Sheet, d: &mut Dice) {
    let (back, light, dark) = d.pick(&[
        (Ground, Accent, Vivid),
        (Vivid, Ink, Panel),
        (Accent, Vivid, Panel),
        (Mid, Ink, Deep),
    ]);
    let turn = d.between(-20, 20);
    s.field(back);
    s.ring(light, 3, 100, 98, 62);
    for at in 0..4 {
        let a = turn + at * 90;
        let (tip, waist) = (if at == 3 { 96 } else { 84 }, 18);
        s.fill(
            light,
            polygon([(100.0, 98.0), polar(100, 98, tip, a), polar(100, 98, waist, a + 45)]),
        );
        s.fill(
            dark,
            polygon([(100.0, 98.0), polar(100, 98, tip, a), polar(100, 98, waist, a - 45)]),
        );
    }
}

fn river(s: &mut Sheet, d: &mut Dice) {
    let (sky, land, water) =
        d.pick(&[(Accent, Mid, Ink), (Vivid, Panel, Accent), (Mid, Panel, Vivid)]);
    let x = d.between(80, 120);
    s.field(sky);
    s.disc(if sky == Accent { Vivid } else { Ink }, x, 74, 30);
    s.fill(land, "M0 84q100-20 200 0v120H0z");
    s.fill(water, format!("M{x} 78Q60 92 120 112T80 210H190Q200 130 {} 108T{} 77z", 140, x + 4));
    s.fill(
        if land == Mid { Ground } else { Mid },
        "M0 120q40 10 60 84H0zM200 104q-30 20-14 104h24z",
    );
}

fn treasure_map(s: &mut Sheet, d: &mut Dice) {
    let (sea, land) = d.pick(&[(Mid, Accent), (Vivid, Ink), (Deep, Vivid), (Accent, Ground)]);
    let (x, y) = (d.between(120, 140), d.between(52, 72));
    s.field(sea);
    s.fill(land, "M30 110Q20 60 70 46t80-22q46 10 34 66t-20 78-80 12-54-70z");
    let ink = if land == Ground { Ink } else { Panel };
    s.round(ink, 5, "M58 152q20-4 24-18M88 122q0-14 12-18M110 100q10-2 12-10");
    s.line(
        if land == Vivid || land == Ground { Accent } else { Vivid },
        11,
        format!("M{} {}l26 26m0 -26l-26 26", x - 13, y - 13),
    );
}

fn rope_bridge(s: &mut Sheet, d: &mut Dice) {
    let (sky, rock) = d.pick(&[(Accent, Panel), (Vivid, Panel), (Mid, Ground)]);
    let sag = d.between(30, 50);
    s.field(sky);
    s.fill(if sky == Accent { Vivid } else { Deep }, "M60 210l20-90 30 30 16-20 30 80z");
    s.fill(rock, "M0 80h44l-8 50 14 80H0zM200 70h-40l6 60-18 80h52z");
    s.line(Panel, 5, format!("M40 84Q100 {} 164 76", 84 + sag));
    s.line(Panel, 2, format!("M40 60Q100 {} 164 52M70 70v30M100 74v26M132 68v28", 60 + sag));
    s.figure(if sky == Mid { Ink } else { Panel }, 96, 92 + sag / 5, 40);
}

fn mesa(s: &mut Sheet, d: &mut Dice) {
    let (sky, sun, rock) =
        d.pick(&[(Accent, Ink, Vivid), (Vivid, Accent, Panel), (Mid, Accent, Panel)]);
    s.field(sky);
    s.disc(sun, d.between(80, 128), d.between(66, 92), 46);
    s.fill(rock, "M0 150l18-10 8-70h44l10 66 30 8 8-40h20l8 40 54 10v60H0z");
    s.fill(if rock == Panel { Ground } else { Panel }, "M0 166q100-24 200 6v38H0z");
}

fn hat(s: &mut Sheet, d: &mut Dice) {
    let (sky, sun) = d.pick(&[(Vivid, Accent), (Accent, Vivid), (Ground, Vivid), (Mid, Accent)]);
    let y = d.between(0, 14);
    s.field(sky);
    s.disc(sun, 100, 96 - y, 70);
    s.fill(Panel, format!("M8 {}q30 26 54 12l10 -56q8 -20 28 -8 20 -12 28 8l10 56q24 14 54 -12 -8 50 -92 50t-92 -50z", 104 + y));
    s.fill(Panel, format!("M64 {}q36 14 72 0l-4 80H68z", 130 + y));
    s.fill(sun, format!("M63 {}q37 16 74 0l-2 -10q-36 14 -70 0z", 116 + y));
}

fn cactus(s: &mut Sheet, d: &mut Dice) {
    let (sky, sun, plant) =
        d.pick(&[(Accent, Vivid, Panel), (Vivid, Ink, Panel), (Mid, Vivid, Accent)]);
    let x = d.between(84, 116);
    s.field(sky);
    s.disc(sun, 200 - x, 92, 54);
    s.round(plant, 24, format!("M{x} 210V44"));
    s.round(plant, 18, format!("M{x} 130h-20q-16 0-16 -16v-24M{x} 112h22q16 0 16 -16v-34"));
    s.fill(if plant == Panel { Mid } else { Panel }, "M0 178q90-18 200 0v32H0z");
}

fn star_badge(s: &mut Sheet, d: &mut Dice) {
    let (back, tin) = d.pick(&[(Vivid, Accent), (Panel, Accent), (Mid, Ink), (Accent, Vivid)]);
    let turn = d.between(-110, -76);
    let star = |r: i32, waist: i32| {
        polygon((0..5).flat_map(|at| {
            [polar(100, 102, r, turn + at * 72), polar(100, 102, waist, turn + 36 + at * 72)]
        }))
    };
    s.field(back);
    s.fill(tin, star(96, 42));
    for at in 0..5 {
        let (x, y) = polar(100, 102, 92, turn + at * 72);
        s.round(tin, 20, format!("M{x} {y}h0"));
    }
    s.disc(Panel, 100 + d.between(-14, 14), 100, 11);
}

fn duel(s: &mut Sheet, d: &mut Dice) {
    let (sky, sand) = d.pick(&[(Accent, Vivid), (Vivid, Mid), (Ink, Accent), (Mid, Vivid)]);
    let x = d.between(92, 108);
    s.field(sky);
    s.disc(
        if sky == Accent {
            Ink
        } else if sky == Ink {
            Vivid
        } else {
            Accent
        },
        x,
        108,
        30,
    );
    s.fill(sand, "M0 126h200v80H0z");
    s.figure(Panel, x, 142, 52);
    s.fill(
        Panel,
        "M20-9h164l-2 40-24 90 10 70 22 19H128l-8-90 8-78-26-10-30 10-10 84-12 84H0l20-18 6-86z",
    );
}

fn peak(s: &mut Sheet, d: &mut Dice) {
    let (sky, rock, shade) = d.pick(&[
        (Accent, Mid, Panel),
        (Mid, Vivid, Panel),
        (Vivid, Deep, Panel),
        (Ground, Vivid, Mid),
    ]);
    let x = d.between(84, 116);
    s.field(sky);
    s.disc(if sky == Accent { Vivid } else { Accent }, 200 - x - 40, 54, 20);
    s.fill(rock, format!("M{x} 26L-20 210h{}z", 240));
    s.fill(shade, format!("M{x} 26l-14 60 20 40 -16 84h130z"));
    s.fill(Ink, format!("M{x} 26L{} 84l18 -8 14 14 -4 -28z", x - 38));
    s.fill(
        if sky == Accent { Vivid } else { Accent },
        format!("M{x} 26l38 60 -16 -8 -12 12 -10 -28z"),
    );
}

fn pines(s: &mut Sheet, d: &mut Dice) {
    let (sky, moon) = d.pick(&[(Mid, Ink), (Ground, Accent), (Accent, Ink), (Vivid, Accent)]);
    s.field(sky);
    s.disc(moon, d.between(76, 124), 66, 36);
    let mut tree = |tone, x: i32, y: i32, wide: i32| {
        s.fill(
            tone,
            format!(
                "M{x} {y}l{wide} 66H{}l{} 60H{}l{wide} -60H{}z",
                x + wide / 2,
                wide,
                x - wide * 3 / 2,
                x - wide
            ),
        );
    };
    tree(if sky == Mid { Deep } else { Mid }, 100, d.between(74, 88), 30);
    tree(Panel, 42, d.between(60, 84), 32);
    tree(Panel, 160, d.between(50, 76), 34);
    s.fill(Ink, "M0 184q100-26 200-4v30H0z");
}

fn cabin(s: &mut Sheet, d: &mut Dice) {
    let (sky, light) = d.pick(&[(Mid, Accent), (Deep, Vivid), (Vivid, Panel), (Ground, Accent)]);
    let mut flakes = String::new();
    for at in 0..12 {
        flakes += &format!(
            "M{} {}h0",
            12 + at % 4 * 54 + d.between(0, 22),
            14 + at / 4 * 34 + d.between(0, 16)
        );
    }
    s.field(sky);
    s.round(Ink, 7, flakes);
    s.fill(Panel, "M66 168v-36l-8-2 42-36 42 36-8 2v36z");
    s.rect(if light == Panel { Accent } else { light }, 90, 132, 19, 19);
    s.fill(Ink, "M52 128l48-42 48 42-8 6-40-34-40 34zM0 160q110 4 200-16v66H0z");
}

fn ski_track(s: &mut Sheet, d: &mut Dice) {
    let (sky, snow) = d.pick(&[(Vivid, Ink), (Mid, Ink), (Accent, Ink), (Ground, Accent)]);
    let y = d.between(40, 60);
    s.field(sky);
    s.fill(snow, format!("M0 {y}Q80 {} 200 150v60H0z", y + 20));
    s.line(Mid, 4, "M20 58q60 30 30 60t40 36 10 60M28 56q60 30 30 60t40 36 10 60");
    s.fill(Panel, "M150 60l6 22-16 12 26 26-4 4-30-26 8-36z");
    s.disc(Panel, 150, 52, 8);
    s.line(Panel, 4, "M132 108l64 34M142 82l34 22");
}

fn dunes(s: &mut Sheet, d: &mut Dice) {
    let (sky, lit, dark) = d.pick(&[
        (Accent, Vivid, Panel),
        (Vivid, Accent, Ground),
        (Mid, Vivid, Panel),
        (Ground, Accent, Mid),
    ]);
    let x = d.between(84, 130);
    s.field(sky);
    s.disc(
        if sky == Accent {
            Ink
        } else if sky == Ground {
            Vivid
        } else {
            Ink
        },
        x,
        48,
        22,
    );
    s.fill(lit, format!("M0 130Q70 70 {x} 84q50 10 110 50v80H0z"));
    s.fill(dark, format!("M{x} 84q-40 30 0 60t-40 70h160V134Q{} 94 {x} 84z", x + 60));
}

fn heat(s: &mut Sheet, d: &mut Dice) {
    let (sky, sun) = d.pick(&[(Vivid, Accent), (Accent, Vivid), (Mid, Vivid), (Ink, Vivid)]);
    let y = d.between(66, 82);
    s.field(sky);
    s.disc(sun, 100, y, 56);
    s.fill(sky, format!("M0 {}h200v6H0zM0 {}h200v9H0zM0 {}h200v13H0z", y + 4, y + 20, y + 38));
    s.fill(Panel, "M0 142h200v68H0z");
    s.figure(Panel, 78, 144, 38);
    s.figure(Panel, 98, 144, 34);
    s.figure(Panel, 116, 144, 30);
}

fn long_shadow(s: &mut Sheet, d: &mut Dice) {
    let (sky, sand, shade) = d.pick(&[
        (Mid, Accent, Vivid),
        (Ink, Vivid, Panel),
        (Ground, Vivid, Panel),
        (Accent, Vivid, Mid),
    ]);
    let x = d.between(108, 136);
    s.field(sky);
    s.fill(sand, "M0 76q110-26 200 10v124H0z");
    s.fill(shade, format!("M{} 98l14 2L40 210H-30z", x - 6));
    s.figure(Panel, x, 104, 58);
}
