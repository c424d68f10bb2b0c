//! Compositions of discs, rings and spirals.

use super::Frame;
use crate::canvas::{Canvas, Style, polar, whole};
use crate::tags::Gravity;

/// A large disc off the middle, and a satellite.
pub fn sun(c: &mut Canvas, f: &Frame) {
    let r = c.dice.percent(36, 66) * f.min();
    let places = [(0.0, 0.55), (1.0, 0.45), (0.62, 1.0), (0.4, 0.0), (0.72, 0.4), (0.28, 0.62)];
    let (u, v) = c.dice.pick(&places);
    let (x, y) = f.at(u, v);
    c.fill(f.hero).disc((x, y), r);
    let small = c.dice.percent(5, 12) * f.min();
    // Towards a point between the middle and the farthest corner.
    let (far_x, far_y) = f.at(if u < 0.5 { 0.8 } else { 0.2 }, if v < 0.5 { 0.85 } else { 0.15 });
    let angle = (far_y - y).atan2(far_x - x).to_degrees();
    let (x, y) = polar((x, y), r + 2.2 * small, angle);
    let inside = |at: f64, side: f64| at.clamp(1.5 * small, side - 1.5 * small);
    let (x, y) = (inside(x, f.w), inside(y, f.h));
    c.fill(f.accent(y - small, y + small)).disc((x, y), small);
}

/// A disc cut into level slices that are moved apart.
pub fn slices(c: &mut Canvas, f: &Frame) {
    let slide = 14.0 + 34.0 * f.energy;
    let r = (f.w / (2.0 + slide / 50.0)).min(0.46 * f.h);
    let count = c.dice.between(5, 8);
    let odd = c.dice.between(1, count - 2);
    let (x, y) = f.middle();
    let mut side = c.dice.sign();
    let mut slice = |c: &mut Canvas, at: i32| {
        side = -side;
        let moved = x + side * c.dice.percent(whole(slide / 3.0), whole(slide)) * r;
        let edge = |at: i32| 2.0 * r * f64::from(at) / f64::from(count) - r;
        let (top, bottom) = (edge(at), edge(at + 1));
        let half = |y: f64| (r * r - y * y).max(0.0).sqrt();
        let (above, below) = (half(top), half(bottom));
        c.fill(if at == odd { f.second } else { f.hero })
            .add('M', [moved - above, y + top])
            .add('h', [2.0 * above])
            .arc('A', (r, r), (false, true), (moved + below, y + bottom))
            .add('h', [-2.0 * below])
            .arc('A', (r, r), (false, true), (moved - above, y + top))
            .add('z', []);
    };
    (0..count).for_each(|at| slice(c, at));
    c.join();
}

/// Thick arcs round one centre, each half as wide again as the last.
pub fn beethoven(c: &mut Canvas, f: &Frame) {
    let (u, v) = (c.dice.pick(&[0.25, 0.4, 0.6, 0.75]), c.dice.pick(&[0.3, 0.5, 0.7]));
    let centre = f.at(u, v);
    let odd = c.dice.between(1, 3);
    let mut r = 0.11 * f.min();
    for at in 0..7 {
        let start = 22.5 * c.dice.number(0, 15);
        let sweep = 22.5 * c.dice.number(4, 10);
        let (from, to) = (polar(centre, r, start), polar(centre, r, start + sweep));
        if 0.83 * r < f.reach(centre) {
            c.line(if at == odd { f.second } else { f.hero }, 0.34 * r)
                .add('M', [from.0, from.1])
                .arc('A', (r, r), (sweep > 180.0, true), to);
        }
        r *= 1.5;
    }
}

/// Rings of even pitch to the farthest corner.
pub fn rings(c: &mut Canvas, f: &Frame) {
    let (u, v) = (c.dice.pick(&[0.0, 0.2, 0.5, 0.8, 1.0]), c.dice.pick(&[0.0, 0.35, 0.65, 1.0]));
    let centre = f.at(u, v);
    let count = f.beats.clamp(6, 12);
    let pitch = f.reach(centre) / f64::from(count);
    let stroke = c.dice.pick(&[0.3, 0.5, 0.62]) * pitch;
    let eye = c.dice.pick(&[0.5, 2.0]) * pitch;
    for r in (1..=count).map(|at| f64::from(at) * pitch).filter(|r| r - stroke / 2.0 > eye) {
        c.line(f.hero, stroke).disc(centre, r);
    }
    c.fill(f.accent(centre.1 - eye, centre.1 + eye)).disc(centre, eye);
}

/// Discs within discs, each moved a little further round.
pub fn rotor(c: &mut Canvas, f: &Frame) {
    let count = (f.beats / 2 + 2).clamp(5, 9);
    let outer = c.dice.pick(&[0.46, 0.62, 0.8]) * f.max();
    let turn = c.dice.pick(&[0.0, 24.0, -24.0, 40.0]);
    let mut angle = 15.0 * c.dice.number(0, 23);
    let mut centre = f.middle();
    let step = outer / f64::from(count);
    for at in 0..count {
        let r = outer - f64::from(at) * step;
        if at == count - 1 {
            c.fill(f.second).disc(centre, r);
        } else {
            c.even_odd(f.hero).disc(centre, r);
        }
        centre = polar(centre, 0.62 * step, angle);
        angle += turn;
    }
}

