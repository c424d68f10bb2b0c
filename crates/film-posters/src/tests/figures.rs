//! Perceptual hashes.

use std::f64::consts::PI;

use crate::{Poster, file};

/// Returns the 64-bit perceptual hash of a poster: the signs of its low frequencies.
pub fn phash(poster: &Poster) -> u64 {
    let picture = file::render(&poster.file(""), (128, 192)).unwrap();
    let grey: Vec<f64> = picture
        .pixels()
        .iter()
        .map(|pixel| {
            let [r, g, b] = [pixel.red(), pixel.green(), pixel.blue()].map(f64::from);
            0.299 * r + 0.587 * g + 0.114 * b
        })
        .collect();
    // Blocks of 4 by 6 pixels make 32 by 32.
    let block = |x: usize, y: usize| -> f64 {
        let pixels = (0..24).map(|at| grey[(y * 6 + at / 4) * 128 + x * 4 + at % 4]);
        pixels.sum::<f64>() / 24.0
    };
    let small: Vec<Vec<f64>> = (0..32).map(|y| (0..32).map(|x| block(x, y)).collect()).collect();
    let wave = |at: usize, k: usize| (PI * (at as f64 + 0.5) * k as f64 / 32.0).cos();
    let mut low = Vec::new();
    for v in 0..8 {
        for u in 0..8 {
            let row = |y: usize| (0..32).map(|x| small[y][x] * wave(x, u)).sum::<f64>();
            low.push((0..32).map(|y| row(y) * wave(y, v)).sum::<f64>());
        }
    }
    let mut sorted = low[1..].to_vec();
    sorted.sort_by(f64::total_cmp);
    let median = sorted[sorted.len() / 2];
    low.iter().fold(0, |hash, value| hash << 1 | u64::from(*value > median))
}

/// Returns the median of the distances of pairs in order.
pub fn median_distance(pairs: &[(u32, String, String)]) -> u32 {
    pairs[pairs.len() / 2].0
}
