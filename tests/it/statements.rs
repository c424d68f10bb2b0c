//! How many statements a page costs: as many for six films as for ninety-six.
//!
//! Counted on the way from the pages to Postgres, in the messages of its protocol:
//! <https://www.postgresql.org/docs/current/protocol-message-formats.html>.

use std::fmt::Write as _;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use expect_test::expect;
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy};
use tokio::net::tcp::OwnedReadHalf;
use tokio::net::{TcpListener, TcpStream, UnixStream, unix};

use crate::support::{Response, TestApp, fresh_database};

/// Of the message that opens a connection, before which only encryption may be asked for.
const VERSION: u32 = 3 << 16;

/// A way to a database on which statements are counted.
struct Way {
    address: String,
    statements: Arc<AtomicU32>,
}

impl Way {
    async fn open(database: &str) -> Self {
        let (server, name) = database.rsplit_once('/').unwrap();
        let (user, folder) = server.rsplit_once('@').unwrap();
        let socket = format!("{}/.s.PGSQL.5432", folder.replace("%2F", "/"));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("{user}@{}/{name}", listener.local_addr().unwrap());
        let statements = Arc::new(AtomicU32::new(0));
        let count = statements.clone();
        actix_web::rt::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = UnixStream::connect(&socket).await.unwrap();
                actix_web::rt::spawn(relay(client, server, count.clone()));
            }
        });
        Self { address, statements }
    }

    /// The statements that this takes.
    async fn count<T>(&self, work: impl Future<Output = T>) -> (T, u32) {
        let before = self.statements.load(Ordering::Relaxed);
        let done = work.await;
        (done, self.statements.load(Ordering::Relaxed) - before)
    }
}

async fn relay(client: TcpStream, server: UnixStream, count: Arc<AtomicU32>) -> io::Result<()> {
    client.set_nodelay(true)?;
    let (from_client, mut to_client) = client.into_split();
    let (mut from_server, to_server) = server.into_split();
    tokio::try_join!(
        requests(from_client, to_server, &count),
        copy(&mut from_server, &mut to_client)
    )?;
    Ok(())
}

async fn requests(
    mut client: OwnedReadHalf,
    mut server: unix::OwnedWriteHalf,
    count: &AtomicU32,
) -> io::Result<()> {
    let mut is_open = false;
    loop {
        let kind = if is_open { Some(client.read_u8().await?) } else { None };
        let length = client.read_u32().await?;
        let mut body = vec![0; length as usize - 4];
        client.read_exact(&mut body).await?;
        // "Execute" of the extended protocol, "Query" of the simple one.
        if matches!(kind, Some(b'E' | b'Q')) {
            count.fetch_add(1, Ordering::Relaxed);
        }
        is_open |= body.starts_with(&VERSION.to_be_bytes());
        let message = [kind.as_slice(), &length.to_be_bytes(), &body].concat();
        server.write_all(&message).await?;
    }
}

/// Films of many tags and directors, all told of, so that every part of every page is full.
fn films(count: u16) -> String {
    let mut lines = String::new();
    for n in 1..=count {
        _ = writeln!(
            lines,
            "{{\"title\":\"Film {n}\",\"year\":{},\"runtime\":{},\"directors\":[\"Ann Other{}\",\"Bo Third\"],\
             \"tags\":[\"drama\",\"tag {}\"],\"country\":[\"Country {}\"],\"language\":[\"fr\"],\
             \"synopsis\":\"A story of film {n}.\",\"imdb\":\"tt{n}\"}}",
            1900 + n % 120,
            60 + n % 100,
            n % 30,
            n % 20,
            n % 15,
        );
    }
    lines
        + "{\"director\":\"Bo Third\",\"biography\":\"One of many.\"}\n\
           {\"director\":\"Ann Other1\",\"biography\":\"One of many.\"}\n"
}

