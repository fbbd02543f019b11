//! One file: what its head expects, and which request gets which answer.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A server's answers to a trial, and what must come of them.
#[derive(Debug, Clone, Default)]
pub struct Case {
    /// File name without its end.
    pub name: String,
    /// What the server sends, in words.
    pub description: String,
    /// Name of the host in the URL; the player's address where the head names none.
    pub host: Option<String>,
    /// Command line of the trial without server, model and client.
    pub trial: Vec<String>,
    /// What every client must say of the stream; `None` where the file is for the driver alone.
    pub expected: Option<Expected>,
    /// What a client must say that differs by its HTTP library, by the client's name.
    pub exceptions: Vec<(String, Expected)>,
    /// What the sweep must say of the server.
    pub sweep: Option<Driver>,
    /// What the doctor must say of the server.
    pub doctor: Option<Driver>,
    answers: Vec<(String, Vec<Step>)>,
}

/// What every client must say.
#[derive(Debug, Clone, Default)]
pub struct Expected {
    /// Columns of `requests.csv` with their values: a text, a range `a..b` of numbers, or `none` for an empty cell.
    pub columns: Vec<(String, String)>,
    /// Parts of the error's text.
    pub says: Vec<String>,
}

/// What a program that looks at servers before the first trial must do.
#[derive(Debug, Clone, Default)]
pub struct Driver {
    /// Its exit code.
    pub exit: i32,
    /// Its arguments besides servers and dialect.
    pub args: Vec<String>,
    /// Parts of what it prints.
    pub says: Vec<String>,
}

/// What the server does next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Sends these bytes in one write.
    Send(Vec<u8>),
    /// Does nothing for so long.
    Pause(Duration),
    /// Closes the connection.
    Close,
}

/// Every case, in the order of the file names.
pub fn cases() -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/cases/wire");
    let entries = fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let mut paths: Vec<PathBuf> = entries
        .map(|entry| entry.expect("a folder that can be listed").path())
        .filter(|path| path.extension().is_some_and(|end| end == "txt"))
        .collect();
    paths.sort();
    paths.iter().map(|path| read(path)).collect()
}

