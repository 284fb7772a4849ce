"""The runs of the chapter on softmax in which labels learn, against HIPS autograd."""

import autograd.numpy as anp
import numpy as np
import pytest
from autograd import grad
from chapter_code import same_code

from experiments import channel_symbols, shaping_report, teacher_student


def log_softmax(z):
    shifted = z - anp.max(z, axis=-1, keepdims=True)
    return shifted - anp.log(anp.sum(anp.exp(shifted), axis=-1, keepdims=True))


def close(ours, theirs):
    np.testing.assert_allclose(ours, theirs, rtol=1e-8, atol=1e-10)


def test_the_recorded_runs_use_the_chapters_functions():
    ours = {"softmax", "log_softmax", "through_softmax", "clouds", "distil", "trained"}
    assert same_code("softmax_cross_entropy", teacher_student) == ours
    theirs = {"receiver_inputs", "channel_gradients"}
    assert same_code("softmax_cross_entropy", channel_symbols) == theirs


def test_students_and_teacher_take_the_gradients_of_one_loss():
    X, _ = teacher_student.clouds(0.7)
    A, W = np.random.default_rng(0).normal(size=(2, 3, 3))

    def loss(A, W):
        t = anp.exp(log_softmax(anp.dot(X, A)))
        return -anp.mean(anp.sum(t * log_softmax(anp.dot(X, W)), axis=1))

    moved_A, moved_W = teacher_student.distil(X, A, W, 10, steps=1, rate=0.3)
    close(A - moved_A, 3 * grad(loss, 0)(A, W))
    close(W - moved_W, 0.3 * grad(loss, 1)(A, W))


def straight_through(soft):
    """A sample as a constant, and the same with the derivative of ``soft``."""
    sent = np.eye(soft.shape[-1])[np.asarray(soft).argmax(axis=-1)]
    return sent, lambda moving: sent + moving - soft


@pytest.mark.parametrize("rule", ["stops", "flows"])
def test_the_small_channel_goes_straight_through(rule):
    rng = np.random.default_rng(1)
    u, W, noise = rng.normal(size=4), rng.normal(size=(2, 4)), rng.normal(size=50)
    gumbel = rng.gumbel(size=(50, 4))
    soft = channel_symbols.softmax(u + gumbel)
    sent, through = straight_through(soft)

    def loss(u, W):
        sample, p = through(anp.exp(log_softmax(u + gumbel))), log_softmax(u)
        received = (anp.dot(sample, channel_symbols.levels) + noise) / 3
        log_o = log_softmax(anp.dot(anp.stack([received, np.ones(50)], axis=1), W))
        labels = sample if rule == "flows" else sent
        return -anp.sum(labels * log_o) / 50 + 1.4 * anp.sum(anp.exp(p) * p)

    d_u, d_W, p, bits = channel_symbols.channel_gradients(rule, u, W, soft, noise, 1.4)
    close(d_u, grad(loss, 0)(u, W))
    close(d_W, grad(loss, 1)(u, W))
    entropy = -(p * np.log(p)).sum()
    close(bits * np.log(2), entropy - (loss(u, W) + 1.4 * entropy))


def test_the_exact_rule_is_the_derivative_of_the_expected_loss():
    rng = np.random.default_rng(2)
    u, W, noise = rng.normal(size=4), rng.normal(size=(2, 4)), rng.normal(size=30)

    def loss(u):
        p = anp.exp(log_softmax(u))
        received = (channel_symbols.levels[:, None] + noise) / 3
        log_o = log_softmax(anp.dot(anp.stack([received, np.ones((4, 30))], axis=2), W))
        costs = -anp.stack([anp.mean(log_o[m, :, m]) for m in range(4)])
        return anp.sum(p * costs) + anp.sum(p * anp.log(p))

    soft = channel_symbols.softmax(rng.normal(size=(30, 4)))
    close(channel_symbols.channel_gradients("exact", u, W, soft, noise)[0], grad(loss)(u))


