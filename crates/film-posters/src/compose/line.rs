//! Compositions of lines, bands and bars.

use super::{Frame, mirror};
use crate::canvas::{Canvas, Style, polar, whole};
use crate::palette::Tone;
use crate::tags::Gravity;

/// Rows of bars from both sides that meet at a wandering level.
pub fn levels(c: &mut Canvas, f: &Frame) {
    let rows = f.beats.clamp(5, 14);
    let pitch = f.h / f64::from(rows);
    let gap = 0.025 * f.w;
    let step = whole(8.0 + 34.0 * f.energy);
    let mut level = c.dice.between(30, 70);
    for at in 0..rows {
        let x = f64::from(level) / 100.0 * f.w;
        let y = (f64::from(at) + 0.14) * pitch;
        c.fill(f.hero).rect(0.0, y, x - gap / 2.0, 0.72 * pitch);
        c.fill(f.second).rect(x + gap / 2.0, y, f.w - x - gap / 2.0, 0.72 * pitch);
        level = (level + c.dice.between(-step, step)).clamp(10, 90);
    }
    c.join();
}

/// Slanting stripes, each broader than the last.
pub fn diagonals(c: &mut Canvas, f: &Frame) {
    let slant: f64 = c.dice.pick(&[30.0, 45.0, 60.0]);
    let flips = (c.dice.coin(), c.dice.coin());
    let count = f.beats.clamp(5, 11);
    let growth: f64 = c.dice.pick(&[1.18, 1.3, 1.45]);
    let odd = c.dice.between(count / 2, count - 1);
    let shift = f.h / slant.to_radians().tan();
    let total: f64 = (0..count).map(|at| growth.powi(at)).sum();
    let mut x = -shift;
    for at in 0..count {
        let width = (f.w + shift) * growth.powi(at) / total;
        let ends = [(x, f.h), (x + 0.55 * width, f.h)];
        let tops = [(x + 0.55 * width + shift, 0.0), (x + shift, 0.0)];
        let corners = [ends[0], ends[1], tops[0], tops[1]].map(|point| mirror(point, f, flips));
        c.fill(if at == odd { f.accent(0.0, f.h) } else { f.hero }).polygon(&corners);
        x += width;
    }
    c.join();
}

/// Wedges of uneven width from a point beyond a corner or an edge.
pub fn fan(c: &mut Canvas, f: &Frame) {
    let count = c.dice.between(4, 6);
    let odd = c.dice.between(1, count - 2);
    let beyond = 0.06 * f.min();
    let flips = (c.dice.coin(), c.dice.coin());
    let (point, middle, spread) = match c.dice.between(0, 3) {
        0 => ((f.w / 2.0, -beyond), 90.0, 130.0),
        1 => ((-beyond, f.h / 2.0), 0.0, 130.0),
        _ => ((-beyond, -beyond), (f.h / f.w).atan().to_degrees(), 96.0),
    };
    let throws: Vec<f64> = (0..2 * count).map(|_| c.dice.number(4, 22)).collect();
    let scale = spread / throws.iter().sum::<f64>();
    let length = 1.5 * (f.w + f.h);
    let mut angle = middle - spread / 2.0;
    for (at, pair) in (0..count).zip(throws.chunks(2)) {
        let end = angle + pair[0] * scale;
        let corners = [point, polar(point, length, angle), polar(point, length, end)];
        let tone = if at == odd { f.accent(0.0, f.h) } else { f.hero };
        c.fill(tone).polygon(&corners.map(|point| mirror(point, f, flips)));
        angle += (pair[0] + pair[1]) * scale;
    }
    c.join();
}

/// Rows of waves.
pub fn waves(c: &mut Canvas, f: &Frame) {
    let rows = (f.beats + 2).clamp(7, 14);
    let length = f.w / c.dice.pick(&[0.8, 1.0, 1.5, 2.0]);
    let growth = c.dice.pick(&[0.0, 0.0, 0.7, -0.7]);
    let drift = c.dice.pick(&[0.0, 1.0, -1.0]) * length / f64::from(rows);
    let share = c.dice.pick(&[0.3, 0.45, 0.6]);
    let odd = c.dice.between(2, rows - 3);
    let mean = f.h / f64::from(rows);
    let mut y = -0.5 * mean;
    for at in -1..=rows {
        let pitch = mean * (1.0 + growth * (2.0 * f64::from(at) / f64::from(rows) - 1.0));
        let height = (0.4 + 1.4 * f.energy) * pitch;
        let tone =
            if at == odd { f.accent(y - height - pitch, y + height + pitch) } else { f.hero };
        let start = (drift * f64::from(at)).rem_euclid(length) - length;
        let path = c.line(tone, share * pitch).add('M', [start, y]);
        path.add('q', [length / 4.0, -height, length / 2.0, 0.0]);
        for _ in 0..whole((f.w - start) / length * 2.0) {
            path.add('t', [length / 2.0, 0.0]);
        }
        y += pitch;
    }
}

