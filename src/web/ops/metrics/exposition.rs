//! Prometheus' text format, for scrapers that do not accept OpenMetrics.
//!
//! Both formats have the same samples. The text format names a metric like its samples, with the suffix
//! `_total` or `_info`, and has neither units nor an end marker.
//! <https://github.com/prometheus/docs/blob/main/docs/instrumenting/exposition_formats.md>

use std::collections::HashMap;

/// Converts a report from OpenMetrics.
pub(crate) fn to_text_format(openmetrics: &str) -> String {
    let types: HashMap<&str, &str> = openmetrics
        .lines()
        .filter_map(|line| line.strip_prefix("# TYPE ")?.split_once(' '))
        .collect();
    let suffix = |name| match types.get(name) {
        Some(&"counter") => "_total",
        Some(&"info") => "_info",
        _ => "",
    };
    let mut text = String::with_capacity(openmetrics.len());
    for line in openmetrics.lines() {
        let mut words = line.splitn(4, ' ');
        let line = match (words.next(), words.next(), words.next(), words.next()) {
            (Some("#"), Some("EOF" | "UNIT"), ..) => continue,
            (Some("#"), Some("TYPE"), Some(name), Some("info")) => {
                format!("# TYPE {name}_info gauge")
            }
            (Some("#"), Some(keyword), Some(name), Some(rest)) => {
                format!("# {keyword} {name}{} {rest}", suffix(name))
            }
            _ => line.to_owned(),
        };
        text.push_str(&line);
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::to_text_format;

    #[test]
    fn names_get_the_suffix_of_their_samples() {
        let openmetrics = "# HELP a_requests Requests answered.\n\
             # TYPE a_requests counter\n\
             a_requests_total{status=\"200\"} 3\n\
             # HELP a_build The program.\n\
             # TYPE a_build info\n\
             a_build_info{version=\"1\"} 1\n\
             # HELP a_time_seconds Time.\n\
             # TYPE a_time_seconds gauge\n\
             # UNIT a_time_seconds seconds\n\
             a_time_seconds 7\n\
             # EOF\n";
        assert_eq!(
            to_text_format(openmetrics),
            "# HELP a_requests_total Requests answered.\n\
             # TYPE a_requests_total counter\n\
             a_requests_total{status=\"200\"} 3\n\
             # HELP a_build_info The program.\n\
             # TYPE a_build_info gauge\n\
             a_build_info{version=\"1\"} 1\n\
             # HELP a_time_seconds Time.\n\
             # TYPE a_time_seconds gauge\n\
             a_time_seconds 7\n"
        );
    }
}
