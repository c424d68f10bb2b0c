//! Film itself: silent, true, projected.

use super::Motif;
use crate::art::colour::Tone::{Accent, Deep, Ground, Ink, Mid, Panel, Vivid};
use crate::art::dice::Dice;
use crate::art::sheet::{Sheet, disc, polar, polygon, rect};

pub const SILENT: Motif =
    Motif { name: "silent", hues: &[80, 50, 250], layouts: &[iris, intertitle, clock, moon_shot] };

pub const DOCUMENTARY: Motif = Motif {
    name: "documentary",
    hues: &[180, 210, 80, 330],
    layouts: &[film_strip, aperture, contact_sheet, witness_lens, tape],
};

pub const PROJECTION: Motif =
    Motif { name: "projection", hues: &[250, 350, 170, 70], layouts: &[beam, seats, reel, leader] };

fn iris(s: &mut Sheet, d: &mut Dice) {
    let (light, x) = (d.pick(&[Accent, Ink, Vivid]), d.between(86, 114));
    s.field(Panel);
    s.disc(Ground, x, 96, 92);
    s.disc(light, x, 96, 70);
    s.fill(Panel, format!("M{} 84a34 34 0 0 1 68 0h14v9h-96v-9zM{} 93h56q2 30 -10 38 40 10 44 56H{}q4 -46 44 -56 -14 -8 -10 -38z", x - 34, x - 28, x - 62));
    s.fill(light, format!("M{} 118q14 -12 28 0z", x - 14));
}

fn intertitle(s: &mut Sheet, d: &mut Dice) {
    let line = d.pick(&[Ink, Accent, Vivid]);
    s.field(Panel);
    s.line(line, 3, "M24 44a20 20 0 0 0 20-20h112a20 20 0 0 0 20 20v112a20 20 0 0 0-20 20H44a20 20 0 0 0-20-20z");
    s.line(Vivid, 2, "M36 52 52 36h96l16 16v96l-16 16H52l-16-16z");
    s.fill(
        line,
        match d.between(0, 2) {
            0 => "M62 104a38 38 0 0 1 76 0h18v12H44v-12z",
            1 => "M100 52l12 36 36 12-36 12-12 36-12-36-36-12 36-12z",
            _ => "M100 58l40 42-40 42-40-42zM58 88v24l-14-12zM142 88v24l14-12z",
        },
    );
}

fn clock(s: &mut Sheet, d: &mut Dice) {
    let (back, face) = d.pick(&[(Mid, Ink), (Vivid, Accent), (Accent, Panel), (Ground, Accent)]);
    let (x, y) = (d.between(84, 104), d.between(80, 96));
    let hand = if face == Panel { Ink } else { Panel };
    s.field(back);
    s.disc(face, x, y, 80);
    s.line(
        hand,
        6,
        (0..12)
            .map(|hour| {
                let ((a, b), (c, e)) = (polar(x, y, 62, hour * 30), polar(x, y, 74, hour * 30));
                format!("M{a} {b}L{c} {e}")
            })
            .collect::<String>(),
    );
    let turn = d.between(10, 50);
    let ((a, b), (c, e)) = (polar(x, y, 58, turn), polar(x, y, 42, turn + 230));
    s.round(hand, 7, format!("M{c} {e}L{x} {y} {a} {b}"));
}

fn moon_shot(s: &mut Sheet, d: &mut Dice) {
    let (sky, moon) = d.pick(&[(Panel, Ink), (Ground, Accent), (Mid, Ink), (Vivid, Ink)]);
    s.field(sky);
    s.disc(moon, 100, 104, 76);
    s.disc(Panel, 70, 92, 9);
    s.round(Panel, 5, format!("M64 142q34 {} 70 -8M98 100l-8 22h14", d.between(18, 30)));
    s.fill(if sky == Vivid { Panel } else { Vivid }, "M122 96l10-22 44-52 20 18-46 50z");
}

fn film_strip(s: &mut Sheet, d: &mut Dice) {
    let (back, film) = d.pick(&[(Vivid, Panel), (Accent, Panel), (Mid, Panel), (Ground, Accent)]);
    let lean = d.between(30, 70);
    let shot = if film == Accent { Mid } else { Accent };
    s.field(back);
    let x = |y: i32| 40 + (200 - y) * lean / 200;
    s.fill(film, format!("M{} 210L{} -9h100L{} 210z", x(210), x(-9), x(210) + 100));
    for at in 0..4 {
        let y = at * 56 - 26;
        let tone = if at == 2 { if film == Accent { Vivid } else { Ink } } else { shot };
        s.fill(tone, format!("M{} {y}h56L{} {}h-56z", x(y) + 22, x(y + 42) + 78, y + 42));
    }
    for at in 0..8 {
        let y = at * 26 - 4;
        s.fill(back, rect(x(y) + 6, y, 9, 12) + &rect(x(y) + 83, y, 9, 12));
    }
}

fn aperture(s: &mut Sheet, d: &mut Dice) {
    let (back, blade, hole) = d.pick(&[
        (Ground, Vivid, Ink),
        (Vivid, Panel, Accent),
        (Accent, Panel, Vivid),
        (Panel, Mid, Accent),
    ]);
    let (turn, r) = (d.between(0, 50), d.between(26, 44));
    s.field(back);
    s.disc(blade, 100, 98, 86);
    s.fill(hole, polygon((0..6).map(|at| polar(100, 98, r, turn + at * 60))));
    let mut slits = String::new();
    for at in 0..6 {
        let ((a, b), (c, e)) =
            (polar(100, 98, r, turn + at * 60), polar(100, 98, 86, turn + at * 60 + 64));
        slits += &format!("M{a} {b}L{c} {e}");
    }
    s.line(back, 4, slits);
}

