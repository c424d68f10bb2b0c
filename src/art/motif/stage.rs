//! Music, dance and the theatre.

use super::Motif;
use crate::art::colour::Tone::{Accent, Deep, Ground, Ink, Mid, Panel, Vivid};
use crate::art::dice::Dice;
use crate::art::sheet::{Sheet, polar, polygon};

pub const MUSIC: Motif = Motif {
    name: "music",
    hues: &[310, 270, 40],
    layouts: &[keys, record, microphone, bars_of_sound, trumpet],
};

pub const DANCE: Motif =
    Motif { name: "dance", hues: &[330, 20, 280], layouts: &[fan_skirt, ribbon, legs] };

pub const STAGE: Motif =
    Motif { name: "stage", hues: &[10, 300, 50], layouts: &[curtain, masks, spotlight, big_top] };

fn keys(s: &mut Sheet, d: &mut Dice) {
    let (white, lean) = (d.pick(&[Ink, Accent, Vivid]), d.between(30, 60));
    s.field(white);
    let hit = d.between(1, 2);
    for at in 0..6 {
        let x = at * 46 - 30;
        if at == hit + 1 {
            s.fill(
                if white == Vivid { Ink } else { Vivid },
                format!("M{x} 200l{lean} -200h46l-{lean} 200z"),
            );
        }
        s.line(Panel, 3, format!("M{x} 200l{lean} -200"));
    }
    for at in [0, 1, 3, 4] {
        let x = at * 46 - 14 + lean * 2 / 5;
        s.fill(Panel, format!("M{x} 118l{} -130h28l-{} 130z", lean * 13 / 20, lean * 13 / 20));
    }
}

fn record(s: &mut Sheet, d: &mut Dice) {
    let (back, label) = d.pick(&[(Vivid, Accent), (Accent, Vivid), (Mid, Accent), (Ink, Vivid)]);
    let (x, y) = (d.between(76, 100), d.between(96, 120));
    s.field(back);
    s.disc(Panel, x, y, 88);
    s.ring(Mid, 2, x, y, 74);
    s.ring(Mid, 2, x, y, 60);
    s.ring(Mid, 2, x, y, 46);
    s.disc(label, x, y, 32);
    s.disc(Panel, x, y, 5);
    s.line(
        if back == Ink { Vivid } else { Ink },
        6,
        format!("M184-6 176 84 {} {}", x + 50, y + 18),
    );
}

fn microphone(s: &mut Sheet, d: &mut Dice) {
    let (back, head) = d.pick(&[(Vivid, Panel), (Ground, Accent), (Accent, Panel), (Mid, Ink)]);
    let x = d.between(90, 110);
    s.field(back);
    s.fill(if back == Vivid { Accent } else { Vivid }, format!("M{x} 60L-30 -40v300z"));
    s.fill(head, format!("M{} 46a32 32 0 0 1 64 0v44a32 32 0 0 1-64 0z", x - 32));
    s.line(back, 4, format!("M{} 46h64M{} 62h64M{} 78h64", x - 32, x - 32, x - 32));
    s.round(head, 7, format!("M{} 80v12a48 48 0 0 0 96 0v-12M{x} 140v70", x - 48));
}

fn bars_of_sound(s: &mut Sheet, d: &mut Dice) {
    let (back, bar) = d.pick(&[(Ground, Accent), (Vivid, Panel), (Accent, Deep), (Panel, Vivid)]);
    let mut path = String::new();
    for at in 0..8 {
        let half = d.between(10, 40) + if (2..6).contains(&at) { 34 } else { 0 };
        path += &format!("M{} {}v{}", 16 + at * 24, 100 - half, 2 * half);
    }
    s.field(back);
    s.round(bar, 14, path);
}

fn trumpet(s: &mut Sheet, d: &mut Dice) {
    let (back, brass) = d.pick(&[(Panel, Accent), (Vivid, Panel), (Mid, Accent), (Ground, Vivid)]);
    let y = d.between(84, 104);
    s.field(back);
    s.fill(
        if brass == Vivid {
            Accent
        } else if back == Vivid {
            Ink
        } else {
            Vivid
        },
        format!("M112 {y}L-20 -60v{}z", y + 200),
    );
    s.fill(brass, format!("M60 {}q46 36 150 38v12q-104 2 -150 38q-8 -44 0 -88z", y - 44));
    s.round(
        brass,
        8,
        format!(
            "M130 {}v-26M152 {}v-26M174 {}v-26M112 {}q-6 42 30 42h90",
            y - 4,
            y - 4,
            y - 4,
            y + 6
        ),
    );
}

fn fan_skirt(s: &mut Sheet, d: &mut Dice) {
    let (back, turn) = (d.pick(&[Ground, Panel, Accent]), d.between(-6, 10));
    s.field(back);
    for at in 0..6 {
        let a = turn + at * 28;
        let tone = [Vivid, if back == Accent { Panel } else { Accent }, Mid]
            [usize::try_from(at % 3).unwrap_or(0)];
        s.fill(
            tone,
            polygon([
                (92.0, 84.0),
                polar(92, 84, 108, a),
                polar(92, 84, 116, a + 14),
                polar(92, 84, 108, a + 28),
            ]),
        );
    }
    let body = if back == Accent { Panel } else { Ink };
    s.fill(body, "M80 88l6-44h14l6 44z");
    s.disc(body, 94, 30, 11);
    s.round(body, 6, "M90 50 58 30 66 6M98 50l34-4 20-28");
}

