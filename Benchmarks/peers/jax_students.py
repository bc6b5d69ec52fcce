"""The paper's students in JAX, written from their description and laid out as suits XLA: channels outermost, so that a
linear map is one product with all tokens of the batch, and a circuit a handful of passes over planes.

tokens = patches W + b + pos;  x += MHA(LN(x));  x += MLP(LN(x));  mean over tokens of LN(x), ReLU, linear head
"""

import functools
import math

import jax
import jax.numpy as jnp
import numpy as np

TOKENS = 196


def patches(images):
    """[B, 3, S, S] to [3 p p, B, T]."""
    count, _, size, _ = images.shape
    p = size // 14
    cut = images.reshape(count, 3, 14, p, 14, p)
    return np.ascontiguousarray(cut.transpose(1, 3, 5, 0, 2, 4).reshape(3 * p * p, count, TOKENS))


def linear(p, name, x):
    weight = p[f"{name}.weight"]
    return jnp.tensordot(weight.reshape(len(weight), -1), x, 1) + p[f"{name}.bias"][:, None, None]


def norm(p, name, x):
    mean = x.mean(0)
    centred = x - mean
    scale = jax.lax.rsqrt((centred * centred).mean(0) + 1e-5)
    return centred * scale * p[f"{name}.weight"][:, None, None] + p[f"{name}.bias"][:, None, None]


def chain(x, theta, scanned):
    """<Z_i> of a chain by its closed form, a linear recurrence: with x'_i = x_i + theta_2 of the pair before,

    y_i = cos(theta_1) cos(x'_i) y_(i-1) - sin(theta_1) sin(x'_i),   y_(-1) = 1, and no theta_1 for the last qubit.
    """
    zero = jnp.zeros(1, x.dtype)
    angle = x + jnp.concatenate([zero, theta[:, 1]])[:, None, None]
    first = jnp.concatenate([theta[:, 0], zero])[:, None, None]
    factor, shift = jnp.cos(first) * jnp.cos(angle), -jnp.sin(first) * jnp.sin(angle)
    # The first pair's control is turned by its input and by theta_1 together.
    def step(y, terms):
        y = terms[0] * y + terms[1]
        return y, y

    if scanned:
        return jax.lax.scan(step, jnp.ones_like(x[0]), (factor, shift))[1]
    y, out = jnp.ones_like(x[0]), []
    for i in range(len(x)):
        y = factor[i] * y + shift[i]
        out.append(y)
    return jnp.stack(out)


def softmax_attention(q, k, v, heads):
    shape = (heads, len(q) // heads, *q.shape[1:])
    q, k, v = (z.reshape(shape) for z in (q, k, v))
    weights = jax.nn.softmax(jnp.einsum("hdbt,hdbs->bhts", q, k) / math.sqrt(shape[1]), axis=-1)
    return jnp.einsum("bhts,hdbs->hdbt", weights, v).reshape(-1, *shape[2:])


@functools.cache
def monomials(degree=8):
    """Powers (a, b) and coefficients of exp((x0 y0 + x1 y1) / sqrt 2) on |.| <= sqrt 2, as powers of x0 y0 and x1 y1."""
    bound = math.sqrt(2)
    series = np.polynomial.chebyshev.Chebyshev.interpolate(np.exp, degree + 4, domain=[-bound, bound]).truncate(degree + 1)
    power = series.convert(kind=np.polynomial.Polynomial).coef
    return [(a, b, power[a + b] * math.comb(a + b, a) * 2 ** (-(a + b) / 2))
            for a in range(degree + 1) for b in range(degree + 1 - a)]


def polynomial_attention(q, k, v, heads):
    """Attention of two-channel heads with bounded scores by moments, linear in the tokens (docs/attention.md)."""
    terms = monomials()
    shape = (heads, 2, *q.shape[1:])
    q, k, v = (z.reshape(shape) for z in (q, k, v))

    def features(z):  # [m, h, b, t]
        powers = [[jnp.ones_like(z[:, 0])], [jnp.ones_like(z[:, 0])]]
        for which in range(2):
            for _ in range(8):
                powers[which].append(powers[which][-1] * z[:, which])
        return jnp.stack([powers[0][a] * powers[1][b] for a, b, _ in terms])

    values = jnp.concatenate([jnp.ones_like(v[:, :1]), v], axis=1)  # [h, 3, b, t]
    moments = jnp.einsum("mhbt,hubt->hbmu", features(k), values)
    moments = moments * jnp.array([c for *_, c in terms], q.dtype)[:, None]
    sums = jnp.einsum("mhbt,hbmu->hubt", features(q), moments)
    return (sums[:, 1:] / sums[:, :1]).reshape(-1, *shape[2:])


def forward(p, x, *, heads, quantum, polynomial=False, scanned=False):
    """Logits [B, K] of patches [3 p p, B, T]."""
    x = linear(p, "patch", x) + p["pos"].T[:, None, :]
    y = norm(p, "blocks.0.ln1", x)
    if quantum:
        q, k, v = (chain(y, p[f"blocks.0.attn.{role}.theta"], scanned) for role in "qkv")
    else:
        q, k, v = (linear(p, f"blocks.0.attn.{role}", y) for role in "qkv")
    attend = polynomial_attention if polynomial else softmax_attention
    x = x + linear(p, "blocks.0.attn.proj", attend(q, k, v, heads))
    y = jax.nn.gelu(linear(p, "blocks.0.fc1", norm(p, "blocks.0.ln2", x)), approximate=False)
    x = x + linear(p, "blocks.0.fc2", y)
    pooled = jax.nn.relu(norm(p, "ln3", x).mean(-1))  # [q, B]
    return pooled.T @ p["head.weight"].T + p["head.bias"]


def cross_entropy(p, x, labels, run):
    logits = run(p, x)
    return -jnp.take_along_axis(jax.nn.log_softmax(logits), labels[:, None], axis=1).mean()


def adam(p, gradient, moments, count, rate=1e-3, beta1=0.9, beta2=0.999, epsilon=1e-8):
    first = jax.tree.map(lambda m, g: beta1 * m + (1 - beta1) * g, moments[0], gradient)
    second = jax.tree.map(lambda m, g: beta2 * m + (1 - beta2) * g * g, moments[1], gradient)
    step = rate * jnp.sqrt(1 - beta2**count) / (1 - beta1**count)
    p = jax.tree.map(lambda w, m, s: w - step * m / (jnp.sqrt(s) + epsilon), p, first, second)
    return p, (first, second)


def training_steps(run):
    """Several steps as one program: parameters, moments and the count of steps go through a scan over batches."""

    def one(state, batch):
        p, moments, count = state
        loss, gradient = jax.value_and_grad(cross_entropy)(p, *batch, run)
        p, moments = adam(p, gradient, moments, count + 1)
        return (p, moments, count + 1), loss

    return lambda state, batches: jax.lax.scan(one, state, batches)
