// codes: NN0101
use nn_runtime::prelude::*;

network! {
    #[derive(Debug)]
    pub network Digits {
        input image: [64];
        output digit = image -> desne(10) -> softmax;
        train { loss: cross_entropy; optimizer: sgd; }
    }
}

struct Reader {
    digits: Digits,
    trainer: Option<Trainer<Digits>>,
}

impl Reader {
    fn read(&self, image: &[f32; 64]) -> usize {
        self.digits.class(image)
    }
}

trait Named {
    const NAME: &str;
}

impl Named for Digits {
    const NAME: &str = "digits";
}

impl Digits {
    fn new() -> Self {
        Self::init(1)
    }
}

fn borrow(digits: &Digits) -> &Digits {
    digits
}

fn any<N: Network>(_: &N) {}

fn main() {
    let digits = Digits::new();
    any(borrow(&digits));
    let mut trainer = Trainer::<Digits>::new(1);
    trainer.step(&[[0.0; 64]], &[3]);
    let reader = Reader { digits, trainer: Some(trainer) };
    println!("{} {} {}", Digits::NAME, reader.read(&[0.0; 64]), reader.trainer.is_some());
    let images: Vec<Digits> = Vec::new();
    for Digits { .. } in images {}
}
