//! Sea, rails, roads and the places between them.

use super::Motif;
use crate::art::colour::Tone::{Accent, Deep, Ground, Ink, Mid, Panel, Vivid};
use crate::art::dice::Dice;
use crate::art::sheet::{Sheet, disc, rect};

pub const SEA: Motif =
    Motif { name: "sea", hues: &[220, 190, 240], layouts: &[waves, lighthouse, sails, whale_tail] };

pub const ROAD: Motif =
    Motif { name: "road", hues: &[30, 210, 80], layouts: &[road_ahead, bends, poles, road_sign] };

pub const RAILWAY: Motif =
    Motif { name: "railway", hues: &[220, 30, 90], layouts: &[rails, engine, viaduct] };

pub const COUNTRY: Motif =
    Motif { name: "country", hues: &[130, 70, 100], layouts: &[furrows, lone_tree, village] };

pub const CITY: Motif =
    Motif { name: "city", hues: &[250, 20, 180], layouts: &[skyline, canyon, tram] };

fn waves(s: &mut Sheet, d: &mut Dice) {
    let (sky, sun) = d.pick(&[(Accent, Vivid), (Ground, Accent), (Vivid, Ink), (Ink, Vivid)]);
    s.field(sky);
    s.disc(sun, d.between(60, 140), d.between(70, 90), 44);
    for (row, tone) in
        [if sky == Vivid { Mid } else { Vivid }, Mid, Deep, Panel].into_iter().enumerate()
    {
        let row = i32::try_from(row).unwrap_or(0);
        let (x, y) = (-(row % 2) * 25 - d.between(0, 12), 108 + row * 26);
        s.fill(tone, format!("M{x} {y}a25 18 0 0 0 50 0a25 18 0 0 0 50 0a25 18 0 0 0 50 0a25 18 0 0 0 50 0a25 18 0 0 0 50 0v120H{x}z"));
    }
}

fn lighthouse(s: &mut Sheet, d: &mut Dice) {
    let (sky, beam) = d.pick(&[(Ground, Accent), (Mid, Ink), (Panel, Vivid), (Deep, Accent)]);
    let (x, lean) = (d.between(70, 92), d.between(-16, 10));
    s.field(sky);
    s.fill(beam, format!("M{x} 54L210 {}v56zM{x} 54L-10 40v30z", 20 + lean));
    s.fill(Ink, format!("M{} 66h32l10 120h-52z", x - 16));
    s.fill(Vivid, format!("M{} 90h36l2 22h-40zM{} 136h43l2 24h-47z", x - 18, x - 22));
    s.fill(Panel, format!("M{} 66v-24l18 -14 18 14v24zM-9 210v-30l60-14 70 4 90 24v30z", x - 18));
    s.disc(Ink, x, 54, 8);
}

fn sails(s: &mut Sheet, d: &mut Dice) {
    let (sky, one, two) = d.pick(&[
        (Accent, Ink, Vivid),
        (Mid, Ink, Accent),
        (Vivid, Ink, Panel),
        (Ground, Accent, Vivid),
    ]);
    let x = d.between(92, 112);
    s.field(sky);
    s.fill(one, format!("M{x} 14Q150 80 {} 142H{x}z", x + 66));
    s.fill(two, format!("M{} 36Q{} 104 22 142h{}z", x - 8, x - 20, x - 30));
    s.fill(Panel, "M30 152h146l-24 30H60z");
    s.fill(if sky == Mid { Ground } else { Mid }, "M0 172q25 14 50 0t50 0 50 0 50 0v38H0z");
}

fn whale_tail(s: &mut Sheet, d: &mut Dice) {
    let (sky, tail) = d.pick(&[(Accent, Panel), (Vivid, Panel), (Ground, Vivid), (Mid, Ink)]);
    s.field(sky);
    s.disc(if sky == Accent { Ink } else { Accent }, d.between(86, 114), 112, 58);
    s.fill(tail, "M84 210C92 170 92 132 88 112 56 112 26 84 12 40 46 38 84 54 100 80 116 54 154 38 188 40 174 84 144 112 112 112 108 132 108 170 116 210z");
    s.fill(if tail == Panel { Mid } else { Panel }, "M0 164q25-16 50 0t50 0 50 0 50 0v46H0z");
}

fn road_ahead(s: &mut Sheet, d: &mut Dice) {
    let (sky, land, sun) =
        d.pick(&[(Accent, Vivid, Ink), (Vivid, Ground, Accent), (Mid, Ground, Accent)]);
    let x = d.between(78, 122);
    s.field(sky);
    s.disc(sun, x, 92, d.between(34, 48));
    s.fill(land, "M0 92h200v118H0z");
    s.fill(Panel, format!("M{} 92h6L180 210H20z", x - 3));
    s.fill(
        Ink,
        format!("M{x} 104l-1 12h3l-1 -12zM{} 128l-2 20h6l-2 -20zM{} 162l-4 40h12l-4 -40z", x, x),
    );
}

