//! The future and the sky.

use super::Motif;
use crate::art::colour::Tone::{Accent, Deep, Ground, Ink, Mid, Panel, Vivid};
use crate::art::dice::Dice;
use crate::art::sheet::{Sheet, polar, polygon};

pub const SCIENCE_FICTION: Motif = Motif {
    name: "science fiction",
    hues: &[230, 190, 290, 30],
    layouts: &[ringed_planet, monolith, grid_sun, orbits, helmet],
};

pub const SPACE: Motif =
    Motif { name: "space", hues: &[260, 280, 220], layouts: &[rocket, eclipse, earthrise, helmet] };

pub const ROBOTS: Motif =
    Motif { name: "robots", hues: &[190, 170, 40], layouts: &[robot_head, cogs, steel_hand] };

fn ringed_planet(s: &mut Sheet, d: &mut Dice) {
    let (sky, ball, ring) = d.pick(&[
        (Ground, Vivid, Accent),
        (Panel, Accent, Vivid),
        (Mid, Ink, Accent),
        (Accent, Mid, Panel),
    ]);
    let (r, tilt) = (d.between(46, 58), d.between(14, 34));
    s.field(sky);
    let ((a, b), (c, e)) = (polar(100, 96, 98, 180 - tilt), polar(100, 96, 98, -tilt));
    s.line(ring, 9, format!("M{a} {b}A98 26 -{tilt} 0 1 {c} {e}"));
    s.disc(ball, 100, 96, r);
    s.fill(if ball == Mid { Vivid } else { Deep }, {
        let ((f, g), (h, i)) = (polar(100, 96, r, 90 - tilt), polar(100, 96, r, -90 - tilt));
        format!("M{f} {g}A{r} {r} 0 0 0 {h} {i} {} {r} {} 0 1 {f} {g}z", r * 5 / 4, -tilt)
    });
    s.line(ring, 9, format!("M{a} {b}A98 26 -{tilt} 0 0 {c} {e}"));
}

fn monolith(s: &mut Sheet, d: &mut Dice) {
    let (sky, sun) = d.pick(&[(Mid, Accent), (Vivid, Ink), (Ground, Vivid), (Accent, Ink)]);
    let y = d.between(54, 66);
    s.field(sky);
    s.disc(sun, 100, y, 50);
    s.fill(Panel, format!("M72 {y}h56l14 146H58z"));
    s.fill(
        if sky == Accent { Vivid } else { Deep },
        "M0 176q50-14 62-8l-4 40H0zM200 166q-40-8-62 4l4 40h58z",
    );
}

fn grid_sun(s: &mut Sheet, d: &mut Dice) {
    let (sky, sun, grid) =
        d.pick(&[(Ground, Vivid, Accent), (Mid, Accent, Vivid), (Vivid, Ink, Accent)]);
    let x = d.between(80, 120);
    s.field(sky);
    s.disc(sun, x, 92, 58);
    s.fill(sky, "M0 96h200v6H0zM0 80h200v4H0zM0 66h200v3H0z");
    s.fill(Panel, "M0 122h200v78H0z");
    let mut path = String::from("M0 132h200M0 148h200M0 172h200");
    for at in -3..4 {
        path += &format!("M{} 122L{} 200", x + at * 24, x + at * 90);
    }
    s.line(grid, 2, path);
}

fn orbits(s: &mut Sheet, d: &mut Dice) {
    let (sky, sun, path) = d.pick(&[
        (Ground, Accent, Vivid),
        (Vivid, Panel, Ink),
        (Accent, Vivid, Panel),
        (Panel, Vivid, Accent),
    ]);
    let (x, y) = (d.between(30, 60), d.between(130, 160));
    s.field(sky);
    for r in [68, 100, 132] {
        s.ring(path, 3, x, y, r);
    }
    s.disc(sun, x, y, 42);
    let planet = if sky == Vivid { Panel } else { Ink };
    let mut place = |r: i32, low: i32, high: i32| polar(x, y, r, -d.between(low, high));
    let ((a, b), (c, e), (f, g)) = (place(68, 0, 60), place(100, 50, 90), place(132, 20, 50));
    s.round(planet, 22, format!("M{f} {g}h0"));
    s.round(planet, 13, format!("M{c} {e}h0M{a} {b}h0"));
}

fn helmet(s: &mut Sheet, d: &mut Dice) {
    let (sky, shell, glass) = d.pick(&[
        (Mid, Ink, Panel),
        (Vivid, Ink, Panel),
        (Ground, Accent, Panel),
        (Panel, Ink, Vivid),
    ]);
    s.field(sky);
    s.fill(shell, "M20 210q0-50 40-58h80q40 8 40 58z");
    s.disc(shell, 100, 88, 70);
    s.fill(glass, "M48 90a52 46 0 0 1 104 0 52 40 0 0 1-104 0z");
    if d.coin() {
        s.disc(if glass == Vivid { Panel } else { Vivid }, 100 + d.between(-14, 14), 96, 19);
        s.fill(glass, "M48 98h104l-20 34H68z");
    } else {
        s.fill(
            if glass == Vivid { Ink } else { Vivid },
            "M60 84a40 34 0 0 1 44-28l-6 12a40 34 0 0 0-26 20z",
        );
    }
}