/// Half discs, one to a cell.
pub fn halves(c: &mut Canvas, f: &Frame) {
    let grid = f.grid(c.dice.pick(&[1, 2, 2, 3]));
    let mut last = -1;
    for (x, y) in grid.cells() {
        let mut turn = c.dice.between(0, 3);
        if turn == last {
            turn = (turn + 1) % 4;
        }
        last = turn;
        let tone = c.dice.pick(&[f.hero, f.hero, f.second, f.third]);
        let (rx, ry) = (grid.w / 2.0, grid.h / 2.0);
        let (from, to) = match turn {
            0 => ((x, y + grid.h), (grid.w, 0.0)),
            1 => ((x, y), (0.0, grid.h)),
            2 => ((x + grid.w, y), (-grid.w, 0.0)),
            _ => ((x + grid.w, y + grid.h), (0.0, -grid.h)),
        };
        // The flat edge is as long as the cell; the bow reaches as far as half of that.
        let (rx, ry) = if turn % 2 == 0 { (rx, rx.min(grid.h)) } else { (ry.min(grid.w), ry) };
        c.fill(tone).add('M', [from.0, from.1]).arc('a', (rx, ry), (false, true), to).add('z', []);
    }
    c.join();
}

/// Two or three large discs printed over one another.
pub fn overlap(c: &mut Canvas, f: &Frame) {
    let count = if f.gravity == Gravity::Gravest { 2 } else { c.dice.pick(&[2, 2, 3]) };
    let (across, down, apart) = if count == 2 { (0.36, 0.34, 0.6) } else { (0.32, 0.29, 0.7) };
    let r = (across * f.w).min(down * f.h);
    let first = 30.0 * c.dice.number(0, 11);
    for (at, tone) in (0..count).zip([f.hero, f.second, f.third]) {
        let angle = first + 360.0 * f64::from(at) / f64::from(count);
        c.overprint(tone).disc(polar(f.middle(), apart * r, angle), r);
    }
}

/// Discs along a diagonal that touch and grow.
pub fn crescendo(c: &mut Canvas, f: &Frame) {
    let count = c.dice.between(4, 7);
    let growth: f64 = c.dice.pick(&[1.3, 1.45, 1.6]);
    let odd = count - 1 - c.dice.between(0, 2);
    let flips = (c.dice.coin(), c.dice.coin());
    let length = f.w.hypot(f.h);
    let total: f64 = (0..count).map(|at| growth.powi(at)).sum();
    let mut along = -0.025;
    for at in 0..count {
        let share = 1.05 * growth.powi(at) / total;
        let centre = f.at(along + share / 2.0, along + share / 2.0);
        let tone = if at == odd { f.second } else { f.hero };
        c.fill(tone).disc(super::mirror(centre, f, flips), share * length / 2.0);
        along += share;
    }
    c.join();
}

/// A grid of spots with some left out.
pub fn spots(c: &mut Canvas, f: &Frame) {
    let grid = f.grid(c.dice.between(3, 6));
    let width = c.dice.pick(&[0.5, 0.66, 0.84]) * grid.w.min(grid.h);
    let absent = c.dice.between(0, 30);
    for (x, y) in grid.cells() {
        let (h, s) = (f.hero, f.second);
        let tone = c.dice.pick(&[h, h, h, h, h, h, s, s, f.third]);
        if !c.dice.chance(absent) {
            c.round(tone, width).add('M', [x + grid.w / 2.0, y + grid.h / 2.0]).add('h', [0.0]);
        }
    }
    c.join();
}

/// A halftone screen, and a disc where it is thin.
pub fn screen(c: &mut Canvas, f: &Frame) {
    let pitch = (f.w / c.dice.number(6, 10)).max(f.h / 15.0);
    let is_from_middle = c.dice.chance(30);
    let grows_down = c.dice.coin();
    let rows = whole(f.h / (0.87 * pitch));
    for row in 0..=rows {
        let u = f64::from(row) / f64::from(rows.max(1));
        let share = match (is_from_middle, grows_down) {
            (true, _) => (2.0 * u - 1.0).abs(),
            (_, true) => u,
            _ => 1.0 - u,
        };
        let width = (0.1 + 0.88 * share) * pitch;
        let start = if row % 2 == 0 { 0.0 } else { -pitch / 2.0 };
        let style = Style::Dashes { width, on: 0.0, off: pitch, is_round: true };
        c.shape(f.hero, style).add('M', [start, 0.87 * pitch * f64::from(row)]).add('H', [f.w]);
    }
    let r = c.dice.percent(12, 22) * f.min();
    let x = c.dice.pick(&[0.25, 0.5, 0.75]) * f.w;
    let y = match (is_from_middle, grows_down) {
        (true, _) => f.h / 2.0,
        (_, true) => (0.24 * f.h).max(1.2 * r),
        _ => (0.76 * f.h).min(f.h - 1.2 * r),
    };
    c.fill(f.accent(y - r, y + r)).disc((x, y), r);
}

