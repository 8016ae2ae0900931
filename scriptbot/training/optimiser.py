"""Adam (Kingma & Ba 2015) with clipping by the global norm (Pascanu et al. 2013)."""

from __future__ import annotations

import tensorflow as tf

from scriptbot.training.lstm_op import Tensor

FIRST, SECOND, EPSILON = 0.9, 0.99, 1e-8
LARGEST_NORM = 1.0


class Adam:
    """The optimiser, with the first and second moments of every variable."""

    def __init__(self, variables: list[tf.Variable]) -> None:
        self.variables = variables
        self.first = [tf.Variable(tf.zeros_like(variable)) for variable in variables]
        self.second = [tf.Variable(tf.zeros_like(variable)) for variable in variables]
        self.step = tf.Variable(0.0)

    def reset(self) -> None:
        """Set all moments and the number of steps to zero."""
        for moment in (*self.first, *self.second):
            moment.assign(tf.zeros_like(moment))
        self.step.assign(0.0)

    def apply(self, gradients: list[Tensor], rate: Tensor) -> None:
        """One update; ``rate`` is the learning rate of this step."""
        gradients = [tf.convert_to_tensor(gradient) for gradient in gradients]
        norm = tf.linalg.global_norm(gradients)
        gradients = tf.cond(
            norm > LARGEST_NORM,
            lambda: [gradient * (LARGEST_NORM / norm) for gradient in gradients],
            lambda: gradients,  # a pass over memory less
        )
        step = self.step.assign_add(1.0)
        for variable, gradient, first, second in zip(self.variables, gradients, self.first, self.second, strict=True):
            tf.raw_ops.ResourceApplyAdam(  # TensorFlow's own kernel: one pass over the four arrays
                var=variable.handle,
                m=first.handle,
                v=second.handle,
                beta1_power=tf.pow(FIRST, step),
                beta2_power=tf.pow(SECOND, step),
                lr=rate,
                beta1=FIRST,
                beta2=SECOND,
                epsilon=EPSILON,
                grad=gradient,
            )
