//! `impl Trainable`: the gradients of a chunk, penalties, the update, evaluation.

mod augment;
mod external;

use proc_macro2::{Literal, TokenStream};
use quote::quote;
use syn::Index;

use super::learning_rates;
use super::names::{classes, flattened, input_type, learning, memories, network_type, output_type, row_type};
use super::numbers::{double, float, list, size};
use super::ops::normalize::moments_block;
use super::steps::Steps;
use super::writer::{Writer, body, plans_of};
use crate::compiled::Compiled;
use crate::model::{BatchSize, Optimizer, Schedule, Target, TargetRange, Train};
use crate::plan::{Op, Plan, Tensor, TensorKind, TrainingPlans};
use crate::{batching, costs};

/// `impl nn::trainable::Trainable for …`.
pub fn emit(writer: &mut Writer, plans: &TrainingPlans) -> TokenStream {
    let compiled = writer.compiled;
    let Some(train) = &compiled.model.train else { return quote! {} };
    let name = network_type(compiled);
    let constants = constants(compiled, train, plans);
    let (learning, states) = (learning(compiled), size(train.optimizer.states()));
    let (workspace, metrics) = (size(costs::workspace(&compiled.model, plans)), size(train.metrics.len()));
    let target = target_type(compiled, train);
    let state = learning_rates::state(train, quote! { [#learning; #states] });
    let with_loss = if train.has_loss() {
        [gradients_chunk(writer), step_chunk(writer, train), evaluate_chunk(writer)]
    } else {
        Default::default()
    };
    let functions = [
        external::emit(writer),
        penalty(writer),
        update(compiled, train),
        loss_factors(compiled, train),
        bad_target(compiled, train),
        fit_normalization(writer),
        first_non_finite(writer, train),
        augment::emit(compiled),
    ];
    let (output, chunk) = (output_type(compiled), size(batching::chunk(&compiled.model)));
    quote! {
        impl nn::trainable::Trainable for #name {
            type Target = #target;
            type Parameters = #learning;
            type State = #state;
            type Workspace = Flat<#workspace>;
            type Outputs = [#output; #chunk];
            type Metrics = [f64; #metrics];
            #constants
            #(#with_loss)*
            #(#functions)*
        }
    }
}

/// `usize` for a class, otherwise the shape of the output; a tuple for several.
fn target_type(compiled: &Compiled, train: &Train) -> TokenStream {
    if !train.has_loss() {
        return quote! { nn::targets::NoTarget };
    }
    let types = train.targets.iter().map(|target| match target.is_class {
        true => quote! { usize },
        false => row_type(&[compiled.shapes.of(target.output)]),
    });
    let types: Vec<TokenStream> = types.collect();
    match &types[..] {
        [only] => only.clone(),
        types => quote! { (#(#types),*) },
    }
}

fn constants(compiled: &Compiled, train: &Train, plans: &TrainingPlans) -> TokenStream {
    let batch = match train.batch {
        BatchSize::All => quote! { None },
        BatchSize::Rows(rows) => {
            let rows = size(rows);
            quote! { Some(#rows) }
        }
    };
    let chunk = size(batching::chunk(&compiled.model));
    let least = size(batching::least_rows(&compiled.model, &compiled.shapes));
    let classes = train.targets.iter().filter(|target| target.is_class);
    let classes = classes.map(|target| size(compiled.shapes.of(target.output).len()));
    let (epochs, seed, rate) =
        (size(train.epochs), Literal::u64_unsuffixed(train.seed), float(train.optimizer.learning_rate()));
    let metrics = train.metrics.iter().map(|measure| &measure.name);
    let (optimizer, states) = (train.optimizer.name(), train.optimizer.state_names());
    let stopping = match &train.early_stopping {
        None => quote! { None },
        Some(stopping) => {
            let (monitor, patience, least) =
                (train.monitor_name(stopping.monitor), size(stopping.patience), float(stopping.min_delta));
            quote! {
                Some(nn::early_stopping::EarlyStopping { monitor: #monitor, patience: #patience, min_delta: #least })
            }
        }
    };
    let (normalizes, scratch) = (!plans.normalization.is_empty(), size(costs::evaluation_scratch(plans)));
    let accumulate = (train.accumulate > 1).then(|| {
        let batches = size(train.accumulate);
        quote! { const ACCUMULATE: usize = #batches; }
    });
    let clip_norm = train.clip_norm.map(|norm| {
        let norm = float(norm);
        quote! { const CLIP_NORM: Option<f32> = Some(#norm); }
    });
    let rates = learning_rates::constant(compiled, train);
    let schedule = schedule(train.schedule);
    let no_loss = (!train.has_loss()).then(|| quote! { const HAS_LOSS: bool = false; });
    let stack = compiled.costs.training_stack.map_or(0, |stack| stack.bytes);
    let stack = size(stack);
    let shares_work = plans.share_work().then(|| quote! { const SHARES_WORK: bool = true; });
    quote! {
        const BATCH: Option<usize> = #batch;
        const CHUNK: usize = #chunk;
        const MIN_ROWS: usize = #least;
        const CLASSES: &'static [usize] = &[#(#classes),*];
        const EPOCHS: usize = #epochs;
        const SEED: u64 = #seed;
        const LEARNING_RATE: f32 = #rate;
        const OPTIMIZER: &'static str = #optimizer;
        const STATE_NAMES: &'static [&'static str] = &[#(#states),*];
        const METRICS: &'static [&'static str] = &[#(#metrics),*];
        const EARLY_STOPPING: Option<nn::early_stopping::EarlyStopping> = #stopping;
        const NORMALIZES: bool = #normalizes;
        const EVALUATION_SCRATCH: usize = #scratch;
        const STEP_STACK: usize = #stack;
        #accumulate
        #clip_norm
        #rates
        #schedule
        #no_loss
        #shares_work
    }
}

/// The schedule as a value of the runtime.
fn schedule(schedule: Schedule) -> TokenStream {
    let schedule = match schedule {
        Schedule::Constant => return quote! {},
        Schedule::Step { every, factor } => {
            let (every, factor) = (size(every), double(factor));
            quote! { Step { every: #every, factor: #factor } }
        }
        Schedule::Exponential { rate } => {
            let rate = double(rate);
            quote! { Exponential { rate: #rate } }
        }
        Schedule::Linear { to, over } => {
            let (to, over) = (double(to), size(over));
            quote! { Linear { to: #to, over: #over } }
        }
        Schedule::Cosine { warmup } => {
            let warmup = size(warmup);
            quote! { Cosine { warmup: #warmup } }
        }
        Schedule::OneCycle { max_lr } => {
            let max_lr = double(max_lr);
            quote! { OneCycle { max_lr: #max_lr } }
        }
    };
    quote! { const SCHEDULE: nn::schedule::Schedule = nn::schedule::Schedule::#schedule; }
}

fn target_row(compiled: &Compiled) -> TokenStream {
    compiled.model.train.as_ref().map(|train| target_type(compiled, train)).unwrap_or_default()
}

fn metrics(compiled: &Compiled) -> Literal {
    size(compiled.model.train.as_ref().map_or(0, |train| train.metrics.len()))
}

/// `let target = …;` if the only target is numbers. Of several targets, each is gathered by a step of the plan.
fn target(compiled: &Compiled) -> TokenStream {
    let targets = compiled.model.train.as_ref().map_or(&[][..], |train| &train.targets);
    match targets {
        [only] if !only.is_class => {
            let target = flattened(quote! { targets }, compiled.shapes.of(only.output).0.len(), false);
            quote! { let target = #target; }
        }
        _ => quote! {},
    }
}

/// What the bodies of [`gradients_chunk`] and [`step_chunk`] share: fields with their types, and code.
fn chunk_body<'a>(
    writer: &mut Writer<'a>,
    plan: &'a Plan,
    own_fields: &[(&'static str, TokenStream)],
    row_weights: Option<TokenStream>,
    [start, end]: [TokenStream; 2],
) -> TokenStream {
    let compiled = writer.compiled;
    let target = target(compiled);
    let mut steps = Steps::new(writer, plan).with_row_weights(row_weights);
    let (preamble, code) = (steps.preamble(quote! { Flat::as_mut_slice(workspace) }), steps.all());
    let ((_, statistics), learning) = (memories(compiled), learning(compiled));
    let (input, target_row) = (input_type(compiled), target_row(compiled));
    let workspace = size(costs::workspace(&compiled.model, plans_of(compiled)));
    let count = metrics(compiled);
    let mut fields = vec![
        ("t", quote! { &'a mut #statistics }),
        ("inputs", quote! { &'a [#input] }),
        ("targets", quote! { &'a [#target_row] }),
        ("pass", quote! { &'a nn::trainable::Pass<'a> }),
        ("gradients", quote! { &'a mut #learning }),
        ("workspace", quote! { &'a mut Flat<#workspace> }),
    ];
    fields.extend_from_slice(own_fields);
    let code = quote! {
        let (mut loss, mut metrics) = (0.0, [0.0; #count]);
        #start
        #preamble
        #target
        #code
        #end
        (loss, metrics)
    };
    body(plan.dispatch, &fields, quote! { (f64, [f64; #count]) }, code)
}

fn gradients_chunk(writer: &mut Writer) -> TokenStream {
    let (parameters, _) = memories(writer.compiled);
    let plan = &plans_of(writer.compiled).training;
    let (fields, weights) = ([("p", quote! { &'a #parameters })], Some(quote! { pass.row_weights }));
    let code = chunk_body(writer, plan, &fields, weights, [quote! {}, quote! {}]);
    quote! {
        fn gradients_chunk(
            &mut self,
            inputs: &[Self::Input],
            targets: &[Self::Target],
            pass: &nn::trainable::Pass<'_>,
            gradients: &mut Self::Parameters,
            workspace: &mut Self::Workspace,
        ) -> (f64, Self::Metrics) {
            let (p, t) = (&self.parameters, &mut self.statistics);
            #code
        }
    }
}

/// The whole step in one, if each gradient is needed only once.
fn step_chunk(writer: &mut Writer, train: &Train) -> TokenStream {
    let compiled = writer.compiled;
    let Some(plan) = &plans_of(compiled).step else { return quote! {} };
    let ((parameters, _), learning) = (memories(compiled), learning(compiled));
    let (states, settings) = (size(train.optimizer.states()), settings(train.optimizer));
    let mut own_fields =
        vec![("p", quote! { &'a mut #parameters }), ("state", quote! { &'a mut [#learning; #states] })];
    let mut parts = quote! {};
    if !train.rates.is_empty() {
        let count = size(train.rates.len());
        own_fields.push(("own", quote! { &'a mut [nn::learning_rates::Own; #count] }));
        parts = quote! { let (state, own) = state; };
    }
    let (rules, end) = learning_rates::rules(train, &settings);
    let stored = plan.steps.iter().filter_map(|step| {
        let Op::UpdateTensor(update) = &step.op else { return None };
        Some(update.tensor.0)
    });
    let zeroed = stored.map(|tensor| {
        let (length, offset) = (size(writer.tensor(tensor).len()), writer.offset(tensor));
        quote! { <[f32]>::fill(&mut Flat::as_mut_slice(gradients)[#offset..][..#length], 0.0); }
    });
    let start = quote! {
        let rule = nn::optimizers::Optimizer::rule(&nn::optimizers::#settings, pass.learning_rate, pass.step);
        #rules
        #(#zeroed)*
    };
    let code = chunk_body(writer, plan, &own_fields, None, [start, end]);
    quote! {
        fn step_chunk(
            &mut self,
            inputs: &[Self::Input],
            targets: &[Self::Target],
            pass: &nn::trainable::Pass<'_>,
            gradients: &mut Self::Parameters,
            state: &mut Self::State,
            workspace: &mut Self::Workspace,
        ) -> (f64, Self::Metrics) {
            let (p, t) = (&mut self.parameters, &mut self.statistics);
            #parts
            #code
        }
    }
}

fn penalty(writer: &Writer) -> TokenStream {
    let compiled = writer.compiled;
    let regularized = |tensor: &&Tensor| tensor.l1 != 0.0 || tensor.l2 != 0.0;
    let terms = compiled.tensors.of(TensorKind::Parameter).filter(regularized).map(|tensor| {
        let (offset, length) = (writer.offset_of(tensor), size(tensor.len()));
        let (l1, l2) = (float(tensor.l1), float(tensor.l2));
        quote! {
            penalty += run(nn::regularizer::Penalty {
                weights: &Flat::as_slice(p)[#offset..][..#length],
                l1: #l1,
                l2: #l2,
                gradient: Option::as_deref_mut(&mut gradients)
                    .map(|gradients| &mut Flat::as_mut_slice(gradients)[#offset..][..#length]),
            });
        }
    });
    quote! {
        fn penalty(&self, mut gradients: Option<&mut Self::Parameters>) -> f64 {
            let p = &self.parameters;
            let mut penalty = 0.0;
            #(#terms)*
            penalty
        }
    }
}

/// The optimizer as a value of the runtime.
fn settings(optimizer: Optimizer) -> TokenStream {
    match optimizer {
        Optimizer::Perceptron { .. } => quote! { Sgd { weight_decay: 0.0 } },
        Optimizer::Sgd { momentum: 0.0, weight_decay, .. } => {
            let decay = float(weight_decay);
            quote! { Sgd { weight_decay: #decay } }
        }
        Optimizer::Sgd { momentum, nesterov, weight_decay, .. } => {
            let (momentum, decay) = (float(momentum), float(weight_decay));
            quote! { SgdMomentum { momentum: #momentum, nesterov: #nesterov, weight_decay: #decay } }
        }
        Optimizer::RmsProp { rho, eps, .. } => {
            let (rho, eps) = (float(rho), float(eps));
            quote! { RmsProp { rho: #rho, eps: #eps } }
        }
        Optimizer::Adam { beta1, beta2, eps, .. } => {
            let (beta1, beta2, eps) = (float(beta1), float(beta2), float(eps));
            quote! { Adam { beta1: #beta1, beta2: #beta2, eps: #eps } }
        }
        Optimizer::AdamW { beta1, beta2, eps, weight_decay, .. } => {
            let (beta1, beta2, eps, decay) = (float(beta1), float(beta2), float(eps), float(weight_decay));
            quote! { AdamW { beta1: #beta1, beta2: #beta2, eps: #eps, weight_decay: #decay } }
        }
        Optimizer::Adagrad { eps, .. } => {
            let eps = float(eps);
            quote! { Adagrad { eps: #eps } }
        }
    }
}

fn update(compiled: &Compiled, train: &Train) -> TokenStream {
    let settings = settings(train.optimizer);
    let learning = compiled.tensors.learning();
    // Frozen parameters are after those that learn.
    let all = (learning < compiled.tensors.storage(TensorKind::Parameter)).then(|| {
        let learning = size(learning);
        quote! { [..#learning] }
    });
    let parameters = match all {
        Some(part) => quote! { &mut Flat::as_mut_slice(p)#part },
        None => quote! { Flat::as_mut_slice(p) },
    };
    if !train.rates.is_empty() {
        return quote! {
            fn update(&mut self, gradients: &Self::Parameters, state: &mut Self::State, step: u64, learning_rate: f32) {
                let p = &mut self.parameters;
                nn::learning_rates::update(
                    &nn::optimizers::#settings,
                    (learning_rate, step),
                    Self::LEARNING_RATES.spans,
                    #parameters,
                    Flat::as_slice(gradients),
                    state,
                );
            }
        };
    }
    quote! {
        fn update(&mut self, gradients: &Self::Parameters, state: &mut Self::State, step: u64, learning_rate: f32) {
            let p = &mut self.parameters;
            let mut state = state.each_mut().map(|state| Flat::as_mut_slice(state));
            nn::optimizers::Optimizer::update(
                &nn::optimizers::#settings,
                learning_rate,
                step,
                #parameters,
                Flat::as_slice(gradients),
                &mut state,
            );
        }
    }
}

fn evaluate_chunk(writer: &mut Writer) -> TokenStream {
    let compiled = writer.compiled;
    let (target, count) = (target(compiled), metrics(compiled));
    let steps = Steps::new(writer, &plans_of(compiled).evaluation);
    let mut steps = steps.with_row_weights(Some(quote! { row_weights }));
    let (preamble, body) = (steps.preamble(quote! { scratch }), steps.all());
    quote! {
        fn evaluate_chunk(
            &self,
            inputs: &[Self::Input],
            targets: &[Self::Target],
            factors: &nn::trainable::LossFactors,
            row_weights: Option<&[f32]>,
            scratch: &mut [f32],
        ) -> (f64, Self::Metrics) {
            let (p, t) = (&self.parameters, &self.statistics);
            let (mut loss, mut metrics) = (0.0, [0.0; #count]);
            #preamble
            #target
            #body
            (loss, metrics)
        }
    }
}

/// The factors of the losses with class weights, if there are any.
fn loss_factors(compiled: &Compiled, train: &Train) -> TokenStream {
    let weighted = train.losses.iter().filter_map(|term| Some((term.target, term.class_weights.as_ref()?)));
    let factors: Vec<TokenStream> = weighted
        .enumerate()
        .map(|(index, (target, weights))| {
            let (index, weights) = (size(index), list(&weights.weights));
            let classes = classes(target, train.targets.len() > 1);
            quote! { factors[#index] = nn::losses::class_factor(#classes, &#weights); }
        })
        .collect();
    if factors.is_empty() {
        return quote! {};
    }
    let target_row = target_type(compiled, train);
    quote! {
        fn loss_factors(targets: &[#target_row]) -> nn::trainable::LossFactors {
            let mut factors = [1.0; nn::trainable::MAX_WEIGHTED];
            #(#factors)*
            factors
        }
    }
}

/// The check of targets that are numbers, if a loss does not take all numbers.
fn bad_target(compiled: &Compiled, train: &Train) -> TokenStream {
    let check = |(at, target): (usize, &Target)| {
        let term = train.narrowest_term(at)?;
        let range = match term.loss.target_range() {
            TargetRange::Class | TargetRange::Number => return None,
            TargetRange::Binary => quote! { Binary },
            TargetRange::Share => quote! { Share },
        };
        let index = Index::from(at);
        let row = match train.targets[..] {
            [_] => quote! { &target[..] },
            _ => quote! { &target.#index[..] },
        };
        let numbers = flattened(row, compiled.shapes.of(target.output).0.len() - 1, false);
        let (output, loss) = (compiled.model.output_name(target), term.loss.name());
        Some(quote! {
            nn::targets::first_bad(
                nn::targets::Taken { output: #output, loss: #loss, range: nn::targets::TargetRange::#range },
                #numbers,
            )
        })
    };
    let checks: Vec<TokenStream> = train.targets.iter().enumerate().filter_map(check).collect();
    let [first, others @ ..] = &checks[..] else { return quote! {} };
    quote! {
        fn bad_target(target: &Self::Target) -> Option<nn::targets::BadTarget> {
            #first #(.or_else(|| #others))*
        }
    }
}

fn fit_normalization(writer: &mut Writer) -> TokenStream {
    let compiled = writer.compiled;
    let chunk = size(batching::chunk(&compiled.model));
    let mut parts = Vec::new();
    for plan in &plans_of(compiled).normalization {
        let Some(Op::ObserveMoments(observe)) = plan.steps.last().map(|step| &step.op) else {
            unreachable!("the plan of a `normalize` layer ends with what it observes")
        };
        let (mean, deviation) = (compiled.tensors.get(observe.mean.0), compiled.tensors.get(observe.deviation.0));
        let (features, block) = (size(mean.len()), size(moments_block(mean.len())));
        let (mean, deviation) = (writer.offset_of(mean), writer.offset_of(deviation));
        let mut steps = Steps::apart(writer, plan);
        let (preamble, body) = (steps.preamble(quote! { Flat::as_mut_slice(workspace) }), steps.all());
        parts.push(quote! {
            for first in Iterator::step_by(0..#features, #block) {
                let mut moments = normalize::Moments::<#block>::new(first);
                for inputs in inputs.chunks(#chunk) {
                    #preamble
                    #body
                }
                let [mean, deviation] = Flat::vectors_mut::<#features>(t, [#mean, #deviation]);
                normalize::Moments::finish(&moments, mean, deviation);
            }
        });
    }
    quote! {
        fn fit_normalization(&mut self, inputs: &[Self::Input], workspace: &mut Self::Workspace) {
            let (p, t) = (&self.parameters, &mut self.statistics);
            #(#parts)*
        }
    }
}

fn first_non_finite(writer: &mut Writer, train: &Train) -> TokenStream {
    let plans = plans_of(writer.compiled);
    let (plan, output) = match train.has_loss() {
        true => (&plans.training, quote! {}),
        false => (&plans.external, external::outputs(writer.compiled, quote! { output }, quote! { outputs }, true)),
    };
    let mut steps = Steps::apart(writer, plan);
    let (preamble, body) = (steps.preamble(quote! { Flat::as_mut_slice(workspace) }), steps.checked_forward());
    quote! {
        fn first_non_finite(
            &mut self,
            inputs: &[Self::Input],
            targets: &[Self::Target],
            pass: &nn::trainable::Pass<'_>,
            outputs: &mut [Self::Output],
            workspace: &mut Self::Workspace,
        ) -> Option<&'static str> {
            let (p, t) = (&self.parameters, &mut self.statistics);
            #preamble
            #output
            #body
            None
        }
    }
}
