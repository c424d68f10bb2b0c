//! Rooms, houses and people alone: a third of all films are dramas.

use super::Motif;
use crate::art::colour::Tone::{Accent, Deep, Ground, Ink, Mid, Panel, Vivid};
use crate::art::dice::Dice;
use crate::art::sheet::{Sheet, disc, polar, polygon, rect};

pub const DRAMA: Motif = Motif {
    name: "drama",
    hues: &[230, 20, 170, 290, 60],
    layouts: &[
        window_light,
        tower_blocks,
        two_chairs,
        stair,
        doorway,
        planes,
        horizon,
        profiles,
        broken_disc,
        lamp,
        lit_window,
        torn,
        crossing,
        embrace,
    ],
};

pub const YOUTH: Motif =
    Motif { name: "youth", hues: &[150, 40, 200], layouts: &[swing, wheels, kite, ladder] };

pub const FAITH: Motif =
    Motif { name: "faith", hues: &[270, 50, 200], layouts: &[arch_light, candles, rose_window] };

fn window_light(s: &mut Sheet, d: &mut Dice) {
    let (x, y, lean) = (d.between(46, 66), d.between(18, 34), d.between(20, 34));
    let glass = d.pick(&[Accent, Accent, Vivid, Ink]);
    s.fill(Panel, "M0 162h200v38H0z");
    for row in 0..3 {
        for column in 0..2 {
            let (left, top) = (x + column * 50, y + row * 40 + column * lean);
            s.fill(glass, format!("M{left} {top}l42 {lean}v34l-42 -{lean}z"));
        }
    }
    let at = x + d.between(60, 84);
    s.figure(Panel, at, 184, 84);
}

fn tower_blocks(s: &mut Sheet, d: &mut Dice) {
    let (sky, far, near) =
        d.pick(&[(Vivid, Mid, Panel), (Accent, Vivid, Ground), (Mid, Deep, Panel)]);
    s.field(sky);
    let (a, b) = (d.between(30, 60), d.between(70, 100));
    s.fill(far, format!("M84 {b}l44 -14v{}H84z", 200 - b + 14));
    s.fill(near, format!("M0 {a}l72 24v{}H0zM128 {}l72 -26v{}h-72z", 176 - a, a + 26, 200 - a));
    let window = |column: i32, row: i32| rect(140 + column * 20, a + 44 + row * 24, 10, 13);
    for row in 0..4 {
        for column in 0..3 {
            s.fill(far, window(column, row));
        }
    }
    let lit = if sky == Accent { Ink } else { Accent };
    s.fill(lit, window(d.between(0, 2), d.between(0, 2)));
}

fn two_chairs(s: &mut Sheet, d: &mut Dice) {
    let (wall, floor) = d.pick(&[(Vivid, Accent), (Mid, Vivid), (Accent, Ink), (Ground, Mid)]);
    let gap = d.between(0, 16);
    s.field(wall);
    s.fill(floor, "M0 138h200v62H0z");
    let (left, right) = (36 - gap, 164 + gap);
    let shadow = if floor == Mid { Ground } else { wall };
    s.fill(shadow, format!("M{left} 168l40 32h60l-48 -32zM{right} 168l40 32h60l-64 -32z"));
    s.fill(
        if wall == Ground { Accent } else { Panel },
        format!("M{left} 56h9v58h43v54h-8v-42h-35v42h-9zM{right} 56h-9v58h-43v54h8v-42h35v42h9z"),
    );
    if d.coin() {
        s.disc(if wall == Accent { Vivid } else { Accent }, 100, 52, 18);
    }
}

fn stair(s: &mut Sheet, d: &mut Dice) {
    let (back, steps) =
        d.pick(&[(Ground, Vivid), (Accent, Panel), (Vivid, Panel), (Ground, Accent)]);
    let step = d.pick(&[25, 40, 50]);
    s.field(back);
    let mut path = String::from("M0 200V180");
    for _ in 0..200 / step {
        path += &format!("h{step}v-{step}");
    }
    s.fill(steps, path + "V200z");
    let tread = if step == 50 { 1 } else { 100 / step };
    let figure = if back == Accent { Vivid } else { Ink };
    s.figure(figure, tread * step + step / 2, 180 - tread * step, step * 3 / 2 + d.between(6, 12));
    if back == Vivid && step < 50 {
        s.disc(Accent, 46, 52, 22);
    }
}

