//! The results of certain edits on spellings of other languages and frameworks.

/// A setting, a statement or a chain as written elsewhere, and the result; `refused` if the author
/// has to decide.
pub const ALL: &[(&str, &str)] = &[
    // Numbers
    ("train epochs: 10k;", "refused"),
    ("train epochs: 10K;", "refused"),
    ("train epochs: 5epochs;", "refused"),
    ("train schedule: cosine(warmup: 5epochs);", "refused"),
    ("train epochs: 10u32;", "epochs: 10;"),
    ("train epochs: 10_usize;", "epochs: 10;"),
    ("train clip_norm: 1.5f32;", "clip_norm: 1.5;"),
    ("train clip_norm: 1f;", "clip_norm: 1;"),
    ("train epochs: 16.0;", "epochs: 16;"),
    ("train epochs: 1.000;", "refused"),
    ("train epochs: 1e3;", "refused"),
    ("train epochs: 1,000;", "refused"),
    ("train epochs: 1 000;", "refused"),
    ("train epochs: 0x10;", "epochs: 16;"),
    ("train epochs: ten;", "refused"),
    ("train epochs: 28x28;", "refused"),
    ("train epochs: '10';", "refused"),
    ("train epochs = 10;", "epochs: 10;"),
    ("train epoch: 10;", "epochs: 10;"),
    ("train epochs: 10,", "epochs: 10;"),
    ("train clip_norm: .5;", "clip_norm: 0.5;"),
    ("train clip_norm: 0.5.1;", "refused"),
    ("train clip_norm: 0,5;", "refused"),
    ("train clip_norm: 50%;", "refused"),
    ("assert params <= 2M;", "refused"),
    ("assert memory(train) <= 64KB;", "refused"),
    ("assert memory(train) <= 64KiB;", "refused"),
    ("assert params = 15;", "refused"),
    ("assert params =< 100;", "assert params <= 100;"),
    // Paths and columns
    ("data csv: iris.csv;", "csv: \"iris.csv\";"),
    ("data csv: train.csv;", "csv: \"train.csv\";"),
    ("data csv: data/iris.csv;", "csv: \"data/iris.csv\";"),
    ("data csv: ../iris-2.csv;", "csv: \"../iris-2.csv\";"),
    ("data csv: 'iris.csv';", "csv: \"iris.csv\";"),
    ("data csv: my iris.csv;", "refused"),
    ("data csv: r\"a\\new.csv\";", "csv: \"a\\\\new.csv\";"),
    ("data csv: \"C:\\data.csv\";", "csv: \"C:\\\\data.csv\";"),
    ("data csv: \"C:\\new\\data.csv\";", "refused"),
    ("column target: iris.species;", "target: \"iris.species\";"),
    ("column target: train;", "target: \"train\";"),
    ("column target: petal-length;", "target: \"petal-length\";"),
    ("data csv: iris;", "csv: \"iris\";"),
    ("data csv: \"a.csv\"; columns: a, b;", "refused"),
    ("column target: iris species;", "refused"),
    ("column target: price.;", "refused"),
    ("column target: df[\"price\"];", "refused"),
    ("data csv: ./iris.csv;", "csv: \"./iris.csv\";"),
    ("data csv: C:\\iris.csv;", "csv: \"C:\\\\iris.csv\";"),
    ("data csv: iris-v1.2.csv.gz;", "csv: \"iris-v1.2.csv.gz\";"),
    ("data csv: iris 2.csv;", "refused"),
    // Chains
    ("x -> Dense(4, activation='relu') -> dense(1)", "x -> dense(4) -> relu -> dense(1)"),
    ("x -> dense(4, relu) -> dense(1)", "x -> dense(4) -> relu -> dense(1)"),
    ("x -> dense(4, activation: relu) * 2 -> dense(1)", "refused"),
    ("x -> dense(4) -> activation(relu) -> dense(1)", "x -> dense(4) -> relu -> dense(1)"),
    ("x -> dense(4) -> Activation('relu') -> dense(1)", "x -> dense(4) -> relu -> dense(1)"),
    ("x -> nn.Linear(4, 1)", "refused"),
    ("x -> nn.dense(1)", "refused"),
    ("x -> dense(units=1)", "x -> dense(units: 1)"),
    ("x -> dense(1, use_bias=False)", "x -> dense(1, bias: false)"),
    ("x |> dense(1)", "x -> dense(1)"),
    ("x >> dense(1)", "x -> dense(1)"),
    ("x => dense(1)", "x -> dense(1)"),
    ("x - dense(1)", "refused"),
    ("x - x -> dense(1)", "refused"),
    ("x + x -> dense(1)", "refused"),
    ("x / 255 -> dense(1)", "refused"),
    ("x -> [dense(4), relu] -> dense(1)", "refused"),
    ("x -> Sequential(dense(4), relu) -> dense(1)", "refused"),
    ("x -> 2 * dense(4) -> dense(1)", "refused"),
    ("x -> (dense(4) -> relu) * 2 -> dense(1)", "refused"),
    ("x -> relu6 -> dense(1)", "x -> relu(max: 6) -> dense(1)"),
    ("x -> dropout2d(0.5) -> dense(1)", "refused"),
    ("add([x, x]) -> dense(1)", "add(x, x) -> dense(1)"),
    ("concat([x, x], axis: 1) -> dense(1)", "refused"),
    ("dense(1)(x)", "x -> dense(1)"),
    ("x -> conv2d(4, kernel: (3, 3)) -> dense(1)", "refused"),
    ("x -> dense(4, 1)", "refused"),
    ("x -> dense(1,024) -> dense(1)", "x -> dense(1_024) -> dense(1)"),
    ("x -> dense(1,234) -> dense(1)", "refused"),
    ("x -> dense[1]", "refused"),
    ("x -> dense 1", "refused"),
    ("x -> dense(4), relu, dense(1)", "refused"),
    ("x -> dense(4) -> BatchNormalization(momentum=0.99) -> dense(1)", "refused"),
    ("x -> dense(4) -> BatchNorm1d(4) -> dense(1)", "x -> dense(4) -> batch_norm -> dense(1)"),
    ("x -> dense(4) -> LeakyReLU -> dense(1)", "refused"),
    ("x -> dense(4) -> Swish() -> dense(1)", "x -> dense(4) -> silu() -> dense(1)"),
    ("x -> dense(4) -> softmax(dim=0) -> dense(1)", "refused"),
    ("x -> Conv2d(1, 16, 3) -> dense(1)", "refused"),
    // Training
    ("train lr: 0.01;", "refused"),
    ("train batch=8, epochs = 3,", "batch: 8; epochs: 3;"),
    ("train early_stopping(monitor: val_loss, mode: max);", "refused"),
    ("train early_stopping(monitor: val_loss, verbose: 1);", "early_stopping(monitor: val_loss);"),
    ("train metrics: mae, mse;", "refused"),
    // Statements
    ("allow linear_stack;", "allow(linear_stack);"),
    ("block unit(n) = in -> dense(n);", "refused"),
    ("const n: 4;", "const n = 4;"),
    ("return y;", "refused"),
    ("freeze h, h;", "refused"),
    ("for i in 0..3 { h = x -> dense(4); }", "refused"),
    ("# a comment", "// a comment"),
    ("train seed: 1 #2;", "refused"),
    ("-- a comment", "// a comment"),
];