fn ribbon(s: &mut Sheet, d: &mut Dice) {
    let (back, band) = d.pick(&[(Ground, Vivid), (Vivid, Panel), (Accent, Vivid), (Panel, Accent)]);
    let sway = d.between(-10, 14);
    s.field(back);
    s.line(band, 26, format!("M-20 {}C60 -20 150 0 150 60S30 90 40 140s110 60 180 0", 70 + sway));
    s.line(
        if band == Panel {
            Ink
        } else if band == Accent {
            Vivid
        } else {
            Panel
        },
        5,
        format!("M-20 {}C60 4 150 26 150 86S30 116 40 166s110 60 180 0", 96 + sway),
    );
    s.figure(if back == Accent { Panel } else { Ink }, 98, 136, 76);
}

fn legs(s: &mut Sheet, d: &mut Dice) {
    let (back, floor) = d.pick(&[(Vivid, Panel), (Accent, Deep), (Ground, Mid)]);
    s.field(back);
    s.fill(floor, "M0 160 200 136v64H0z");
    s.fill(if back == Vivid { Panel } else { Vivid }, "M30-10h140l-8 44q-62 34-124 0z");
    let skin = if back == Accent { Panel } else { Ink };
    s.fill(
        skin,
        "M74 40h24l-8 60-10 56 16 10v8H56l6-20 6-54zM110 40h24l22 52-18 60 20 8-2 10-34-4 12-70z",
    );
    s.disc(Accent, d.between(30, 40), 100, if back == Accent { 1 } else { 15 });
}

fn curtain(s: &mut Sheet, d: &mut Dice) {
    let (cloth, fold) = d.pick(&[(Vivid, Mid), (Mid, Ground), (Accent, Vivid)]);
    let gap = d.between(20, 38);
    s.field(Panel);
    s.disc(if cloth == Accent { Ink } else { Accent }, 100, 150, 46);
    s.fill(Panel, "M0 168h200v32H0z");
    s.fill(
        cloth,
        format!(
            "M0 0h100q-8 90 -{} 100L0 {}zM200 0H100q8 90 {} 100l{} {}z",
            gap + 20,
            200,
            gap + 20,
            80 - gap,
            100
        ),
    );
    s.fill(fold, "M20 0h16q-6 100-36 160v-40Q16 60 20 0zM64 0h14q-6 64-42 116Q60 60 64 0zM180 0h-16q6 100 36 160v-40q-16-60-20-120zM136 0h-14q6 64 42 116-24-56-28-116z");
}

fn masks(s: &mut Sheet, d: &mut Dice) {
    let [back, one, two] =
        d.pick(&[[Ground, Accent, Vivid], [Vivid, Ink, Panel], [Accent, Vivid, Panel]]);
    let hole = if back == Ground { Panel } else { back };
    let y = d.between(0, 10);
    s.field(back);
    s.fill(two, format!("M88 {}h92v52q0 50 -46 62 -46 -12 -46 -62z", 62 + y));
    s.fill(
        hole,
        format!(
            "M104 {}l22 6v8h-22zM164 {}l-22 6v8h22zM112 {}a22 22 0 0 1 44 0z",
            90 + y,
            90 + y,
            144 + y
        ),
    );
    s.fill(one, format!("M18 {}h96v54q0 52 -48 64 -48 -12 -48 -64z", 20 + y));
    s.fill(
        hole,
        format!(
            "M34 {}a12 10 0 0 1 24 0zM74 {}a12 10 0 0 1 24 0zM40 {}h52a26 26 0 0 1-52 0z",
            60 + y,
            60 + y,
            86 + y
        ),
    );
}

fn spotlight(s: &mut Sheet, d: &mut Dice) {
    let (beam, x) = (d.pick(&[Accent, Ink, Vivid]), d.between(84, 118));
    s.field(Panel);
    s.fill(Mid, format!("M190 -10l30 24L{} 180L{} 164z", x + 30, x - 56));
    s.fill(beam, format!("M10 -10h-30L{} 172h110z", x - 56));
    s.fill(beam, format!("M{} 172a56 14 0 0 0 112 0 56 14 0 0 0-112 0z", x - 57));
    s.figure(Panel, x, 174, 80);
}

fn big_top(s: &mut Sheet, d: &mut Dice) {
    let [sky, one, two] =
        d.pick(&[[Mid, Ink, Vivid], [Accent, Vivid, Ink], [Ground, Accent, Vivid]]);
    let y = d.between(22, 36);
    s.field(sky);
    s.fill(one, format!("M100 {y}Q60 96 0 104v106h200V104Q140 96 100 {y}z"));
    s.fill(two, format!("M100 {y}Q50 96 26 102v108h36V104Q84 80 100 {y}zM100 {y}q50 66 74 72v108h-36V104Q116 80 100 {y}z"));
    s.fill(Panel, format!("M100 120l24 90H76zM98 {}h4v20h-4zM102 {}l24 7 -24 7z", y - 18, y - 18));
}
