//! Those who rule, spy, judge and lock up.

use super::Motif;
use crate::art::colour::Tone::{Accent, Deep, Ground, Ink, Mid, Panel, Vivid};
use crate::art::dice::Dice;
use crate::art::sheet::{Sheet, disc, polar, polygon};

pub const SPY: Motif = Motif {
    name: "spy",
    hues: &[260, 10, 190],
    layouts: &[binoculars, redacted, gun_barrel, umbrella_tip],
};

pub const POLITICS: Motif = Motif {
    name: "politics",
    hues: &[20, 250, 60],
    layouts: &[microphones, megaphone, fist_rays, crowd],
};

pub const PRISON: Motif =
    Motif { name: "prison", hues: &[220, 40, 100], layouts: &[bars, cell, tally, yard] };

pub const COURT: Motif =
    Motif { name: "courtroom", hues: &[60, 250, 350], layouts: &[scales, jury, witness] };

fn binoculars(s: &mut Sheet, d: &mut Dice) {
    let (sky, x) = (d.pick(&[Accent, Vivid, Ink]), d.between(74, 126));
    s.field(Panel);
    s.fill(sky, disc(66, 96, 62) + &disc(134, 96, 62));
    s.line(Panel, 2, "M100 30v132M4 96h192");
    s.figure(Panel, x, 140, 72);
}

fn redacted(s: &mut Sheet, d: &mut Dice) {
    let (desk, paper) = d.pick(&[(Mid, Ink), (Vivid, Ink), (Deep, Accent), (Panel, Accent)]);
    s.field(desk);
    s.fill(paper, "M34 30 164 10 190 210H62z");
    for row in 0..6 {
        let (x, wide, y) = (54 + row * 4 + d.between(0, 26), d.between(40, 84), 48 + row * 25);
        s.fill(
            if row == 2 { Vivid } else { Panel },
            format!("M{x} {y}l{wide} -{}v14l-{wide} {}z", wide * 3 / 20, wide * 3 / 20),
        );
    }
}

fn gun_barrel(s: &mut Sheet, d: &mut Dice) {
    let (x, y, turn) = (d.between(90, 112), d.between(88, 104), d.between(0, 50));
    let (blade, light) = d.pick(&[(Mid, Ink), (Vivid, Accent), (Ground, Vivid)]);
    s.field(Panel);
    for at in 0..6 {
        let a = turn + at * 60;
        s.fill(
            blade,
            polygon([
                polar(x, y, 60, a),
                polar(x, y, 170, a + 34),
                polar(x, y, 170, a + 66),
                polar(x, y, 60, a + 26),
            ]),
        );
    }
    s.disc(light, x, y, 58);
    s.figure(Panel, x, y + 50, 82);
}

fn umbrella_tip(s: &mut Sheet, d: &mut Dice) {
    let (street, dome) = d.pick(&[(Accent, Panel), (Ground, Vivid), (Vivid, Panel), (Mid, Accent)]);
    let shadow = if street == Ground || street == Mid { Panel } else { Mid };
    s.field(street);
    for (at, (x, y)) in
        [(40, 52), (102, 34), (160, 60), (66, 120), (134, 112), (88, 182), (168, 166)]
            .into_iter()
            .enumerate()
    {
        let odd = at == 4;
        s.disc(shadow, x + 12, y + 14, 27);
        s.disc(
            if odd && dome != Vivid {
                Vivid
            } else if odd {
                Ink
            } else {
                dome
            },
            x,
            y,
            27,
        );
    }
}

fn microphones(s: &mut Sheet, d: &mut Dice) {
    let (back, disc_tone) =
        d.pick(&[(Vivid, Accent), (Mid, Vivid), (Ground, Accent), (Accent, Vivid)]);
    s.field(back);
    s.disc(disc_tone, 100, 76, d.between(46, 58));
    s.round(Panel, 5, "M44 206 74 120M100 206v-84M156 206 126 120M10 206 46 142M190 206 154 142");
    s.round(Panel, 21, "M76 112l8-22M100 110V84M124 112l-8-22M50 134l10-16M150 134l-10-16");
}

fn megaphone(s: &mut Sheet, d: &mut Dice) {
    let (back, horn) = d.pick(&[(Vivid, Panel), (Ground, Accent), (Accent, Panel), (Mid, Ink)]);
    let sound = if horn == Panel { Ink } else { Vivid };
    s.field(back);
    s.fill(sound, "M112 84 210 10v50zM114 96 210 86v40zM112 108l98 40v40z");
    s.fill(horn, format!("M30 96 108 46l12 104-82-22zM46 128l24 6 8 {}-20 6z", d.between(36, 56)));
    s.fill(if horn == Panel { Ground } else { Panel }, "M106 46q26 46 14 104-24-46-14-104z");
}

fn fist_rays(s: &mut Sheet, d: &mut Dice) {
    let (back, ray) = d.pick(&[(Vivid, Panel), (Accent, Vivid), (Panel, Vivid)]);
    s.field(back);
    for at in 0..7 {
        let a = 180 + at * 30 + d.between(-4, 4);
        s.fill(
            ray,
            polygon([(100.0, 210.0), polar(100, 210, 260, a - 7), polar(100, 210, 260, a + 7)]),
        );
    }
    let arm = if back == Accent { Panel } else { Ink };
    s.fill(arm, "M76 210l4-76-14-14V72q0-8 10-8h48q10 0 10 8v42l-12 20 4 76z");
    s.fill(back, "M86 60h4v34h-4zM98 60h4v34h-4zM110 60h4v34h-4zM80 94h46v5H92l14 16-4 4z");
}