#[actix_web::test]
async fn statement_count_does_not_depend_on_content() {
    let database = fresh_database().await;
    let way = Way::open(&database).await;
    let app = TestApp::spawn_through(database, &way.address).await;
    app.import(&films(120)).await.unwrap();
    let mark = async |films: std::ops::Range<u16>| {
        for film in films {
            for mark in ["seen", "watchlist"] {
                let path = format!("/movies/film-{film}-{}/{mark}", 1900 + film % 120);
                assert_eq!(app.post(&path, &[]).await.status, 303, "{path}");
            }
        }
    };
    mark(1..4).await;
    let get = async |path: &str| -> (Response, u32) {
        let (page, statements) = way.count(app.get(path)).await;
        assert_eq!(page.status, 200, "{path}");
        (page, statements)
    };
    // Connections and their settings are there when the counting begins.
    for n in 0..8 {
        get(&format!("/movies?per=6&page={}", n + 2)).await;
    }
    let mut costs = String::new();
    for (name, small, large) in [
        ("list", "/movies?per=6", "/movies?per=96"),
        (
            "filtered list",
            "/movies?tag=drama&runtime=90-119&per=6",
            "/movies?tag=drama&runtime=90-119&per=96",
        ),
        (
            "list of a director",
            "/movies?director=bo-third&per=6",
            "/movies?director=bo-third&per=96",
        ),
        ("table", "/movies?view=table&per=6", "/movies?view=table&per=96"),
        ("values", "/movies/by/director?decade=1950s", "/movies/by/director"),
        ("film", "/movies/film-1-1901", "/movies/film-102-2002?tag=drama"),
        ("directors", "/directors?per=6", "/directors?per=96"),
        ("director", "/directors/ann-other1", "/directors/bo-third"),
        ("search", "/search?q=film&per=6", "/search?q=film&per=96"),
        ("search in stories", "/search?q=story+film+7&per=6", "/search?q=story&per=96"),
        ("suggestions", "/search/suggestions?q=film+77", "/search/suggestions?q=film"),
        ("feed", "/movies.atom?decade=1950s", "/movies.atom"),
    ] {
        let ((few, cost), (many, same)) = (get(small).await, get(large).await);
        assert!(few.html.len() < many.html.len(), "{name}");
        assert_eq!(cost, same, "{name}");
        _ = writeln!(costs, "{name}: {cost}");
    }
    let own = [("home", "/"), ("watchlist", "/watchlist"), ("seen", "/seen"), ("you", "/you")];
    let mut few = Vec::new();
    for (_, path) in own {
        few.push(get(path).await);
    }
    mark(4..90).await;
    for ((name, path), (few, cost)) in own.into_iter().zip(few) {
        let (many, same) = get(path).await;
        assert_ne!(few.html, many.html, "{name}");
        assert_eq!(cost, same, "{name}");
        _ = writeln!(costs, "{name}: {cost}");
    }
    expect![[r#"
        list: 3
        filtered list: 3
        list of a director: 4
        table: 3
        values: 2
        film: 4
        directors: 2
        director: 3
        search: 3
        search in stories: 5
        suggestions: 2
        feed: 2
        home: 7
        watchlist: 3
        seen: 3
        you: 3
    "#]]
    .assert_eq(&costs);
}

/// A cached page costs the session's statements alone.
#[actix_web::test]
async fn unknown_and_reordered_parameters_share_a_cached_page() {
    let database = fresh_database().await;
    let way = Way::open(&database).await;
    let app = TestApp::spawn_through(database, &way.address).await;
    app.import(&films(20)).await.unwrap();
    for (path, same, other) in [
        (
            "/movies?tag=drama&sort=title",
            "/movies?sort=title&utm_source=x&tag=drama",
            "/movies?tag=drama",
        ),
        ("/movies?per=6", "/movies?per=6&page=1&sort=nonsense&page=x", "/movies?per=6&page=2"),
        ("/movies/film-1-1901", "/movies/%66ilm-1-1901?fbclid=y&q=", "/movies/film-2-1902"),
        ("/directors?letter=o&sort=films", "/directors?sort=films&letter=O", "/directors?letter=o"),
        ("/search?q=film", "/search?x=y&q=+film+&per=7", "/search?q=film&per=6"),
    ] {
        app.get(path).await;
        let (page, cached) = way.count(app.get(path)).await;
        let (page_of_same, statements) = way.count(app.get(same)).await;
        assert_eq!(statements, cached, "{same}");
        assert_eq!(page_of_same.texts("main"), page.texts("main"), "{same}");
        let (_, statements) = way.count(app.get(other)).await;
        assert!(statements > cached, "{other}");
    }
}
