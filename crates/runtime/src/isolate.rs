//! What one isolate keeps between requests: settings, facts, and uses that wait to be reported.
//!
//! Requests interleave at awaits, so nothing here is borrowed across one. No request waits for another one's work: the
//! runtime would cancel it.

use std::cell::{Cell, OnceCell, RefCell};
use std::rc::Rc;

use worker::Env;

use crate::read_settings;
use domain::value::timestamp::Timestamp;
use protocol::settings::{Misconfigured, Settings};
use validation::damped_callers::DampedCallers;
use validation::pipeline::Isolate;
use validation::usage_tally::UsageTally;

#[derive(Debug)]
pub struct IsolateState {
    pub settings: Settings,
    /// The data plane's memory.
    pub validation: RefCell<Isolate>,
    /// Callers that have failed too often.
    pub damped: RefCell<DampedCallers>,
    /// Uses that wait to be reported.
    pub usage: RefCell<UsageTally>,
    /// Since when a request has been refreshing the change feed in the background.
    pub refreshing: Cell<Option<Timestamp>>,
    /// Since when a request has been waiting to report uses.
    pub reporting: Cell<Option<Timestamp>>,
}

/// The isolate's memory; made by the first request.
pub fn state(env: &Env) -> Result<Rc<IsolateState>, Misconfigured> {
    thread_local! {
        static STATE: OnceCell<Result<Rc<IsolateState>, Misconfigured>> = const { OnceCell::new() };
    }
    STATE.with(|state| {
        state
            .get_or_init(|| {
                let settings = read_settings(env)?;
                Ok(Rc::new(IsolateState {
                    validation: RefCell::new(Isolate::new(settings.max_staleness)),
                    damped: RefCell::new(DampedCallers::default()),
                    usage: RefCell::new(UsageTally::default()),
                    refreshing: Cell::new(None),
                    reporting: Cell::new(None),
                    settings,
                }))
            })
            .clone()
    })
}
