//! Art about seeing, and plain forms for films that say nothing of themselves.

use super::Motif;
use crate::art::colour::Tone::{Accent, Ground, Ink, Mid, Panel, Vivid};
use crate::art::dice::Dice;
use crate::art::sheet::Sheet;

pub const EXPERIMENT: Motif = Motif {
    name: "experiment",
    hues: &[330, 150, 50, 270],
    layouts: &[great_eye, leaning_town, half_rings, drips, chequer],
};

pub const FORMS: Motif = Motif {
    name: "forms",
    hues: &[200, 20, 100, 280],
    layouts: &[quarters, slats, stacked_arcs, counterpoise],
};

fn great_eye(s: &mut Sheet, d: &mut Dice) {
    let [back, white, iris] = d.pick(&[
        [Vivid, Ink, Panel],
        [Panel, Accent, Vivid],
        [Accent, Ink, Vivid],
        [Ground, Ink, Vivid],
    ]);
    let x = 100 + d.between(-14, 14);
    s.field(back);
    s.fill(white, "M6 100Q100 4 194 100 100 196 6 100z");
    s.disc(iris, x, 100, 44);
    s.disc(if iris == Panel { Vivid } else { Panel }, x, 100, 19);
    match d.between(0, 2) {
        0 => s.fill(if back == Accent { Panel } else { Accent }, "M-9 120 209 66v8L-9 136z"),
        1 => s.line(
            if back == Panel { Vivid } else { Panel },
            6,
            "M30 50 16 28M64 30 56 6M100 22V-4M136 30l8-24M170 50l14-22",
        ),
        _ => s.disc(Ink, x + 16, 84, 8),
    }
}

fn leaning_town(s: &mut Sheet, d: &mut Dice) {
    let (sky, one, two) = d.pick(&[
        (Ground, Vivid, Accent),
        (Accent, Panel, Mid),
        (Vivid, Panel, Ink),
        (Ink, Vivid, Panel),
    ]);
    let (a, b) = (d.between(20, 40), d.between(8, 30));
    s.field(sky);
    s.fill(
        one,
        format!("M-9 210 10 {a}l36 -16 24 {} 4 120zM120 210l30 -{}L196 20l24 40v150z", 60, 180 - b),
    );
    s.fill(two, format!("M58 210 84 {}l28 -30 34 26 -24 140z", 70 + b));
    s.fill(
        sky,
        format!("M96 {}l20 -4 -6 30 -18 2zM24 60l16-6-2 26-12 4zM166 64l14 6-4 28-14-4z", 88 + b),
    );
    s.fill(
        if one == Panel { Vivid } else { Panel },
        "M-9 210 80 150 100 210zM100 210l40-70 70 50v20z",
    );
}

fn half_rings(s: &mut Sheet, d: &mut Dice) {
    let (back, ring) = d.pick(&[(Panel, Vivid), (Accent, Panel), (Vivid, Ink), (Ground, Accent)]);
    let shift = d.pick(&[10, 20]);
    s.field(back);
    let (mut left, mut right) = (String::new(), String::new());
    for r in [15, 35, 55, 75, 95] {
        left += &format!("M100 {}a{r} {r} 0 0 0 0 {}", 100 - r, 2 * r);
        right += &format!("M100 {}a{r} {r} 0 0 1 0 {}", 100 - r + shift, 2 * r);
    }
    s.line(ring, 10, left);
    s.line(
        if ring == Panel {
            Vivid
        } else if ring == Ink {
            Panel
        } else {
            Ink
        },
        10,
        right,
    );
}

