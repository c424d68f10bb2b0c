//! Crime and what is hidden.

use super::Motif;
use crate::art::colour::Tone::{Accent, Deep, Ground, Ink, Mid, Panel, Vivid};
use crate::art::dice::Dice;
use crate::art::sheet::{Sheet, polar, polygon};

pub const NOIR: Motif = Motif {
    name: "noir",
    hues: &[250, 70, 20, 200],
    layouts: &[blinds, street_lamp, alley, bullet_hole, fingerprint],
};

pub const THRILLER: Motif = Motif {
    name: "thriller",
    hues: &[200, 20, 270, 90],
    layouts: &[corridor, spiral, blade, falling],
};

pub const MYSTERY: Motif = Motif {
    name: "mystery",
    hues: &[280, 170, 60],
    layouts: &[keyhole, doors, candle_shadow, moon_rings],
};

fn fedora(x: i32, y: i32) -> String {
    format!(
        "M{} {y}q28 -8 36 -12l8 -40q6 -14 26 -8 20 -8 28 6l8 42q10 4 34 8 -30 16 -70 16t-70 -12zM{} {}q28 6 52 0 2 22 -4 38l-16 18q-22 -2 -28 -20zM{} 200q4 -44 44 -54l34 8 30 -8q40 10 46 54z",
        x - 70,
        x - 24,
        y + 8,
        x - 74
    )
}

fn blinds(s: &mut Sheet, d: &mut Dice) {
    let (light, lean) = (d.pick(&[Accent, Vivid, Ink]), d.between(14, 40));
    let x = d.between(98, 116);
    s.field(Panel);
    for row in 0..7 {
        let y = row * 30 - 20;
        s.fill(light, format!("M0 {}L200 {y}v15L0 {}z", y + lean, y + lean + 15));
    }
    s.fill(Panel, fedora(x, 84));
}

fn street_lamp(s: &mut Sheet, d: &mut Dice) {
    let (cone, x) = (d.pick(&[Accent, Vivid]), d.between(120, 140));
    s.field(Ground);
    s.fill(cone, format!("M{x} 34L{} 168h130z", x - 92));
    s.fill(Panel, "M0 168h200v32H0z");
    s.line(Panel, 5, format!("M170 200V30q-6-16-24-14h-{}", 146 - x));
    s.fill(Ink, format!("M{} 34a16 10 0 0 1 32 0z", x - 16));
    s.fill(Panel, format!("M{} 170L0 196v-14l{} -12z", x - 26, x - 36));
    s.figure(Panel, x - 26, 172, 70);
}

fn alley(s: &mut Sheet, d: &mut Dice) {
    let (sky, x) = (d.pick(&[Accent, Vivid, Ink]), d.between(86, 112));
    s.field(sky);
    s.fill(Ground, format!("M0 0h{}v132L0 200z", x - 24));
    s.fill(Deep, format!("M200 0H{}v132l{} 68z", x + 22, 178 - x));
    s.fill(Mid, format!("M{} 132h46L200 200H0z", x - 24));
    s.fill(Panel, format!("M{x} 138l-14 62h48z"));
    s.figure(Panel, x, 140, 58);
    s.rect(sky, 20, 40, 14, 26);
}

fn bullet_hole(s: &mut Sheet, d: &mut Dice) {
    let (glass, crack) = d.pick(&[(Vivid, Panel), (Mid, Ink), (Ground, Accent), (Accent, Panel)]);
    let (x, y, turn) = (d.between(84, 116), d.between(80, 112), d.between(0, 30));
    s.field(glass);
    for ray in 0..9 {
        let at = turn + ray * 40 + d.between(-8, 8);
        let far = if ray % 2 == 0 { 220 } else { d.between(70, 96) };
        s.fill(
            crack,
            polygon([polar(x, y, 12, at - 26), polar(x, y, far, at), polar(x, y, 12, at + 26)]),
        );
    }
    s.disc(crack, x, y, 22);
    s.disc(if glass == Ground { Panel } else { Ground }, x, y, 13);
}

fn fingerprint(s: &mut Sheet, d: &mut Dice) {
    let (back, ridge) =
        d.pick(&[(Ground, Accent), (Vivid, Panel), (Accent, Panel), (Panel, Vivid)]);
    let mut path = String::new();
    for at in 0..6 {
        let r = 10 + at * 13;
        path += &format!(
            "M{} {}V{}a{r} {r} 0 0 1 {} 0v{}",
            100 - r,
            150 + at * 5 + d.between(-26, 20),
            92,
            2 * r,
            40 + at * 3 + d.between(-26, 20)
        );
    }
    s.field(back);
    s.round(ridge, 7, path + "M100 96v60");
}

fn corridor(s: &mut Sheet, d: &mut Dice) {
    let (x, y) = (d.between(70, 130), d.between(80, 110));
    let [one, two] = d.pick(&[[Panel, Vivid], [Ground, Accent], [Panel, Mid], [Deep, Vivid]]);
    s.field(two);
    for step in 1..6 {
        let left = x * step / 6;
        let top = y * step / 6;
        let size = 200 - 200 * step / 6;
        s.rect(if step % 2 == 1 { one } else { two }, left, top, size, size);
    }
    s.rect(Ink, x * 5 / 6 + 6, y * 5 / 6 + 4, 21, 29);
    s.figure(Panel, x * 5 / 6 + 17, y * 5 / 6 + 42, 34);
}