fn contact_sheet(s: &mut Sheet, d: &mut Dice) {
    let (back, frame) = d.pick(&[(Panel, Mid), (Ground, Vivid), (Ink, Panel), (Accent, Mid)]);
    let one = (d.between(1, 2), d.between(1, 2));
    s.field(back);
    for row in 0..4 {
        for column in 0..4 {
            if (column, row) != one {
                s.rect(frame, 4 + column * 50, 8 + row * 48, 42, 36);
            }
        }
    }
    let (x, y) = (4 + one.0 * 50, 8 + one.1 * 48);
    s.rect(if back == Accent || back == Ink { Vivid } else { Accent }, x, y, 42, 36);
    s.figure(Panel, x + 21, y + 36, 30);
    s.round(
        if back == Ink || back == Accent { Vivid } else { Ink },
        5,
        format!("M{} {}q40 -22 62 4 12 36 -26 46 -54 6 -52 -32 4 -14 30 -26", x - 8, y - 2),
    );
}

fn witness_lens(s: &mut Sheet, d: &mut Dice) {
    let (back, body) = d.pick(&[(Vivid, Panel), (Accent, Panel), (Ground, Accent), (Mid, Ink)]);
    let lift = d.between(0, 10);
    s.field(back);
    s.fill(body, format!("M30 {}h98v70H30zM134 {}l40 -24v78l-40 -24z", 92 - lift, 120 - lift));
    s.disc(body, 56, 62 - lift, 28);
    s.disc(body, 108, 66 - lift, 23);
    s.disc(back, 56, 62 - lift, 9);
    s.disc(back, 108, 66 - lift, 7);
    s.disc(if body == Accent || back == Accent { Vivid } else { Accent }, 50, 112 - lift, 8);
    s.line(body, 8, "M80 160 40 214M80 160l40 54M80 150v60");
}

fn tape(s: &mut Sheet, d: &mut Dice) {
    let (back, reel) = d.pick(&[(Ground, Accent), (Vivid, Panel), (Accent, Deep), (Mid, Ink)]);
    let turn = d.between(0, 60);
    s.field(back);
    s.line(reel, 5, "M10 96q10 84 50 84h80q40 0 50-84");
    for x in [50, 150] {
        s.disc(reel, x, 86, 45);
        for at in 0..3 {
            let (a, b) = polar(x, 86, 24, turn + at * 120);
            s.round(back, 21, format!("M{a} {b}h0"));
        }
    }
    s.rect(if reel == Panel { Ink } else { Vivid }, 84, 164, 32, 28);
}

fn beam(s: &mut Sheet, d: &mut Dice) {
    let (back, light) = d.pick(&[(Panel, Accent), (Ground, Ink), (Deep, Vivid), (Vivid, Ink)]);
    let y = d.between(40, 60);
    s.field(back);
    s.fill(light, format!("M26 {y}L210 20v130z"));
    s.rect(if back == Vivid { Panel } else { Vivid }, 10, y - 14, 24, 28);
    for at in 0..5 {
        let x = 16 + at * 44;
        s.fill(
            if back == Panel { Mid } else { Panel },
            disc(x, 158, 13) + &format!("M{} 210q0-36 20-36t20 36z", x - 20),
        );
    }
}

fn seats(s: &mut Sheet, d: &mut Dice) {
    let (screen, seat) = d.pick(&[(Ink, Vivid), (Accent, Vivid), (Vivid, Mid)]);
    let one = d.between(0, 3);
    s.field(Panel);
    s.fill(screen, "M26 22h148v76H26z");
    for row in 0..3 {
        for at in 0..5 {
            let x = at * 46 - 14 + (row % 2) * 14;
            let y = 118 + row * 32;
            s.fill(
                if row == 1 && at == one + 1 {
                    screen
                } else if row % 2 == 0 {
                    seat
                } else {
                    Mid
                },
                format!("M{x} {}v-18q0-10 10-10h20q10 0 10 10v18z", y + 24),
            );
        }
    }
}

fn reel(s: &mut Sheet, d: &mut Dice) {
    let (back, metal) = d.pick(&[(Vivid, Panel), (Ground, Accent), (Accent, Mid), (Mid, Ink)]);
    let (x, y, turn) = (d.between(84, 110), d.between(84, 100), d.between(0, 70));
    s.field(back);
    s.fill(metal, format!("M{x} {}h220v-18H{x}z", y + 84));
    s.disc(metal, x, y, 84);
    let mut holes = String::new();
    for at in 0..5 {
        let (a, b) = polar(x, y, 50, turn + at * 72);
        holes += &format!("M{a} {b}h0");
    }
    s.round(back, 38, holes);
    s.disc(back, x, y, 9);
}

fn leader(s: &mut Sheet, d: &mut Dice) {
    let (back, sweep, line) = d.pick(&[
        (Ink, Accent, Panel),
        (Accent, Vivid, Panel),
        (Vivid, Mid, Ink),
        (Ground, Mid, Accent),
    ]);
    let (a, b) = polar(100, 100, 160, d.between(-60, 160));
    s.field(back);
    s.fill(sweep, format!("M100 100V-60A160 160 0 0 1 {a} {b}z"));
    s.line(line, 3, "M100-9v218M-9 100h218");
    s.ring(line, 5, 100, 100, 62);
    s.ring(line, 5, 100, 100, 76);
}
