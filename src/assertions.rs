//! The assertions that one isolate has signed and remembers.

use std::cell::{OnceCell, RefCell};
use std::rc::Rc;

use protocol::settings::Settings;

use crate::http::assertion::Assertions;

/// The isolate's assertions; made for the first request that needs one.
pub fn assertions(settings: &Settings) -> Rc<RefCell<Assertions>> {
    thread_local! {
        static ASSERTIONS: OnceCell<Rc<RefCell<Assertions>>> = const { OnceCell::new() };
    }
    let make = || Rc::new(RefCell::new(Assertions::new(settings.assertion_key())));
    ASSERTIONS.with(|assertions| Rc::clone(assertions.get_or_init(make)))
}