fn spiral(s: &mut Sheet, d: &mut Dice) {
    let (back, curl) =
        d.pick(&[(Vivid, Panel), (Ground, Accent), (Accent, Panel), (Panel, Vivid), (Vivid, Ink)]);
    let mut path = String::from("M100 100");
    for half in 1..12 {
        let r = half * 9;
        let wide = if half % 2 == 1 { 2 * r } else { -2 * r };
        path += &format!("a{r} {r} 0 0 1 {wide} 0");
    }
    s.field(back);
    s.line(curl, 9, path);
    if d.coin() {
        s.figure(if curl == Panel { Ink } else { Vivid }, 100, 128, 50);
    }
}

fn blade(s: &mut Sheet, d: &mut Dice) {
    let (back, steel, shade) = d.pick(&[
        (Vivid, Ink, Panel),
        (Ground, Accent, Mid),
        (Mid, Ink, Panel),
        (Accent, Panel, Mid),
    ]);
    let x = d.between(62, 84);
    s.field(back);
    s.fill(steel, format!("M{x} -9h70v92q0 66-56 112Q{x} 110 {x} -9z"));
    s.fill(shade, format!("M{x} -9h22q2 120-8 204Q{x} 110 {x} -9z"));
    let drop = if back == Vivid || back == Accent { Panel } else { Vivid };
    s.fill(drop, format!("M{} 120q26 36 0 42-26-6 0-42z", x + 92));
}

fn falling(s: &mut Sheet, d: &mut Dice) {
    let (wall, line) = d.pick(&[(Vivid, Panel), (Accent, Deep), (Ground, Vivid), (Ink, Mid)]);
    let x = d.between(70, 130);
    s.field(wall);
    for at in -4..5 {
        if at % 2 == 0 {
            s.fill(line, format!("M{x} -40L{} 200h70z", x + at * 70 - 35));
        }
    }
    s.fill(
        if line == Panel { Ink } else { Panel },
        "M92 74l24 4 6 30 26 10-4 8-32-8 2 30 24 16-6 8-32-18-20 22-8-6 16-28-4-30-26 4-2-8 30-10z",
    );
    s.disc(if line == Panel { Ink } else { Panel }, 110, 62, 11);
}

fn keyhole(s: &mut Sheet, d: &mut Dice) {
    let (door, light) = d.pick(&[(Panel, Accent), (Vivid, Panel), (Mid, Ink), (Accent, Panel)]);
    let y = d.between(70, 84);
    s.field(door);
    if door == Panel {
        s.disc(Ground, 100, y + 20, 92);
    }
    s.disc(light, 100, y, 38);
    s.fill(light, format!("M84 {y}h32l26 92H58z"));
    if light == Panel {
        s.disc(Accent, 100, y, 16);
        s.disc(Panel, 100 + d.between(-6, 6), y, 7);
    } else {
        s.figure(Panel, 100, y + 92, 76);
    }
}

fn doors(s: &mut Sheet, d: &mut Dice) {
    let (wall, door) = d.pick(&[(Ground, Mid), (Vivid, Panel), (Accent, Deep), (Deep, Panel)]);
    s.field(wall);
    let open = d.between(1, 2);
    for at in 0..4 {
        let x = 8 + at * 48;
        if at == open {
            s.fill(Ink, format!("M{x} 40h40v116l14 44H{}l22 -44z", x - 22));
            s.fill(
                if wall == Accent { Vivid } else { Accent },
                format!("M{x} 40l26 14v118l-26 -16z"),
            );
        } else {
            s.rect(door, x, 40, 40, 116);
            s.disc(wall, x + 33, 100, 3);
        }
    }
}

fn candle_shadow(s: &mut Sheet, d: &mut Dice) {
    let (x, r) = (d.between(76, 120), d.between(62, 80));
    s.field(Panel);
    s.disc(Ground, x, 74, r + 30);
    s.disc(Mid, x, 74, r);
    s.disc(Vivid, x, 74, r - 30);
    s.fill(Ink, format!("M{x} 26q34 46 0 68 -34 -22 0 -68z"));
    s.rect(Accent, x - 13, 98, 26, 110);
    s.fill(Panel, format!("M{} 98h4v14h-4z", x - 2));
}

fn moon_rings(s: &mut Sheet, d: &mut Dice) {
    let (x, y) = (d.between(80, 120), d.between(78, 108));
    let [one, two, three] =
        d.pick(&[[Ground, Mid, Accent], [Panel, Vivid, Ink], [Mid, Deep, Accent]]);
    s.field(one);
    for (at, r) in [88, 68, 48, 28].into_iter().enumerate() {
        s.disc(if at % 2 == 0 { two } else { one }, x, y, r);
        s.fill(
            if at % 2 == 0 { one } else { three },
            format!("M{x} {}a{r} {r} 0 0 1 0 {}z", y - r, 2 * r),
        );
    }
}
