//! War, action and contests.

use super::Motif;
use crate::art::colour::Tone::{Accent, Deep, Ground, Ink, Mid, Panel, Vivid};
use crate::art::dice::Dice;
use crate::art::sheet::{Sheet, disc, polar, polygon, rect};

pub const ACTION: Motif =
    Motif { name: "action", hues: &[30, 20, 250], layouts: &[burst, speed, blast, crosshair] };

pub const WAR: Motif = Motif {
    name: "war",
    hues: &[120, 90, 20, 230],
    layouts: &[helmets, wire, bombers, crosses, searchlights],
};

pub const SPORT: Motif =
    Motif { name: "sport", hues: &[140, 20, 210], layouts: &[track, ropes, ball, pitch] };

pub const SAMURAI: Motif =
    Motif { name: "samurai", hues: &[20, 0, 200], layouts: &[cut_sun, bamboo, roofs, horns] };

fn burst(s: &mut Sheet, d: &mut Dice) {
    let (back, ray, core) = d.pick(&[
        (Vivid, Panel, Accent),
        (Panel, Vivid, Accent),
        (Accent, Vivid, Panel),
        (Mid, Accent, Ink),
    ]);
    let (x, y, turn) = (d.between(70, 130), d.between(84, 130), d.between(0, 20));
    s.field(back);
    for at in 0..12 {
        let a = turn + at * 30;
        s.fill(
            ray,
            format!("M{x} {y}")
                + &polygon([polar(x, y, 240, a - 7), polar(x, y, 240, a + 7)]).replace('M', "L"),
        );
    }
    s.disc(core, x, y, d.between(28, 40));
}

fn speed(s: &mut Sheet, d: &mut Dice) {
    let (back, band, ball) =
        d.pick(&[(Ground, Vivid, Ink), (Vivid, Panel, Accent), (Accent, Vivid, Panel)]);
    let y = d.between(58, 74);
    let mut path = String::new();
    for at in 0..4 {
        let (left, top) = (d.between(-80, 10), y - 42 + at * 28);
        path += &format!("M{left} {}L138 {top}", top + (138 - left) / 2);
    }
    s.field(back);
    s.line(band, 14, path);
    s.disc(ball, 138, y, 46);
    s.fill(Mid, "M40 210 210 126v84z");
}

fn blast(s: &mut Sheet, d: &mut Dice) {
    let [back, one, two, three] = d.pick(&[
        [Ground, Vivid, Accent, Ink],
        [Vivid, Panel, Accent, Ink],
        [Accent, Vivid, Panel, Accent],
        [Panel, Mid, Vivid, Accent],
    ]);
    let (x, y) = (d.between(84, 116), d.between(88, 112));
    s.field(back);
    for (tone, r) in [(one, 104), (two, 70), (three, 38)] {
        let points: Vec<_> = (0..10)
            .flat_map(|at| [(r - d.between(0, 14), at * 36), (r * 11 / 20, at * 36 + 18)])
            .map(|(r, a)| polar(x, y, r, a))
            .collect();
        s.fill(tone, polygon(points));
    }
}

fn crosshair(s: &mut Sheet, d: &mut Dice) {
    let (back, line) = d.pick(&[(Vivid, Panel), (Ground, Accent), (Accent, Panel), (Panel, Vivid)]);
    let (x, y) = (d.between(82, 118), d.between(82, 112));
    s.field(back);
    s.figure(
        if back == Panel {
            Accent
        } else if back == Ground {
            Vivid
        } else {
            Ink
        },
        x,
        y + 64,
        118,
    );
    s.ring(line, 8, x, y, 62);
    s.line(
        line,
        4,
        format!("M{x} -9v{}M{x} {}v200M-9 {y}h{}M{} {y}h200", y - 22, y + 32, x - 22, x + 32),
    );
}

fn helmets(s: &mut Sheet, d: &mut Dice) {
    let (back, tones) = d.pick(&[
        (Accent, [Vivid, Mid, Panel]),
        (Vivid, [Mid, Ground, Panel]),
        (Ground, [Mid, Vivid, Accent]),
    ]);
    let shift = d.between(-14, 14);
    s.field(back);
    for (row, tone) in tones.into_iter().enumerate() {
        let row = i32::try_from(row).unwrap_or(0);
        let y = 72 + row * 50;
        for at in 0..3 {
            let x = 40 + at * 76 - (row % 2) * 38 + shift;
            s.fill(tone, format!("M{} {y}a34 34 0 0 1 68 0l8 10h-84z", x - 34));
        }
        s.rect(tone, 0, y + 9, 200, 140 - row * 44);
    }
}

