//! What documents show is true: their specs compile clean. And their text is easy to read, as far
//! as that can be counted.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use nn_compiler::compile;
use nn_tests::project;

/// The blocks of a Markdown file that are marked as specs.
fn specs(markdown: &str) -> Vec<&str> {
    markdown.split("```nn\n").skip(1).filter_map(|rest| rest.split("```").next()).collect()
}

#[test]
fn the_specs_of_the_readme_compile() {
    let readme = fs::read_to_string(project("README.md")).expect("the README is there");
    let specs = specs(&readme);
    assert_eq!(specs.len(), 1);
    for spec in specs {
        assert_eq!(compile(spec).diagnostics, []);
    }
}

#[test]
fn the_error_of_the_readme_is_what_is_printed() {
    let readme = fs::read_to_string(project("README.md")).expect("the README is there");
    let spec = "/// Grey-level digits.\nnetwork Digits {\n    input image: [8, 8];\n    output digit = image -> rescale(0.0625)\n        \
                -> dense(32) -> relu -> dense(10) -> softmax;\n}\n";
    let outcome = compile(spec);
    let [diagnostic] = &outcome.diagnostics[..] else { panic!("one error: {:?}", outcome.diagnostics) };
    let printed = nn_compiler::diagnostic::render::render(diagnostic, "digits.nn", spec, false);
    assert!(readme.contains(printed.trim_end()), "{printed}");
}

#[test]
fn every_spec_compiles_clean() {
    let specs = fs::read_dir(project("specs")).expect("the folder is there");
    let paths = specs.map(|entry| entry.expect("it can be read").path());
    let mut count = 0;
    for path in paths.filter(|path| path.extension().is_some_and(|extension| extension == "nn")) {
        let text = fs::read_to_string(&path).expect("a spec is text");
        assert_eq!(compile(&text).diagnostics, [], "{}", path.display());
        count += 1;
    }
    assert_eq!(count, 20);
}

/// The most columns of a line of text. Code blocks show what programs print, so they may be wider.
const COLUMNS: usize = 100;

/// The most lines of a paragraph.
const LINES: usize = 5;

/// Phrases that plain English says otherwise.
const AVOIDED: [&str; 10] = [
    "can not",
    "stands in",
    "stands behind",
    "stand behind",
    "none that",
    "whoever",
    "of one's own",
    "copied together",
    "is told",
    "in silence",
];

/// The Markdown files below a folder, but not what is built or hidden.
fn pages(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("folders can be listed") {
        let path = entry.expect("folders can be listed").path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        // A link leads to a page that is read where it is.
        if path.is_symlink() {
            continue;
        }
        if path.is_dir() && !name.starts_with('.') && name != "target" {
            pages(&path, found);
        } else if name.ends_with(".md") {
            found.push(path);
        }
    }
}

/// A line without what is between backticks.
fn prose(line: &str) -> String {
    line.split('`').step_by(2).collect::<Vec<_>>().join("`")
}

/// `is no`, `are no` that should be `is not a`, `are not`; "there is no" and "is no longer" are
/// fine.
fn has_stilted_no(words: &[&str]) -> bool {
    let is_there = |word: Option<&&str>| word.is_some_and(|word| word.eq_ignore_ascii_case("there"));
    (1..words.len()).any(|at| {
        words[at] == "no"
            && words.get(at + 1) != Some(&"longer")
            && matches!(words[at - 1], "is" | "are")
            && !is_there(at.checked_sub(2).and_then(|before| words.get(before)))
    })
}

/// What is hard to read on a page, a line each.
fn hard_to_read(page: &str) -> Vec<(usize, String)> {
    let (mut found, mut is_code, mut lines) = (Vec::new(), false, 0);
    for (number, line) in (1..).zip(page.lines()) {
        let text = line.trim_start();
        if text.starts_with("```") {
            (is_code, lines) = (!is_code, 0);
            continue;
        }
        if is_code {
            continue;
        }
        let columns = line.chars().count();
        if columns > COLUMNS {
            found.push((number, format!("{columns} columns")));
        }
        let begins_an_item =
            text.starts_with("- ") || text.split_once(". ").is_some_and(|(n, _)| n.parse::<u8>().is_ok());
        lines = match text.chars().next() {
            None | Some('|' | '#') => 0,
            Some(_) if begins_an_item => 1,
            Some(_) => lines + 1,
        };
        if lines == LINES + 1 {
            found.push((number, format!("a paragraph of more than {LINES} lines")));
        }
        let prose = prose(line);
        let lower = prose.to_lowercase();
        found.extend(
            AVOIDED.iter().filter(|phrase| lower.contains(*phrase)).map(|phrase| (number, format!("`{phrase}`"))),
        );
        if has_stilted_no(&lower.split_whitespace().collect::<Vec<_>>()) {
            found.push((number, "`is no`".to_owned()));
        }
    }
    found
}

#[test]
fn documents_are_easy_to_read() {
    let (mut paths, mut wrong) = (Vec::new(), String::new());
    pages(&project(""), &mut paths);
    assert!(paths.len() > 100, "{} pages", paths.len());
    for path in paths {
        let page = fs::read_to_string(&path).expect("a page is text");
        for (line, what) in hard_to_read(&page) {
            let _ = writeln!(wrong, "{}:{line}: {what}", path.display());
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn hard_text_is_found() {
    let page = "# A page\n\nA word can not be said; it is no word.\nThere is no other, `can not` is code.\n";
    let found = hard_to_read(page);
    assert_eq!(found, [(3, "`can not`".to_owned()), (3, "`is no`".to_owned())]);
    let long = format!("{}\n{}", "a\n".repeat(6), "b".repeat(101));
    let numbers: Vec<usize> = hard_to_read(&long).into_iter().map(|(number, _)| number).collect();
    assert_eq!(numbers, [6, 8]);
}

/// What a heading is called in a link, as GitHub does it.
fn anchor(heading: &str) -> String {
    let kept = heading.trim_matches(['#', ' ']).to_lowercase();
    let kept = kept.chars().filter(|letter| letter.is_alphanumeric() || matches!(letter, ' ' | '-' | '_'));
    kept.map(|letter| if letter == ' ' { '-' } else { letter }).collect()
}

/// The targets of the links of a page, outside of code.
fn links(page: &str) -> Vec<&str> {
    let text = page.split("```").step_by(2);
    text.flat_map(|text| text.split("](").skip(1)).filter_map(|rest| rest.split(')').next()).collect()
}

#[test]
fn links_between_documents_lead_somewhere() {
    let (mut paths, mut wrong) = (Vec::new(), String::new());
    pages(&project(""), &mut paths);
    for path in paths {
        let page = fs::read_to_string(&path).expect("a page is text");
        for link in links(&page).into_iter().filter(|link| !link.starts_with("http")) {
            let (file, heading) = link.split_once('#').unwrap_or((link, ""));
            let target = if file.is_empty() { path.clone() } else { path.with_file_name(file) };
            let is_there = match heading {
                "" => target.exists(),
                heading => fs::read_to_string(&target)
                    .is_ok_and(|text| text.lines().any(|line| line.starts_with('#') && anchor(line) == heading)),
            };
            if !is_there {
                let _ = writeln!(wrong, "{}: {link}", path.display());
            }
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}