fn rocket(s: &mut Sheet, d: &mut Dice) {
    let (sky, trail) = d.pick(&[(Ground, Vivid), (Mid, Accent), (Vivid, Ink), (Accent, Ink)]);
    let bend = d.between(20, 60);
    s.field(sky);
    s.fill(trail, format!("M134 66Q{} 130 -10 150v70h{bend}Q100 170 150 82z", 110 - bend / 2));
    s.fill(Panel, "M172 26q4 40-22 58l-18-18q4-32 40-40zM132 70l-22 8 16 6zM148 86l-8 22-6-16z");
    s.disc(if sky == Panel { Ink } else { Accent }, 154, 46, 6);
    s.round(
        if trail == Ink { Panel } else { Ink },
        5,
        "M40 40h0M86 24h0M30 92h0M176 130h0M132 168h0",
    );
}

fn eclipse(s: &mut Sheet, d: &mut Dice) {
    let (sky, glow) = d.pick(&[(Ground, Accent), (Panel, Vivid), (Mid, Ink), (Vivid, Accent)]);
    let (dx, dy) = (d.between(-12, 12), d.between(-12, 4));
    s.field(sky);
    s.disc(glow, 100, 98, 68);
    s.disc(Panel, 100 + dx, 98 + dy, 62);
    s.round(
        if glow == Ink { Accent } else { Ink },
        14,
        format!("M{} {}h0", 100 - dx * 5, 98 - dy * 5 + 4),
    );
}

fn earthrise(s: &mut Sheet, d: &mut Dice) {
    let (ball, land) = d.pick(&[(Vivid, Ink), (Accent, Vivid), (Mid, Accent)]);
    let x = d.between(84, 120);
    s.field(Panel);
    s.disc(ball, x, 78, 50);
    s.fill(land, format!("M{x} 28q-20 20 6 34t-10 40q-36 -6 -44 -30 4 -36 48 -44z"));
    s.fill(Deep, "M-10 150q110-50 220 8v60H-10z");
    s.fill(Ground, "M30 168a18 6 0 0 0 36 0 18 6 0 0 0-36 0zM110 156a12 4 0 0 0 24 0 12 4 0 0 0-24 0zM126 186a24 8 0 0 0 48 0 24 8 0 0 0-48 0z");
}

fn robot_head(s: &mut Sheet, d: &mut Dice) {
    let (back, steel, eye) = d.pick(&[
        (Vivid, Panel, Accent),
        (Ground, Accent, Panel),
        (Accent, Mid, Ink),
        (Mid, Ink, Vivid),
    ]);
    s.field(back);
    s.fill(steel, "M44 60q0-14 14-14h84q14 0 14 14v84H44zM96 20h8v30h-8zM26 84h12v36H26zM162 84h12v36h-12zM70 152h60v58H70z");
    s.disc(steel, 100, 18, 9);
    let r = d.between(12, 20);
    s.disc(eye, 76, 86, r);
    s.disc(eye, 124, 86, 32 - r);
    s.fill(eye, "M66 120h10v14H66zM84 120h10v14H84zM102 120h10v14h-10zM120 120h10v14h-10z");
}

fn cogs(s: &mut Sheet, d: &mut Dice) {
    let (back, one, two) =
        d.pick(&[(Ground, Vivid, Accent), (Vivid, Panel, Ink), (Accent, Deep, Vivid)]);
    let turn = d.between(0, 30);
    s.field(back);
    let mut cog = |tone, x, y, r: i32, teeth: i32, turn: i32| {
        let step = 360 / teeth;
        let points = (0..teeth).flat_map(|at| {
            let a = turn + at * step;
            [
                polar(x, y, r, a),
                polar(x, y, r + 16, a + step / 6),
                polar(x, y, r + 16, a + step / 2 - step / 6),
                polar(x, y, r, a + step / 2),
            ]
        });
        s.fill(tone, polygon(points));
        s.disc(back, x, y, r / 2);
    };
    cog(one, 72, 118, 62, 12, turn);
    cog(two, 156, 52, 34, 9, turn + 10);
}

fn steel_hand(s: &mut Sheet, d: &mut Dice) {
    let (back, steel) = d.pick(&[(Vivid, Panel), (Ground, Accent), (Mid, Ink)]);
    let lift = d.between(0, 14);
    s.field(back);
    s.disc(if back == Vivid { Accent } else { Vivid }, 118, 66 - lift / 2, 30);
    s.round(
        steel,
        15,
        format!(
            "M72 150V{}M96 144V{}M120 144V{}M144 152V{}",
            92 - lift,
            84 + lift,
            112,
            104 - lift
        ),
    );
    s.fill(steel, "M62 140h92v40l-18 30H80l-18-30z");
    s.line(back, 4, "M60 120h28M84 126h24M110 130h22M132 132h26M60 164h96");
}