fn bends(s: &mut Sheet, d: &mut Dice) {
    let (land, far) = d.pick(&[(Vivid, Accent), (Mid, Vivid), (Accent, Ink)]);
    let y = d.between(40, 54);
    s.field(land);
    s.fill(far, format!("M0 0h200v{y}H0z"));
    s.fill(
        Panel,
        format!(
            "M96 {y}C150 {} 180 76 120 92S20 130 60 210H150C110 160 200 130 186 96S150 {} 104 {y}z",
            y + 6,
            y + 12
        ),
    );
    s.fill(
        if far == Ink { Vivid } else { Deep },
        format!("M0 {y}l40 -26 40 26zM120 {y}l46 -34 34 20v14z"),
    );
    s.fill(Ink, "M96 178l-8-24 8-2 8 20z");
}

fn poles(s: &mut Sheet, d: &mut Dice) {
    let (sky, land) = d.pick(&[(Accent, Vivid), (Vivid, Panel), (Ground, Mid), (Mid, Panel)]);
    s.field(sky);
    s.disc(if sky == Accent { Vivid } else { Accent }, 40, 128, d.between(20, 30));
    s.fill(land, "M0 140h200v70H0z");
    let wire = if land == Panel { Ground } else { Panel };
    s.line(wire, 9, "M158 210V20M128 44h60");
    s.line(wire, 5, "M92 170V70M76 84h32");
    s.line(wire, 3, "M56 150V96M48 104h16");
    s.line(wire, 2, "M132 44Q112 84 78 84 62 104 50 104M186 44Q140 96 106 84 80 106 62 104M186 44q20 30 40 30M132 44q40 50 80 50");
}

fn road_sign(s: &mut Sheet, d: &mut Dice) {
    let (sky, plate) = d.pick(&[(Vivid, Accent), (Mid, Accent), (Ground, Vivid), (Accent, Vivid)]);
    s.field(sky);
    s.fill(Panel, "M0 176 200 164v46H0zM94 120h12v60H94z");
    s.fill(plate, "M100 10l76 70-76 70-76-70z");
    s.line(Panel, 4, "M100 22l63 58-63 58-63-58z");
    s.round(
        Panel,
        11,
        if d.coin() {
            "M82 112V84q0-16 16-16h22M108 52l16 16-16 16"
        } else {
            "M100 116V84L76 56M100 84l24-28"
        },
    );
}

fn rails(s: &mut Sheet, d: &mut Dice) {
    let (sky, land) = d.pick(&[(Accent, Mid), (Vivid, Ground), (Mid, Panel)]);
    let x = d.between(74, 126);
    s.field(sky);
    s.fill(if sky == Accent { Vivid } else { Accent }, disc(x, 76, 30));
    s.fill(land, "M0 76h200v134H0z");
    let mut ties = String::new();
    for (y, half, thick) in [(90, 11, 4), (104, 23, 6), (124, 40, 8), (150, 63, 11), (184, 92, 15)]
    {
        let middle = x + (100 - x) * (y - 76) / 124;
        ties += &rect(middle - half, y, 2 * half, thick);
    }
    s.fill(if land == Mid { Panel } else { Mid }, ties);
    s.fill(Ink, format!("M{x} 76L26 210h12zM{x} 76L174 210h-12z"));
}

fn engine(s: &mut Sheet, d: &mut Dice) {
    let (sky, steam) = d.pick(&[(Vivid, Ink), (Ground, Accent), (Accent, Ink), (Mid, Accent)]);
    s.field(sky);
    s.fill(steam, disc(120, 22, 26) + &disc(156, 4, 34) + &disc(100, 46, 12));
    s.fill(Panel, "M88 36h24l-4 26H92zM44 150h112l24 56H20z");
    s.disc(Panel, 100, 108, 54);
    s.disc(Mid, 100, 108, 38);
    s.disc(if sky == Accent { Vivid } else { Accent }, 100, d.between(88, 108), 15);
    s.line(Vivid, 4, "M60 206 80 158M92 206l4-48M140 206l-20-48M108 206l-4-48");
}

fn viaduct(s: &mut Sheet, d: &mut Dice) {
    let (sky, stone) = d.pick(&[(Accent, Mid), (Vivid, Panel), (Ground, Vivid)]);
    let y = d.between(92, 104);
    s.field(sky);
    s.fill(stone, format!("M0 {y}h200v110h-20v-60a25 25 0 0 0-50 0v60h-12v-60a25 25 0 0 0-50 0v60H56v-60a25 25 0 0 0-50 0v60H-9z"));
    s.fill(Panel, format!("M20 {y}v-22h30v22zM54 {y}v-22h36v22zM94 {y}v-22h36v22zM134 {y}v-32h16v10h18v-14h10v14h8v22z"));
    s.fill(
        if sky == Accent { Ink } else { Accent },
        disc(168, y - 50, 10) + &disc(148, y - 64, 14) + &disc(118, y - 72, 19),
    );
}

