//! Laughter and love.

use super::Motif;
use crate::art::colour::Tone::{Accent, Deep, Ground, Ink, Mid, Panel, Vivid};
use crate::art::dice::Dice;
use crate::art::sheet::{Sheet, disc};

pub const COMEDY: Motif = Motif {
    name: "comedy",
    hues: &[50, 350, 150, 230],
    layouts: &[grin, bow_tie, blocks, seesaw, balloon, bowler, banana],
};

pub const ROMANCE: Motif = Motif {
    name: "romance",
    hues: &[350, 10, 290],
    layouts: &[two_discs, kiss, umbrella, heart, two_windows],
};

fn grin(s: &mut Sheet, d: &mut Dice) {
    let (back, face) = d.pick(&[(Vivid, Accent), (Ground, Vivid), (Accent, Vivid), (Mid, Accent)]);
    let (x, y) = (d.between(70, 92), d.between(104, 116));
    s.field(back);
    s.disc(face, x, y, 106);
    s.fill(Panel, format!("M{} {y}h128a64 64 0 0 1-128 0z", x - 50));
    s.fill(Ink, format!("M{} {y}h114v18h-114z", x - 43));
    s.disc(Panel, x - 14, y - 44, 13);
    if d.coin() {
        s.round(Panel, 10, format!("M{} {}q18 -20 34 0", x + 32, y - 40));
    } else {
        s.disc(Panel, x + 48, y - 44, 13);
    }
}

fn bow_tie(s: &mut Sheet, d: &mut Dice) {
    let (shirt, tie) = d.pick(&[(Ink, Vivid), (Vivid, Panel), (Accent, Vivid), (Ink, Mid)]);
    let tilt = d.between(-12, 12);
    s.field(shirt);
    s.fill(Panel, "M0 0h30l70 210H0zM200 0h-30l-70 210h100z");
    s.fill(tie, format!("M100 72L26 {}v72L100 92l74 {}v-72z", 42 + tilt, 30 - tilt));
    s.rect(if tie == Panel { Accent } else { Panel }, 88, 66, 24, 32);
    s.disc(if shirt == Ink { Mid } else { Ink }, 100, 132, 6);
    s.disc(if shirt == Ink { Mid } else { Ink }, 100, 166, 6);
}

/// A square of 67 at (x, y) with one bold form in it.
fn tile(s: &mut Sheet, d: &mut Dice, x: i32, y: i32, tones: [crate::art::colour::Tone; 4]) {
    let (left, top) = (x, y);
    let back = d.pick(&tones);
    let front = loop {
        let tone = d.pick(&tones);
        if tone != back {
            break tone;
        }
    };
    s.rect(back, left, top, 68, 68);
    let (right, foot) = (left + 67, top + 67);
    s.fill(
        front,
        match d.between(0, 6) {
            0 => format!("M{left} {top}h67a67 67 0 0 1-67 67z"),
            1 => format!("M{right} {foot}h-67a67 67 0 0 1 67-67z"),
            2 => format!("M{left} {foot}a33 33 0 0 1 67 0z"),
            3 => format!("M{left} {top}a33 33 0 0 0 67 0z"),
            4 => disc(left + 33, top + 33, 24),
            5 => format!("M{left} {top}L{right} {foot}H{left}z"),
            _ => format!("M{left} {top}v67a33 33 0 0 0 0-67z"),
        },
    );
}

fn blocks(s: &mut Sheet, d: &mut Dice) {
    let tones = d.pick(&[
        [Vivid, Accent, Panel, Ink],
        [Mid, Accent, Ground, Vivid],
        [Vivid, Deep, Accent, Ink],
    ]);
    s.field(tones[2]);
    for y in [0, 67, 134] {
        for x in [0, 67, 134] {
            tile(s, d, x, y, tones);
        }
    }
}

fn seesaw(s: &mut Sheet, d: &mut Dice) {
    let (back, plank) = d.pick(&[(Accent, Panel), (Vivid, Ink), (Ground, Accent), (Mid, Ink)]);
    let big = d.between(30, 40);
    s.field(back);
    s.fill(if back == Vivid { Panel } else { Vivid }, "M100 116l40 84H60z");
    s.fill(plank, "M0 170 200 68v13L0 184z");
    s.disc(if back == Vivid { Accent } else { Vivid }, 42, 146 - big, big);
    s.disc(if back == Accent { Panel } else { Ink }, 156, 54 - d.between(0, 14), 15);
}

fn balloon(s: &mut Sheet, d: &mut Dice) {
    let (back, skin) = d.pick(&[(Accent, Vivid), (Ground, Vivid), (Vivid, Ink), (Mid, Accent)]);
    s.field(back);
    s.round(Panel, 3, "M84 152q-16 26 4 52");
    s.fill(
        skin,
        "M84 154l-12 10h24zM84 154C48 140 24 110 26 76a60 60 0 0 1 120 0c0 34-26 64-62 78z",
    );
    s.round(if skin == Ink { Accent } else { Ink }, 8, "M48 76a38 38 0 0 1 30-36");
    s.fill(Panel, format!("M147 80l60-{}v10z", d.between(20, 44)));
}

fn bowler(s: &mut Sheet, d: &mut Dice) {
    let (back, face) = d.pick(&[(Vivid, Ink), (Accent, Vivid), (Mid, Accent), (Ink, Vivid)]);
    let lift = d.between(0, 26);
    s.field(back);
    s.disc(face, 100, 132, 64);
    s.fill(
        Panel,
        format!("M44 {y}a56 52 0 0 1 112 0q26 -2 26 8t-26 8H44q-26 0-26 -8t26 -8z", y = 92 - lift),
    );
    s.fill(Panel, "M100 138c-8-8-30 0-34 18 12-4 24 0 34-8 10 8 22 4 34 8-4-18-26-26-34-18z");
    s.disc(Panel, 78, 116, 6);
    s.disc(Panel, 122, 116, 6);
}

