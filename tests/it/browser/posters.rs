//! Posters as a browser lays them out.

use super::Browser;
use crate::support::TestApp;

/// Sets every grid to columns of `arguments[0]` pixels; answers, once the fonts are there, with the
/// posters whose lettering does not keep to its place, and how many were checked. The small line has a
/// least size, which may take 4 pixels more than planned.
const MISPLACED: &str = "
    const [width, done] = arguments;
    for (const grid of document.querySelectorAll('.grid')) {
        grid.style.gridTemplateColumns = `repeat(auto-fill, ${width}px)`;
    }
    const size = (svg, name) => Number(svg?.getAttribute(name) ?? 0);
    document.body.offsetHeight;
    document.fonts.ready.then(() => {
        const wrong = [];
        const posters = document.querySelectorAll('.grid .poster');
        for (const poster of posters) {
            const sheet = poster.getBoundingClientRect();
            const text = poster.querySelector('.poster__text');
            const block = text.getBoundingClientRect();
            const title = poster.querySelector('.poster__title');
            const outside = block.top < sheet.top - 1 || block.bottom > sheet.bottom + 1
                || block.left < sheet.left - 1 || block.right > sheet.right + 1
                || (poster.matches('.spine') ? title.scrollHeight > title.clientHeight + 1
                    : title.scrollWidth > title.clientWidth + 1);
            const art = poster.querySelector('svg svg');
            const isLevel = art && !poster.matches('.spine');
            const planned = size(art, 'x') === 12 && size(art, 'width') === 176
                ? 288 - size(art, 'height') : 303 - size(art, 'height');
            const isTaller = isLevel && width >= 176 && block.height > planned * width / 200 + 4;
            if (outside || isTaller) wrong.push(`${title.textContent}: ${poster.className}`);
        }
        done([posters.length, wrong]);
    });";

#[actix_web::test]
async fn titles_keep_to_their_posters_at_every_width() {
    let app = TestApp::with_demo().await;
    let browser = Browser::open().await;
    browser.resize(1440, 1000).await;
    for sort in ["newest", "oldest", "longest"] {
        browser.goto(&app, &format!("/movies?per=96&sort={sort}")).await;
        for width in [112, 176, 400] {
            let found = browser.tab.execute_async(MISPLACED, vec![width.into()]).await.unwrap();
            let (checked, wrong): (usize, Vec<String>) = serde_json::from_value(found).unwrap();
            assert_eq!(checked, 96);
            assert_eq!(wrong, [""; 0], "{sort} at {width} px");
        }
    }
    browser.close().await;
}

#[actix_web::test]
async fn posters_are_plain_text_in_forced_colours() {
    let app = TestApp::with_demo().await;
    let browser = Browser::open().await;
    let features =
        serde_json::json!({ "features": [{ "name": "forced-colors", "value": "active" }] });
    browser.devtools("Emulation.setEmulatedMedia", features).await;
    browser.goto(&app, "/movies?per=96").await;
    let script = "return [...document.querySelectorAll('.grid .poster')].map((poster) => [
        getComputedStyle(poster.querySelector('svg')).display,
        getComputedStyle(poster.querySelector('.poster__text')).writingMode,
        poster.clientHeight > 20 && poster.clientHeight < 1.6 * poster.clientWidth,
    ].join()).filter((found) => found !== 'none,horizontal-tb,true')";
    assert_eq!(browser.run(script).await, serde_json::json!([]));
    browser.close().await;
}