fn doorway(s: &mut Sheet, d: &mut Dice) {
    let (x, light) = (d.between(66, 92), d.pick(&[Accent, Vivid, Ink]));
    let wide = d.between(40, 54);
    let spill = if light == Vivid { Mid } else { Vivid };
    s.fill(Panel, "M0 140h200v60H0z");
    s.fill(spill, format!("M{x} 140h{wide}l{} 60h-{}z", d.between(40, 70), wide + 50));
    s.rect(light, x, 24, wide, 116);
    s.fill(Deep, format!("M{} 24l-34 -14v154l34 -24z", x));
    s.figure(Panel, x + wide / 2, 148, 76);
}

fn planes(s: &mut Sheet, d: &mut Dice) {
    let (a, b, c) = (d.between(40, 90), d.between(110, 150), d.between(60, 140));
    let [one, two, three] =
        d.pick(&[[Vivid, Accent, Panel], [Mid, Ink, Vivid], [Deep, Vivid, Accent]]);
    s.fill(one, format!("M0 {a}L200 {c}V200H0z"));
    s.fill(two, format!("M{b} 0L{a} 200h-{a}V{b}z"));
    s.fill(three, format!("M{b} 0L{} {}L200 {}V0z", a / 2 + b / 2, 100, 140 - a / 2));
    s.disc(if two == Ink { Accent } else { Ink }, 100 + d.between(-36, 30), d.between(60, 130), 13);
}

fn horizon(s: &mut Sheet, d: &mut Dice) {
    let (sky, sun, land) = d.pick(&[
        (Mid, Accent, Panel),
        (Accent, Vivid, Panel),
        (Vivid, Ink, Ground),
        (Ground, Vivid, Panel),
    ]);
    let (x, y, r) = (d.between(70, 130), d.between(116, 140), d.between(44, 66));
    s.field(sky);
    s.disc(sun, x, y - 12, r);
    s.fill(land, format!("M0 {y}h200v{}H0z", 200 - y));
    if d.coin() {
        s.figure(land, x - r / 3, y + 3, 42);
    } else {
        s.fill(land, format!("M{} {y}v-20l18 -15 18 15v20z", x - 20));
        s.rect(sun, x - 6, y - 14, 7, 8);
    }
}

/// A head looking right, its face at about `x` and its chin near the foot; closed on the left.
pub fn profile(x: i32) -> String {
    format!(
        "M-9-9H{}c22 12 30 36 27 60-1 10 14 22 17 31 1 5-6 8-12 9 3 5 3 9-3 13 5 4 3 8 0 11 2 16-4 24-26 24\
         -10 2-12 22 6 70H-9z",
        x - 30
    )
}

fn profiles(s: &mut Sheet, d: &mut Dice) {
    let [back, middle, front] = d.pick(&[
        [Accent, Vivid, Panel],
        [Ink, Vivid, Deep],
        [Ground, Vivid, Accent],
        [Mid, Accent, Panel],
    ]);
    let x = d.between(104, 118);
    s.field(back);
    s.fill(middle, profile(x + 42));
    s.fill(front, profile(x - 10));
    s.disc(if front == Accent { Panel } else { back }, x - 44, 76, 5);
}

fn broken_disc(s: &mut Sheet, d: &mut Dice) {
    let (back, up, down) = d.pick(&[
        (Ground, Accent, Vivid),
        (Accent, Panel, Vivid),
        (Vivid, Ink, Panel),
        (Ink, Vivid, Panel),
    ]);
    let (slip, r) = (d.between(14, 26), d.between(56, 66));
    s.field(back);
    s.fill(
        up,
        format!(
            "M{} {}a{r} {r} 0 0 1 {} -{}z",
            95 - slip - r * 4 / 5,
            97 - slip + r * 3 / 5,
            2 * r * 4 / 5,
            2 * r * 3 / 5
        ),
    );
    s.fill(
        down,
        format!(
            "M{} {}a{r} {r} 0 0 0 {} -{}z",
            105 + slip - r * 4 / 5,
            103 + slip + r * 3 / 5,
            2 * r * 4 / 5,
            2 * r * 3 / 5
        ),
    );
}

