//! A client's body on its way to an origin.
//!
//! The runtime moves the bytes by itself, from the client's stream into one that the request to the origin reads: nothing
//! of them is held here or seen here, but it is known when the last one has gone, and when the client has broken off.

use std::time::Duration;

use wasm_bindgen::prelude::*;
use worker::js_sys::{BigInt, futures::JsFuture};
use worker::web_sys::{ReadableStream, ReadableStreamDefaultReader, TransformStream, WritableStream};
use worker::worker_sys::FixedLengthStream;

use crate::edge::deadline;

/// How long a stream may take to say how it has ended, when it has.
const OUTCOME: Duration = Duration::from_millis(100);

#[wasm_bindgen]
extern "C" {
    /// The runtime's own stream that gives what it gets, which `worker` does not wrap.
    #[wasm_bindgen(extends = TransformStream)]
    type IdentityTransformStream;

    #[wasm_bindgen(constructor, catch)]
    fn new() -> Result<IdentityTransformStream, JsValue>;
}

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
    pub fn prepare(body: ReadableStream, length: Option<u64>) -> Result<(Self, ReadableStream), JsValue> {
        let through: TransformStream = match length {
            Some(length) => FixedLengthStream::new_big_int(BigInt::from(length))?.into(),
            None => IdentityTransformStream::new()?.into(),
        };
        Ok((Self { from: body, into: through.writable() }, through.readable()))
    }

    /// Starts. The outcome comes when the last byte has been taken, or when either side has broken off.
    pub fn start(&self) -> JsFuture {
        JsFuture::from(self.from.pipe_to(&self.into))
    }

    /// Whether it was the client that broke off. `outcome` is what [`start`](Self::start) gave, if it is still to come.
    pub async fn broken_off_by_client(&self, outcome: Option<JsFuture>) -> bool {
        // The origin's side may have ended a moment before the reason for it is known.
        if let Some(outcome) = outcome
            && deadline::within(OUTCOME, outcome).await.is_err()
        {
            return false;
        }
        // A stream that the origin did not want to the end is cancelled, and closed by that; only a broken one is not.
        let Ok(reader) = ReadableStreamDefaultReader::new(&self.from) else { return false };
        matches!(deadline::within(OUTCOME, JsFuture::from(reader.closed())).await, Ok(Err(_)))
    }
}
