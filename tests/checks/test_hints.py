"""Who follows an exercise's hints, word by word, arrives.

A hint is what a sheet advises, or what a learner is told of a mistake, where it says what to write.
Each answer here does what its hints say, in their words as far as code can.
"""

import contract
import numpy as np
import pytest
import sympy as sp

from backpass.checks import (
    backpropagation,
    bptt,
    chapters,
    minibatches,
    relu_cnn_rnn,
    residual_networks,
    sigmoid_and_tanh,
    softmax_cross_entropy,
    why_gradients,
)
from backpass.tape import Value, operation

FOLLOWED = []


def follows(check, *hints):
    """Enter an answer that does what these hints to the exercise say."""

    def enter(answer):
        FOLLOWED.append(pytest.param(check, hints, answer, id=f"{check.slug}-{answer.__name__}"))
        return answer

    return enter


@follows(
    backpropagation.backward_pass,
    "Sum it over the examples: δ.sum(axis=0)",
    "1 − exp(−H)",
    "Divide δ₂ by n, once",
    "δ₂ W₂ᵀ",
    "Y = H W₂ + X V + b₂",
    "H = log(1 + exp(X W₁ + b₁))",
    "δ₂ is (Y − T) / n",
    "∂E/∂W is (what this W multiplied)ᵀ δ: X for W₁ and V, H for W₂",
)
def back(X, T, W1, b1, W2, b2, V):
    H = np.log(1 + np.exp(X @ W1 + b1))
    delta_2 = (H @ W2 + X @ V + b2 - T) / len(X)
    delta_1 = delta_2 @ W2.T * (1 - np.exp(-H))
    return X.T @ delta_1, delta_1.sum(axis=0), H.T @ delta_2, delta_2.sum(axis=0), X.T @ delta_2


@follows(
    backpropagation.whose_error,
    "Call `backward` once for each example, with X[i : i + 1] and T[i : i + 1]",
    "Divide what a batch of one gives by n",
    "δ₁ of one example is its db1",
    "That column is H times the error of its output, and db2 is that error: divide by it",
    "−W2 for the others, all else as it was",
)
def one_example_at_a_time(backward, X, T, W1, b1, W2, b2, V):
    looks = []
    for weights in (W2, -W2):
        alone = [
            backward(X[i : i + 1], T[i : i + 1], W1, b1, weights, b2, V) for i in range(len(X))
        ]
        looks.append(np.array([dW2[:, 0] / db2[0] for _, _, dW2, db2, _ in alone]))
        looks.append(np.array([db1 / len(X) for _, db1, *_ in alone]))
    return tuple(looks)


def embedding(back):
    """The notebook's ``embed``, with the backward rule ``back(g, y, a, index)``."""

    def embed(table, index, v):
        A = Value(table)
        rows = operation(lambda a: a[index], lambda g, y, a: back(g, y, a, index))(A)
        rows.backward(v)
        return rows.data, A.grad, A.data

    return embed


@follows(
    backpropagation.tape_operation,
    "Start from np.zeros_like(a)",
    "np.add.at goes one by one: np.add.at(ga, index, g)",
    "`(ga,)`, with the comma",
)
@embedding
def adding_one_by_one(g, y, a, index):
    ga = np.zeros_like(a)
    np.add.at(ga, index, g)
    return (ga,)


@follows(
    backpropagation.central_differences,
    "`np.ndindex(x.shape)` visits every index",
    "h * max(1, abs(x[i]))",
    "Where it moves by s to each side, divide by 2s",
)
def visiting_every_index(f, x, h):
    gradient = np.zeros(x.shape)
    for where in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[where] = s = h * max(1, abs(x[where]))
        gradient[where] = (f(x + step) - f(x - step)) / (2 * s)
    return gradient


@follows(
    bptt.bptt,
    "Bring the leak a into both directions: (1 − a) h_{t−1} + a tanh(z_t) on the way forward",
    "Keep tanh(z_t) itself on the way forward, and take 1 − tanh(z_t)²",
    "Besides δ_t Wᵀ send (1 − a) times all that arrived at h_t back, past tanh",
    "h_t holds a tanh(z_t): multiply δ_t by a",
    "Divide ∂L_t/∂h_t by n, the number of sequences, and nothing else",
    "sum δ_t over the batch, and over time",
    "U multiplied x_t, W multiplied h_{t−1}",
    "a loop back from it is reversed(range(T))",
)
def through_time(X, Y, h0, U, W, b, a):
    H, new = [h0], []
    for x in X:
        new.append(np.tanh(x @ U + H[-1] @ W + b))
        H.append((1 - a) * H[-1] + a * new[-1])
    dU, dW, db, carry = 0 * U, 0 * W, 0 * b, 0 * h0
    for t in reversed(range(len(X))):
        arrived = (H[t + 1] - Y[t]) / len(h0) + carry
        delta = a * arrived * (1 - new[t] ** 2)
        dU, dW, db = dU + X[t].T @ delta, dW + H[t].T @ delta, db + delta.sum(axis=0)
        carry = delta @ W.T + (1 - a) * arrived
    return dU, dW, db


@follows(
    bptt.terms,
    "with which no factor is 0: the slope is 1 − H²",
    "Let one loss at a time send: G is 0 at all other steps",
    "give each step an input of its own, X[t] = e_t: then dU has a row for each step",
    "Through W = 0 nothing comes back; take 1",
    "Compare with 0: `!= 0`",
)
def one_loss_at_a_time(credit, T, K, S):
    X, rows = np.eye(T)[:, None, :], []
    for t in range(T):
        G = np.eye(T)[t][:, None, None]
        dU, _, _ = credit(X, np.zeros((T + 1, 1, 1)), G, np.ones((1, 1)), K, S)
        rows.append(dU[:, 0] != 0)
    return np.array(rows)


@follows(
    bptt.rtrl,
    "J_t = φ′ (x_t + h_{t−1} + w J_{t−1})",
    "h_t = tanh(w (x_t + h_{t−1})): w multiplies the sum",
    "First bring J up to date, then multiply by the error",
    "Add (h_t − y_t) J_t to g",
    "multiply all of it by 1 − h_t²",
)
def one_step_forwards(h, J, g, x, y, w):
    new = np.tanh(w * (x + h))
    J = (1 - new**2) * (x + h + w * J)
    return new, J, g + (new - y) * J


@follows(
    bptt.influence,
    "The newest reaches K steps back, the one before it K − 1, the oldest K − S + 1: add these",
    "Truncated at k, j runs from 0 to k − 1: k terms",
    "or take np.linalg.matrix_power",
    "A[i, i + 1] = ½ stands above the diagonal: np.eye(n, k=1)",
    "Its first p entries are +1, those with the indices 0 to p − 1",
    "Add the terms up, and look for the first negative sum",
    "Add the derivatives truncated at 1, 2, …, K, and look for the first K with a negative sum",
)
def derivatives_added_up(n, p, K, S):
    A = (np.eye(n) + np.eye(n, k=1)) / 2
    v = np.where(np.arange(n) < p, 1.0, -1.0)
    terms = [(np.linalg.matrix_power(A, j) @ v)[0] for j in range(20 * n)]
    D = [sum(terms[:k]) for k in range(1, 8 * n)]
    sliding = next(k for k in range(1, 8 * n) if D[k - 1] < 0)
    windows = next(k for k in range(1, 8 * n) if sum(D[:k]) < 0)
    return sum(D[k - 1] for k in range(K - S + 1, K + 1)), sliding, windows