fn crowd(s: &mut Sheet, d: &mut Dice) {
    let (sky, flag) = d.pick(&[(Accent, Vivid), (Ground, Vivid), (Vivid, Ink), (Mid, Accent)]);
    s.field(sky);
    s.line(Panel, 4, "M84 200 104 20");
    s.fill(flag, format!("M104 20q30-16 50 4t44 2l-12 {}q-24 14-46-4t-44 2z", d.between(50, 62)));
    for row in 0..3 {
        let y = 138 + row * 24;
        for at in 0..7 {
            let x = at * 34 + (row % 2) * 17 - 10;
            s.disc(
                [Mid, Ground, Panel][usize::try_from(row).unwrap_or(0)],
                x,
                y + d.between(-3, 3),
                14,
            );
        }
        s.rect(
            [Mid, Ground, Panel][usize::try_from(row).unwrap_or(0)],
            0,
            y + 12,
            200,
            70 - row * 20,
        );
    }
}

fn bars(s: &mut Sheet, d: &mut Dice) {
    let (light, bar) = d.pick(&[(Accent, Panel), (Vivid, Panel), (Ground, Vivid), (Ink, Deep)]);
    s.field(light);
    let gap = d.between(0, 3);
    if light != Ground {
        s.disc(if light == Vivid { Accent } else { Vivid }, 100, 84, 44);
    }
    for at in 0..5 {
        if at == 2 {
            s.fill(
                bar,
                format!("M92-9h16v70q-{} 40 0 80v70H92v-70q-{} -40 0-80z", 20 + gap, 20 + gap),
            );
        } else {
            s.rect(bar, 12 + at * 40, -9, 16, 220);
        }
    }
    s.fill(bar, "M0 14h200v12H0zM0 172h200v12H0z");
}

fn cell(s: &mut Sheet, d: &mut Dice) {
    let light = d.pick(&[Accent, Vivid, Ink]);
    let x = d.between(112, 134);
    s.field(Panel);
    s.fill(Mid, format!("M{x} 28h40v44L84 168H10z"));
    s.fill(light, "M10 168h74l-26 32h-80z");
    s.rect(light, x, 28, 40, 44);
    s.line(Panel, 4, format!("M{} 28v44M{} 28v44", x + 13, x + 27));
    s.figure(Ink, 52, 186, 52);
}

fn tally(s: &mut Sheet, d: &mut Dice) {
    let (wall, chalk) = d.pick(&[(Ground, Ink), (Vivid, Panel), (Mid, Accent), (Panel, Vivid)]);
    s.field(wall);
    let mut path = String::new();
    for (x, y) in [(30, 26), (112, 26), (30, 112)] {
        for at in 0..4 {
            path += &format!("M{} {}l{} 60", x + at * 16, y + d.between(-4, 4), d.between(-4, 4));
        }
        path += &format!("M{} {}l74 -{}", x - 12, y + 46, d.between(24, 36));
    }
    s.round(chalk, 6, path);
    s.round(if chalk == Accent { Ink } else { Accent }, 6, "M114 112l-2 58M130 110l2 60");
}

fn yard(s: &mut Sheet, d: &mut Dice) {
    let (sky, wall, light) =
        d.pick(&[(Vivid, Panel, Accent), (Accent, Deep, Ink), (Mid, Panel, Vivid)]);
    let x = d.between(84, 124);
    s.field(sky);
    s.fill(wall, "M0 26 200 62v148H0z");
    s.line(Panel, 3, "M0 16 200 52");
    s.disc(light, x, 122, 48);
    s.fill(if wall == Panel { Ground } else { Panel }, "M0 162 200 156v54H0z");
    s.figure(Panel, x, 168, 64);
}

fn scales(s: &mut Sheet, d: &mut Dice) {
    let (back, metal) = d.pick(&[(Vivid, Panel), (Ground, Accent), (Accent, Panel), (Mid, Ink)]);
    let tilt = d.between(8, 24);
    s.field(back);
    s.fill(metal, "M97 40h6v130h30v12H67v-12h30z");
    s.line(metal, 6, format!("M36 {}L164 {}", 56 - tilt, 56 + tilt));
    s.fill(
        metal,
        format!("M10 {}h56a28 28 0 0 1-56 0zM134 {}h56a28 28 0 0 1-56 0z", 112 - tilt, 112 + tilt),
    );
    s.line(
        metal,
        2,
        format!(
            "M12 {l}L38 {t} 64 {l}M136 {r}L162 {u} 188 {r}",
            l = 112 - tilt,
            t = 57 - tilt,
            r = 112 + tilt,
            u = 56 + tilt
        ),
    );
    s.disc(if metal == Panel { Ink } else { Vivid }, 38, 96 - tilt, 15);
}

fn jury(s: &mut Sheet, d: &mut Dice) {
    let (back, one) = (d.pick(&[Ground, Mid, Panel]), (d.between(0, 3), d.between(0, 2)));
    s.field(back);
    for row in 0..3 {
        for column in 0..4 {
            let tone = if (column, row) == one {
                Accent
            } else if back == Mid {
                Panel
            } else {
                Vivid
            };
            let (x, y) = (25 + column * 50, 18 + row * 62);
            s.fill(
                tone,
                disc(x, y + 12, 13) + &format!("M{} {}a21 21 0 0 1 42 0z", x - 21, y + 50),
            );
        }
    }
}

fn witness(s: &mut Sheet, d: &mut Dice) {
    let light = d.pick(&[Accent, Vivid, Ink]);
    s.field(Panel);
    s.fill(light, format!("M{} -9h36l60 220H20z", d.between(70, 94)));
    s.fill(Panel, "M44 132h112v14H44zM54 146h92v60H54z");
    s.figure(Panel, 100, 140, 84);
}