/// Bands that thicken away from a horizon, and a disc above it.
pub fn horizon(c: &mut Canvas, f: &Frame) {
    let bands = c.dice.between(5, f.beats.clamp(6, 10));
    let level = c.dice.pick(&[0.34, 0.45, 0.6]);
    let is_down = c.dice.coin();
    let growth: f64 = c.dice.pick(&[1.4, 1.6, 1.8]);
    let total: f64 = (0..bands).map(|at| growth.powi(at)).sum();
    let room = f.h * (1.0 - level);
    let mut along = 0.0;
    for at in 0..bands {
        let slot = room * growth.powi(at) / total;
        let ink = 0.58 * slot;
        let y = f.h * level + along;
        c.fill(f.hero).rect(0.0, if is_down { y } else { f.h - y - ink }, f.w, ink);
        along += slot;
    }
    if f.gravity < Gravity::Gravest {
        let r = (c.dice.percent(12, 24) * f.min()).min(0.42 * level * f.h);
        let (x, y) = f.at(c.dice.pick(&[0.3, 0.5, 0.7]), level / 2.0);
        let y = if is_down { y } else { f.h - y };
        c.fill(f.accent(y - r, y + r)).disc((x, y), r);
    }
}

/// Stripes down an edge and round a corner.
pub fn supergraphic(c: &mut Canvas, f: &Frame) {
    let count = c.dice.pick(&[3, 4, 5]);
    let stripe = c.dice.percent(9, 14) * f.min();
    let inner = c.dice.pick(&[0.7, 1.5, 2.5]) * stripe;
    let flips = (c.dice.coin(), c.dice.coin());
    let margin = c.dice.percent(5, 14) * f.min();
    let outer = inner + f64::from(count) * stripe;
    let (x, y) = (margin + outer, f.h - margin - outer);
    for (at, tone) in (0..count).zip([f.hero, f.second, f.third].into_iter().cycle()) {
        let r = inner + (f64::from(at) + 0.5) * stripe;
        let point = |x, y| mirror((x, y), f, flips);
        let (start, bend, end) = (point(x - r, -9.0), point(x - r, y), point(x, y + r));
        c.line(tone, stripe + 0.2)
            .add('M', [start.0, start.1])
            .add('V', [bend.1])
            .arc('A', (r, r), (false, flips.0 != flips.1), end)
            .add('H', [point(f.w + 9.0, 0.0).0]);
    }
    c.join();
}

/// Nested arches.
pub fn arches(c: &mut Canvas, f: &Frame) {
    let count = c.dice.between(4, 7);
    let u = c.dice.pick(&[0.5, 0.5, 0.0, 1.0, 0.34]);
    let is_standing = c.dice.coin();
    let is_solid = c.dice.coin();
    let outer = f.w * if u == 0.5 { 0.45 } else { 0.9 };
    let pitch = outer / f64::from(count);
    let y = (outer + 0.06 * f.h).clamp(0.4 * f.h, 0.8 * f.h);
    let level = |y: f64| if is_standing { y } else { f.h - y };
    let x = u * f.w;
    let mut below = f.field;
    for at in 0..count {
        let share = if is_solid { 0.0 } else { 0.3 };
        let r = outer - (f64::from(at) + share) * pitch;
        let tone = match (is_solid, at % 4) {
            (true, 1) => f.on(below, f.second),
            (true, 3) => f.on(below, f.third),
            (true, _) => f.on(below, f.hero),
            (false, _) => {
                if at == 1 {
                    f.second
                } else {
                    f.hero
                }
            }
        };
        below = tone;
        let path = if is_solid { c.fill(tone) } else { c.line(tone, 0.6 * pitch) };
        path.add('M', [x - r, level(f.h + 1.0)])
            .add('V', [level(y)])
            .arc('a', (r, r), (false, is_standing), (2.0 * r, 0.0))
            .add('V', [level(f.h + 1.0)]);
    }
}

/// Straight threads whose crossings draw a curve.
pub fn envelope(c: &mut Canvas, f: &Frame) {
    let threads = (f.beats + 6).clamp(12, 20);
    let stroke = c.dice.pick(&[1.1, 1.6, 2.2]);
    let flips = (c.dice.coin(), c.dice.coin());
    let corners = if c.dice.coin() { 2 } else { 1 };
    for corner in 0..corners {
        let flips = if corner == 0 { flips } else { (!flips.0, !flips.1) };
        for at in 0..threads {
            let u = 0.05 + 0.9 * f64::from(at) / f64::from(threads - 1);
            let (from, to) = (f.at(0.05, u), f.at(u, 0.95));
            c.line(if corner == 0 { f.hero } else { f.second }, stroke)
                .line(mirror(from, f, flips), mirror(to, f, flips));
        }
    }
}