@follows(
    relu_cnn_rnn.u_range,
    "Take the exponential",
    "divide the bound by a^silent before you take the root",
    "All T steps have a factor u: the power is 1/T",
    "solve u^T a^silent = smallest, and = largest",
)
def exponential(smallest, largest, T, silent, a):
    bounds = np.array([smallest, largest]) / a**silent
    return np.exp(np.log(bounds) * (1 / T))


@follows(
    relu_cnn_rnn.patches,
    "P zeros belong on each of the four sides: np.pad with (P, P) for rows and for columns",
    "Positions begin at 0, S, 2S, … up to H + 2P − (F_h − 1) D − 1, that one included",
    "Transpose to n, row, column, channel, filter row, filter column first",
    "rows i·D, columns j·D from there",
)
def every_position_included(X, F_h, F_w, S, P, D):
    C, H, W = X.shape[1:]
    padded = np.pad(X, [(0, 0), (0, 0), (P, P), (P, P)])
    down = range(0, H + 2 * P - (F_h - 1) * D, S)
    across = range(0, W + 2 * P - (F_w - 1) * D, S)
    patches = np.array(
        [
            [
                [padded[:, :, r + i * D, c + j * D] for i in range(F_h) for j in range(F_w)]
                for c in across
            ]
            for r in down
        ]
    )  # row, column, place in the filter, n, channel
    return patches.transpose(3, 0, 1, 4, 2).reshape(-1, C * F_h * F_w)


@follows(
    relu_cnn_rnn.conv_gradients,
    "add each number to the pixel that it was copied from",
    "it takes K.T to make it (k, C F_h F_w) again",
    "In G bring the filters, axis 1, to the end first",
    "Add, +=, in place of =",
    "What belongs to the image begins at row P and column P of the padded one",
    "Write P : P + H",
    "With $R$ and the filters as columns of a matrix $K$, $(C F_h F_w, k)$, the layer is $RK$",
)
def by_the_filters_matrix(X, W, G, S, P, D):
    (n, C, H, across), (k, _, F_h, F_w) = X.shape, W.shape
    R, K = every_position_included(X, F_h, F_w, S, P, D), W.reshape(k, -1).T
    flat = np.moveaxis(G, 1, -1).reshape(-1, k)
    dW = (R.T @ flat).T.reshape(W.shape)
    dR = (flat @ K.T).reshape(n, *G.shape[2:], C, F_h, F_w)
    padded = np.zeros((n, C, H + 2 * P, across + 2 * P))
    for r, c, i, j in np.ndindex(*G.shape[2:], F_h, F_w):
        padded[:, :, S * r + i * D, S * c + j * D] += dR[:, r, c, :, i, j]
    return dW, padded[:, :, P : P + H, P : P + across]


@follows(
    relu_cnn_rnn.layer_errors,
    "np.where(Z > 0, 1, a)",
    "it goes through that one too",
    "With H W on the way forward it is δ Wᵀ",
    "Put what comes back into the list before it is multiplied by the slopes",
    "insert at the front",
)
def inserted_at_the_front(X, Ws, G, a):
    Zs, H = [], X
    for W in Ws:
        Zs.append(H @ W)
        H = np.where(Zs[-1] > 0, 1, a) * Zs[-1]
    found = [G]
    for W, Z in zip(Ws[::-1], Zs[::-1], strict=True):
        found.insert(0, found[0] * np.where(Z > 0, 1, a) @ W.T)
    return found


