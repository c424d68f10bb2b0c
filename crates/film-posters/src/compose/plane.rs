//! Compositions of planes: oblongs, cells, splinters.

use super::{Frame, mirror};
use crate::canvas::{Canvas, Style, polar, whole};
use crate::tags::Gravity;

/// Oblongs within oblongs, sunk towards the foot.
pub fn albers(c: &mut Canvas, f: &Frame) {
    let count = c.dice.pick(&[2, 3, 3]);
    let ratio = c.dice.pick(&[0.68, 0.76]);
    let (sunk, aside) = (c.dice.pick(&[0.5, 0.66, 0.78]), c.dice.pick(&[0.5, 0.5, 0.3]));
    let (h, s, t) = (f.hero, f.second, f.third);
    let tones = c.dice.pick(&[[h, s, t], [s, h, t], [h, t, s]]);
    let (mut x, mut y, mut w, mut h) = (0.0, 0.0, f.w, f.h);
    let mut below = f.field;
    for &tone in &tones[..count] {
        x += w * (1.0 - ratio) * aside;
        y += h * (1.0 - ratio) * sunk;
        (w, h) = (w * ratio, h * ratio);
        below = f.on(below, tone);
        c.fill(below).rect(x, y, w, h);
    }
}

/// Two fields within a margin, one above the other.
pub fn rooms(c: &mut Canvas, f: &Frame) {
    let margin = c.dice.pick(&[0.08, 0.1, 0.13]) * f.min();
    let parted = c.dice.pick(&[0.24, 0.32, 0.68, 0.76]);
    let (w, h) = (f.w - 2.0 * margin, f.h - 2.5 * margin);
    c.fill(f.hero).rect(margin, margin, w, h * parted);
    c.fill(f.second).rect(margin, 1.5 * margin + h * parted, w, h * (1.0 - parted));
}

/// Boxes from cutting the largest again and again.
pub fn planes(c: &mut Canvas, f: &Frame) {
    let cuts = c.dice.between(4, 6);
    let gap = c.dice.pick(&[0.0, 0.02, 0.035]) * f.min();
    let mut boxes = vec![(0.0, 0.0, f.w, f.h)];
    for _ in 0..cuts {
        let area = |at: &usize| {
            let (_, _, w, h): (f64, f64, f64, f64) = boxes[*at];
            w * h
        };
        let largest = (0..boxes.len()).max_by(|one, other| area(one).total_cmp(&area(other)));
        let (x, y, w, h) = boxes.remove(largest.unwrap_or(0));
        let at = c.dice.pick(&[0.3, 0.38, 0.62, 0.7]);
        if w > h {
            boxes.extend([(x, y, w * at, h), (x + w * at, y, w * (1.0 - at), h)]);
        } else {
            boxes.extend([(x, y, w, h * at), (x, y + h * at, w, h * (1.0 - at))]);
        }
    }
    let tones = [f.hero, f.field, f.second, f.hero, f.third, f.field, f.hero, f.third];
    let first = usize::try_from(c.dice.between(0, 7)).unwrap_or(0);
    for ((x, y, w, h), tone) in boxes.into_iter().zip(tones.into_iter().cycle().skip(first)) {
        if tone != f.field {
            c.fill(tone).rect(x + gap / 2.0, y + gap / 2.0, w - gap, h - gap);
        }
    }
    c.join();
}

/// Cells with quarter discs in one of four turns, or full.
pub fn truchet(c: &mut Canvas, f: &Frame) {
    let grid = f.grid(c.dice.pick(&[2, 3, 4]));
    for (x, y) in grid.cells() {
        let tone = f.mix(&mut c.dice);
        let (is_right, is_low) = (c.dice.coin(), c.dice.coin());
        let is_full = c.dice.chance(16);
        if !c.dice.chance(88) {
            continue;
        }
        if is_full {
            c.fill(tone).rect(x, y, grid.w, grid.h);
            continue;
        }
        let (start, across) = if is_right { (x + grid.w, -grid.w) } else { (x, grid.w) };
        let (level, down) = if is_low { (y + grid.h, -grid.h) } else { (y, grid.h) };
        c.fill(tone)
            .add('M', [start, level])
            .add('h', [across])
            .arc('a', (grid.w, grid.h), (false, is_right == is_low), (-across, down))
            .add('z', []);
    }
    c.join();
}