fn read(path: &Path) -> Case {
    let name = path.file_stem().expect("a file").to_string_lossy().into_owned();
    let text = fs::read(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    parse(&name, &text)
}

/// Reads the bytes of a file.
pub(crate) fn parse(name: &str, text: &[u8]) -> Case {
    let mut case = Case { name: name.to_owned(), ..Case::default() };
    for (number, line) in text.split(|&byte| byte == b'\n').enumerate() {
        if let Err(what) = case.add_line(line) {
            panic!("{name}.txt:{}: {what}", number + 1);
        }
    }
    case
}

impl Case {
    /// The steps of a section.
    pub fn answer(&self, section: &str) -> Option<&[Step]> {
        self.answers.iter().find(|(name, _)| name == section).map(|(_, steps)| steps.as_slice())
    }

    /// Names of the sections.
    pub fn sections(&self) -> impl Iterator<Item = &str> {
        self.answers.iter().map(|(name, _)| name.as_str())
    }

    /// Bytes of the answers to POST, one element an answer, with their heads and framing.
    pub fn streams(&self) -> impl Iterator<Item = Vec<u8>> {
        let sent = |step: &Step| match step {
            Step::Send(bytes) => bytes.clone(),
            Step::Pause(_) | Step::Close => Vec::new(),
        };
        let of_post = self.answers.iter().filter(|(section, _)| section.starts_with("post"));
        of_post.map(move |(_, steps)| steps.iter().flat_map(sent).collect())
    }

    /// What this client must say; `None` where the file is for the driver alone.
    pub fn expected_of(&self, client: &str) -> Option<&Expected> {
        let exception = self.exceptions.iter().find(|(name, _)| name == client);
        exception.map(|(_, expected)| expected).or(self.expected.as_ref())
    }

    /// True where the trial speaks this dialect.
    pub fn speaks(&self, api: &str) -> bool {
        self.trial.windows(2).any(|words| words[0] == "--api" && words[1] == api)
    }

    fn add_line(&mut self, line: &[u8]) -> Result<(), String> {
        let text = String::from_utf8_lossy(line);
        if let Some(comment) = text.strip_prefix("# ") {
            return self.add_comment(comment);
        }
        if line.is_empty() || line == b"#" {
            return Ok(());
        }
        // A line like ["x"] is data.
        if let Some(section) = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'))
            && !section.starts_with('"')
        {
            self.answers.push((section.to_owned(), Vec::new()));
            return Ok(());
        }
        let step = match text.strip_prefix('@') {
            Some(action) => act(action)?,
            None => Step::Send(unescape(line)?),
        };
        let (_, steps) = self.answers.last_mut().ok_or("an answer before the first [section]")?;
        steps.push(step);
        Ok(())
    }

    fn add_comment(&mut self, comment: &str) -> Result<(), String> {
        let (key, value) = comment.split_once(": ").unwrap_or(("", comment));
        let value_owned = value.to_owned();
        match key {
            "trial" => self.trial = value.split_whitespace().map(str::to_owned).collect(),
            "host" => self.host = Some(value_owned),
            "expect" => self.expected.get_or_insert_default().columns = columns(value)?,
            _ if key.starts_with("expect ") => {
                let expected = Expected { columns: columns(value)?, says: Vec::new() };
                self.exceptions.push((key["expect ".len()..].to_owned(), expected));
            }
            "says" => self.expected.get_or_insert_default().says.push(value_owned),
            "sweep" => self.sweep.get_or_insert_default().set(value)?,
            "sweep says" => self.sweep.get_or_insert_default().says.push(value_owned),
            "doctor" => self.doctor.get_or_insert_default().set(value)?,
            "doctor says" => self.doctor.get_or_insert_default().says.push(value_owned),
            _ if self.description.is_empty() => self.description = comment.to_owned(),
            _ => {}
        }
        Ok(())
    }
}

fn columns(text: &str) -> Result<Vec<(String, String)>, String> {
    let pair = |word: &str| {
        let (column, value) = word.split_once('=').ok_or(format!("'{word}' is not COLUMN=VALUE"))?;
        Ok((column.to_owned(), value.to_owned()))
    };
    text.split_whitespace().map(pair).collect()
}

impl Driver {
    fn set(&mut self, text: &str) -> Result<(), String> {
        let mut words = text.split_whitespace().map(str::to_owned);
        let code = words.next().and_then(|word| word.strip_prefix("exit=")?.parse().ok());
        self.exit = code.ok_or(format!("'{text}' does not begin with exit=CODE"))?;
        self.args = words.collect();
        Ok(())
    }
}

fn act(text: &str) -> Result<Step, String> {
    match text.split_whitespace().collect::<Vec<_>>()[..] {
        ["pause" | "hold", ms] if ms.parse::<u64>().is_ok() => {
            Ok(Step::Pause(Duration::from_millis(ms.parse().unwrap_or_default())))
        }
        ["close"] => Ok(Step::Close),
        _ => Err(format!("'@{text}' is not @pause MS, @hold MS or @close")),
    }
}

/// Takes Python's escapes out of a line; all other bytes stay as they are.
fn unescape(line: &[u8]) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::with_capacity(line.len());
    let mut rest = line.iter().copied();
    while let Some(byte) = rest.next() {
        if byte != b'\\' {
            bytes.push(byte);
            continue;
        }
        bytes.push(match rest.next() {
            Some(b'n') => b'\n',
            Some(b'r') => b'\r',
            Some(b't') => b'\t',
            Some(quoted @ (b'\\' | b'"' | b'\'')) => quoted,
            Some(b'x') => {
                let digits: Vec<u8> = rest.by_ref().take(2).collect();
                let digits = std::str::from_utf8(&digits).ok().filter(|digits| digits.len() == 2);
                let byte = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
                byte.ok_or("two hexadecimal digits must follow \\x")?
            }
            _ => return Err("valid escapes are \\n \\r \\t \\\\ \\\" \\' \\xNN".to_owned()),
        });
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_read_and_expects_something() {
        let cases = cases();
        assert!(cases.len() > 90, "{}", cases.len());
        for case in &cases {
            assert!(!case.description.is_empty() && !case.description.contains('|'), "{}", case.name);
            assert!(case.speaks("openai") != case.speaks("ollama"), "{}: one dialect", case.name);
            assert!(case.expected.is_some() || case.sweep.is_some(), "{} expects nothing", case.name);
            let status =
                case.expected.iter().flat_map(|expected| &expected.columns).map(|(column, _)| column);
            assert_eq!(
                status.filter(|column| *column == "status").count(),
                usize::from(case.expected.is_some())
            );
            assert!(case.streams().all(|bytes| bytes.starts_with(b"HTTP/1.")), "{}", case.name);
        }
    }

    #[test]
    fn a_file_is_read_as_its_readme_says() {
        let file =
            b"# words\n# trial: --api openai --tokens 8\n# expect: status=ok ttft_ms=1..2\n# says: a: b\n\
            # expect httpx: status=reset\n# host: localhost\n# sweep: exit=3 --model m\n# sweep says: x\n#\n\n[head]\n@close\n[post with \"a\"]\n\
            a\\r\\n\\x41\\\\n \xff\n[\"data\"]\n# more\n@pause 3\n@hold 4\n";
        let case = parse("f", file);
        assert_eq!((case.description.as_str(), case.host.as_deref()), ("words", Some("localhost")));
        assert_eq!(case.trial, ["--api", "openai", "--tokens", "8"]);
        assert!(case.speaks("openai") && !case.speaks("ollama"));
        let expected = case.expected.as_ref().unwrap();
        assert_eq!(expected.columns[1], ("ttft_ms".to_owned(), "1..2".to_owned()));
        assert_eq!(expected.says, ["a: b"]);
        assert_eq!(case.expected_of("hyper").unwrap().says, ["a: b"]);
        assert_eq!(case.expected_of("httpx").unwrap().columns, [("status".to_owned(), "reset".to_owned())]);
        let sweep = case.sweep.as_ref().unwrap();
        assert_eq!(
            (sweep.exit, sweep.says.as_slice(), case.doctor.is_none()),
            (3, &["x".to_owned()][..], true)
        );
        assert_eq!(sweep.args, ["--model", "m"]);
        assert_eq!(case.answer("head"), Some(&[Step::Close][..]));
        let wanted = [
            Step::Send(b"a\r\nA\\n \xff".to_vec()),
            Step::Send(b"[\"data\"]".to_vec()),
            Step::Pause(Duration::from_millis(3)),
            Step::Pause(Duration::from_millis(4)),
        ];
        assert_eq!(case.answer("post with \"a\""), Some(&wanted[..]));
        assert_eq!(case.streams().collect::<Vec<_>>(), [b"a\r\nA\\n \xff[\"data\"]"]);
    }

    #[test]
    #[should_panic(expected = "f.txt:2: valid escapes are")]
    fn an_escape_that_is_unknown_is_named_with_its_line() {
        parse("f", b"[post]\n\\q\n");
    }
}