/// Thin level lines that are heavy within a disc.
pub fn weight(c: &mut Canvas, f: &Frame) {
    let count = c.dice.between(f.beats.max(9), f.beats.max(12) + 6);
    let pitch = f.h / f64::from(count);
    let r = c.dice.percent(34, 46) * f.min();
    let centre = f.at(0.5 + c.dice.percent(-6, 6), 0.5 + c.dice.percent(-6, 6));
    let tone = c.dice.pick(&[f.hero, f.second]);
    let levels = (0..count).map(|at| (f64::from(at) + 0.5) * pitch);
    for y in levels.clone() {
        c.line(f.hero, 0.14 * pitch).add('M', [0.0, y]).add('H', [f.w]);
    }
    for y in levels {
        let half = (r * r - (y - centre.1).powi(2)).max(0.0).sqrt();
        if half > 1.0 {
            c.line(tone, 0.68 * pitch).add('M', [centre.0 - half, y]).add('h', [2.0 * half]);
        }
    }
}

/// Half circles that grow by half a step.
pub fn spiral(c: &mut Canvas, f: &Frame) {
    let turns = c.dice.between(5, 9);
    let step = f.min() * c.dice.pick(&[0.5, 0.7, 1.0]) / f64::from(turns);
    let stroke = c.dice.pick(&[0.4, 0.55]) * step;
    let (x, y) = f.at(c.dice.pick(&[0.35, 0.5, 0.65]), c.dice.pick(&[0.4, 0.5, 0.6]));
    let mut side = c.dice.sign();
    let path = c.line(f.hero, stroke).add('M', [x, y]);
    for at in 1..=2 * turns {
        let r = f64::from(at) * step / 2.0;
        path.arc('a', (r, r), (false, true), (side * 2.0 * r, 0.0));
        side = -side;
    }
    c.fill(f.second).disc((x, y), 0.75 * step);
}

/// Rings of dashes to the farthest corner.
pub fn ticks(c: &mut Canvas, f: &Frame) {
    let rings = c.dice.between(4, 6);
    let (u, v) = (c.dice.pick(&[0.0, 0.35, 0.5, 0.65, 1.0]), c.dice.pick(&[0.0, 0.4, 0.6, 1.0]));
    let centre = f.at(u, v);
    let spacing = f.reach(centre) / f64::from(rings);
    let count = f64::from(f.beats.max(6));
    for at in 0..rings {
        let r = (f64::from(at) + 0.6) * spacing;
        let dash = std::f64::consts::TAU * r / count;
        let on = c.dice.percent(25, 75) * dash;
        let start = c.dice.number(0, 71) * 5.0;
        let style = Style::Dashes { width: 0.55 * spacing, on, off: dash - on, is_round: false };
        let (from, to) = (polar(centre, r, start), polar(centre, r, start + 180.0));
        c.shape(if at == rings / 2 { f.second } else { f.hero }, style)
            .add('M', [from.0, from.1])
            .arc('A', (r, r), (false, true), to)
            .arc('A', (r, r), (false, true), from);
    }
}

/// Discs round a corner, one on the other.
pub fn quarter(c: &mut Canvas, f: &Frame) {
    let count = c.dice.pick(&[2, 2, 3]);
    let flips = (c.dice.coin(), c.dice.coin());
    let corner = super::mirror((0.0, 0.0), f, flips);
    let mut r = c.dice.percent(62, 92) * f.max();
    let ratio = c.dice.pick(&[0.5, 0.62, 0.74]);
    let mut below = f.field;
    for at in 0..count {
        let tone = match at {
            0 => f.hero,
            1 => f.accent(corner.1 - r, corner.1 + r),
            _ => f.on(below, f.third),
        };
        // Under a title an accent is the hero's tone, and would vanish on it.
        let tone = if tone == below { f.field } else { tone };
        c.fill(tone).disc(corner, r);
        below = tone;
        r *= ratio;
    }
}

/// Stripes and a disc that exchange their tones where they meet.
pub fn counterchange(c: &mut Canvas, f: &Frame) {
    let count = c.dice.between(5, 9);
    let r = c.dice.percent(30, 42) * f.min();
    let centre = f.at(0.5 + c.dice.percent(-8, 8), 0.5 + c.dice.percent(-8, 8));
    let is_upright = f.is_light() && c.dice.coin();
    let path = c.even_odd(f.hero);
    let side = if is_upright { f.w } else { f.h };
    let pitch = side / f64::from(count);
    for at in (0..count).map(|at| (f64::from(at) + 0.25) * pitch) {
        if is_upright {
            path.rect(at, 0.0, pitch / 2.0, f.h);
        } else {
            path.rect(0.0, at, f.w, pitch / 2.0);
        }
    }
    path.disc(centre, r);
}