/// A chequerboard whose columns narrow towards one place.
pub fn warp(c: &mut Canvas, f: &Frame) {
    let (rows, columns) = (c.dice.pick(&[5, 6, 8]), c.dice.pick(&[11, 13]));
    let place = c.dice.percent(20, 80);
    let wide = |at: i32| {
        let u = (f64::from(at) + 0.5) / f64::from(columns);
        0.12 + 2.0 * (u - place).abs().powf(1.2)
    };
    let total: f64 = (0..columns).map(wide).sum();
    let path = c.even_odd(f.hero);
    let mut x = 0.0;
    for at in 0..columns {
        let w = wide(at) / total * f.w;
        if at % 2 == 0 {
            path.rect(x, 0.0, w, f.h);
        }
        x += w;
    }
    let h = f.h / f64::from(rows);
    for row in (0..rows).step_by(2) {
        path.rect(0.0, f64::from(row) * h, f.w, h);
    }
}

/// Nested frames round a point.
pub fn frames(c: &mut Canvas, f: &Frame) {
    let count = 2 * c.dice.between(3, 5);
    let ratio: f64 = c.dice.pick(&[0.66, 0.74, 0.8]);
    let (u, v) = (c.dice.percent(20, 80), c.dice.percent(20, 80));
    for at in 1..=count {
        let scale = ratio.powi(at);
        let (x, y) = f.at(u * (1.0 - scale), v * (1.0 - scale));
        let path = if at == count { c.fill(f.second) } else { c.even_odd(f.hero) };
        path.rect(x, y, scale * f.w, scale * f.h);
    }
}

/// Steps of blocks.
pub fn stairs(c: &mut Canvas, f: &Frame) {
    let steps = c.dice.between(3, 6);
    let deep = c.dice.pick(&[1, 2, 3]);
    let flips = (c.dice.coin(), false);
    let tone = c.dice.pick(&[f.second, f.third]);
    let (w, h) = (f.w / f64::from(steps), f.h / f64::from(steps + deep));
    for at in 0..steps {
        let (x, y) = (f64::from(at) * w, f64::from(at) * h);
        let x = mirror((x, y), f, flips).0 - if flips.0 { w } else { 0.0 };
        c.fill(f.hero).rect(x, y, w, f64::from(deep) * h);
        c.fill(f.on(f.hero, tone)).rect(x, y + f64::from(deep) * h, w, h);
    }
    c.join();
}

/// Slabs with uneven ends and corners.
pub fn cuts(c: &mut Canvas, f: &Frame) {
    let count = c.dice.between(3, 4);
    let is_lying = c.dice.coin();
    let (along, across) = if is_lying { (f.w, f.h) } else { (f.h, f.w) };
    let pitch = across / f64::from(count);
    for at in 0..count {
        let (start, end) = (c.dice.percent(-6, 30) * along, (1.0 - c.dice.percent(-6, 30)) * along);
        let (top, bottom) = ((f64::from(at) + 0.1) * pitch, (f64::from(at) + 0.9) * pitch);
        let corners = [(start, top), (end, top), (end, bottom), (start, bottom)].map(|(x, y)| {
            let mut off = || c.dice.number(-45, 45) / 1000.0 * f.min();
            let (x, y) = (x + off(), y + off());
            if is_lying { (x, y) } else { (y, x) }
        });
        let tone = c.dice.pick(&[f.hero, f.hero, f.second, f.third]);
        c.fill(tone).polygon(&corners);
    }
}

/// Splinters from edge to edge, printed over one another.
pub fn shards(c: &mut Canvas, f: &Frame) {
    let count = c.dice.between(3, 5);
    for at in 0..count {
        let (thin, thick) = (c.dice.percent(0, 3) * f.h, c.dice.percent(14, 34) * f.h);
        let (left, right) = if at % 2 == 0 { (thin, thick) } else { (thick, thin) };
        let (start, end) = (c.dice.percent(0, 90) * f.h, c.dice.percent(0, 80) * f.h);
        let tone = c.dice.pick(&[f.hero, f.second, f.third]);
        let corners = [(0.0, start), (f.w, end), (f.w, end + right), (0.0, start + left)];
        c.overprint(tone).polygon(&corners);
    }
}