fn furrows(s: &mut Sheet, d: &mut Dice) {
    let (sky, soil, row) = d.pick(&[
        (Accent, Vivid, Mid),
        (Ink, Vivid, Panel),
        (Mid, Accent, Deep),
        (Vivid, Panel, Mid),
    ]);
    let x = d.between(60, 140);
    s.field(sky);
    s.fill(soil, "M0 80h200v130H0z");
    for at in -3..4 {
        s.fill(row, format!("M{} 80h3L{} 210h-34z", x + at * 18, x + at * 74 + 17));
    }
    s.fill(Panel, format!("M{} 80v-22l16 -14 16 14v22z", x - 36));
}

fn lone_tree(s: &mut Sheet, d: &mut Dice) {
    let (sky, leaf, land) = d.pick(&[
        (Accent, Mid, Panel),
        (Vivid, Panel, Mid),
        (Ink, Vivid, Panel),
        (Mid, Accent, Panel),
    ]);
    let x = d.between(80, 120);
    s.field(sky);
    s.disc(leaf, x, 78, 50);
    s.fill(
        if leaf == Panel { Ground } else { Panel },
        format!("M{} 170l4 -52 -22 -30 26 20 2 -34 6 36 22 -22 -20 34 4 48z", x - 12),
    );
    s.fill(land, "M0 166q110-26 200 6v40H0z");
}

fn village(s: &mut Sheet, d: &mut Dice) {
    let (sky, wall, roof) = d.pick(&[
        (Accent, Ink, Vivid),
        (Mid, Ink, Vivid),
        (Vivid, Ink, Panel),
        (Ground, Accent, Vivid),
    ]);
    let y = d.between(0, 10);
    s.field(sky);
    s.fill(Panel, "M0 120q100-40 200-10v100H0z");
    s.fill(
        wall,
        format!("M28 {}h46v60H28zM134 {}h44v60h-44zM86 {}h26v96H86z", 126 + y, 120 - y, 80 - y),
    );
    s.fill(
        roof,
        format!(
            "M20 {}l31 -30 31 30zM126 {}l30 -28 30 28zM82 {}l17 -46 17 46z",
            126 + y,
            120 - y,
            80 - y
        ),
    );
    s.fill(Deep, "M0 210v-40q100-20 200 4v36z");
}

fn skyline(s: &mut Sheet, d: &mut Dice) {
    let (sky, far, moon) = d.pick(&[
        (Vivid, Mid, Accent),
        (Accent, Vivid, Ink),
        (Ground, Mid, Accent),
        (Mid, Deep, Ink),
    ]);
    let (mut back, mut front) = (String::from("M0 210"), String::from("M0 210"));
    for at in 0..6 {
        back += &format!("V{}h34", d.between(60, 130));
        front += &format!("V{}h{}", d.between(118, 172), 30 + at % 3 * 6);
    }
    s.field(sky);
    s.disc(moon, d.between(60, 140), 62, 32);
    s.fill(far, back + "V210z");
    s.fill(Panel, front + "V210z");
}

fn canyon(s: &mut Sheet, d: &mut Dice) {
    let (sky, left, right) =
        d.pick(&[(Accent, Panel, Mid), (Ink, Vivid, Panel), (Vivid, Panel, Deep)]);
    let x = d.between(84, 116);
    s.field(sky);
    s.disc(if sky == Vivid { Accent } else { Vivid }, x, 110, 14);
    s.fill(Ground, "M0 126h200v84H0z");
    s.fill(left, format!("M0 0h74v36H62v34l{} 56v14L0 200z", x - 76));
    s.fill(right, format!("M200 0h-50v44h-14v36L{} 126v14L200 200z", x + 14));
}

fn tram(s: &mut Sheet, d: &mut Dice) {
    let (back, body) = d.pick(&[(Ground, Vivid), (Accent, Vivid), (Mid, Accent), (Vivid, Panel)]);
    let x = d.between(-6, 6);
    s.field(back);
    s.line(Panel, 3, "M0 22 200 10M100 16 84 36h32z");
    s.fill(body, format!("M{} 40h96l8 20v110H{}V60z", 52 + x, 44 + x));
    s.fill(if body == Panel { Accent } else { Panel }, format!("M{} 66h84v44H{}z", 58 + x, 58 + x));
    s.disc(Ink, 74 + x, 138, 9);
    s.disc(Ink, 126 + x, 138, 9);
    s.fill(Panel, "M0 182h200v28H0zM60 170h80v12H60z");
}