fn wire(s: &mut Sheet, d: &mut Dice) {
    let (sky, sun) = d.pick(&[(Accent, Vivid), (Ground, Vivid), (Mid, Accent), (Vivid, Ink)]);
    s.field(sky);
    s.disc(sun, d.between(80, 120), 92, 58);
    let mut path = String::new();
    for (y, lean) in [(48, 22), (104, -12), (160, 18)] {
        path += &format!("M-9 {}L209 {}", y + lean, y - lean);
        for at in 0..3 {
            let x = 34 + at * 64 + d.between(-6, 6);
            let middle = y + lean - lean * 2 * x / 200;
            path += &format!("M{} {}l16 20m0 -20l-16 20", x - 8, middle - 10);
        }
    }
    s.line(Panel, 4, path);
}

fn bombers(s: &mut Sheet, d: &mut Dice) {
    let (sky, plane) = d.pick(&[(Accent, Panel), (Vivid, Panel), (Ground, Accent), (Ink, Vivid)]);
    let y = d.between(0, 10);
    s.field(sky);
    s.fill(if sky == Ink { Accent } else { Mid }, "M0 210v-50l60 24 50-30 90 36v20z");
    for (x, y) in [(100, 26 + y), (52, 66 + y), (148, 70 + y), (102, 104 + y)] {
        s.fill(
            plane,
            format!(
                "M{x} {}l7 16 32 14v9l-31 -4 -4 20 10 7v6h-28v-6l10 -7 -4 -20 -31 4v-9l32 -14z",
                y - 18
            ),
        );
    }
}

fn crosses(s: &mut Sheet, d: &mut Dice) {
    let (sky, land, cross) = d.pick(&[
        (Vivid, Mid, Ink),
        (Accent, Vivid, Panel),
        (Mid, Ground, Accent),
        (Ground, Mid, Ink),
    ]);
    let x = d.between(70, 130);
    s.field(sky);
    s.fill(land, "M0 70h200v140H0z");
    for (row, size) in [8, 14, 24].into_iter().enumerate() {
        let y = [72, 92, 132][row];
        for at in -2..3 {
            let middle = x + at * size * 3 - (x - 100) * (y - 70) / 90;
            s.fill(
                cross,
                rect(middle - size / 6, y, size / 3, size * 2)
                    + &rect(middle - size * 2 / 3, y + size / 2, size * 4 / 3, size / 3),
            );
        }
    }
}

fn searchlights(s: &mut Sheet, d: &mut Dice) {
    let (sky, one, two) =
        d.pick(&[(Panel, Accent, Vivid), (Ground, Ink, Accent), (Deep, Accent, Vivid)]);
    let x = d.between(80, 124);
    s.field(sky);
    s.fill(two, format!("M40 190L{} -9h52z", x + 20));
    s.fill(one, format!("M164 190L{} -9h-48z", x - 20));
    s.fill(one, format!("M86 190L{} -9h20z", d.between(140, 176)));
    s.fill(
        if sky == Panel { Ground } else { Panel },
        "M0 210v-44h26v-14h30v20h24v-12h34v16h22v-24h28v14h36v44z",
    );
    s.fill(Panel, format!("M{x} 40l5 10 20 8v6l-20 -2v12h-10v-12l-20 2v-6l20 -8z"));
}

fn track(s: &mut Sheet, d: &mut Dice) {
    let (field, lane) = d.pick(&[(Mid, Vivid), (Ground, Accent), (Accent, Vivid), (Vivid, Panel)]);
    let y = d.between(120, 150);
    s.field(field);
    for r in [150, 124, 98, 72] {
        s.ring(lane, 20, 30, y, r);
    }
    s.disc(if field == Accent { Panel } else { Ink }, 30 + 98 * 4 / 5, y - 98 * 3 / 5, 11);
}

fn ropes(s: &mut Sheet, d: &mut Dice) {
    let (back, rope) = d.pick(&[(Ground, Vivid), (Vivid, Ink), (Accent, Vivid), (Panel, Accent)]);
    let x = d.between(112, 140);
    let post = if back == Panel || back == Ground { Ink } else { Panel };
    s.field(back);
    s.fill(Mid, format!("M{x} 170L-9 140v70h218v-40z"));
    for y in [48, 84, 120] {
        s.line(rope, 8, format!("M-9 {}L{x} {y} 209 {}", y - 30, y - 12));
    }
    s.rect(post, x - 9, 26, 18, 154);
}

