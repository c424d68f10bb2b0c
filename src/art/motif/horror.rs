//! What waits in the dark.

use super::Motif;
use crate::art::colour::Tone::{Accent, Ground, Ink, Mid, Panel, Vivid};
use crate::art::dice::Dice;
use crate::art::sheet::Sheet;

pub const HORROR: Motif = Motif {
    name: "horror",
    hues: &[20, 140, 300, 350],
    layouts: &[teeth, claw, crooked_house, hand, eyes],
};

fn teeth(s: &mut Sheet, d: &mut Dice) {
    let (back, eye) = d.pick(&[(Vivid, Ink), (Mid, Accent), (Accent, Vivid), (Panel, Vivid)]);
    s.field(back);
    s.disc(eye, 100, 100, d.between(40, 56));
    let mut row = |edge: i32, way: i32| {
        let mut path = format!("M-5 {edge}V{}", edge + way * 40);
        for at in 0..5 {
            let x = at * 42 - 5;
            path += &format!(
                "L{} {} {} {}",
                x + 21,
                edge + way * d.between(76, 104),
                x + 42,
                edge + way * 40
            );
        }
        path + &format!("V{edge}z")
    };
    let (upper, lower) = (row(-4, 1), row(204, -1));
    s.fill(if back == Panel { Ground } else { Panel }, upper + &lower);
}

fn claw(s: &mut Sheet, d: &mut Dice) {
    let (back, cut) = d.pick(&[(Vivid, Panel), (Panel, Vivid), (Ground, Accent), (Accent, Panel)]);
    let lean = d.between(20, 50);
    s.field(back);
    for at in 0..4 {
        let x = 26 + at * 40;
        let (top, foot) = (d.between(8, 40), d.between(150, 192));
        s.fill(
            cut,
            format!(
                "M{} {top}Q{} 100 {} {foot}Q{} 96 {} {top}z",
                x + lean,
                x + 30,
                x - lean / 2,
                x - 4,
                x + lean
            ),
        );
    }
}

fn crooked_house(s: &mut Sheet, d: &mut Dice) {
    let (sky, moon) = d.pick(&[(Ground, Accent), (Vivid, Ink), (Mid, Accent), (Accent, Vivid)]);
    s.field(sky);
    s.disc(moon, d.between(112, 134), d.between(66, 80), d.between(44, 56));
    s.fill(Panel, "M0 200v-32q40-4 60-18l2-50-10 3 26-48 22 40-8 3v16l10-6v-20l-6-4 22-38 14 42-8 2 4 62q30 10 72 14v34z");
    s.fill(if moon == Vivid { Ink } else { moon }, "M72 108l10-3v16l-10 2zM112 92l8-2v14l-8 2z");
}

fn hand(s: &mut Sheet, d: &mut Dice) {
    let (back, skin) = d.pick(&[(Vivid, Panel), (Panel, Accent), (Ground, Vivid), (Accent, Panel)]);
    let reach = d.between(-8, 8);
    s.field(back);
    if back != Panel {
        s.disc(if back == Accent { Vivid } else { Accent }, 100, 84, 58);
    }
    s.round(
        skin,
        17,
        format!(
            "M76 140L{} {}M92 132L{} {}M110 132L{} {}M126 140L{} {}M84 164L{} {}",
            56 + reach,
            66,
            86 + reach,
            38 + reach,
            122 + reach,
            42 - reach,
            154 + reach,
            72,
            36,
            130 + reach
        ),
    );
    s.fill(skin, "M68 134q30-14 66 0 6 40-14 66v10H84v-12q-22-24-16-64z");
}

fn eyes(s: &mut Sheet, d: &mut Dice) {
    let (glow, dark) = d.pick(&[(Accent, Panel), (Vivid, Panel), (Ink, Ground)]);
    let (y, slit) = (d.between(84, 100), d.between(5, 9));
    s.field(dark);
    s.fill(
        if dark == Panel { Ground } else { Mid },
        "M0 0h200v60L140 30 100 66 60 30 0 60zM0 200v-44l60 24 40-30 40 30 60-24v44z",
    );
    s.fill(
        glow,
        format!(
            "M18 {y}Q54 {} 88 {}Q56 {} 18 {y}zM182 {y}Q146 {} 112 {}Q144 {} 182 {y}z",
            y - 30,
            y + 16,
            y + 34,
            y - 30,
            y + 16,
            y + 34
        ),
    );
    s.fill(
        dark,
        format!(
            "M54 {}q{slit} 17 0 34q-{slit} -17 0 -34zM146 {}q{slit} 17 0 34q-{slit} -17 0 -34z",
            y - 14,
            y - 14
        ),
    );
}