/// Rounded stones above one another, printed over where they meet.
pub fn pebbles(c: &mut Canvas, f: &Frame) {
    let count = c.dice.between(2, 4);
    let pitch = f.h / f64::from(count);
    for (at, tone) in (0..count).zip([f.hero, f.second, f.third, f.hero]) {
        let x = f.w * (0.5 + c.dice.percent(-12, 12));
        let y = (f64::from(at) + 0.5) * pitch;
        let (across, down) = (c.dice.percent(26, 42) * f.w, 0.62 * pitch);
        let corners: Vec<(f64, f64)> = (0..6)
            .map(|corner| {
                let angle = 60.0 * f64::from(corner) + c.dice.number(-14, 14);
                let far = c.dice.percent(78, 118);
                let (dx, dy) = polar((0.0, 0.0), 100.0 * far, angle);
                (x + dx * across / 100.0, y + dy * down / 100.0)
            })
            .collect();
        let between = |one: (f64, f64), other: (f64, f64)| {
            (f64::midpoint(one.0, other.0), f64::midpoint(one.1, other.1))
        };
        let start = between(corners[5], corners[0]);
        let path = c.overprint(tone).add('M', [start.0, start.1]);
        for (at, &corner) in corners.iter().enumerate() {
            let middle = between(corner, corners[(at + 1) % 6]);
            path.add('Q', [corner.0, corner.1, middle.0, middle.1]);
        }
        path.add('z', []);
    }
}

/// Squares in rows that fall out of order.
pub fn gravel(c: &mut Canvas, f: &Frame) {
    let columns = c.dice.between(4, 5);
    let grows_down = c.dice.coin();
    let line = c.dice.pick(&[0.0, 0.0, 2.0, 3.0]);
    let (left, top) = f.at(0.1, 0.08);
    let cell = 0.8 * f.w / f64::from(columns);
    let rows = whole(0.84 * f.h / cell).clamp(3, 9);
    let down = 0.84 * f.h / f64::from(rows);
    let turn = whole(30.0 + 40.0 * f.energy);
    let side = 0.82 * cell.min(down);
    for row in 0..rows {
        let u = f64::from(if grows_down { row } else { rows - 1 - row }) / f64::from(rows - 1);
        let disorder = u.powf(1.5);
        for column in 0..columns {
            let angle = c.dice.number(-turn, turn) * disorder;
            let (dx, dy) = (c.dice.percent(-35, 35) * disorder, c.dice.percent(-35, 35) * disorder);
            let x = left + (f64::from(column) + 0.5 + dx) * cell;
            let y = top + (f64::from(row) + 0.5 + dy) * down;
            let (a, b) = polar((0.0, 0.0), side, angle);
            let start = (x - (a - b) / 2.0, y - (a + b) / 2.0);
            let path = if line > 0.0 { c.line(f.hero, line) } else { c.even_odd(f.hero) };
            path.add('M', [start.0, start.1]).add('l', [a, b, -b, a, -a, -b]).add('z', []);
        }
    }
}

/// Cells half filled on the slant.
pub fn quilt(c: &mut Canvas, f: &Frame) {
    let grid = f.grid(c.dice.pick(&[2, 3, 4]));
    let is_regular = c.dice.coin();
    let usual = c.dice.between(0, 3);
    for (x, y) in grid.cells() {
        let tone = f.mix(&mut c.dice);
        let any = c.dice.between(0, 3);
        let is_usual = is_regular && !c.dice.chance(10);
        let is_filled = c.dice.chance(88);
        let (w, h) = (grid.w, grid.h);
        let corners = [(x, y), (x + w, y), (x + w, y + h), (x, y + h)];
        let absent = usize::try_from(if is_usual { usual } else { any }).unwrap_or(0);
        if is_filled {
            let kept: Vec<_> = (0..4).filter(|at| *at != absent).map(|at| corners[at]).collect();
            c.fill(tone).polygon(&kept);
        }
    }
    c.join();
}

/// The window parted on the slant, and a disc on the empty side.
pub fn parting(c: &mut Canvas, f: &Frame) {
    let (from, to) = (c.dice.percent(15, 85), c.dice.percent(15, 85));
    let is_across = c.dice.coin();
    let flips = (c.dice.coin(), c.dice.coin());
    let corners = if is_across {
        [(0.0, 0.0), (1.0, 0.0), (1.0, to), (0.0, from)]
    } else {
        [(0.0, 0.0), (from, 0.0), (to, 1.0), (0.0, 1.0)]
    };
    let corners = corners.map(|(x, y)| mirror(f.at(x, y), f, flips));
    c.fill(f.hero).polygon(&corners);
    let r = c.dice.percent(7, 15) * f.min();
    let along = c.dice.pick(&[0.3, 0.5, 0.7]);
    if f.gravity < Gravity::Gravest {
        let parted = from + (to - from) * along;
        let beyond = parted + (1.0 - parted) * 0.55;
        let (x, y) = if is_across { f.at(along, beyond) } else { f.at(beyond, along) };
        let (x, y) = mirror((x, y), f, flips);
        c.fill(f.accent(y - r, y + r)).disc((x, y), r);
    }
}

