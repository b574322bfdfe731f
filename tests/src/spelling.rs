//! The models and settings of the reference files as the language writes them.

use nn_compiler::compile;
use nn_compiler::identity::hash as hash_of;
use nn_compiler::layers::signatures;

use crate::golden_file::Golden;

/// Panics where two texts differ in more than white space.
pub fn assert_same(what: &str, written: &str, expected: &str) {
    let plain = |text: &str| text.split_whitespace().collect::<String>();
    assert_eq!(plain(written), plain(expected), "{what}, as written and as in the file");
}

/// The chain of layers, with the activation that the loss implies.
pub fn layers(file: &Golden) -> String {
    let layers = file.get("model").items();
    let mut chain: Vec<String> = layers.iter().map(|each| layer(each, file)).collect();
    match file.find("loss").map(|loss| loss.get("type").text().to_owned()).as_deref() {
        Some("softmax_cross_entropy") => chain.push("softmax".to_owned()),
        Some("bce_with_logits") => chain.push("sigmoid".to_owned()),
        _ => {}
    }
    chain.join(" -> ")
}

fn layer(layer: &Golden, file: &Golden) -> String {
    match layer.get("type").text() {
        "dense" if layer.find("bias").is_none() => format!("dense({}, bias: false)", layer.get("out").number()),
        "dense" => format!("dense({})", layer.get("out").number()),
        "batchnorm1d" | "batchnorm2d" => {
            format!("batch_norm(momentum: {:?}, eps: {:?})", layer.get("momentum").number(), layer.get("eps").number())
        }
        "embedding" => {
            format!("embedding({}, {})", layer.get("vocabulary").number(), layer.get("width").number())
        }
        "layernorm" => format!("layer_norm(eps: {:?})", layer.get("eps").number()),
        // What trains by the gradients of inference trains without dropout.
        "dropout" if file.get("mode").text() == "eval" => "dropout(0.0)".to_owned(),
        "dropout" | "dropout_mask" => format!("dropout({:?})", layer.get("p").number()),
        "conv2d" => conv(layer),
        "maxpool2d" => pool("max_pool2d", layer),
        "avgpool2d" => pool("avg_pool2d", layer),
        "flatten" => "flatten".to_owned(),
        "activation" => activation(layer),
        word => of_the_language(word, layer),
    }
}

/// A layer that the file calls as the language does, with the arguments that the file has.
fn of_the_language(word: &str, layer: &Golden) -> String {
    let signature = signatures().find(|signature| signature.name == word);
    let arguments = signature.unwrap_or_else(|| panic!("a layer of type {word}")).arguments.iter();
    let given = arguments.filter_map(|argument| Some((argument.name, layer.find(argument.name)?.number())));
    let written: Vec<String> = given.map(|(name, value)| format!("{name}: {value}")).collect();
    if written.is_empty() { word.to_owned() } else { format!("{word}({})", written.join(", ")) }
}

/// A file's network by an optimizer, as a spec.
pub fn spec(file: &Golden, optimizer: &str) -> String {
    let (input, layers, loss) = (&file.get("input").shape()[1..], layers(file), loss(file));
    let settings = settings(file);
    format!(
        "network Net {{ input x: {input:?}; output y = x -> {layers}; \
         train {{ loss: {loss}; optimizer: {optimizer}; {settings} }} }}"
    )
}

/// What identifies the layers of a file's network.
pub fn hash(file: &Golden, optimizer: &str) -> String {
    let text = spec(file, optimizer);
    let outcome = compile(&text);
    hash_of(&outcome.compiled.unwrap_or_else(|| panic!("{text}: {:?}", outcome.diagnostics)))
}

fn conv(layer: &Golden) -> String {
    let mut text = format!("conv2d({}, kernel: {}", layer.get("out").number(), layer.get("kernel").number());
    for (name, plain) in [("stride", 1.0), ("padding", 0.0)] {
        let value = layer.get(name).number();
        if value != plain {
            text.push_str(&format!(", {name}: {value}"));
        }
    }
    if layer.find("bias").is_none() {
        text.push_str(", bias: false");
    }
    text + ")"
}