fn ball(s: &mut Sheet, d: &mut Dice) {
    let (back, ball) = d.pick(&[(Vivid, Ink), (Ground, Accent), (Accent, Vivid), (Mid, Accent)]);
    let r = d.between(38, 46);
    let trail = if back == Vivid {
        Panel
    } else if back == Accent {
        Ink
    } else {
        Vivid
    };
    s.field(back);
    s.fill(Panel, "M0 176h200v34H0z");
    s.fill(trail, disc(16, 154, 6) + &disc(34, 122, 9) + &disc(60, 92, 13));
    s.disc(ball, 130, 78, r);
    s.line(back, 5, format!("M{} 66q{r} 10 {} {r}", 128 - r, r + 10));
}

fn pitch(s: &mut Sheet, d: &mut Dice) {
    let (grass, line) = d.pick(&[(Mid, Ink), (Vivid, Ink), (Ground, Accent), (Accent, Panel)]);
    let x = d.between(86, 114);
    s.field(grass);
    s.fill(
        if grass == Ground {
            Mid
        } else if grass == Mid {
            Vivid
        } else {
            Mid
        },
        "M0 0h50v200H0zM100 0h50v200h-50z",
    );
    s.ring(line, 5, x, 100, 46);
    s.line(line, 5, format!("M{x} -9v220M-9 46h34v108H-9"));
    s.disc(if grass == Accent { Ink } else { line }, x, 100, 8);
}

fn cut_sun(s: &mut Sheet, d: &mut Dice) {
    let (back, sun) = d.pick(&[(Ink, Vivid), (Panel, Vivid), (Accent, Vivid), (Ground, Accent)]);
    let slip = d.between(6, 14);
    s.field(back);
    s.fill(
        sun,
        format!("M{} {}A62 62 0 0 1 {} {}z", 56 - slip, 144 - slip - 8, 144 - slip, 56 - slip - 8),
    );
    s.fill(sun, format!("M{} {}A62 62 0 0 0 {} {}z", 56 + slip, 144 + slip, 144 + slip, 56 + slip));
    s.fill(
        if back == Ink || back == Accent { Panel } else { Ink },
        "M-9 200 192-2l6 8Q100 110-3 208z",
    );
}

fn bamboo(s: &mut Sheet, d: &mut Dice) {
    let (back, stem, moon) = d.pick(&[
        (Ground, Mid, Vivid),
        (Accent, Panel, Vivid),
        (Vivid, Panel, Ink),
        (Mid, Accent, Ink),
    ]);
    s.field(back);
    s.disc(moon, d.between(90, 126), 80, 46);
    for (at, x) in [22, 72, 150].into_iter().enumerate() {
        let (x, y) = (x + d.between(-8, 8), 40 + 30 * i32::try_from(at).unwrap_or(0));
        s.fill(
            stem,
            format!("M{x} -9h15v{}h-15zM{x} {}h15v70h-15zM{x} {}h15v140h-15z", y, y - 5, y + 69),
        );
    }
    s.fill(stem, "M84 62q34-4 50 22-34 4-50-22zM36 116q-2 30 24 42 0-30-24-42zM150 100q-30 6-38 30 30 0 38-30z");
}

fn roofs(s: &mut Sheet, d: &mut Dice) {
    let (sky, sun, roof) = d.pick(&[
        (Accent, Vivid, Panel),
        (Vivid, Accent, Panel),
        (Ground, Vivid, Accent),
        (Ink, Vivid, Panel),
    ]);
    s.field(sky);
    s.disc(sun, d.between(70, 130), 76, 54);
    for (y, wide) in [(46, 50), (92, 68), (140, 88)] {
        s.fill(
            roof,
            format!(
                "M{} {y}q{} 2 {} -26h20q8 28 {} 26l-8 10H{}z",
                100 - wide,
                wide - 20,
                wide - 10,
                wide - 10,
                108 - wide
            ),
        );
        s.rect(roof, 100 - wide / 2, y + 9, wide, 26);
    }
    s.rect(roof, 50, 168, 100, 40);
}

fn horns(s: &mut Sheet, d: &mut Dice) {
    let (back, metal, gold) = d.pick(&[
        (Vivid, Panel, Accent),
        (Accent, Panel, Vivid),
        (Ground, Vivid, Accent),
        (Mid, Panel, Ink),
    ]);
    let y = d.between(84, 94);
    s.field(back);
    s.fill(gold, format!("M100 {y}Q20 70 34 6q14 44 66 50 52 -6 66 -50 14 64 -66 {}z", y - 6));
    s.fill(metal, format!("M46 {}a54 54 0 0 1 108 0l36 44 -34 8 -14 -36H58l-14 36 -34 -8zM62 {}h76l-10 50 -28 22 -28 -22z", y + 30, y + 44));
    s.fill(back, format!("M70 {}l24 8 -24 6zM130 {}l-24 8 24 6z", y + 54, y + 54));
}
