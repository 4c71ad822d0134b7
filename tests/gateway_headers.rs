//! How much work the headers of one request may be, whatever a client makes of them.
//!
//! It stands here because it looks at a clock, which nothing in the program may do.

use std::time::Instant;

use domain::gateway::forwarded_headers::{Forwarding, forward};
use domain::gateway::route_options::RouteOptions;

#[test]
#[expect(clippy::disallowed_methods, reason = "a test on this machine measures how long something takes")]
fn many_headers_and_many_names_in_connection_take_linear_time() {
    // More of both than any front lets through: 6,000 headers, and 16,000 names that are to be dropped with `Connection`.
    let options = RouteOptions::default();
    let forwarding = Forwarding {
        client: None,
        scheme: "https",
        authority: "api.example.com",
        request_id: "req-1",
        options: &options,
        web_socket: None,
    };
    let names: Vec<String> = (0..16_000).map(|number| format!("n{number}")).collect();
    let received: Vec<(String, String)> = (0..6_000)
        .map(|number| (format!("h{number}"), "v".to_owned()))
        .chain([("connection".to_owned(), names.join(",")), ("n15999".to_owned(), "v".to_owned())])
        .collect();
    let measure = || {
        let started = Instant::now();
        let sent = forward(&received, &[], &forwarding).unwrap();
        let took = started.elapsed();
        assert_eq!(sent.iter().filter(|(name, _)| name.starts_with('h')).count(), 6_000);
        assert!(sent.iter().all(|(name, _)| name != "n15999"));
        took
    };
    let fastest = (0..5).map(|_| measure()).min().unwrap();
    println!("6,000 headers and 16,000 names in Connection: {fastest:?}");
    // Compared one by one these are 96 million comparisons, which an unoptimised build takes more than a second for.
    assert!(fastest.as_millis() < 400, "{fastest:?}");
}