def test_channels_at_once_are_those_that_each_seed_gives_alone():
    rng = np.random.default_rng(3)
    u, W, noise = rng.normal(size=(3, 4)), rng.normal(size=(3, 2, 4)), rng.normal(size=(3, 20))
    soft = channel_symbols.softmax(rng.normal(size=(3, 20, 4)))
    for rule in channel_symbols.STEPS:
        together = channel_symbols.channel_gradients(rule, u, W, soft, noise)
        for i in range(3):
            alone = channel_symbols.channel_gradients(rule, u[i], W[i], soft[i], noise[i])
            for ours, theirs in zip(together, alone, strict=True):
                close(ours[i], theirs)


@pytest.mark.parametrize("rule", shaping_report.RULES)
def test_the_report_in_numpy_has_the_gradients_of_its_loss(rule):
    rng, symbols, n = np.random.default_rng(0), 16, 40
    points = shaping_report.constellation(symbols)
    assert np.isclose((points**2).sum(axis=1).mean(), 1)
    encoder, decoder = shaping_report.start(rng, symbols, 8)
    encoder[-1] += rng.normal(size=(1, symbols))  # not all symbols alike
    waits, noise = rng.exponential(size=(n, symbols)), rng.normal(size=(n, 2))

    def forward(net, x):
        for i in range(0, len(net), 2):
            x = anp.dot(x, net[i]) + net[i + 1]
            x = anp.maximum(x, 0) if i + 2 < len(net) else x
        return x

    def soft_of(encoder):
        soft = anp.exp(log_softmax(forward(encoder, np.array([[12.0]])))) / waits
        return soft / anp.sum(soft, axis=1, keepdims=True)

    sent, through = straight_through(soft_of(encoder))

    def parts(encoder, decoder):
        log_p = log_softmax(forward(encoder, np.array([[12.0]])))
        sample = sent if rule == "score" else through(soft_of(encoder))
        power = anp.sum(anp.exp(log_p) * (points**2).sum(axis=1))
        received = anp.dot(sample, points) / anp.sqrt(power) + np.sqrt(0.5 / 10**1.2) * noise
        log_o = log_softmax(forward(decoder, anp.hstack([received, np.full((n, 1), 12.0)])))
        costs = -anp.sum((sample if rule == "flows" else sent) * log_o, axis=1)
        return costs, 1.4 * anp.sum(anp.exp(log_p) * log_p), log_p

    constant = parts(encoder, decoder)[0]
    constant = constant - constant.mean()

    def loss(encoder, decoder):
        costs, minus_entropy, log_p = parts(encoder, decoder)
        score = anp.sum(constant[:, None] * sent * log_p) / n if rule == "score" else 0.0
        return anp.mean(costs) + minus_entropy + score

    given = [encoder, decoder], points, waits, noise, 1.4, rule
    value, (d_encoder, d_decoder), p = shaping_report.loss_and_gradients(*given)
    costs, minus_entropy, log_p = parts(encoder, decoder)
    close(value, costs.mean() + minus_entropy)
    close(p, np.exp(log_p))
    for which, ours in enumerate((d_encoder, d_decoder)):
        for mine, theirs in zip(ours, grad(loss, which)(encoder, decoder), strict=True):
            close(mine, theirs)


def test_the_records_are_the_scripts():
    rows = teacher_student.RUN.read()["results"]["rows"]
    cells = [(row["spread"], row["taught"], row["start"], row["flow"]) for row in rows]
    assert cells == [
        (spread, steps, scale, flow)
        for spread in teacher_student.SPREADS
        for steps in teacher_student.TEACHER_STEPS
        for scale in teacher_student.SCALES
        for flow in teacher_student.FLOWS
    ]
    rows = channel_symbols.RUN.read()["results"]["rows"]
    assert [row["rule"] for row in rows].count("flows") == 36
    assert all(len(row["symbols"]) == channel_symbols.SEEDS for row in rows)
    rows = shaping_report.RUN.read()["results"]["rows"]
    cells = [(row["rule"], row["entropy in"]) for row in rows]
    assert cells == [(rule, unit) for rule in shaping_report.RULES for unit in shaping_report.UNITS]
    for row in rows:
        assert len(row["losses"]) == len(row["likeliest"]) == shaping_report.SEEDS


def test_short_runs_end_as_the_records_say():
    row = teacher_student.case(0.7, 20, 0.3, 0, steps=200, seeds=2)
    assert row["astray"] == 0
    p, bits = channel_symbols.train("stops", 1.0, steps=300, seeds=2)
    assert p.min() > 0.15
    assert bits.min() > 0.8