fn lamp(s: &mut Sheet, d: &mut Dice) {
    let (x, cone) = (d.between(84, 116), d.pick(&[Accent, Vivid, Mid]));
    s.field(Panel);
    s.fill(cone, format!("M{} 52L20 164h160L{} 52z", x - 16, x + 16));
    s.rect(Ground, x - 1, 0, 3, 36);
    s.fill(if cone == Vivid { Accent } else { Vivid }, format!("M{} 56l22 -26h20l22 26z", x - 32));
    s.disc(Ink, x, 56, 9);
    s.fill(Ground, "M0 164h200v36H0z");
    s.fill(Panel, "M30 146h140v10H30zM44 156h8v44h-8zM148 156h8v44h-8z");
    if d.coin() {
        s.fill(Panel, "M62 146v-22h14v22zM128 146a16 16 0 0 1-24 0z");
    } else {
        s.figure(Panel, 56, 150, 64);
    }
}

fn lit_window(s: &mut Sheet, d: &mut Dice) {
    let (wall, dark) = d.pick(&[(Mid, Ground), (Vivid, Mid), (Deep, Panel), (Accent, Vivid)]);
    s.field(wall);
    let lit = (d.between(1, 2), 1);
    for row in 0..3 {
        for column in 0..4 {
            if (column, row) != lit {
                s.rect(dark, 14 + column * 48, 12 + row * 66, 28, 46);
            }
        }
    }
    let (x, y) = (14 + lit.0 * 48, 12 + lit.1 * 66);
    s.rect(Ink, x - 3, y - 3, 34, 52);
    s.disc(Panel, x + 14, y + 22, 8);
    s.fill(Panel, format!("M{} {}a14 14 0 0 1 28 0z", x, y + 49));
}

fn torn(s: &mut Sheet, d: &mut Dice) {
    let (left, right) = d.pick(&[(Vivid, Panel), (Accent, Deep), (Ink, Vivid), (Mid, Accent)]);
    let mut edge = format!("M0 0H{}", d.between(120, 150));
    for _ in 0..6 {
        edge += &format!("l{} {}", d.between(-34, 4), d.between(14, 22));
        edge += &format!("l{} {}", d.between(0, 18), d.between(10, 18));
    }
    s.field(right);
    s.disc(left, 108, 92, 60);
    s.fill(left, edge.clone() + "V200H0z");
    let hole = if left == Ink || left == Accent { Panel } else { Ink };
    s.fill(hole, "M48 92a60 60 0 0 1 60-60l-6 26 8 20-14 22 6 24-10 26a60 60 0 0 1-44-58z");
}

fn crossing(s: &mut Sheet, d: &mut Dice) {
    let (ground, stripe) = d.pick(&[(Ground, Ink), (Vivid, Panel), (Accent, Deep), (Panel, Vivid)]);
    s.field(ground);
    for at in 0..4 {
        let x = at * 62 - 62;
        s.fill(stripe, format!("M{x} 200L{} 0h30L{} 200z", x + 90, x + 30));
    }
    let x = d.between(84, 116);
    let shadow = if ground == Vivid || ground == Accent { Ink } else { Accent };
    s.fill(shadow, format!("M{} 132l84 50 10 -12-86-52z", x - 4));
    s.figure(if ground == Panel { Accent } else { shadow }, x, 132, 78);
}

fn embrace(s: &mut Sheet, d: &mut Dice) {
    let [back, one, two] = d.pick(&[
        [Ground, Vivid, Accent],
        [Vivid, Panel, Ink],
        [Accent, Mid, Panel],
        [Deep, Accent, Vivid],
    ]);
    let lift = d.between(0, 14);
    s.field(back);
    s.disc(one, 82, 62 - lift / 2, 25);
    s.fill(one, "M12 200C12 120 40 92 82 92s56 36 60 108z");
    s.disc(two, 124, 82 + lift, 22);
    s.fill(two, format!("M66 200C70 150 92 {} 124 {}s60 30 66 92z", 110 + lift, 108 + lift));
}

fn swing(s: &mut Sheet, d: &mut Dice) {
    let (sky, hill) = d.pick(&[(Accent, Mid), (Vivid, Panel), (Mid, Panel)]);
    s.field(sky);
    s.fill(hill, "M0 200v-30q100-40 200-6v36z");
    s.disc(if sky == Accent { Vivid } else { Accent }, 52, 60, 24);
    s.line(Panel, 2, "M96-6 128 118M136-6 152 110");
    s.fill(Panel, "M120 122l40-12 2 6-40 12z");
    s.disc(Panel, 136, 62, 10);
    s.fill(Panel, "M128 74l18-2 8 38 22 16-4 6-28-16-16-2z");
    s.fill(Panel, format!("M-10-10h220v{}q-110 20-220 0z", d.between(14, 22)));
}

