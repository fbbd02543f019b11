//! Notices an arm that is built anew while its run goes on: from then on two programs would stand under one name.

use crate::run::Held;
use crate::terminal::say;
use crate::{SweepError, arms};
use anyhow::Context;
use std::collections::HashMap;
use std::path::Path;
use tandem_records::ArmReceipt;

/// The arms' binaries as they were when this sitting began.
pub(crate) struct Builds {
    /// By name: the file that was last looked at, and the hash of its content.
    seen: HashMap<String, (Held, String)>,
    mix_builds: bool,
}

impl Builds {
    /// The binaries of these arms.
    ///
    /// # Errors
    /// One cannot be read.
    pub fn of(bin_dir: &Path, receipts: &[ArmReceipt], mix_builds: bool) -> Result<Builds, SweepError> {
        let mut seen = HashMap::new();
        for receipt in receipts {
            let held = Held::at(&arms::find(bin_dir, &receipt.arm)?).context("look at an arm")?;
            seen.insert(receipt.arm.clone(), (held, receipt.hash.clone().unwrap_or_default()));
        }
        Ok(Builds { seen, mix_builds })
    }

    /// Checks that the binary of `arm` is still the same, before a trial of the run `id` starts it.
    ///
    /// # Errors
    /// It was built anew, and builds are not to be mixed.
    pub fn check(&mut self, program: &Path, arm: &str, trial: u32, id: &str) -> Result<(), SweepError> {
        let Some((held, hash)) = self.seen.get_mut(arm) else { return Ok(()) };
        if held.check().is_ok() {
            return Ok(());
        }
        // Another file may hold the same program.
        *held = Held::at(program).context("look at an arm")?;
        let now = arms::hash(program)?;
        if now == *hash {
            return Ok(());
        }
        *hash = now;
        if self.mix_builds {
            say(&format!(
                "warning: arm {arm} was built anew before trial {trial}; the trials of run {id} mix two builds"
            ));
            return Ok(());
        }
        Err(SweepError::Usage(format!(
            "arm {arm} was built anew while the run went on, which stops before trial {trial}: its blocks would compare two \
             builds; start a new run, or let this one mix them (make sweep RUN={id} MIX_BUILDS=1)"
        )))
    }
}
