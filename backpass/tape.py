"""Reverse-mode differentiation over NumPy arrays: the tape of the chapter *backpropagation*.

The chapter builds this code in the open; a test keeps the two texts the same::

    >>> import numpy as np
    >>> from backpass.tape import Value, tanh
    >>> W = Value(np.ones((2, 3)))
    >>> loss = tanh(np.eye(2) @ W).sum()
    >>> loss.backward()
    >>> W.grad.round(3)
    array([[0.42, 0.42, 0.42],
           [0.42, 0.42, 0.42]])

A ``Value`` has ``data`` and ``grad``, float64 arrays of one shape. ``backward`` adds to ``grad``;
whoever wants a fresh one sets it to zero. Values know ``+ - * / @`` among themselves and with
numbers and arrays, ``.T``, ``.sum(axis)``, which keeps the axis with length 1, and ``.mean()`` over
all entries; ``operation`` makes further functions.
"""

from itertools import count

import numpy as np

__all__ = ["Value", "add", "div", "exp", "log", "matmul", "mean", "mul", "operation", "relu"]
__all__ += ["sub", "tanh", "total", "transpose", "unstretch"]


class Value:
    """An array that knows from which values, and by which rule, it was computed."""

    __array_ufunc__ = None  # in `array * value`, NumPy then leaves the work to Value
    numbers = count()  # so a value's number is greater than those of its inputs

    def __init__(self, data, inputs=(), rule=lambda g: ()):
        self.data = np.array(data, dtype=float)
        self.grad = np.zeros_like(self.data)
        self.inputs, self.rule, self.number = inputs, rule, next(Value.numbers)

    def backward(self, v=1.0):
        """Add vᵀ ∂self/∂x to x.grad for every value x that went into this one."""
        if np.shape(v) != self.data.shape:
            raise ValueError(f"v has shape {np.shape(v)}, the value has {self.data.shape}")
        found, to_visit = {self}, [self]
        while to_visit:
            new = set(to_visit.pop().inputs) - found
            found |= new
            to_visit += new
        arrived = dict.fromkeys(found, 0.0) | {self: np.array(v, dtype=float)}
        for value in sorted(found, key=lambda value: value.number, reverse=True):
            g = arrived.pop(value)  # complete: all that use this value came before
            value.grad += g
            if not isinstance(parts := value.rule(g), tuple | list):
                raise TypeError("a rule gives zip() a tuple with one gradient per input")
            for x, part in zip(value.inputs, parts, strict=True):
                arrived[x] += unstretch(part, x.data.shape)


def unstretch(g, shape):
    """Sum a gradient over the axes along which an array of this shape was stretched."""
    if np.shape(g) != shape:
        g = np.sum(g, axis=tuple(range(np.ndim(g) - len(shape))))
        g = np.sum(g, axis=tuple(i for i, n in enumerate(shape) if n == 1), keepdims=True)
    return g


def operation(forward, backward):
    """A function of values: forward(*arrays) gives y, backward(g, y, *arrays) one g per input."""

    def apply(*inputs, **options):
        inputs = [x if isinstance(x, Value) else Value(x) for x in inputs]
        arrays = [x.data for x in inputs]
        y = forward(*arrays, **options)
        return Value(y, inputs, lambda g: backward(g, y, *arrays))

    return apply


# fmt: off
add       = operation(lambda a, b: a + b,          lambda g, y, a, b: (g, g))
sub       = operation(lambda a, b: a - b,          lambda g, y, a, b: (g, -g))
mul       = operation(lambda a, b: a * b,          lambda g, y, a, b: (g * b, g * a))
div       = operation(lambda a, b: a / b,          lambda g, y, a, b: (u := g / b, -u * y))
matmul    = operation(lambda a, b: a @ b,          lambda g, y, a, b: (g @ b.mT, a.mT @ g))
exp       = operation(np.exp,                      lambda g, y, a: (g * y,))
log       = operation(np.log,                      lambda g, y, a: (g / a,))
tanh      = operation(np.tanh,                     lambda g, y, a: (g * (1 - y * y),))
relu      = operation(lambda a: np.maximum(a, 0),  lambda g, y, a: (g * (a > 0),))
transpose = operation(lambda a: a.T,               lambda g, y, a: (g.T,))
total     = operation(lambda a, axis=None: np.sum(a, axis, keepdims=axis is not None),
                                               lambda g, y, a: (np.broadcast_to(g, a.shape),))
mean      = operation(lambda a: np.mean(a),        lambda g, y, a: (np.full_like(a, g / a.size),))
# fmt: on

symbols = {"add": add, "sub": sub, "mul": mul, "truediv": div, "matmul": matmul}
for name, function in symbols.items():
    setattr(Value, f"__{name}__", function)
    setattr(Value, f"__r{name}__", lambda b, a, function=function: function(a, b))
Value.__repr__ = lambda a: f"Value({a.data}, grad={a.grad})"
Value.__neg__ = lambda a: a * -1
Value.sum = lambda a, axis=None: total(a, axis=axis)
Value.T, Value.mean = property(transpose), mean