fn drips(s: &mut Sheet, d: &mut Dice) {
    let (back, paint) = d.pick(&[(Accent, Vivid), (Vivid, Panel), (Ground, Accent), (Ink, Vivid)]);
    let mut path = String::from("M-9-9V40");
    for _ in 0..5 {
        let (down, up) = (d.between(20, 110), d.between(16, 40));
        path += &format!("V{}a11 11 0 0 0 22 0V{up}a11 11 0 0 1 22 0", 60 + down);
    }
    s.field(back);
    s.disc(if back == Ink || back == Vivid { Accent } else { Ink }, d.between(70, 130), 120, 44);
    s.fill(paint, path + "V-9z");
}

fn chequer(s: &mut Sheet, d: &mut Dice) {
    let (light, dark) = d.pick(&[(Accent, Panel), (Ink, Vivid), (Vivid, Panel), (Mid, Accent)]);
    let (x, y) = (d.between(84, 116), d.between(84, 110));
    s.field(light);
    for row in 0..5 {
        for column in 0..5 {
            if (row + column) % 2 == 0 {
                s.rect(dark, column * 40, row * 40, 40, 40);
            }
        }
    }
    s.disc(if dark == Vivid { Panel } else { Vivid }, x, y, 56);
    s.fill(
        if light == Ink || dark == Accent { Accent } else { Ink },
        format!("M{} {y}a56 56 0 0 1 112 0z", x - 56),
    );
    s.figure(Panel, x, y, 42);
}

fn quarters(s: &mut Sheet, d: &mut Dice) {
    let tones = d.pick(&[
        [Ground, Vivid, Accent, Ink],
        [Accent, Panel, Vivid, Mid],
        [Vivid, Panel, Ink, Accent],
    ]);
    s.field(tones[0]);
    for (at, (x, y)) in [(0, 0), (100, 0), (0, 100), (100, 100)].into_iter().enumerate() {
        let tone = tones[1 + at % 3];
        s.fill(
            tone,
            match d.between(0, 3) {
                0 => format!("M{x} {y}h100a100 100 0 0 1-100 100z"),
                1 => format!("M{} {y}v100a100 100 0 0 1-100-100z", x + 100),
                2 => format!("M{x} {}v-100a100 100 0 0 1 100 100z", y + 100),
                _ => format!("M{} {}h-100a100 100 0 0 1 100-100z", x + 100, y + 100),
            },
        );
    }
}

fn slats(s: &mut Sheet, d: &mut Dice) {
    let tones = d.pick(&[[Ground, Vivid, Accent], [Vivid, Panel, Ink], [Accent, Vivid, Panel]]);
    let lean = d.between(60, 120);
    s.field(tones[0]);
    for (at, wide) in [14, 34, 20, 46].into_iter().enumerate() {
        let x = [0, 30, 84, 122][at];
        s.fill(tones[1 + at % 2], format!("M{x} 200l{lean} -200h{wide}l-{lean} 200z"));
    }
}

fn stacked_arcs(s: &mut Sheet, d: &mut Dice) {
    let tones = d.pick(&[
        [Ground, Vivid, Accent],
        [Vivid, Panel, Ink],
        [Accent, Vivid, Panel],
        [Ink, Vivid, Mid],
    ]);
    s.field(tones[0]);
    for (at, y) in [66, 132, 198].into_iter().enumerate() {
        let (x, r) = (d.between(70, 130), d.between(50, 62));
        s.fill(tones[1 + at % 2], format!("M{} {y}a{r} {r} 0 0 1 {} 0z", x - r, 2 * r));
    }
}

fn counterpoise(s: &mut Sheet, d: &mut Dice) {
    let [back, block, ball] = d.pick(&[
        [Accent, Panel, Vivid],
        [Vivid, Ink, Panel],
        [Ground, Vivid, Accent],
        [Ink, Vivid, Panel],
    ]);
    let x = d.between(110, 136);
    s.field(back);
    s.fill(block, format!("M0 200V{}L{x} 110v90z", d.between(40, 70)));
    s.disc(ball, x + 8, 66, 40);
    s.line(if ball == Panel { Panel } else { Mid }, 4, format!("M{} -9v40", x + 8));
}
