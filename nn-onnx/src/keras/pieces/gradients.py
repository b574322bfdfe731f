def gradients(model, inputs, value_of):
    """The value of `value_of(outputs)` with the penalties, and its gradients by all weights."""
    weights = model.trainable_variables
    if keras.backend.backend() == "torch":
        for weight in weights:
            weight.value.grad = None
        value = value_of(model(inputs, training=True)) + sum(model.losses)
        value.backward()
        return value, [weight.value.grad for weight in weights]
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        with tf.GradientTape() as tape:
            value = value_of(model(inputs, training=True)) + sum(model.losses)
        return value, tape.gradient(value, [weight.value for weight in weights])
    import jax

    def whole(values):
        others = [variable.value for variable in model.non_trainable_variables]
        outputs, others, losses = model.stateless_call(
            values, others, inputs, training=True, return_losses=True
        )
        return value_of(outputs) + sum(losses), others

    (value, others), slopes = jax.value_and_grad(whole, has_aux=True)([w.value for w in weights])
    for variable, other in zip(model.non_trainable_variables, others):
        variable.assign(other)
    return value, slopes
