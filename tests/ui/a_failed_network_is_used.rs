// codes: NN0301
use nn_runtime::prelude::*;

network! {
    network Net {
        input image: [1, 8, 8];
        output y = image -> dense(10);
    }
}

fn main() {
    let net = Net::init(42);
    let y: [f32; 10] = net.predict(&[[[0.0; 8]; 8]; 1]);
    println!("{y:?} {}", Net::PARAMS);
}
