//! A client's body of a known length on its way to an origin.
//!
//! The runtime moves the bytes by itself, from the client's stream into one that the request to the origin reads: this
//! program neither holds nor sees them, but knows when the last one has gone, and when the client has broken off.
//!
//! WARNING: a body of unknown length must not go this way. When a client hangs up, everything of its request is dropped,
//! and the runtime ends a chunked body that is dropped between two chunks as if it were whole: the origin would take a part
//! for everything. Only the client's own stream breaks off then. One of a known length is never whole too early.

use std::time::Duration;

use worker::js_sys::{BigInt, futures::JsFuture};
use worker::wasm_bindgen::JsValue;
use worker::web_sys::{ReadableStream, ReadableStreamDefaultReader, WritableStream};
use worker::worker_sys::FixedLengthStream;

use runtime::deadline;

/// How long a stream may take to say how it has ended, when it has.
const OUTCOME: Duration = Duration::from_millis(100);

/// A body that is to be sent.
#[derive(Debug)]
pub struct Upload {
    from: ReadableStream,
    into: WritableStream,
}

impl Upload {
    /// Prepares sending `body`; the stream is the one to send it from. `length` is how long the client says that it is:
    /// the origin is told, and a body of any other length is an error.
    ///
    /// # Errors
    /// The runtime's.
    pub fn prepare(body: ReadableStream, length: u64) -> Result<(Self, ReadableStream), JsValue> {
        let through = FixedLengthStream::new_big_int(BigInt::from(length))?;
        Ok((Self { from: body, into: through.writable() }, through.readable()))
    }

    /// Starts. The outcome comes when the last byte has been taken, or when either side has broken off.
    pub fn start(&self) -> JsFuture {
        JsFuture::from(self.from.pipe_to(&self.into))
    }

    /// Whether it was the client that broke off. What was started must have ended.
    pub async fn is_broken_by_client(&self) -> bool {
        // A stream that the origin did not want to the end is cancelled, and closed by that; only a broken one is not.
        let Ok(reader) = ReadableStreamDefaultReader::new(&self.from) else { return false };
        matches!(deadline::within(OUTCOME, JsFuture::from(reader.closed())).await, Ok(Err(_)))
    }
}
