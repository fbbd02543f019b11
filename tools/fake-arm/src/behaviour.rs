//! What a fake trial does, chosen by keys in the collectors' request options.

use serde_json::Value;
use tandem_records::{RequestOptions, Status, TrialSpec};

/// Keys this arm reads; each may be one value for all arms or an object from arm name to value.
const KEYS: &[&str] =
    &["fake_efficiency", "fake_noise", "fake_sleep_ms", "fake_status", "fake_error", "fake_failing_attempts"];

/// What a fake trial does.
#[derive(Debug, Clone, PartialEq)]
pub struct Behaviour {
    /// `fake_efficiency`: efficiency of the trial before noise; 1 when not named.
    pub efficiency: f64,
    /// `fake_noise`: full width of the uniform relative noise on the makespan; 0.001 when not named.
    pub noise: f64,
    /// `fake_sleep_ms`: real time the process takes; 0 when not named.
    pub sleep_ms: u64,
    /// `fake_status`: status of the report; `arm_failed` ends the process without one.
    pub status: Status,
    /// `fake_error`: text that goes with the status.
    pub error: String,
}

impl Behaviour {
    /// Reads the behaviour of `runtime` from the options of the trial.
    ///
    /// # Errors
    /// A key that begins with `fake_` and is unknown, or a value of the wrong type: one line that names both.
    pub fn read(spec: &TrialSpec, runtime: &str) -> Result<Behaviour, String> {
        let options = &spec.options_a;
        if let Some(key) =
            options.keys().find(|key| key.starts_with("fake_") && !KEYS.contains(&key.as_str()))
        {
            return Err(format!("option {key} is unknown; the fake arm reads {}", KEYS.join(", ")));
        }
        let number = |key: &str, default: f64| match pick(options, key, runtime) {
            None => Ok(default),
            Some(value) => {
                value.as_f64().ok_or_else(|| format!("option {key} must be a number, not {value}"))
            }
        };
        let text = |key: &str| match pick(options, key, runtime) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(value) => Err(format!("option {key} must be a string, not {value}")),
        };
        let failing_attempts = number("fake_failing_attempts", f64::INFINITY)?;
        let status = match text("fake_status")? {
            Some(name) if f64::from(spec.attempt) <= failing_attempts => status(&name)?,
            _ => Status::Ok,
        };
        let error = match text("fake_error")? {
            _ if status.is_ok() => String::new(),
            Some(error) => error,
            None => format!("fake {status}"),
        };
        Ok(Behaviour {
            efficiency: number("fake_efficiency", 1.0)?,
            noise: number("fake_noise", 0.001)?,
            sleep_ms: number("fake_sleep_ms", 0.0)? as u64,
            status,
            error,
        })
    }
}

/// The value for this arm: the entry under its name where the value is an object, else the value itself.
fn pick<'a>(options: &'a RequestOptions, key: &str, runtime: &str) -> Option<&'a Value> {
    match options.get(key)? {
        Value::Object(by_arm) => by_arm.get(runtime),
        value => Some(value),
    }
}

fn status(name: &str) -> Result<Status, String> {
    Status::ALL.iter().map(|(status, _)| *status).find(|status| status.as_str() == name).ok_or_else(|| {
        let valid: Vec<&str> = Status::ALL.iter().map(|(status, _)| status.as_str()).collect();
        format!("option fake_status: {name} is no status; valid are {}", valid.join(", "))
    })
}