fn wheels(s: &mut Sheet, d: &mut Dice) {
    let (sky, tyre) = d.pick(&[(Vivid, Panel), (Accent, Ground), (Ground, Accent)]);
    s.field(sky);
    s.fill(if sky == Ground { Panel } else { Mid }, "M0 156 200 132V200H0z");
    s.ring(tyre, 6, 54, 112, 40);
    s.ring(tyre, 6, 152, 100, 40);
    s.round(
        if sky == Accent { Vivid } else { Ink },
        6,
        "M54 112l30-50 58-4 10 42M84 62l22 44-52 6M106 106l36-48M76 52h16M136 46h18",
    );
    s.disc(tyre, 106, 106, d.between(8, 12));
}

fn kite(s: &mut Sheet, d: &mut Dice) {
    let (sky, hill) = d.pick(&[(Vivid, Panel), (Mid, Ground), (Accent, Mid)]);
    let x = d.between(96, 116);
    s.field(sky);
    s.fill(hill, "M0 200v-52q70-6 200 44v8z");
    s.line(Ink, 2, format!("M{} 94C110 130 70 110 50 136", x + 6));
    s.fill(if sky == Accent { Vivid } else { Accent }, format!("M{x} 18l42 30-36 46z"));
    s.fill(Ink, format!("M{x} 18l6 76-40-36z"));
    s.figure(Panel, 46, 164, 38);
}

fn ladder(s: &mut Sheet, d: &mut Dice) {
    let (sky, moon) = d.pick(&[(Ground, Accent), (Vivid, Ink), (Mid, Accent)]);
    s.field(sky);
    s.disc(moon, d.between(112, 134), 58, d.between(34, 42));
    s.line(Panel, 6, "M52 206 104 30M84 206 130 38");
    s.line(Panel, 5, "M62 174h30M70 146h30M78 118h30M86 90h30M95 62h30");
    s.figure(Panel, 100, 106, 52);
}

fn arch_light(s: &mut Sheet, d: &mut Dice) {
    let (wall, glass) = d.pick(&[(Panel, Accent), (Mid, Ink), (Ground, Vivid)]);
    s.field(wall);
    let tall = d.between(30, 50);
    s.fill(
        glass,
        format!(
            "M64 130V{}Q64 {} 100 {}Q136 {} 136 {}V130z",
            tall + 36,
            tall,
            tall - 20,
            tall,
            tall + 36
        ),
    );
    s.fill(if glass == Vivid { Mid } else { Vivid }, "M64 140h72l44 60H20z");
    s.fill(wall, format!("M96 0h8v140h-8zM60 {}h80v7H60z", tall + 44));
    s.figure(Panel, 100, 176, 58);
}

fn candles(s: &mut Sheet, d: &mut Dice) {
    let back = d.pick(&[Panel, Ground, Deep]);
    s.field(back);
    for (at, x) in [30, 65, 100, 135, 170].into_iter().enumerate() {
        let y = d.between(84, 130) - if at == 2 { 20 } else { 0 };
        s.rect(if at % 2 == 0 { Mid } else { Vivid }, x - 11, y, 22, 200 - y);
        s.fill(Accent, format!("M{x} {}q22 32 0 40q-22 -8 0 -40z", y - 46));
    }
}

fn rose_window(s: &mut Sheet, d: &mut Dice) {
    let (petals, y) = (d.pick(&[8, 10, 12]), d.between(88, 104));
    s.field(Panel);
    s.disc(Mid, 100, y, 80);
    for petal in 0..petals {
        let turn = petal * 360 / petals;
        let points = [
            polar(100, y, 20, turn),
            polar(100, y, 70, turn - 150 / petals),
            polar(100, y, 78, turn),
            polar(100, y, 70, turn + 150 / petals),
        ];
        s.fill(if petal % 2 == 0 { Accent } else { Vivid }, polygon(points));
    }
    s.fill(Ink, disc(100, y, 15));
}
