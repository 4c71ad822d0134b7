//! A response as a value.

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ApiResponse {
    pub status: u16,
    /// Header names in lower case, with their values.
    pub headers: Vec<(&'static str, String)>,
    /// The body; empty for none.
    pub body: String,
}

impl ApiResponse {
    /// A JSON answer with the headers that every answer has.
    pub fn json(status: u16, request_id: &str, body: &impl serde::Serialize) -> Self {
        match serde_json::to_string(body) {
            Ok(body) => Self::with_type(status, request_id, "application/json; charset=utf-8", body),
            // A wire type that cannot be written down is a defect of ours, never the caller's fault.
            Err(_) => Self::with_type(500, request_id, "application/json; charset=utf-8", String::from("{}")),
        }
    }

    /// An RFC 9457 problem with the headers that every answer has.
    pub fn problem(status: u16, request_id: &str, body: &impl serde::Serialize) -> Self {
        let mut response = Self::json(status, request_id, body);
        response.set("content-type", "application/problem+json".to_owned());
        response
    }

    /// A text of this type with the headers that every answer has.
    pub fn text(request_id: &str, content_type: &str, body: &str) -> Self {
        Self::with_type(200, request_id, content_type, body.to_owned())
    }

    fn with_type(status: u16, request_id: &str, content_type: &str, body: String) -> Self {
        let mut response = Self::empty(status, request_id).with("content-type", content_type);
        response.body = body;
        response
    }

    /// An answer without a body, with the headers that every answer has.
    pub fn empty(status: u16, request_id: &str) -> Self {
        let headers = vec![
            // RFC 6749 §5.1: an answer that may hold a token must not be stored.
            ("cache-control", "no-store".to_owned()),
            ("x-content-type-options", "nosniff".to_owned()),
            ("x-request-id", request_id.to_owned()),
        ];
        Self { status, headers, body: String::new() }
    }

    /// Sets a header, replacing one of the same name.
    pub fn set(&mut self, name: &'static str, value: String) {
        self.headers.retain(|(present, _)| *present != name);
        self.headers.push((name, value));
    }

    /// The same response with one more header.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.set(name, value.into());
        self
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(present, _)| *present == name).map(|(_, value)| value.as_str())
    }
}