/// A grid of strokes whose direction turns evenly.
pub fn field(c: &mut Canvas, f: &Frame) {
    let columns = whole(c.dice.number(5, 8) * f.w / 200.0).max(3);
    let rows = f.grid(columns).rows.clamp(3, 9);
    let (w, h) = (f.w / f64::from(columns), f.h / f64::from(rows));
    let most = whole(16.0 + 24.0 * f.energy);
    let (first, across, down) =
        (15.0 * c.dice.number(0, 11), c.dice.number(-most, most), c.dice.number(-most, most));
    let cell = w.min(h);
    let width = c.dice.pick(&[0.16, 0.26, 0.36]) * cell;
    let odd = (c.dice.between(0, columns - 1), c.dice.between(0, rows - 1));
    for row in 0..rows {
        for column in 0..columns {
            let (i, j) = (f64::from(column), f64::from(row));
            let (x, y) = ((i + 0.5) * w, (j + 0.5) * h);
            let half = (0.84 * cell - width) / 2.0;
            let (dx, dy) = polar((0.0, 0.0), half, first + across * i + down * j);
            c.round(if (column, row) == odd { f.second } else { f.hero }, width)
                .add('M', [x - dx, y - dy])
                .add('l', [2.0 * dx, 2.0 * dy]);
        }
    }
    c.join();
}

/// Two sets of rings that interfere.
pub fn moire(c: &mut Canvas, f: &Frame) {
    let pitch = c.dice.pick(&[7.0, 8.5, 10.0]);
    let apart = c.dice.number(16, 46) / 2.0;
    let angle = 15.0 * c.dice.number(0, 11);
    let rings = whole((0.47 * f.min() - apart) / pitch);
    for (tone, side) in [(f.hero, 1.0), (f.second, -1.0)] {
        let centre = polar(f.middle(), side * apart, angle);
        for at in 1..=rings {
            c.line(tone, 0.42 * pitch).disc(centre, f64::from(at) * pitch);
        }
    }
}

/// Lines with one hill each, before one another.
pub fn ridges(c: &mut Canvas, f: &Frame) {
    let count = f.beats.clamp(8, 13);
    let centre = c.dice.number(32, 68);
    let odd = count / 2;
    for at in 0..count {
        let u = f64::from(at) / f64::from(count - 1);
        let y = f.h * (0.3 + 0.64 * u);
        let tall = f.h * (0.05 + 0.23 * (1.0 - (2.0 * u - 1.0).powi(2))) * c.dice.percent(60, 110);
        let half = f.w * c.dice.percent(15, 24);
        let x = f.w * (centre + c.dice.number(-9, 9)) / 100.0;
        let tone = if at == odd { f.second } else { f.hero };
        let style = Style::Outline { width: (0.012 * f.min()).max(1.6), field: f.field };
        c.shape(tone, style)
            .add('M', [-2.0, y])
            .add('H', [x - half])
            .add('c', [half / 2.0, 0.0, half / 2.0, -tall, half, -tall])
            .add('s', [half / 2.0, tall, half, tall])
            .add('H', [f.w + 2.0]);
    }
}

/// Tracks of dashes with round ends.
pub fn capsules(c: &mut Canvas, f: &Frame) {
    let tracks = c.dice.between(5, 7);
    let angle: f64 = c.dice.pick(&[0.0, 30.0, 45.0, -45.0, -30.0, 90.0]);
    let (sin, cos) = angle.to_radians().sin_cos();
    let length = f.w * cos.abs() + f.h * sin.abs();
    let pitch = (f.w * sin.abs() + f.h * cos.abs()) / f64::from(tracks);
    let width = 0.62 * pitch;
    for track in 0..tracks {
        let across = (f64::from(track) + 0.5 - f64::from(tracks) / 2.0) * pitch;
        let start = polar(f.middle(), across, angle + 90.0);
        let mut along = -length / 2.0 - c.dice.percent(0, 40) * f.w;
        while along < length / 2.0 {
            let dash = c.dice.percent(8, 55) * f.w;
            let (h, s) = (f.hero, f.second);
            let tone = c.dice.pick(&[h, h, h, h, s, f.third]);
            if along + dash + width / 2.0 > -length / 2.0 {
                let (from, to) = (polar(start, along, angle), polar(start, along + dash, angle));
                c.round(tone, width).line(from, to);
            }
            along += dash + width + c.dice.percent(5, 14) * f.w;
        }
    }
    c.join();
}

/// A bar from edge to edge, and a thin one beside it.
pub fn stroke(c: &mut Canvas, f: &Frame) {
    let width = c.dice.percent(16, 34) * f.min();
    let slants = [0.0, 90.0, 90.0, 30.0, -30.0, 60.0, -60.0];
    let angle = c.dice.pick(if f.is_light() { &slants } else { &slants[..2] });
    let thin = c.dice.pick(&[0.08, 0.16, 0.3]) * width;
    let place = c.dice.percent(-20, 20) * f.min();
    let side = c.dice.sign();
    let mut bar = |tone: Tone, width: f64, across: f64| {
        let (x, y) = polar(f.middle(), across, angle + 90.0);
        let reach = f.w + f.h;
        c.line(tone, width).line(polar((x, y), -reach, angle), polar((x, y), reach, angle));
    };
    bar(f.hero, width, place);
    bar(f.second, thin, place + side * (0.7 * width + thin / 2.0));
}
