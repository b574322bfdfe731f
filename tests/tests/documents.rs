//! What documents show is true: their specs compile clean.

use nn_compiler::pipeline::compile;
use nn_tests::project;

/// The blocks of a Markdown file that are marked as specs.
fn specs(markdown: &str) -> Vec<&str> {
    markdown.split("```nn\n").skip(1).filter_map(|rest| rest.split("```").next()).collect()
}

#[test]
fn the_specs_of_the_readme_compile() {
    let readme = std::fs::read_to_string(project("README.md")).expect("the README is there");
    let specs = specs(&readme);
    assert_eq!(specs.len(), 1);
    for spec in specs {
        assert_eq!(compile(spec).diagnostics, []);
    }
}

#[test]
fn the_error_of_the_readme_is_what_is_printed() {
    let readme = std::fs::read_to_string(project("README.md")).expect("the README is there");
    let spec = "/// Grey-level digits.\nnetwork Digits {\n    input image: [8, 8];\n    output digit = image -> rescale(0.0625)\n        \
                -> dense(32) -> relu -> dense(10) -> softmax;\n}\n";
    let outcome = compile(spec);
    let [diagnostic] = &outcome.diagnostics[..] else { panic!("one error: {:?}", outcome.diagnostics) };
    let printed = nn_compiler::diagnostic::render::render(diagnostic, "digits.nn", spec, false);
    assert!(readme.contains(printed.trim_end()), "{printed}");
}

#[test]
fn every_spec_compiles_clean() {
    let specs = std::fs::read_dir(project("specs")).expect("the folder is there");
    let paths = specs.map(|entry| entry.expect("it can be read").path());
    let mut count = 0;
    for path in paths.filter(|path| path.extension().is_some_and(|extension| extension == "nn")) {
        let text = std::fs::read_to_string(&path).expect("a spec is text");
        assert_eq!(compile(&text).diagnostics, [], "{}", path.display());
        count += 1;
    }
    assert_eq!(count, 19);
}