/// The spec that a spelling belongs in: a chain that begins with `x`, `dense` or a merge is that of
/// the output, `train …` and `data …` are settings, `column …` is a setting beside `csv`,
/// everything else is a statement.
pub fn spec(written: &str) -> String {
    let (mut chain, mut train, mut data, mut statement) = ("x -> dense(1)", "", String::new(), "");
    if let Some(setting) = written.strip_prefix("train ") {
        train = setting;
    } else if let Some(setting) = written.strip_prefix("data ") {
        data = format!("data {{\n{setting}\ntarget: price; validation: 0.2; }}");
    } else if let Some(setting) = written.strip_prefix("column ") {
        data = format!("data {{\n{setting}\ncsv: \"a.csv\"; validation: 0.2; }}");
    } else if ["x ", "dense(", "add(", "concat("].iter().any(|start| written.starts_with(start)) {
        chain = written;
    } else {
        statement = written;
    }
    let validation = if data.is_empty() { "data { csv: \"a.csv\"; target: price; validation: 0.2; }" } else { &data };
    let stop = if chain == written || !train.is_empty() || !statement.is_empty() { "" } else { "\n" };
    format!(
        "network A {{\n    input x: [4];\n    output y =\n{chain}\n;\n    train {{ loss: mse; optimizer: sgd;\n{train}\n}}\n{stop}{validation}\n{statement}\n}}\n"
    )
}

/// The line that a spelling was in.
pub fn line(text: &str) -> &str {
    let is_frame = |line: &&str| {
        let line = line.trim();
        line.is_empty()
            || matches!(line, ";" | "}" | "x -> dense(1)")
            || ["network", "input", "output", "train {", "data {", "target: price;", "csv: \"a.csv\";"]
                .iter()
                .any(|start| line.starts_with(start))
    };
    text.lines().find(|line| !is_frame(line)).unwrap_or("x -> dense(1)").trim()
}
