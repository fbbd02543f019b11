//! The kinds of faults.

/// Where in an answer a fault strikes when its condition names no token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// No answer: at the door.
    Door,
    /// Instead of the answer.
    Answer,
    /// Before the first token.
    Start,
    /// When half of the tokens are written.
    Half,
    /// When all tokens are written.
    End,
}

/// The number of a kind.
enum Value {
    /// Takes none.
    None,
    /// What it counts, and what it is when not given.
    Of(&'static str, Option<u64>),
}

macro_rules! kinds {
    ($($kind:ident, $name:literal, $place:ident, $value:expr, $meaning:literal;)*) => {
        /// What goes wrong.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Kind {
            $(#[doc = $meaning] $kind,)*
        }

        impl Kind {
            /// All kinds, in the order of an answer's life.
            pub const ALL: &'static [Kind] = &[$(Kind::$kind,)*];

            /// Its name on the command line.
            pub fn name(self) -> &'static str {
                match self { $(Kind::$kind => $name,)* }
            }

            /// What it does, in one sentence.
            pub fn meaning(self) -> &'static str {
                match self { $(Kind::$kind => $meaning,)* }
            }

            pub(super) fn place(self) -> Place {
                match self { $(Kind::$kind => Place::$place,)* }
            }

            fn value(self) -> Value {
                match self { $(Kind::$kind => $value,)* }
            }
        }
    };
}

const BYTES: &str = "bytes";
const MILLISECONDS: &str = "milliseconds";

kinds! {
    Refuse, "refuse", Door, Value::None, "new connections are refused, those that exist live on; request=N: from the Nth request on";
    SlowHeaders, "slow-headers", Start, Value::Of(MILLISECONDS, Some(1000)), "the head and all that follows come later";
    Busy, "busy", Answer, Value::None, "503 as Ollama answers with a full queue";
    Http500, "http-500", Answer, Value::None, "500 as Ollama answers when its engine has died";
    Http404, "http-404", Answer, Value::None, "404 as Ollama answers for an unknown model";
    Redirect, "redirect", Answer, Value::None, "307 to the same path of the same server";
    Garbage, "garbage", Answer, Value::None, "bytes that are no HTTP";
    BigHeaders, "big-headers", Answer, Value::Of(BYTES, Some(1_000_000)), "a sound answer behind that much of headers";
    LengthTooLong, "length-too-long", Answer, Value::None, "a Content-Length that the body does not reach";
    LengthTooShort, "length-too-short", Answer, Value::None, "a Content-Length that ends inside the body";
    Compressed, "compressed", Answer, Value::None, "a body in gzip that nobody asked for";
    Reset, "reset", Half, Value::None, "the connection is reset";
    Close, "close", Half, Value::Of(BYTES, None), "the connection is closed; with a value after so many bytes of the answer";
    Stall, "stall", Half, Value::None, "nothing more comes, for ever";
    Pause, "pause", Half, Value::Of(MILLISECONDS, Some(1000)), "nothing comes for so long, then the stream goes on";
    ErrorLine, "error-line", Half, Value::None, "Ollama's error object in a stream of status 200, then its end";
    NoDone, "no-done", End, Value::None, "the stream ends without its final record";
    CutLength, "cut-length", Start, Value::Of("pieces", Some(31)), "so many equal pieces, then the end without a final record, as Ollama stops a text that repeats itself";
    NoMetrics, "no-metrics", End, Value::None, "the final record without its counts and times";
    OutOfRange, "out-of-range", End, Value::None, "counts and times in the final record that no integer holds";
    NotJson, "not-json", Half, Value::None, "a line that is no JSON, then the stream goes on";
    WrongShape, "wrong-shape", Half, Value::None, "JSON of another shape, then the stream goes on";
    LongLine, "long-line", Half, Value::Of(BYTES, Some(100_000_000)), "one line of that length, then the stream goes on";
    BadChunk, "bad-chunk", Half, Value::None, "a chunk whose size is no number";
    Coalesced, "coalesced", Half, Value::None, "all further tokens in one chunk (sound)";
    SplitUtf8, "split-utf8", Start, Value::None, "a write ends inside the bytes of a character (sound)";
    SplitEscape, "split-escape", Start, Value::None, "a write ends inside an escape of JSON (sound)";
    SplitChunkSize, "split-chunk-size", Half, Value::None, "a write ends inside a chunk's size (sound)";
    EndlessHead, "endless-head", Start, Value::None, "header fields without an end, and without a pause, as in all that follow";
    EndlessInterim, "endless-interim", Start, Value::None, "interim answers (102) without an end";
    EndlessRefusal, "endless-refusal", Start, Value::None, "500 with a text that has no end";
    EndlessTokens, "endless-tokens", Half, Value::None, "tokens without an end, whatever length was asked for";
    EndlessText, "endless-text", Half, Value::None, "tokens of 64 KiB without an end";
    EndlessLines, "endless-lines", Half, Value::None, "empty lines without an end";
    EndlessSize, "endless-size", Half, Value::None, "a chunk's size with zeros without an end";
    EndlessExtension, "endless-extension", Half, Value::None, "a chunk's extension without an end";
    EndlessTrailers, "endless-trailers", Half, Value::None, "the last chunk, then trailer fields without an end";
    EndlessRest, "endless-rest", End, Value::None, "the final record, then empty lines without an end";
}

impl Kind {
    /// True of an answer that has no end.
    pub fn is_endless(self) -> bool {
        self.name().starts_with("endless-")
    }

    pub(super) fn named(name: &str) -> Result<Kind, String> {
        let names = || Kind::ALL.iter().map(|kind| kind.name()).collect::<Vec<_>>().join(", ");
        let found = Kind::ALL.iter().copied().find(|kind| kind.name() == name);
        found.ok_or_else(|| format!("no fault is called {name:?}; kinds: {}", names()))
    }

    #[cfg(test)]
    pub(super) fn takes_value(self) -> bool {
        matches!(self.value(), Value::Of(..))
    }

    pub(super) fn default_value(self) -> Option<u64> {
        match self.value() {
            Value::None => None,
            Value::Of(_, default) => default,
        }
    }

    pub(super) fn read_value(self, text: &str) -> Result<u64, String> {
        let name = self.name();
        match self.value() {
            Value::None => Err(format!("{name} takes no value")),
            Value::Of(unit, _) => {
                /// A gigabyte, or eleven days.
                const MOST: u64 = 1_000_000_000;
                let value = text.parse().ok().filter(|value| (1..=MOST).contains(value));
                value.ok_or_else(|| format!("{name}={text}: use a whole number of {unit} from 1 to {MOST}"))
            }
        }
    }

    /// `pause=MS` for the help.
    pub(super) fn usage(self) -> String {
        match self.value() {
            Value::None => self.name().to_owned(),
            Value::Of(unit, default) => {
                let unit = if unit == MILLISECONDS { "ms" } else { unit };
                match default {
                    Some(default) => format!("{}[={default}] ({unit})", self.name()),
                    None => format!("{}[=N] ({unit})", self.name()),
                }
            }
        }
    }
}
