//! What the commands do: two small ones, and four that a command-line tool around an LLM has.

use crate::Runtime;
use crate::exchange::Session;
use crate::http::{Client, RequestError};
use crate::micro::asking::Asking;
use crate::micro::workers::compute;
use crate::runtime::OwnExecutor;
use serde_json::Value;
use std::fs;
use std::hint::black_box;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use tandem_records::Status;

/// Tokens of the streamed call.
pub(super) const TOKENS: u32 = 8;
/// Tasks of each of the graph's two layers.
const WIDTH: usize = 4;

/// A command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Command {
    /// A future that is ready.
    Trivial,
    /// One task, awaited.
    Spawn,
    /// Read a template, parse it, check it, write what it makes.
    Template,
    /// Two layers of tasks that compute, each layer in parallel.
    Graph,
    /// One streamed call to a model, over a new connection.
    Llm,
    /// A whole command line: arguments, template, graph, call, result.
    Flow,
}

impl Command {
    pub const ALL: [Command; 6] =
        [Command::Trivial, Command::Spawn, Command::Template, Command::Graph, Command::Llm, Command::Flow];

    pub fn name(self) -> &'static str {
        match self {
            Command::Trivial => "trivial",
            Command::Spawn => "spawn",
            Command::Template => "template",
            Command::Graph => "graph",
            Command::Llm => "llm call",
            Command::Flow => "flow",
        }
    }

    /// Whether it takes microseconds.
    pub fn is_small(self) -> bool {
        matches!(self, Command::Trivial | Command::Spawn)
    }
}

/// What commands need: a folder of their own, and a request.
pub(super) struct Shop {
    folder: PathBuf,
    asking: Asking,
    /// Numbers the files that are written: threads run commands at the same time.
    written: AtomicU32,
}

/// The template: what a tool of this kind reads before it asks a model.
const TEMPLATE: &str = r#"{"name": "summary", "model": "any", "max_tokens": 8,
 "sections": ["findings", "risks", "next"], "prompt": "Summarise {topic} in {sections}."}"#;

impl Shop {
    /// Makes the folder and its template.
    pub fn open(asking: Asking) -> Result<Shop, RequestError> {
        let folder = std::env::temp_dir().join(format!("tandem-commands-{}", std::process::id()));
        // A folder that is there already is somebody else's.
        fs::create_dir(&folder).map_err(|error| not_kept(&folder, &error))?;
        let shop = Shop { folder, asking, written: AtomicU32::new(0) };
        let template = shop.template();
        fs::write(&template, TEMPLATE).map_err(|error| not_kept(&template, &error))?;
        Ok(shop)
    }

    fn template(&self) -> PathBuf {
        self.folder.join("template.json")
    }

    /// Runs a command from synchronous code.
    pub fn run<R: Runtime, C: Client<R>, E: OwnExecutor>(
        &self,
        command: Command,
        executor: &E,
    ) -> Result<(), RequestError> {
        match command {
            Command::Trivial => {
                executor.block_on(async { black_box(1) });
                Ok(())
            }
            Command::Spawn => {
                executor.block_on(async { executor.spawn(async { black_box(1) }).await });
                Ok(())
            }
            Command::Template => executor.block_on(self.make::<R>()),
            Command::Graph => {
                black_box(executor.block_on(graph(executor)));
                Ok(())
            }
            Command::Llm => executor.block_on(self.call::<R, C, E>(executor)),
            Command::Flow => self.flow::<R, C, E>(executor),
        }
    }

    /// Template: the files are read and written off the executor.
    async fn make<R: Runtime>(&self) -> Result<(), RequestError> {
        let (from, number) = (self.template(), self.written.fetch_add(1, Ordering::Relaxed));
        let to = self.folder.join(format!("made-{}.txt", number % 16));
        let text = R::unblock({
            let from = from.clone();
            move || fs::read_to_string(from)
        })
        .await
        .map_err(|error| not_kept(&from, &error))?;
        let template: Value = serde_json::from_str(&text)
            .map_err(|error| RequestError::new(Status::Malformed, error.to_string()))?;
        let field = |name: &str| template.get(name).and_then(Value::as_str);
        let (Some(prompt), Some(sections)) =
            (field("prompt"), template.get("sections").and_then(Value::as_array))
        else {
            return Err(RequestError::new(Status::Malformed, "the template lacks a field"));
        };
        let sections: Vec<&str> = sections.iter().filter_map(Value::as_str).collect();
        let made = prompt.replace("{topic}", "the run").replace("{sections}", &sections.join(", "));
        R::unblock({
            let to = to.clone();
            move || fs::write(to, made)
        })
        .await
        .map_err(|error| not_kept(&to, &error))
    }

    async fn call<R: Runtime, C: Client<R>, E: OwnExecutor>(&self, executor: &E) -> Result<(), RequestError> {
        let asking = self.asking.clone();
        let call = async move {
            let mut session: Session<R, C> = asking.session()?;
            asking.ask(&mut session).await.map(drop)
        };
        executor.spawn(C::enter(call)).await
    }

    fn flow<R: Runtime, C: Client<R>, E: OwnExecutor>(&self, executor: &E) -> Result<(), RequestError> {
        let line = "tool --template summary --parallel 4 --format text";
        let arguments: Vec<(&str, &str)> =
            line.split(" --").skip(1).map(|option| option.split_once(' ').unwrap_or((option, ""))).collect();
        if !arguments.contains(&("format", "text")) {
            return Err(RequestError::new(Status::Malformed, "the command line lacks an option"));
        }
        executor.block_on(async {
            self.make::<R>().await?;
            black_box(graph(executor).await);
            self.call::<R, C, E>(executor).await?;
            self.make::<R>().await
        })
    }
}

/// Two layers of tasks; the second begins when the first has ended.
async fn graph<E: OwnExecutor>(executor: &E) -> u64 {
    let mut sum = 0;
    for _ in 0..2 {
        let tasks: Vec<_> = (0..WIDTH).map(|_| executor.spawn(async { black_box(compute()) })).collect();
        for task in tasks {
            sum ^= task.await;
        }
    }
    sum
}

fn not_kept(path: &Path, error: &io::Error) -> RequestError {
    RequestError::new(Status::NotKept, format!("{}: {error}", path.display()))
}

impl Drop for Shop {
    fn drop(&mut self) {
        // What stays behind in the temporary folder does no harm.
        let _ = fs::remove_dir_all(&self.folder);
    }
}
