// codes: NN0101 NN0101
use nn_runtime::prelude::*;

network! {
    network Net {
        input x: [4];
        output y = x -> desne(1);
    }
}

network! {
    pub(crate) network NET {
        input x: [4];
        output y = x -> dense(1) -> sigmoyd;
    }
}

fn main() {
    let (a, b) = (Net::init(1), NET::init(2));
    println!("{:?} {:?}", a.predict(&[0.0; 4]), b.predict(&[0.0; 4]));
}