@follows(
    relu_cnn_rnn.log_sizes,
    "let the loop run over them, and choose matrix i // m",
    "with a batch of nets x has the shape (nets, 1, n)",
    "Its n entries are 1/√n: divide by np.sqrt(n)",
    "np.linalg.norm(x, axis=-1)",
    "Take np.log of it at the end",
)
def factor_by_factor(Ws, k, m):
    n = Ws.shape[-1]
    x = np.ones((len(Ws), 1, n)) / np.sqrt(n)
    for i in range(k):
        x = x @ Ws[:, i // m]
    return np.log(np.linalg.norm(x, axis=-1))[:, 0]


@follows(
    relu_cnn_rnn.four_paths,
    "Turn the list of gradients round: G, which is the last, comes first",
    "np.linalg.norm of the whole array, without an axis",
    "give layer_errors a = 0",
    "Give rnn_gradients Ws[0] for W",
    "u_range(0.5, 2.0, L, 0, 1.0)[1]",
    "Give rnn_gradients u * np.eye(m) for W",
    "J = W * d",
    "Give layer_errors the leak a = 1",
)
def four_ways(layer_errors, rnn_gradients, u_range, counterexamples, Ws, h, G):
    L, (n, m) = len(Ws), h.shape
    X, V, b = np.zeros((L, n, 1)), np.zeros((1, m)), np.zeros(m)
    u, (_, W, d) = u_range(0.5, 2.0, L, 0, 1.0)[1], counterexamples()
    J = W * d
    ways = [
        layer_errors(h, Ws, G, 0),
        rnn_gradients(X, h, Ws[0], V, b, G)[3],
        rnn_gradients(X, h, u * np.eye(m), V, b, G)[3],
        layer_errors(np.eye(len(J)), [J] * L, np.eye(len(J)), 1),
    ]
    return [np.log([np.linalg.norm(one) for one in way[::-1]]) for way in ways]


@follows(
    relu_cnn_rnn.chain_length,
    "Each layer has a slope, at most ¼, and a weight, ½",
    "Take the first one after which it is so",
    "The product is computed layer by layer, starting from 1",
    "count in a loop",
)
def counted_in_a_loop():
    def layers(left, done):
        count = 0
        while not done(left):
            left, count = left * left.dtype.type(1 / 4) * left.dtype.type(1 / 2), count + 1
        return count

    return (
        layers(np.float64(1), lambda left: left < 1e-6),
        layers(np.float32(1), lambda left: left == 0),
        layers(np.float64(1), lambda left: left == 0),
    )


@follows(
    relu_cnn_rnn.he_scaling,
    "Square z and a z, each on its own side of 0, then take the mean",
    "Half of the mean square of z lies on each side of 0",
    "so it belongs below",
    "a variance has a factor 1/n",
    "A number that is uniform on [−r, r] has the variance r²/3",
    "take it to the power L",
)
def squared_on_each_side():
    n, a, r, L = sp.symbols("n a r L", positive=True)
    left = sp.Rational(1, 2) * (1 + a**2)
    variance = 1 / n / left
    uniform = (1 / sp.sqrt(n)) ** 2 / 3
    return [variance, sp.solve(r**2 / 3 - variance, r)[0], (uniform / variance) ** L]


@follows(
    relu_cnn_rnn.repair_rnn,
    "It is 1 where this step's unit was active and 0 elsewhere",
    "Beside δ_t stands the state which came into step t",
    "Add what each step gives: += in place of =",
    "with h W on the way forward it is δ Wᵀ",
    "Sum δ over them",
    "the last step is the first to get it",
)
def from_the_last_step_on(X, h0, W, V, b, dh):
    H = [h0]
    for x in X:
        H.append(np.maximum(H[-1] @ W + x @ V + b, 0))
    dW, dV, db, dH = 0 * W, 0 * V, 0 * b, [dh]
    for t in reversed(range(len(X))):
        delta = dh * (H[t + 1] > 0)
        dW += H[t].T @ delta
        dV += X[t].T @ delta
        db += delta.sum(axis=0)
        dh = delta @ W.T
        dH.insert(0, dh)
    return dW, dV, db, dH


@follows(
    sigmoid_and_tanh.family_slope,
    "First find σ from y, then use σ (1 − σ) and the chain rule",
    "σ = y/a + c",
    "multiply by s",
    "multiply by a",
)
def found_from_the_output(y, a, s, c):
    sigma = y / a + c
    return sigma * (1 - sigma) * s * a


@follows(
    sigmoid_and_tanh.as_tanh_net,
    "σ(z) = ½ + ½ tanh(z/2)",
    "Over the hidden units, the rows of W3: axis=0",
)
def half_and_half(W1, b1, W2, b2, W3, b3):
    return (
        W1 / 2, b1 / 2,
        W2 / 4, (b2 + W2.sum(axis=0) / 2) / 2,
        W3 / 2, b3 + W3.sum(axis=0) / 2,
    )  # fmt: skip


@follows(
    sigmoid_and_tanh.centre,
    "Each *input* has a mean, over the examples: axis=0",
    "np.nanmean is the mean of those that are there. Then put 0 where np.isnan says so",
)
def less_the_mean_of_each_input(X_train, X_test):
    centred = [X - np.nanmean(X_train, axis=0) for X in (X_train, X_test)]
    for X in centred:
        X[np.isnan(X)] = 0
    return tuple(centred)


@follows(
    softmax_cross_entropy.jacobian,
    "three rows and two columns",
    "∂o_i/∂z_j − ∂o_i/∂z_3, since ∂z3/∂z_j = −1",
    "divide all entries by tau",
    "o_i − o_i o_j on the diagonal, −o_i o_j off it",
)
def less_what_the_third_gets():
    o, tau = sp.symbols("o1 o2 o3"), sp.Symbol("tau")
    free = [[(o[i] if i == j else 0) - o[i] * o[j] for j in range(3)] for i in range(3)]
    return [[(row[j] - row[2]) / tau for j in range(2)] for row in free]


@follows(
    softmax_cross_entropy.stable_softmax,
    "Divide the logits by tau before anything else",
    "np.where(allowed, Z / tau, -np.inf)",
    "Take the maximum over the allowed ones alone",
    "max(axis=1, keepdims=True)",
    "Divide each row by its sum, axis=1",
)
def powers_by_their_sum(Z, tau, allowed):
    exponents = np.where(allowed, Z / tau, -np.inf)
    powers = np.exp(exponents - exponents.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


@follows(
    softmax_cross_entropy.logit_gradient,
    "w_y times outputs minus targets",
    "Ask for y >= 0 first, and give the other rows the weight 0",
    "Divide by the sum of the weights of the examples that count",
    "weights[y] has one number for each row: make it a column, [:, None]",
)
def rows_by_their_weights(Z, y, weights):
    own = np.where(y >= 0, weights[y], 0)
    targets = np.eye(Z.shape[1])[y]
    errors = powers_by_their_sum(Z, 1, True) - targets
    return own[:, None] * errors / own.sum()


@follows(
    softmax_cross_entropy.weight_gradient,
    "Begin with outputs minus targets",
    "The mean over n examples divides by n, once: in δ",
    "δWᵀ, with the factor s",
    "Xᵀδ, with the factor s",
    "Multiply δ by XW, entry by entry, and sum",
)
def with_the_factor(X, W, s, T):
    delta = (powers_by_their_sum(s * X @ W, 1, True) - T) / len(X)
    return s * X.T @ delta, np.sum(delta * (X @ W)), s * delta @ W.T


@follows(
    softmax_cross_entropy.set_loss,
    "the loss is lse over all minus lse over the set, each with its own largest logit taken out",
    "the second softmax is that of np.where(S, Z, -np.inf)",
    "lse(z) = m + log Σ exp(z − m)",
    "Outputs over all classes, minus outputs over the set alone",
)
def two_of_each(Z, S):
    inside = np.where(S, Z, -np.inf)

    def lse(z):
        m = z.max(axis=1)
        return m + np.log(np.exp(z - m[:, None]).sum(axis=1))

    softmaxes = [powers_by_their_sum(z, 1, True) for z in (Z, inside)]
    return lse(Z) - lse(inside), softmaxes[0] - softmaxes[1]


@follows(
    softmax_cross_entropy.measure_pulls,
    "multiply by σ′(d) = y (1 − y)",
    "Write y − t where 1 − y stands",
    "leave out the factor 2",
    "Ask first whether the output is near enough, then step and count",
    "It goes on while |y − t| is 0.1 or more",
    "Work the slope out inside the loop",
    "Count 10,000 steps at most, and return 10,000 then",
)
def asked_first(d, t, rate):
    def cross(y):
        return y - t

    def squared(y):
        return (y - t) * y * (1 - y)

    def output(d):
        return 1 / (1 + np.exp(-d))

    def steps(slope, d):
        count = 0
        while abs(output(d) - t) >= 0.1 and count < 10_000:
            d, count = d - rate * slope(output(d)), count + 1
        return count

    return cross(output(d)), squared(output(d)), steps(cross, d), steps(squared, d)


@follows(
    softmax_cross_entropy.label_gradient,
    "t_j (c_j + λ log t_j − F)",
    "∂t_i/∂u_j = t_i(δ_ij − t_j)",
    "a mean under t: Σ_i t_i (…)",
)
def less_the_whole():
    t, o, lam = sp.symbols("t1 t2 t3"), sp.symbols("o1 o2 o3"), sp.Symbol("lam")
    both = [lam * sp.log(a) - sp.log(b) for a, b in zip(t, o, strict=True)]
    F = sum(a * b for a, b in zip(t, both, strict=True))
    return [a * (b - F) for a, b in zip(t, both, strict=True)]


@follows(
    softmax_cross_entropy.repair_training,
    "log o = z − lse(z), with the largest logit taken out in lse",
    "Each row needs its own largest logit",
    "the first is that of W = 0",
    "Σ t log (t/o)",
    "Subtract H(t) = −Σ t log t, the mean over the rows",
    "np.where(T > 0, T, 1)",
    "Divide by len(X)",
)
def from_zero(X, T, rate, steps):
    W, losses = np.zeros((X.shape[1], T.shape[1])), []
    for _ in range(steps):
        low = X @ W - (X @ W).max(axis=1, keepdims=True)
        log_o = low - np.log(np.exp(low).sum(axis=1, keepdims=True))
        losses.append(np.sum(T * (np.log(np.where(T > 0, T, 1)) - log_o)) / len(X))
        W = W - rate * X.T @ (np.exp(log_o) - T) / len(X)
    return W, losses


@follows(
    softmax_cross_entropy.distil,
    "Start the list with the labels of the start, and add those after each step",
    "With flow=False leave A as it is",
    "A makes a step, too, along Xᵀ times what the label logits get",
    "Divide what goes to A by the number of examples",
    "W less rate times dW, and s less rate times ds",
    "The student's logits are s XW",
    "Take all gradients at one point",
    "Sum −T log O over all entries and divide by the number of rows",
)
def all_at_one_point(parts, X, A, W, rate, steps, flow, lam):
    softmax, layer_gradient, label_step = parts
    s, labels, losses = 1.0, [softmax(X @ A)], []
    for _ in range(steps):
        T, O = labels[-1], softmax(s * X @ W)
        losses.append(np.sum(-T * np.log(O)) / len(X))
        dW, ds, _ = layer_gradient(X, W, s, T)
        dA = X.T @ label_step(T, O, lam) / len(X)
        W, s = W - rate * dW, s - rate * ds
        A = A - rate * dA if flow else A
        labels.append(softmax(X @ A))
    return labels, W, s, losses


@follows(
    backpropagation.two_paths,
    "E = p² q sends to q what q is multiplied by, p²",
    "That of p² q with respect to p is 2 p q",
    "what comes back from q has this factor",
    "each gets the *other* factor times what arrives at p",
)
def other_factors(a, b):
    p = a * b
    q = p + a**2
    dq = p**2
    dp = 2 * p * q + dq
    return dp, b * dp + 2 * a * dq, a * dp


@follows(
    backpropagation.hidden_delta,
    "Each error is multiplied by its own weight first: Σ_k w_jk δ_k",
    "Write both as o − t",
    "Add u times ∂E/∂z2 to what comes back from the two outputs, then multiply by 1 − h1²",
)
def weighed_errors():
    w = [sp.symbols("w11 w12"), sp.symbols("w21 w22")]
    h, o, t = (sp.symbols(f"{name}1 {name}2") for name in "hot")
    delta = [(o[k] - t[k]) * (1 - o[k] ** 2) for k in range(2)]
    first, second = (sum(w[j][k] * delta[k] for k in range(2)) for j in range(2))
    second *= 1 - h[1] ** 2
    return [(1 - h[0] ** 2) * (first + sp.Symbol("u") * second), second]


@follows(
    bptt.unrolled,
    "so that ∂L/∂h3 is h3 − y",
    "Of h = σ(z) the slope is h (1 − h)",
    "From z3 go back to h1 directly, too, with v; then on through step 1 to w",
    "Each step back from z_t to h_{t−1} costs one factor w",
    "In step t the weight w multiplies h_{t−1}",
    "Add the parts of all three steps",
)
def two_ways_to_the_first_step():
    w, v, y = sp.symbols("w v y")
    h0, h1, h2, h3 = sp.symbols("h0 h1 h2 h3")
    d3 = (h3 - y) * h3 * (1 - h3)
    d2 = w * d3 * h2 * (1 - h2)
    d1 = (w * d2 + v * d3) * h1 * (1 - h1)
    return d3 * h2 + d2 * h1 + d1 * h0


@follows(
    bptt.credit,
    "One pass serves S losses: it begins at the newest of them, and its K steps are counted from",
    "A pass that begins at step t goes through t, t − 1, …, t − K + 1",
    "It collects the losses of its S newest steps: each joins where the pass comes by",
    "Begin one more pass at step T, for the losses that are left",
    "Each pass begins with a carry of zero",
    "Stop at the first step if that is nearer than K",
    "Divide by nothing: add what the steps and the sequences give",
)
def pass_after_pass(X, H, G, W, K, S):
    T = len(X)
    dU, dW, db = np.zeros((X.shape[2], len(W))), 0 * W, 0 * W[0]
    ends = [*range(S, T, S), T]  # counted from 1
    for before, end in zip([0, *ends], ends, strict=False):
        carry = 0
        for t in range(end, max(end - K, 0), -1):
            delta = ((G[t - 1] if t > before else 0) + carry) * (1 - H[t] ** 2)
            dU, dW, db = dU + X[t - 1].T @ delta, dW + H[t - 1].T @ delta, db + delta.sum(axis=0)
            carry = delta @ W.T
    return dU, dW, db


@follows(
    bptt.repair_windows,
    "begin a window from the last state of the one before",
    "Set du and dw to zero at the start of each window",
    "range(0, len(x), K)",
    "the window's last one, hs[−1]",
    "the carry is δ w",
    "½ (h_t − y_t)²",
    "minus the rate times du and dw",
)
def from_window_to_window(x, y, u, w, rate, K):
    losses, state = [], 0.0
    for start in range(0, len(x), K):
        xs, ys, hs = x[start : start + K], y[start : start + K], [state]
        for x_t in xs:
            hs.append(np.tanh(u * x_t + w * hs[-1]))
        state, du, dw, carry = hs[-1], 0.0, 0.0, 0.0
        for t in reversed(range(len(xs))):
            delta = (hs[t + 1] - ys[t] + carry) * (1 - hs[t + 1] ** 2)
            du, dw, carry = du + delta * xs[t], dw + delta * hs[t], delta * w
        u, w = u - rate * du, w - rate * dw
        losses += [(h - y_t) ** 2 / 2 for h, y_t in zip(hs[1:], ys, strict=True)]
    return u, w, losses


@follows(
    sigmoid_and_tanh.layer_backward,
    "∂L/∂W = Xᵀδ has that of W",
    "the sum over the examples comes last",
)
def each_through_its_own_slope(X, W, b, G):
    A = 0.5 + 0.5 * np.tanh((X @ W + b) / 2)
    delta = G * A * (1 - A)
    return X.T @ delta, delta.sum(axis=0), delta @ W.T


@follows(
    sigmoid_and_tanh.zig_zag,
    "Multiply the limit by 0.9",
    "Take the second of the two limits for the centred inputs",
    "Use centre(X, X)[0] in place of X there",
    "The gradient at w is Xᵀ(f − t)/n, and at b the mean of f − t",
    "Work out both gradients first, at the same place, then take both steps",
    "Begin with the row of zeros and add a row after each step",
    "Give the index of the first row of the path whose loss is at most the goal",
)
def both_runs(X, t, steps, goal, centre, largest_rates):
    paths, needed = [], []
    for x, limit in zip((X, centre(X, X)[0]), largest_rates(X), strict=True):
        path = [np.zeros(X.shape[1] + 1)]
        for _ in range(steps):
            w, b = path[-1][:-1], path[-1][-1]
            error = x @ w + b - t
            gradients = x.T @ error / len(x), error.mean()
            path.append(path[-1] - 0.9 * limit * np.append(*gradients))
        losses = [np.mean((x @ p[:-1] + p[-1] - t) ** 2) / 2 for p in path]
        paths.append(np.array(path))
        needed.append(next(i for i, loss in enumerate(losses) if loss <= goal))
    return *paths, needed


@follows(
    sigmoid_and_tanh.largest_rates,
    "The steepest: take the largest",
    "Each *input* has a mean, over the examples: axis=0",
    "Give X a column of ones, whose weight is the bias, before XᵀX/n is formed",
    "np.linalg.eigvalsh ascending: take the largest",
    "Add the decay to the diagonal for the weights; the bias's place has 0",
)
def two_over_the_largest(X, decay):
    inputs = [np.c_[x, np.ones(len(x))] for x in (X, X - X.mean(axis=0))]
    on_diagonal = np.diag([decay] * X.shape[1] + [0])
    return tuple(2 / np.linalg.eigvalsh(x.T @ x / len(x) + on_diagonal)[-1] for x in inputs)


@follows(
    sigmoid_and_tanh.repair_centring,
    "The way back is reversed: first tanh′, then the centring",
    "subtract from the δ of each example its p_r times the sum of δ over the batch",
    "p[:, None] * delta.sum(axis=0)",
    "Its share is p_r: subtract p_r times the sum of δ",
    "Y = tanh(Z − mean + b)",
    "Multiply by 1 − Y² first",
    "Leave it as it is: δWᵀ",
)
def first_the_slope(X, T, W, b, p):
    Z = X @ W
    Y = np.tanh(Z - p @ Z + b)
    delta = (Y - T) / len(X) * (1 - Y**2)
    delta = delta - p[:, None] * delta.sum(axis=0)
    return X.T @ delta, delta @ W.T


@follows(
    bptt.repair_loop,
    "Divide by n, as `error` was",
    "First add what comes back from step t + 1, then multiply the sum by the slope",
    "tanh made H[t + 1]",
    "U multiplied x_t",
    "What W multiplied in step t was h_{t−1}",
    "On the way back it is δ Wᵀ",
)
def first_the_sum(X, Y, h0, U, W, V):
    H = [h0]
    for x in X:
        H.append(np.tanh(x @ U + H[-1] @ W))
    dU, dW, dV, carry = 0 * U, 0 * W, 0 * V, 0 * h0
    for t in reversed(range(len(X))):
        error = (H[t + 1] @ V - Y[t]) / len(h0)
        dV += H[t + 1].T @ error
        delta = (error @ V.T + carry) * (1 - H[t + 1] ** 2)
        dU += X[t].T @ delta
        dW += H[t].T @ delta
        carry = delta @ W.T
    return dU, dW, dV


@follows(
    bptt.remember,
    "O[lag:] with X[:-lag]",
    "Leave them out: their error is 0, and they are not counted",
    "Divide the sum of the squares by 2 n (T − ℓ), and their derivative by n (T − ℓ)",
    "Σ H[t + 1]ᵀ E[t] and Σ E[t]",
    "G[t] = E[t] Vᵀ, with E = ∂L/∂O and the V of the forward pass",
    "pass K on, and S = 1",
    "H has T + 1 states: first zeros, then what each step makes, H[t + 1]",
    "Note the loss of a batch before its update",
)
def trained(credit, batches, p, lag, K, rate):
    U, W, b, V, c = (p[name] for name in "UWbVc")
    losses = []
    for X in batches:
        T, n, _ = X.shape
        H = [np.zeros((n, len(W)))]
        for x in X:
            H.append(np.tanh(x @ U + H[-1] @ W + b))
        H = np.array(H)
        O = H[1:] @ V + c
        E = 0 * O
        E[lag:] = (O[lag:] - X[:-lag]) / (n * (T - lag))
        losses.append(np.sum((O[lag:] - X[:-lag]) ** 2) / (2 * n * (T - lag)))
        dU, dW, db = credit(X, H, E @ V.T, W, K, 1)
        V = V - rate * sum(H[t + 1].T @ E[t] for t in range(T))
        c = c - rate * sum(E[t].sum(axis=0) for t in range(T))
        U, W, b = U - rate * dU, W - rate * dW, b - rate * db
    return losses


@follows(
    sigmoid_and_tanh.repair_argument,
    "(Y − T) / n",
    "sigmoid_slope belongs to the hidden layer, tanh_slope to the outputs",
    "tanh_slope asks for Z2, sigmoid_slope for H",
    "σ′ is a (1 − a)",
)
def given_what_it_asks_for(X, T, W1, b1, W2, b2):
    H = 0.5 + 0.5 * np.tanh((X @ W1 + b1) / 2)
    Z2 = H @ W2 + b2
    delta_2 = (np.tanh(Z2) - T) / len(X) * (1 - np.tanh(Z2) ** 2)
    delta_1 = delta_2 @ W2.T * (H * (1 - H))
    return X.T @ delta_1, delta_1.sum(axis=0), H.T @ delta_2, delta_2.sum(axis=0)


@follows(
    sigmoid_and_tanh.price_of_a_mean,
    "a row of the covariance sums to v + (d − 1) c",
    "Put d m² where m² stands",
    "v − c is left",
    "Divide it by the smallest",
    "centred inputs have the covariance for their second moment",
    "It is the trace: the sum of the two that mix equal entries and bias",
    "In λ² − (sum) λ + (product) = 0 the product is v + (d − 1) c, whatever the mean",
)
def the_quadratic_solved():
    d, v, c = sp.symbols("d v c", positive=True)
    m = sp.Symbol("m", real=True)
    product = v + (d - 1) * c
    largest = product + d * m**2
    total = largest + 1
    root = sp.sqrt(total**2 - 4 * product)
    return [largest / (v - c), product / (v - c), (total + root) / 2]


@follows(
    sigmoid_and_tanh.sign_patterns,
    "Multiply first, X * delta[..., None], then sum over the examples",
    "Keep only the rows in which no sign is 0",
    "Take each pattern once: a set of tuples",
    "Sum first, then take the sign",
)
def rows_without_a_zero(X, delta):
    signs = np.sign((X * delta[..., None]).sum(axis=1))
    return len({tuple(row) for row in signs if 0 not in row})


@follows(
    backpropagation.repair_training,
    "y * (1 − y), with y = hs[k + 1]",
    "Add each layer's part, +=, to zeros that are made before the loop over the layers",
    "Let both begin from zeros at each step, inside the loop over the steps",
    "First all of dW and db, then one step",
    "g begins as (hs[3] − T) / len(X)",
    "g = delta @ W.T",
)
def begun_anew_at_each_step(X, T, W, b, rate, steps):
    found = [], [], []
    for _ in range(steps):
        hs = [X]
        for _ in range(3):
            hs.append(1 / (1 + np.exp(-(hs[-1] @ W + b))))
        found[2].append(np.sum((hs[3] - T) ** 2) / 2 / len(X))
        g, dW, db = (hs[3] - T) / len(X), 0 * W, 0 * b
        for k in (2, 1, 0):
            y = hs[k + 1]
            delta = g * y * (1 - y)
            dW += hs[k].T @ delta
            db += delta.sum(axis=0)
            g = delta @ W.T
        W, b = W - rate * dW, b - rate * db
        found[0].append(dW)
        found[1].append(db)
    return tuple(map(np.array, found))


@follows(
    backpropagation.measure_units,
    "A hidden unit is a column of W1",
    "A unit also has a bias and outgoing weights",
    "Take the sheet's limit, 1e-9",
    "Count a unit only if it is unlike all units before it",
    "It is half the squares, their mean over the examples",
    "Take all gradients at one point, then step",
    "Call `backward` inside the loop, with the parameters of now",
    "Take all gradients from backward(X, T, W1, b1, W2, b2, V) at every step",
    "Run forward once more, after the last step",
)
def kinds_of_columns(backward, X, T, W1, b1, W2, b2, V, rate, steps):
    p = W1, b1, W2, b2, V
    for _ in range(steps):
        p = [value - rate * g for value, g in zip(p, backward(X, T, *p), strict=True)]
    W1, b1, W2, b2, V = p
    kinds = []
    for unit in np.vstack([W1, b1, W2.T]).T:
        if all(np.max(np.abs(unit - kind)) >= 1e-9 for kind in kinds):
            kinds.append(unit)
    Y = np.log(1 + np.exp(X @ W1 + b1)) @ W2 + X @ V + b2
    return len(kinds), np.sum((Y - T) ** 2) / 2 / len(X)


@follows(
    backpropagation.find_faults,
    "For each parameter call `differences` on a function of that parameter alone, lambda v:"
    " loss({**p, name: v})",
    "Compare with a part of the largest slope, 1e-4 * np.abs(right).max()",
    "Undo each kind of fault in turn, in the entries that are off",
    "Take gradient(q), and undo in it what you found at p",
    "np.where(wrong, undone, g)",
    "Divide it by n",
)
def undone_in_turn(differences, loss, gradient, p, q, n):
    wrong, kinds, mended = {}, {}, {}
    for name in p:
        g, there = gradient(p)[name], gradient(q)[name]
        right = differences(lambda v, name=name: loss({**p, name: v}), p[name], 1e-5)
        limit = 1e-4 * np.abs(right).max()
        off = wrong[name] = np.abs(g - right) > limit
        ways = [("right", g, there), ("sign", -g, -there), ("summed", g / n, there / n)]
        if g.ndim == 2 and g.shape[0] == g.shape[1]:
            ways.append(("transposed", g.T, there.T))
        for kind, undone, elsewhere in ways:
            if np.all(np.abs(np.where(off, undone, g) - right) <= limit):
                kinds[name], mended[name] = kind, np.where(off, elsewhere, there)
                break
    return wrong, kinds, mended


@follows(
    residual_networks.side_by_side,
    "of the pair a path takes f₂, or f₃, or the shortcut. Add the three",
    "Who goes through one f passes the other place by its shortcut",
    "A block gives 1 + j with probability p, and 1 otherwise",
    "write the factor's square out before you take the mean",
    "the mean of both b and b² is p",
)
def ways_added_and_places_multiplied():
    lam, L, p, j, j1, j2, j3 = sp.symbols("lam L p j j1 j2 j3")
    one = j1 * lam + lam * j2 + lam * j3
    mean = (p * (1 + j) + (1 - p)) ** L
    return [(lam + j1) * (lam + j2 + j3), one, mean, (1 + 2 * p * j + p * j**2) ** L]


@follows(
    residual_networks.block_backward,
    "Send G back through the matrix P of the shortcut, G Pᵀ",
    "All that comes back through the block has the factor β: multiply G by it there, once",
    "multiply G by F, not by β F, and sum",
    "passes where X > 0 only, and is 0 elsewhere",
    "Mask what comes through the block, before what comes along the shortcut is added",
    "passes where that is positive, and is 0 elsewhere",
    "the shortcut takes X itself",
    "∂L/∂W₂ is (what came into W₂)ᵀ G times β, and relu(relu(X) W₁) came in",
)
def along_the_shortcut_and_through_two_masks(X, P, W1, W2, beta, G):
    A = np.maximum(X, 0)
    H = np.maximum(A @ W1, 0)
    at_f = beta * G
    at_product = at_f @ W2.T * (A @ W1 > 0)
    dX = G @ P.T + (at_product @ W1.T) * (X > 0)
    return dX, X.T @ G, A.T @ at_product, H.T @ G * beta, np.sum(G * (H @ W2))


@follows(
    residual_networks.by_length,
    "At block l the parts that take its shortcut are multiplied by lam[l], row 0 with them",
    "Add to what row k keeps of itself what row k − 1 sends through the block",
    "in one step, from a copy, or with k going down",
    "Going back that is the last, J[L − 1], with its lam[L − 1]",
    "stands on its left: g @ J",
)
def with_k_going_down(J, lam, g):
    rows = [g] + [0 * g] * len(J)
    for at in reversed(range(len(J))):
        for k in range(len(J), 0, -1):
            rows[k] = lam[at] * rows[k] + rows[k - 1] @ J[at]
        rows[0] = lam[at] * rows[0]
    return np.array(rows)


@follows(
    residual_networks.undo_blocks,
    "X − V gives the X that went in, and with that relu(X A) is known",
    "First take relu(X A) away from V, then divide all that is left by γ",
    "go through A from its end, reversed(A)",
)
def last_step_first(X, V, A, gamma):
    for a in reversed(A):
        X = X - V
        V = (V - np.maximum(X @ a, 0)) / gamma
    return X, V


@follows(
    residual_networks.no_way_back,
    "F has to take back just the difference of the inputs",
    "Let the other entry differ too, and let both columns of W₂ take something back",
    "g J_F has to be −g",
    "W1 is (2, h), W2 is (h, 2)",
)
def difference_taken_back():
    x, other = np.array([1.0, 2.0]), np.array([2.0, 4.0])
    W1, W2 = np.array([[1.0], [0.0]]), (x - other)[None]  # takes x[0] · (1, 2) away
    g = np.linalg.svd(np.eye(2) + W2.T @ W1.T)[0][:, -1]  # on the left of I + J_F, it gives 0
    return W1, W2, x, other, g


@follows(
    residual_networks.stretches,
    "the singular values of the Jacobian are the extreme factors",
    "Square the singular values, take the mean, then the root",
)
def singular_values(x, P, W1, W2, beta):
    d = len(x)
    copies = np.array([x] * d)
    J = along_the_shortcut_and_through_two_masks(copies, P, W1, W2, beta, np.eye(d))[0]
    sizes = np.linalg.svd(J, compute_uv=False)
    return sizes[-1], sizes[0], np.mean(sizes**2) ** 0.5


@follows(
    residual_networks.repair_mask,
    "take its slope at X + F(X), once, and hand that to both paths",
    "ℓ looks at S and, inside the block, the ReLU at Z",
    "∂L/∂W₂ is (what came into W₂)ᵀ times ∂L/∂S, and H came in",
)
def multiplied_before_it_is_copied(X, W1, W2, G):
    Z = X @ W1
    H = np.maximum(Z, 0)
    at_S = G * np.where(X + H @ W2 > 0, 1, 0.1)
    delta = at_S @ W2.T * (Z > 0)
    return at_S + delta @ W1.T, X.T @ delta, H.T @ at_S


@follows(
    residual_networks.repair_stack,
    "It is 1 − T², with T the value of tanh alone",
    "Give the weights of block l what has come down to its output, Gs[l + 1]",
    "What comes along the shortcut is λ times what arrived",
    "It is X_l, which W_l multiplied",
    "Begin at the top: for l in reversed(range(L))",
)
def what_has_come_down(X, W, G, lam):
    Xs, Ts = [X], []
    for w in W:
        Ts.append(np.tanh(Xs[-1] @ w))
        Xs.append(lam * Xs[-1] + Ts[-1])
    Gs, dW = [G] * (len(W) + 1), np.zeros_like(W)
    for at in reversed(range(len(W))):
        delta = Gs[at + 1] * (1 - Ts[at] ** 2)
        dW[at] = Xs[at].T @ delta
        Gs[at] = lam * Gs[at + 1] + delta @ W[at].T
    return np.array(Gs), dW


@follows(
    residual_networks.survey,
    "Call stack(X, W, G, lam) with the stack that is the first argument",
    "Divide the lengths of each net by that at its top",
    "Take the mean of the logarithms, then exp of it",
    "np.linalg.norm of the array made flat",
    "Go from the top down and stop at the first layer that is below",
    "Return L + 1 if no layer is below a hundredth",
    "Divide the sum of products by the lengths of both",
)
def from_the_top_down(stack, nets, lam):
    logs, cosines = [], []
    for X, W, G in nets:
        Gs, _ = stack(X, W, G, lam)
        lengths = np.array([np.linalg.norm(one.ravel()) for one in Gs])
        logs.append(np.log(lengths / lengths[-1]))
        cosines.append(np.sum(Gs[0] * Gs[-1]) / (lengths[0] * lengths[-1]))
    profile, below = np.exp(np.mean(logs, axis=0)), 0
    while below < len(profile) and profile[len(profile) - 1 - below] >= 0.01:
        below += 1
    return profile, below, np.mean(cosines)


@follows(
    minibatches.two_parts,
    "so 0 = N v + N(N − 1) c: divide by N − 1",
    "n1 n2 pairs, divided by n1 n2: it stays −v/(N − 1), whatever the parts' sizes",
    "Var ½(a + b) = ¼(Var a + Var b + 2 Cov(a, b))",
    "Var of a mean of n is (v/n)(1 − (n − 1)/(N − 1))",
    "The variance of the average of the two means goes above",
)
def with_both_covariances():
    n1, n2, N, v = sp.symbols("n1 n2 N v")

    def of_mean(n):
        return (v / n) * (1 - (n - 1) / (N - 1))

    average = (of_mean(n1) + of_mean(n2) - 2 * v / (N - 1)) / 4
    return [-v / (N - 1), average, average / of_mean(n1 + n2)]


@follows(
    minibatches.other_batch,
    "Divide the rate by new/old for descent and momentum; for Adam leave it",
    "In the gradient, multiply it by new/old",
    "leave the decoupled decay as it is",
    "gradients that are longer are to be cut at a longer one",
    "Multiply it by new/old for Adam, and return it as it came without",
)
def times_the_ratio(rate, decay, clip, eps, old, new, adam, decoupled):
    ratio = new / old
    if not adam:
        return rate / ratio, decay * ratio, clip * ratio, eps
    return rate, decay if decoupled else decay * ratio, clip * ratio, eps * ratio


@follows(
    minibatches.accumulate,
    "Leave out the rows whose count is 0: means[counts > 0]",
    "Multiply each mean by its count, add up, and divide by counts.sum() only",
    "total = total + count * mean in the loop",
)
def added_in_a_loop(means, counts):
    total = 0
    for mean, count in zip(means[counts > 0], counts[counts > 0], strict=True):
        total = total + count * mean
    return total / counts.sum()


@follows(
    minibatches.sum_variance,
    "np.var without ddof, which divides by N",
    "B σ², not σ²/B",
    "Multiply by 1 − (B − 1)/(N − 1)",
    "leave the factor out",
)
def b_times_the_variance(G, B, replace):
    N = len(G)
    factor = 1 if replace else 1 - (B - 1) / (N - 1)
    return B * np.var(G, axis=0) * factor


@follows(
    minibatches.noise_scale,
    "Square the norm of each batch's gradient first, then average",
    "The difference of the mean squares is tr Σ (1/b − 1/B): divide by that",
    "Take the noise away: |G|² = (B |g_B|² − b |g_b|²)/(B − b)",
    "The trace goes above: tr Σ/|G|²",
)
def from_the_difference(small, big, b, B):
    g_b, g_B = (np.mean(np.linalg.norm(g, axis=1) ** 2) for g in (small, big))
    trace, square = (g_b - g_B) / (1 / b - 1 / B), (B * g_B - b * g_b) / (B - b)
    return square, trace, trace / square


@follows(
    minibatches.sum_rates,
    "it is v (B + d + 1) that stands below",
    "Half of it, where the parabola is lowest",
    "At twice that rate, where a step leaves all of the error",
    "η d s²/(2 − η v (B + d + 1))",
)
def with_v_below():
    d, B, v, s, eta = sp.symbols("d B v s eta")
    below = v * (B + d + 1)
    return [1 / below, 2 / below, eta * d * s**2 / (2 - eta * below)]


@follows(
    minibatches.steps_to,
    'Divide by the number of rows where how is "mean", and only there',
    "Take the rows of that step: X[draws[k]] and t[draws[k]]",
    "It is half the mean of the squares",
    "Look at the loss first, then step and count",
)
def looked_at_first(X, t, draws, rate, how, goal):
    w, count = np.zeros(X.shape[1]), 0
    while np.mean((X @ w - t) ** 2) / 2 > goal:
        if count == len(draws):
            return len(draws) + 1
        x, y = X[draws[count]], t[draws[count]]
        g = x.T @ (x @ w - y)
        w = w - rate * (g / len(y) if how == "mean" else g)
        if np.abs(w).max() > 1e90:
            return len(draws) + 1
        count += 1
    return count


@follows(
    minibatches.repair_step,
    "Weigh each part's mean by its share of the examples, len(t) / n",
    "Add up all parts first, and cut their sum",
    "Cut the gradient of the loss alone, then add decay * w",
)
def cut_at_the_end(w, parts, rate, decay, clip):
    n, total = sum(len(t) for _, t in parts), 0
    for X, t in parts:
        total = total + len(t) / n * ((X @ w - t) @ X / len(t))
    total = total * min(1, clip / np.linalg.norm(total))
    return w - rate * (total + decay * w)


@follows(
    minibatches.repair_noise,
    "Divide by B − 1: np.var(G, axis=0, ddof=1)",
    "Take trace / B away, with the trace that you return",
)
def both_corrected(G):
    trace = np.var(G, axis=0, ddof=1).sum()
    return trace, np.sum(G.mean(axis=0) ** 2) - trace / len(G)


@follows(
    minibatches.how_large,
    "Call the two parameters, and use what they return",
    "The noise scale is the last of them",
    "Divide each batch's gradient by its number of rows",
    "Take them where the runs start: at w = 0",
    "A batch of B takes the first B of each row: order[:, :B]",
    "Of the steps at all rates take the place of the smallest: np.argmin",
    "Multiply the steps by what one of them takes, a + b B, and take the smallest",
    "sizes[place]",
)
def size_after_size(X, t, order, sizes, rates, goal, a, b, noise_scale, steps_to):
    w, best, steps = np.zeros(X.shape[1]), [], []

    def gradients(B):
        return np.array([X[r].T @ (X[r] @ w - t[r]) / len(r) for r in order[:, :B]])

    scale = noise_scale(gradients(sizes[0]), gradients(sizes[-1]), sizes[0], sizes[-1])[2]
    for B in sizes:
        counts = [steps_to(X, t, order[:, :B], rate, "mean", goal) for rate in rates]
        best.append(rates[np.argmin(counts)])
        steps.append(min(counts))
    place = np.argmin(np.array(steps) * (a + b * sizes))
    return scale, best, steps, sizes[place]


@pytest.mark.slow
@pytest.mark.parametrize(("check", "hints", "answer"), FOLLOWED)
def test_who_follows_the_hints_has_full_points(check, hints, answer):
    assert check(answer) == check.points, check(answer).feedback


@pytest.mark.parametrize(("check", "hints", "answer"), FOLLOWED)
def test_the_hints_are_given(check, hints, answer):
    name = check.slug.replace("_", "-")
    cells = contract.sheet(check.__module__.split(".")[-2]).cells
    told = [f"{sentence} {sentence.fix}" for sentence in check.mistakes.values()]
    read = [cells[f"{name}-text"].source, cells[name].source, *told]
    given = " ".join(" ".join(read).split())
    assert [hint for hint in hints if hint not in given] == []


@follows(
    why_gradients.decayed_line,
    "The derivative of ρw² is 2ρw: s + ρ stands where s stood",
    "(s + ρ) w = r: divide by s + ρ",
    "Differentiate twice: 2(s + ρ)",
    "Twice as far: 2 divided by the curvature",
)
def line_that_decays():
    s, r, rho = sp.symbols("s r rho")
    curvature = 2 * (s + rho)
    return [r / (s + rho), curvature, 2 / curvature]


@follows(
    why_gradients.hessian,
    "The product rule brings w₁x·w₂x + (w₁w₂x − t)·x",
    "2w₁w₂x² − xt",
    "w₂: ∂²L/∂w₁² = w₂²x²",
)
def by_the_product_rule():
    w1, w2, x, t = sp.symbols("w_1 w_2 x t")
    mixed = w1 * x * w2 * x + (w1 * w2 * x - t) * x
    assert sp.expand(mixed - (2 * w1 * w2 * x**2 - x * t)) == 0
    return sp.Matrix([[w2**2 * x**2, mixed], [mixed, w1**2 * x**2]])


@follows(
    why_gradients.signs,
    "Its square is n, and E(g·u)² is |g|²: the factor is n",
    "Minimise −η + η²Mn/2: half of the limit",
    "Put the best rate into η − η²Mn/2",
)
def rate_that_is_minimised():
    n, M, eta = sp.symbols("n M eta", positive=True)
    fall = eta - eta**2 * M * n / 2
    (best,) = sp.solve(sp.diff(-fall, eta), eta)
    return [n, best, fall.subs(eta, best)]


@follows(
    why_gradients.kind,
    "one below 0 is enough for a way down",
    "with one above 0 there is a way up",
    "A saddle has eigenvalues of both signs",
    "all eigenvalues above 0 make a minimum",
    "Compare with ±1e-9 times the largest size of an eigenvalue, not with 0 itself",
    "Ask for a saddle first, and for a 0 after that",
)
def saddle_first(H):
    values = np.linalg.eigvalsh(H)
    nothing = 1e-9 * max(abs(values))
    if min(values) < -nothing and max(values) > nothing:
        return "saddle"
    if min(abs(values)) <= nothing:
        return "undecided"
    return "minimum" if min(values) > 0 else "maximum"


@follows(
    why_gradients.turn_units,
    "Multiply the columns of A and the entries of b and v by turn",
    "each unit that is turned around lacks its v in the sum",
    "Add the *old* v of each unit that is turned around: v σ(z) = v − v σ(−z)",
)
def old_v_added(A, b, v, c, turn):
    return A * turn, b * turn, v * turn, c + sum(v[i] for i in range(len(v)) if turn[i] < 0)


@follows(
    why_gradients.leave,
    "log(1 − ηλ), with the sign that λ has",
    "Put −1 there: np.where(lam < 0, …, -1)",
)
def log_of_the_growth(e, lam, eta):
    with np.errstate(divide="ignore"):
        return np.where(lam < 0, np.log(1 / e) / np.log(1 - eta * lam), -1)


@follows(
    why_gradients.low_rank,
    "Solve for the whole W first, and cut what it predicts",
    "Take the SVD of X W, and project W on its first h right singular vectors: W V Vᵀ",
    "Keep h of them: vt[:h]",
)
def predictions_cut(X, Y, h):
    W = np.linalg.lstsq(X, Y)[0]
    vt = np.linalg.svd(X @ W, full_matrices=False)[2]
    V = vt[:h].T
    return W @ V @ V.T


@follows(
    why_gradients.estimate,
    "Multiply each slope by its u, and square the length of that",
    "Square the length of each estimate, and average after that",
    "Sum over the weights, average over the directions",
    "Divide by g @ g",
)
def slope_times_direction(g, U):
    return np.mean([np.sum(((g @ u) * u) ** 2) for u in U]) / (g @ g)


@follows(
    why_gradients.output_layer,
    "Divide both sides or none, and give the states a column of ones",
    "Give the states a column of ones: its weight is the bias",
    "H = tanh(X A + b)",
)
def column_of_ones(X, y, A, b):
    H = np.column_stack([np.tanh(X @ A + b), np.ones(len(X))])
    weights = np.linalg.solve(H.T @ H / len(X), H.T @ y / len(X))
    return weights[:-1], weights[-1]


@follows(
    why_gradients.census,
    "one eigenvalue below 0 makes a saddle",
    "up to rounding, 0 is 0",
    "the product rule brings two terms",
    "Minimum, maximum, saddle, undecided",
)
def counted_by_the_hints(points, x, t):
    words = []
    for w1, w2 in points:
        mixed = w1 * x * w2 * x + (w1 * w2 * x - t) * x
        words.append(saddle_first(np.array([[w2**2 * x**2, mixed], [mixed, w1**2 * x**2]])))
    return [words.count(word) for word in ("minimum", "maximum", "saddle", "undecided")]


LETTER = "one letter among a few; what is told of a wrong one is why it is wrong"
JUDGED = "true or false; what is told of a wrong judgment is what to look at"
EXCUSED = {
    backpropagation.step_size: JUDGED,
    backpropagation.own_error: JUDGED,
    bptt.memory: JUDGED,
    bptt.one_step: JUDGED,
    minibatches.statements: JUDGED,
    relu_cnn_rnn.radius_and_norm: "sentences are judged; told is why one is true, or is not",
    relu_cnn_rnn.different_or_one: "numbers are measured; told is what another one measures",
    relu_cnn_rnn.counterexamples: "numbers are to be found; told is which property theirs lack",
    residual_networks.judge_flow: "true or false; what is told of a wrong one is why it is so",
    sigmoid_and_tanh.experiment: LETTER,
    why_gradients.judge: JUDGED,
    softmax_cross_entropy.stop_gradient: "true or false; a hint says why it is so",
}


def test_the_hints_of_every_exercise_are_followed_or_it_is_said_why_not():
    exercises = {one for chapter in chapters().values() for one in chapter.values()}
    followed = {check for check, _, _ in (one.values for one in FOLLOWED)}
    assert exercises - followed == set(EXCUSED)