fn banana(s: &mut Sheet, d: &mut Dice) {
    let (back, floor) = d.pick(&[(Vivid, Mid), (Mid, Ground), (Ink, Vivid), (Deep, Vivid)]);
    s.field(back);
    s.fill(floor, "M0 152h200v58H0z");
    s.fill(Panel, format!("M{} -10h40l14 98 42 16v14h-70z", d.between(52, 66)));
    s.fill(Accent, "M98 136q10-12 18 0c22 4 40 16 52 42-20 4-38-4-48-20 2 20-6 32-16 38-10-8-14-22-8-40-12 18-30 24-52 22 10-30 30-42 54-42z");
}

fn two_discs(s: &mut Sheet, d: &mut Dice) {
    let [back, one, both, two] = d.pick(&[
        [Ground, Vivid, Ink, Accent],
        [Ink, Vivid, Panel, Accent],
        [Vivid, Panel, Ink, Accent],
        [Accent, Vivid, Panel, Ink],
    ]);
    let (r, slope) = (60, d.between(-24, 24));
    s.field(back);
    s.disc(one, 70, 100 - slope, r);
    s.disc(two, 130, 100 + slope, r);
    // The discs' intersections lie on the line through the middle, across the line of centres.
    let (dx, dy) = (f64::from(30), f64::from(slope));
    let half = dx.hypot(dy);
    let reach = (f64::from(r * r) - half * half).sqrt() / half;
    let tenth = |value: f64| (value * 10.0).round() / 10.0;
    let (x, y) = (tenth(dy * reach), tenth(-dx * reach));
    s.fill(
        both,
        format!(
            "M{} {}A{r} {r} 0 0 1 {} {} {r} {r} 0 0 1 {} {}z",
            100.0 + x,
            100.0 + y,
            100.0 - x,
            100.0 - y,
            100.0 + x,
            100.0 + y
        ),
    );
}

fn kiss(s: &mut Sheet, d: &mut Dice) {
    let [back, left, right] = d.pick(&[
        [Ink, Vivid, Panel],
        [Accent, Panel, Vivid],
        [Ground, Vivid, Accent],
        [Panel, Accent, Vivid],
    ]);
    s.field(back);
    let gap = d.between(1, 5);
    // The second face is the first one mirrored, a little lower.
    s.fill(left, super::drama::profile(66 - gap));
    s.fill(right, format!("M209 8H{}c-22 12-30 36-27 60 1 10-14 22-17 31-1 5 6 8 12 9-3 5-3 9 3 13-5 4-3 8 0 11-2 16 4 24 26 24 10 2 12 22-6 70h70z", 164 + gap));
}

fn umbrella(s: &mut Sheet, d: &mut Dice) {
    let (rain, dome) = d.pick(&[(Mid, Vivid), (Ground, Accent), (Vivid, Ink), (Accent, Vivid)]);
    let x = d.between(88, 112);
    s.field(rain);
    let drops = if rain == Accent {
        Ink
    } else if rain == Vivid {
        Mid
    } else {
        Deep
    };
    s.round(drops, 4, "M30 10l-14 34M78 4 70 24M140 0l-12 30M186 20l-14 34M14 90 4 116M192 96l-14 34M26 150l-12 30M186 160l-12 30");
    s.fill(
        dome,
        format!(
            "M{} 104a74 74 0 0 1 148 0q-18 -14 -37 0 -18 -14 -37 0 -18 -14 -37 0 -18 -14 -37 0z",
            x - 74
        ),
    );
    s.line(Panel, 3, format!("M{x} 96v50"));
    s.figure(Panel, x - 15, 206, 84);
    s.figure(
        if rain == Accent {
            Mid
        } else if dome == Accent {
            Vivid
        } else {
            Accent
        },
        x + 16,
        206,
        76,
    );
}

fn heart(s: &mut Sheet, d: &mut Dice) {
    let [back, left, right] = d.pick(&[
        [Panel, Vivid, Accent],
        [Ink, Vivid, Panel],
        [Accent, Vivid, Panel],
        [Vivid, Ink, Panel],
    ]);
    let slip = d.between(0, 16);
    s.field(back);
    s.fill(left, format!("M98 {}L38 {}a42 42 0 0 1 60 -60z", 172 - slip, 112 - slip));
    s.fill(right, format!("M102 {}l60 -60a42 42 0 0 0 -60 -60z", 172 + slip / 2));
}

fn two_windows(s: &mut Sheet, d: &mut Dice) {
    let wall = d.pick(&[Ground, Mid, Vivid]);
    let drop = d.between(-26, 26);
    s.field(wall);
    s.fill(Panel, "M84 0h32v200H84z");
    s.rect(Accent, 16, 50 - drop / 2, 54, 84);
    s.rect(Ink, 130, 50 + drop / 2, 54, 84);
    s.disc(Panel, 46, 92 - drop / 2, 12);
    s.fill(Panel, format!("M24 {}a21 30 0 0 1 42 0z", 134 - drop / 2));
    s.disc(Panel, 154, 92 + drop / 2, 12);
    s.fill(Panel, format!("M134 {}a21 30 0 0 1 42 0z", 134 + drop / 2));
}