fn pool(name: &str, layer: &Golden) -> String {
    let [size, stride] = ["kernel", "stride"].map(|key| layer.get(key).number());
    if size == stride { format!("{name}({size})") } else { format!("{name}({size}, stride: {stride})") }
}

fn activation(layer: &Golden) -> String {
    match layer.get("name").text() {
        "leaky_relu" => format!("leaky_relu({:?})", layer.get("slope").number()),
        "elu" => format!("elu({:?})", layer.get("alpha").number()),
        "prelu" => "prelu(shared: true)".to_owned(),
        name => name.to_owned(),
    }
}

/// The loss; files without one train by binary cross-entropy.
pub fn loss(file: &Golden) -> String {
    let loss = file.find("loss");
    let name = match loss.as_ref().map_or("bce".to_owned(), |loss| loss.get("type").text().to_owned()).as_str() {
        "mse" => "mse",
        "bce" | "bce_with_logits" => "binary_cross_entropy",
        "categorical_cross_entropy" | "softmax_cross_entropy" => "cross_entropy",
        other => panic!("a loss of type {other}"),
    };
    let number = |key: &str| Some(format!("{key}: {:?}", loss.as_ref()?.find(key)?.number()));
    let weights = loss.as_ref().and_then(|loss| loss.find("class_weights"));
    let weights = weights.map(|weights| format!("class_weights: {:?}", weights.numbers()));
    let arguments: Vec<String> =
        [number("label_smoothing"), weights, number("positive_weight")].into_iter().flatten().collect();
    if arguments.is_empty() { name.to_owned() } else { format!("{name}({})", arguments.join(", ")) }
}

/// Whether the language has an optimizer: RMSprop, Adam and Adagrad have no weight decay there.
pub fn is_of_the_language(optimizer: &Golden) -> bool {
    let decays = optimizer.find("weight_decay").is_some();
    !decays || matches!(optimizer.get("kind").text(), "SGD" | "AdamW")
}

/// An optimizer with its settings.
pub fn optimizer(optimizer: &Golden) -> String {
    let mut arguments = vec![format!("lr: {:?}", optimizer.get("lr").number())];
    let mut add = |name: &str, value: Option<Golden>| {
        arguments.extend(value.map(|value| format!("{name}: {:?}", value.number())));
    };
    add("momentum", optimizer.find("momentum"));
    add("rho", optimizer.find("alpha"));
    if let Some([beta1, beta2]) = optimizer.find("betas").map(|betas| betas.items()).as_deref() {
        add("beta1", Some(beta1.clone()));
        add("beta2", Some(beta2.clone()));
    }
    add("eps", optimizer.find("eps"));
    if optimizer.find("nesterov").is_some() {
        arguments.push("nesterov: true".to_owned());
    }
    arguments.extend(optimizer.find("weight_decay").map(|decay| format!("weight_decay: {:?}", decay.number())));
    format!("{}({})", optimizer.get("kind").text().to_lowercase(), arguments.join(", "))
}

/// The settings besides loss and optimizer: all rows are one batch, and batch norm wants it as a
/// number.
pub fn settings(file: &Golden) -> String {
    let batch = match file.find("buffers0") {
        Some(_) => file.get("input").shape()[0].to_string(),
        None => "all".to_owned(),
    };
    let clip_norm = file.find("clip_norm").map(|norm| format!("clip_norm: {:?};", norm.number()));
    format!("batch: {batch}; {} {}", regularizer(file), clip_norm.unwrap_or_default())
}

/// The penalty, from its formula: `+ 0.5 * 0.01 * sum of w^2 over …`.
fn regularizer(file: &Golden) -> String {
    let Some(extra) = file.find("loss").and_then(|loss| loss.find("extra")) else { return String::new() };
    let (factors, sum) = extra.text().split_once("sum of ").expect("a penalty is a sum");
    let factors = factors.trim_matches(|sign: char| !sign.is_ascii_digit()).split(" * ");
    let strength: f64 = factors.map(|factor| factor.parse::<f64>().expect("a factor is a number")).product();
    let name = if sum.starts_with("w^2") { "l2" } else { "l1" };
    format!("regularizer: {name}({strength:?});")
}
