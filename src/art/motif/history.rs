//! Lives and times.

use super::Motif;
use crate::art::colour::Tone::{Accent, Ground, Ink, Mid, Panel, Vivid};
use crate::art::dice::Dice;
use crate::art::sheet::Sheet;

pub const BIOGRAPHY: Motif = Motif {
    name: "biography",
    hues: &[60, 210, 330],
    layouts: &[cameo, signature, statue, life_lines],
};

pub const HISTORY: Motif = Motif {
    name: "history",
    hues: &[60, 30, 270, 160],
    layouts: &[columns, crown, spears, arches, banner],
};

fn cameo(s: &mut Sheet, d: &mut Dice) {
    let (back, medal, head) = d.pick(&[
        (Vivid, Accent, Panel),
        (Ground, Vivid, Ink),
        (Mid, Ink, Panel),
        (Accent, Panel, Vivid),
    ]);
    s.field(back);
    s.disc(medal, 100, 98, 84);
    let y = d.between(176, 184);
    s.fill(head, format!("M58 {y}q20 -20 8 -48 -24 -30 -4 -64 22 -32 58 -20 24 10 22 44l12 24q0 8 -10 8l2 20q-4 14 -26 10 -6 10 6 26 -34 22 -68 0z"));
}

fn signature(s: &mut Sheet, d: &mut Dice) {
    let (paper, ink) = d.pick(&[(Ink, Panel), (Accent, Panel), (Vivid, Ink), (Ground, Accent)]);
    let (a, b) = (d.between(20, 60), d.between(40, 70));
    s.field(paper);
    s.round(ink, 7, format!("M24 140C60 {a} 80 30 70 90s-30 70 -6 60 30 -{b} 40 -40 -6 40 10 30 14 -40 26 -30 -4 40 14 34 18 -16 30 -18"));
    s.round(if paper == Vivid { Panel } else { Vivid }, 5, "M30 172q70-18 146-8");
}

fn statue(s: &mut Sheet, d: &mut Dice) {
    let (sky, sun) = d.pick(&[(Vivid, Accent), (Accent, Vivid), (Mid, Ink), (Ground, Vivid)]);
    let x = d.between(88, 112);
    s.field(sky);
    s.disc(sun, 200 - x, 70, 50);
    s.fill(Panel, format!("M{} 210l6 -50h-8v-14h64v14h-8l6 50z", x - 34));
    s.figure(Panel, x, 148, 120);
}

fn life_lines(s: &mut Sheet, d: &mut Dice) {
    let (back, bar) = d.pick(&[(Ground, Vivid), (Accent, Panel), (Vivid, Panel), (Ink, Mid)]);
    let shift = d.between(0, 20);
    s.field(back);
    for at in 0..5 {
        let (x, high) = (14 + at * 38, 44 + at * 22 - shift * (at % 2));
        s.disc(
            if at == 4 { if back == Accent { Vivid } else { Accent } } else { bar },
            x + 10,
            184 - high,
            11,
        );
        s.fill(
            if at == 4 { if back == Accent { Vivid } else { Accent } } else { bar },
            format!("M{} 210v-{}l12 -14 12 14v{}z", x - 2, high - 2, high),
        );
    }
}

fn columns(s: &mut Sheet, d: &mut Dice) {
    let (sky, stone, shade) = d.pick(&[
        (Vivid, Ink, Panel),
        (Ground, Accent, Mid),
        (Accent, Vivid, Panel),
        (Mid, Accent, Panel),
    ]);
    let x = d.between(-24, 0);
    s.field(sky);
    for at in 0..4 {
        let left = x + at * 66;
        s.rect(stone, left, 44, 38, 170);
        s.rect(shade, left + 24, 44, 14, 170);
    }
    s.fill(stone, "M0 0h200v30H0z");
    s.fill(shade, "M0 30h200v14H0z");
    s.figure(if sky == Ground || sky == Mid { Ink } else { Panel }, x + 118, 200, 54);
}

fn crown(s: &mut Sheet, d: &mut Dice) {
    let (back, gold) = d.pick(&[(Panel, Accent), (Vivid, Ink), (Mid, Accent), (Accent, Vivid)]);
    let tilt = d.between(-14, 14);
    s.field(back);
    s.fill(gold, format!("M34 {}L20 64l42 36L100 36l38 64 42 -36 -14 {}z", 156 + tilt, 92 - tilt));
    s.round(gold, 20, "M20 56h0M100 30h0M180 56h0");
    s.fill(
        if back == Vivid || back == Accent { Panel } else { Vivid },
        format!("M33 {}L167 {}v14L33 {}z", 132 + tilt, 132 - tilt, 146 + tilt),
    );
}

fn spears(s: &mut Sheet, d: &mut Dice) {
    let (sky, land) = d.pick(&[(Accent, Panel), (Vivid, Panel), (Ground, Mid), (Ink, Mid)]);
    s.field(sky);
    if sky != Ink {
        s.disc(if sky == Accent { Vivid } else { Accent }, 136, 84, 40);
    }
    let spear = if sky == Ground { Ink } else { Panel };
    let (mut shafts, mut tips) = (String::new(), String::new());
    for at in 0..7 {
        let (x, y) = (6 + at * 28, d.between(24, 60));
        shafts += &format!("M{x} 200L{} {y}", x + 40);
        tips += &format!("M{} {}l9 -26 -17 22z", x + 44, y + 2);
    }
    s.line(spear, 4, shafts);
    s.fill(spear, tips);
    s.fill(land, "M0 168q100-26 200 0v42H0z");
}

fn arches(s: &mut Sheet, d: &mut Dice) {
    let [one, two] = d.pick(&[[Vivid, Panel], [Ground, Accent], [Accent, Mid], [Mid, Ink]]);
    let x = d.between(88, 112);
    s.field(one);
    for (at, r) in [86, 64, 44, 26].into_iter().enumerate() {
        let middle = 100 + (x - 100) * i32::try_from(at).unwrap_or(0);
        s.fill(
            if at % 2 == 0 { two } else { one },
            format!("M{} 210V{}a{r} {r} 0 0 1 {} 0v200z", middle - r, 100, 2 * r),
        );
    }
    s.figure(if one == Accent || one == Mid { Panel } else { two }, 100 + (x - 100) * 3, 190, 44);
}

fn banner(s: &mut Sheet, d: &mut Dice) {
    let (sky, cloth, sign) = d.pick(&[
        (Accent, Vivid, Panel),
        (Ground, Vivid, Accent),
        (Vivid, Panel, Accent),
        (Mid, Ink, Vivid),
    ]);
    let notch = d.between(130, 150);
    s.field(sky);
    s.rect(if cloth == Panel { Ground } else { Panel }, 30, 18, 140, 8);
    s.fill(cloth, format!("M46 26h108v150L100 {notch} 46 176z"));
    match d.between(0, 2) {
        0 => s.fill(sign, "M92 44h16v28h26v16h-26v36H92V88H66V72h26z"),
        1 => s.disc(sign, 100, 84, 34),
        _ => s.fill(sign, "M58 62l42 34 42-34v24l-42 34-42-34z"),
    }
}
