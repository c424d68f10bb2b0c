use serde_json::Value;
use tempfile::TempDir;

use crate::program::{Site, browser, command};
use crate::support::fresh_database;

#[actix_web::test]
async fn json_log_has_one_object_per_line_without_private_data() {
    let folder = TempDir::new().unwrap();
    let mut command = command(folder.path());
    command.env("DATABASE_URL", fresh_database().await).env("LOG_FORMAT", "json");
    let site = Site::start_command(command).await;
    let client = browser();
    site.visits(&client).await.unwrap();
    let search = format!("{}/search?q=privatematter", site.address);
    let answer = client.get(&search).header("X-Forwarded-For", "203.0.113.7").send().await.unwrap();
    let id = answer.headers()["x-request-id"].to_str().unwrap().to_owned();
    let set = client.get(format!("{}/movies", site.address)).send().await.unwrap();
    let key = set.cookies().next().unwrap().value().to_owned();
    site.signal("TERM");
    let (_, _, log) = site.ended().await;

    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let line = lines.iter().find(|line| line["request"] == id).expect(&log);
    assert_eq!(line["target"], "marquee::access");
    assert_eq!((&line["method"], &line["path"]), (&"GET".into(), &"/search".into()));
    assert_eq!(line["status"], 200);
    let ms = line["ms"].as_f64().unwrap();
    assert_eq!(line["message"], format!("GET /search 200 {ms:.0} ms"), "{line}");
    for secret in ["privatematter", "203.0.113.7", &key] {
        assert!(!log.contains(secret), "{secret}");
    }
}
