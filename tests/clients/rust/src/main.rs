//! Uses the official Rust client as it is told: a call as one line of JSON in, what came of it as one line out.
//!
//! Expects the address of the Worker as its only argument. It judges nothing; the tests do. The client knows Universal
//! Auth only, so there is one call: log in, and then ask who one is, with the connection that the client made for itself.

use std::error::Error;
use std::io::{self, BufRead, Write};

use infisical::{AuthMethod, Client, InfisicalError};
use serde_json::{Value, json};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = std::env::args().nth(1).ok_or("the address of the Worker is missing")?;
    for line in io::stdin().lock().lines() {
        let call: Value = serde_json::from_str(&line?)?;
        let text = |name: &str| call.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let outcome = match log_in(&url, text("clientId"), text("clientSecret")).await {
            Ok(details) => json!({ "done": { "details": details } }),
            Err(InfisicalError::HttpError { status, message }) => json!({
                "refused": { "status": status.as_u16(), "body": serde_json::from_str::<Value>(&message)? },
            }),
            Err(other) => return Err(other.into()),
        };
        let mut output = io::stdout().lock();
        writeln!(output, "{outcome}")?;
        output.flush()?;
    }
    Ok(())
}

/// Logs in and asks who that is.
async fn log_in(url: &str, client_id: String, client_secret: String) -> Result<Value, InfisicalError> {
    let mut client = Client::builder().base_url(url).build().await?;
    client.login(AuthMethod::new_universal_auth(client_id, client_secret)).await?;
    let answer = client.http_client.get(format!("{url}/api/v1/identities/details")).send().await?;
    Ok(answer.json().await?)
}