/// Bands over and under one another.
pub fn weave(c: &mut Canvas, f: &Frame) {
    let grid = f.grid(c.dice.pick(&[4, 5, 6]));
    let share = c.dice.pick(&[0.5, 0.66, 0.8]);
    let edge = (1.0 - share) / 2.0;
    for row in 0..grid.rows {
        c.fill(f.second).rect(0.0, (f64::from(row) + edge) * grid.h, f.w, share * grid.h);
    }
    for column in 0..grid.columns {
        c.fill(f.hero).rect((f64::from(column) + edge) * grid.w, 0.0, share * grid.w, f.h);
    }
    for row in 0..grid.rows {
        for column in (0..grid.columns).filter(|column| (row + column) % 2 == 0) {
            let (x, y) = (f64::from(column) * grid.w, (f64::from(row) + edge) * grid.h);
            c.fill(f.second).rect(x, y, grid.w, share * grid.h);
        }
    }
}

/// A field from one side, and a strip beside it.
pub fn edge(c: &mut Canvas, f: &Frame) {
    let (wide, tall) = (c.dice.percent(38, 70) * f.w, c.dice.percent(55, 100) * f.h);
    let (strip, gap) = (c.dice.percent(4, 14) * f.w, c.dice.percent(4, 10) * f.w);
    let is_left = c.dice.coin();
    let is_standing = c.dice.coin() && f.is_light();
    let strip_tall = c.dice.percent(55, 100) * f.h;
    let mut bar = |tone, x: f64, w: f64, h: f64| {
        let x = if is_left { x } else { f.w - x - w };
        c.fill(tone).rect(x, if is_standing { f.h - h } else { 0.0 }, w, h);
    };
    bar(f.hero, 0.0, wide, tall);
    bar(f.second, wide + gap, strip, strip_tall);
}

/// Large discs that rise one before the other.
pub fn tide(c: &mut Canvas, f: &Frame) {
    let count = c.dice.between(2, 4);
    let r = c.dice.pick(&[0.9, 1.3, 2.0]) * f.w;
    let is_rising = c.dice.coin();
    let tones = match f.title {
        Some(_) => [f.hero, f.field, f.hero, f.field],
        None => [f.hero, f.second, f.on(f.second, f.third), f.second],
    };
    for (at, tone) in (0..count).zip(tones) {
        let top = (0.28 + 0.62 * f64::from(at) / f64::from(count)) * f.h;
        let x = c.dice.percent(10, 90) * f.w;
        let y = if is_rising { top + r } else { f.h - top - r };
        c.fill(tone).disc((x, y), r);
    }
}

/// Bands of one tone that fade.
pub fn dusk(c: &mut Canvas, f: &Frame) {
    let count = f.beats.clamp(5, 9);
    let power: f64 = c.dice.pick(&[1.0, 1.6]);
    let is_upright = f.is_light() && c.dice.coin();
    let is_reversed = c.dice.coin();
    let side = whole(if is_upright { f.w } else { f.h });
    let edge = |at: i32| f64::from(side * at / count);
    for at in 0..count {
        let step = if is_reversed { count - at } else { at + 1 };
        let opacity = (f64::from(step) / f64::from(count)).powf(power);
        let opacity = (opacity * 100.0).round() / 100.0;
        let (from, thick) = (edge(at), edge(at + 1) - edge(at));
        let path = c.shape(f.hero, Style::Opacity(opacity));
        if is_upright {
            path.rect(from, 0.0, thick, f.h);
        } else {
            path.rect(0.0, from, f.w, thick);
        }
    }
}

/// Squares that thin out.
pub fn dissolve(c: &mut Canvas, f: &Frame) {
    let grid = f.grid(c.dice.between(7, 10));
    let side = c.dice.pick(&[1.01, 0.8]) * grid.w.min(grid.h);
    let grows_down = c.dice.coin();
    for (x, y) in grid.cells() {
        let u = (y + grid.h / 2.0) / f.h;
        let u = if grows_down { u } else { 1.0 - u };
        let is_kept = c.dice.chance(whole(104.0 * u.powf(1.1)));
        let tone = if c.dice.chance(8) { f.second } else { f.hero };
        if is_kept {
            let (x, y) = (x + (grid.w - side) / 2.0, y + grid.h / 2.0);
            c.line(tone, side).add('M', [x, y]).add('h', [side]);
        }
    }
    c.join();
}
