//! Networks with several inputs and outputs, end to end. Columns are assigned to inputs and outputs
//! in order.

use crate::common::{Folder, assert_contains};

/// A network with two inputs, a class and a number to learn, and an output without a loss.
const GAME: &str = "network Game {
    input board: [2];
    input turn: [1];
    both = concat(board, turn);
    trunk = both -> dense(16) -> tanh;
    output action = trunk -> dense(3) -> softmax;
    output free = both -> rescale(2);
    output value = trunk -> dense(1);
    train {
        loss: 0.5 * mse(value) + cross_entropy(action);
        optimizer: adam(lr: 0.02);
        metrics: [accuracy, mae(value)];
        batch: all;
        epochs: 300;
        early_stopping(monitor: mae(value), patience: 300);
    }
    data { csv: \"game.csv\"; target: [move, won]; }
    expect accuracy == 1.0;
    expect mae(value) <= 0.2;
}
";

/// The data of [`GAME`].
const GAME_CSV: &str = "left,right,turn,move,won
0,0,1,wait,0
0,1,1,go,1
1,0,1,turn,-1
1,1,1,wait,0
0,0,-1,turn,0
0,1,-1,wait,-1
1,0,-1,go,1
1,1,-1,turn,0
";

/// The same network with rows in the spec.
fn inline() -> String {
    let rows = "[0, 0], [1] => 0, [0]; [0, 1], [1] => 1, [1]; [1, 0, -1] => [1, 1]; [1, 1], [-1] => 2, 0;";
    GAME.replace("csv: \"game.csv\"; target: [move, won];", rows)
}

#[test]
fn two_heads_are_trained_measured_and_predicted() {
    let folder = Folder::new("game").with("game.nn", GAME).with("game.csv", GAME_CSV);
    let trained = folder.nn(&["train", "game.nn"]).done();
    let lines = [
        "Game: 132 parameters; 8 rows to train on\n",
        "  accuracy ",
        "  mae(value) ",
        "expect accuracy == 1.0: met, 1.0000\n",
        "expect mae(value) <= 0.2: met, ",
    ];
    assert_contains(&trained, &lines);
    assert_contains(&folder.nn(&["eval", "game.nn"]).done(), &["all  loss ", "accuracy 1.0000  mae(value) "]);

    let answer = folder.nn(&["predict", "game.nn", "--row", "0,1,1"]).done();
    let (header, numbers) = answer.trim_end().split_once('\n').unwrap();
    assert_eq!(header, "action,action.go,action.turn,action.wait,free.0,free.1,free.2,value");
    let numbers: Vec<&str> = numbers.split(',').collect();
    assert_eq!((numbers[0], &numbers[4..7]), ("go", &["0", "2", "2"][..]));
    assert!((numbers[7].parse::<f32>().unwrap() - 1.0).abs() < 0.5, "{answer}");

    let measured = folder.nn(&["predict", "game.nn", "game.csv"]).done();
    let answers: Vec<&str> = measured.lines().skip(1).map(|line| line.split(',').next().unwrap()).collect();
    assert_eq!(answers, ["wait", "go", "turn", "wait", "turn", "wait", "go", "turn"]);
}

#[test]
fn rows_in_a_spec_are_split_among_inputs_and_outputs() {
    let folder = Folder::new("game_inline").with("inline.nn", inline());
    assert_contains(&folder.nn(&["train", "inline.nn"]).done(), &["4 rows to train on", "accuracy == 1.0: met"]);
}

#[test]
fn a_trace_shows_every_term_of_the_loss() {
    let folder = Folder::new("game_trace").with("game.nn", GAME).with("game.csv", GAME_CSV);
    let trace = folder.nn(&["trace", "game.nn", "--row", "3"]).done();
    let lines = [
        "board = [1, 0]\nturn = [1]\ntarget action = class 1\ntarget value = [-1]\n",
        "\nloss\n  loss mse(value): loss = mean of (y − t)²; dloss = 2·(y − t)/n; both times 0.5\n",
        "  loss cross_entropy(action): loss = −ln softmax(z)[t]; dloss = softmax(z) − one-hot(t)\n",
        "  the sum of all terms\n    loss = ",
        "    accuracy = ",
        "    mae(value) = ",
        "\nbackward\n",
        "\nupdate: adam(",
    ];
    assert_contains(&trace, &lines);
}

#[test]
fn what_is_explained_names_the_outputs() {
    let folder = Folder::new("game_explain").with("game.nn", GAME);
    let lines = [
        "  loss            0.5 * mse(value): mean over batch and outputs of (ŷ - y)²\n",
        "  loss            cross_entropy(action): -ln ŷ[class], mean over the batch, from the logits; label_smoothing 0.0\n",
        "  metrics         [accuracy, mae(value)]\n",
        "  early_stopping  monitor: mae(value), patience: 300",
        "  target          move, won\n",
    ];
    assert_contains(&folder.nn(&["explain", "game.nn"]).done(), &lines);
}

#[test]
fn columns_that_do_not_fit_are_named() {
    let narrow = GAME.replace("target: [move, won];", "target: [move, won]; columns: [left, right];");
    let text = GAME_CSV.replace("go,1\n1,0,1", "go,much\n1,0,1");
    let folder = Folder::new("game_wrong")
        .with("narrow.nn", narrow)
        .with("game.nn", GAME.replace("game.csv", "text.csv"))
        .with("text.csv", text);
    let expected = ["NN0505", "the inputs take 3 numbers, but `columns` names 2"];
    assert_contains(&folder.nn(&["train", "narrow.nn"]).failed(1), &expected);
    assert_contains(&folder.nn(&["train", "game.nn"]).failed(1), &["text.csv: line 3, column `won`: `much`"]);
}
