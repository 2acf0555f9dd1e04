#!/usr/bin/env python3
"""The updates of an MGAIL iteration by `mgail`, by JAX and by torch, on one core.

The figure is processor time, all threads of a process together, of one iteration's updates with
the networks of experiments/hopper-mgail.ini: eight rounds of a discriminator step (1024 expert and 1024
policy pairs, penalty of the input's gradient between them), four steps of the forward model, a
policy step through D, f and time beside the term of cloning, eight value steps on TD(lambda)
targets; Adam, clipping, the value's target copy, the policy's average. None of it is simulation.
The programs take turns on the core; each round of turns gives one ratio for each.

ours     `mgail bench update`, which times the updates of a training run's iterations.
jax      one compiled function for an iteration: rounds, model steps and value steps are lax.scan,
         buffers are donated; vectors of 512 bits, where XLA_FLAGS are not set.
compiled torch.compile of a whole round, optimisers included; default mode, as max-autotune was no
         faster.
eager    torch with autograd.grad, fused Adam, foreach operations.
avx512   compiled, again: the MKL in torch keeps to AVX2 on AMD's processors. This has it take
         AVX-512, by a library of one line that is loaded first. Only where the processor is AMD's
         and has AVX-512, and there is a C compiler.

Both frameworks get one text of the algorithm, which is ours: as all states are known from the
rollout, pi, f and D go forward once over all pairs, and only the adjoint is sequential. It and the
penalty's inner gradient are written out, so that nothing is differentiated twice or through a loop;
the rest is automatic. (With jax.grad for these too, and lax.scan over time, JAX found the same
losses and took 4% longer.) From the same numbers the frameworks must find the same losses; these
must fall, and the matrix products must be as many as ours: else the script fails.

The same      networks, batches, numbers of steps, objective, optimisers, float32, one thread.
Theirs less   synthetic data, without time limits within a segment; six losses are all their
              metrics; no guard against infinite gradients; constant rates; an iteration's
              minibatches are drawn in one go.
Ours more     the counterparts of these, filling the replay, its spread, some sums in double.
Alike         a replay of some 10,000 transitions, small as that is.

So what differs favours the frameworks, but for what MKL chooses. OpenBLAS, which ours has for large
products, is left as the environment has it. Compilation and a warm-up are left out. Many other
programs on the machine slow torch's eager mode, with its many small functions, more than the rest.

Wants a Python with them (several GB, as torch of PyPI brings CUDA along):

    python3 -m venv build/frameworks
    build/frameworks/bin/pip install jax==0.10.2 torch==2.15.0 numpy==2.4.6
    build/frameworks/bin/python experiments/compare_frameworks.py --mgail build/release/mgail
"""
import argparse
import contextlib
import datetime
import importlib.metadata
import importlib.util
import json
import math
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from types import SimpleNamespace

from compare_imitation import ROOT, processor

PACKAGES = ["jax", "torch", "numpy"]
PRESET = f"{ROOT}/experiments/hopper-mgail.ini"

# The preset's values, the program's defaults among them. The expert has 200 pairs.
S, A, EXPERT = 11, 3, 200
ENVIRONMENTS, HORIZON, ROUNDS, SEGMENTS, MEMORY = 32, 10, 8, 2, 10
GAMMA, TD_LAMBDA, TAU, CLIP, CLONE_WEIGHT = 0.99, 0.95, 0.05, 1.0, 3.0
D_BATCH, D_SEGMENTS, PENALTY = 1024, 16, 4.0
F_UPDATES, F_BATCH, V_UPDATES = 4, 256, 8
RATE = {"policy": 3e-4, "value": 1e-3, "discriminator": 3e-4, "forward": 1e-3}
BETA1, BETA2, EPSILON = 0.9, 0.999, 1e-8
AVERAGE_SHARE = 1 - math.exp(-ENVIRONMENTS * HORIZON / ROUNDS / 20000)

TRAJECTORIES = SEGMENTS * ENVIRONMENTS
ROWS = HORIZON * TRAJECTORIES
REPLAY = 16384
# Inputs, hidden units of both layers, outputs, scale of the last layer's first weights.
NETWORKS = {"policy": (S, 128, A, 0.1), "value": (S, 128, 1, 0.1),
            "discriminator": (S + A, 100, 1, 0.3), "forward": (S + A, 256, S, 0.1)}
# What an iteration draws: shape, and below which number.
DRAWS = {"policy_rows": ((ROUNDS, D_BATCH), D_SEGMENTS * HORIZON * ENVIRONMENTS),
         "expert_rows": ((ROUNDS, D_BATCH), EXPERT),
         "replay_rows": ((ROUNDS, F_UPDATES, F_BATCH), REPLAY),
         "older": ((ROUNDS, 1), MEMORY - 1)}
LOSSES = ["D", "penalty", "f", "-J", "clone", "V"]
FALLING = [1, 2, 4, 5]
NAMES = {"ours": "mgail", "jax": "JAX", "compiled": "torch.compile", "eager": "torch, eager",
         "avx512": "torch.compile, AVX-512"}


# ---- data ----

def make_network(random, inputs, hidden, outputs, last):
    """[w, b, w, b, w, b], weights [in, out]."""
    net = []
    for i, o, scale in ((inputs, hidden, 1), (hidden, hidden, 1), (hidden, outputs, last)):
        net += [scale / math.sqrt(i) * random.standard_normal((i, o)), 0 * random.random(o)]
    return net


def make_data(seed):
    """Segments, replay and expert of linear dynamics, and first parameters."""
    import numpy as np
    random = np.random.default_rng(seed)
    normal = random.standard_normal
    by_state, by_action, gains = 0.1 * normal((S, S)), 0.3 * normal((A, S)), normal((S, A)) / 3
    mean, sd = 0.1 * normal(A), 0.5 + 0.1 * normal(A) ** 2

    def pairs(*shape, sigma):
        x = normal((*shape, S))
        return np.concatenate([x, np.tanh(x @ gains) + sigma * normal((*shape, A))], -1)

    def after(xa):
        x = xa[..., :S]
        return x + x @ by_state + xa[..., S:] @ by_action + 0.01 * normal(x.shape)

    held, replay = pairs(D_SEGMENTS, HORIZON, ENVIRONMENTS, sigma=1), pairs(REPLAY, sigma=1)
    expert, replay_next = pairs(EXPERT, sigma=0.1), after(replay)
    data = {"xa": held, "a": mean + sd * held[..., S:], "next_x": after(held),
            "goes_on": random.random((D_SEGMENTS, HORIZON, ENVIRONMENTS)) > 0.02,
            "replay_xa": replay, "replay_next": replay_next,
            "scale": (replay_next - replay[:, :S]).std(0) + 0.01,
            "expert": expert, "expert_a": mean + sd * expert[:, S:],
            "mean": mean, "sd": sd, "inverse": 1 / (sd + 1e-3)}
    nets = {name: make_network(random, *sizes) for name, sizes in NETWORKS.items()}
    nets["policy"].append(np.full(A, -1))  # log sigma
    draws = {name: random.integers(most, size=shape) for name, (shape, most) in DRAWS.items()}
    draws["mix"] = random.random((ROUNDS, D_BATCH))

    def narrow(x):
        return x.astype(np.float32) if x.dtype == np.float64 or x.size == A else x
    return ({name: narrow(x) for name, x in data.items()},
            {name: [narrow(x) for x in net] for name, net in nets.items()},
            {name: narrow(x) if x.dtype == np.float64 else x for name, x in draws.items()})


# ---- the algorithm, in what JAX and torch have in common ----

class Algorithm:
    """o: the framework's functions. xp, affine(x, w, b), square(g) summed, sigmoid, silu, softplus,
    and gradient(loss, net) -> (gradient of loss(net)[0], what the loss returned)."""

    def __init__(self, o, data):
        self.o, self.xp, self.data = o, o.xp, data

    # networks

    def plain(self, net, x, activation):
        affine = self.o.affine
        h = activation(affine(activation(affine(x, net[0], net[1])), net[2], net[3]))
        return affine(h, net[4], net[5])

    def tanh(self, z):
        h = self.xp.tanh(z)
        return h, 1 - h * h

    def swish(self, z):
        s = self.o.sigmoid(z)
        h = z * s
        return h, s + h * (1 - s)

    def hidden(self, net, x, activation):
        """The second hidden layer, and the slopes of both."""
        h, first = activation(self.o.affine(x, net[0], net[1]))
        h, second = activation(self.o.affine(h, net[2], net[3]))
        return h, (first, second)

    def forward(self, net, x, activation):
        h, slopes = self.hidden(net, x, activation)
        return self.o.affine(h, net[4], net[5]), slopes

    @staticmethod
    def pull(net, slopes, dy):
        """dx, from dy."""
        dz = (dy @ net[4].T) * slopes[1]
        return ((dz @ net[2].T) * slopes[0]) @ net[0].T

    # optimisers

    def clip(self, gradient):
        norm = self.xp.sqrt(sum(self.o.square(g) for g in gradient))
        factor = self.xp.clip(CLIP / norm, None, 1.0)
        return [g * factor for g in gradient]

    def adam(self, name, theta, m, v, steps, gradient):
        """What theta, m and v become; steps: this one included."""
        unbias1, unbias2 = 1 / (1 - BETA1 ** steps), 1 / (1 - BETA2 ** steps)
        m = [BETA1 * m + (1 - BETA1) * g for m, g in zip(m, gradient)]
        v = [BETA2 * v + (1 - BETA2) * (g * g) for v, g in zip(v, gradient)]
        theta = [p - RATE[name] * (m * unbias1) / (self.xp.sqrt(v * unbias2) + EPSILON)
                 for p, m, v in zip(theta, m, v)]
        return theta, m, v

    # losses and gradients

    def discriminator(self, net, draw):
        xp = self.xp
        policy = self.data["xa"].reshape(-1, S + A)[draw["policy_rows"]]
        expert = self.data["expert"][draw["expert_rows"]]
        between = policy + draw["mix"][:, None] * (expert - policy)

        def loss(net):
            logit = self.plain(net, xp.concatenate([policy, expert]), xp.tanh)[:, 0]
            cross = self.o.softplus(logit[:D_BATCH]).mean() + \
                self.o.softplus(-logit[D_BATCH:]).mean()
            _, slopes = self.hidden(net, between, self.tanh)
            slope = self.pull(net, slopes, xp.ones((D_BATCH, 1)))
            penalty = (slope * slope).sum() / D_BATCH
            return cross + PENALTY * penalty, cross, penalty
        return self.o.gradient(loss, net)

    def forward_model(self, net, rows):
        xa, target = self.data["replay_xa"][rows], self.data["replay_next"][rows]

        def loss(net):
            y = xa[:, :S] + self.data["scale"] * self.plain(net, xa, self.o.silu)
            return (((y - target) / self.data["scale"]) ** 2).mean(),
        return self.o.gradient(loss, net)

    def clone(self, net):
        def loss(net):
            u = self.plain(net, self.data["expert"][:, :S], self.xp.tanh)
            error = self.data["mean"] + self.data["sd"] * u - self.data["expert_a"]
            return 0.5 * ((error * self.data["inverse"]) ** 2).sum() / EXPERT,
        return self.o.gradient(loss, net)

    def value(self, net, x, returns):
        def loss(net):
            return ((self.plain(net, x, self.xp.tanh)[:, 0] - returns) ** 2).mean(),
        return self.o.gradient(loss, net)

    def batch(self, older):
        """The newest segment and an older one: [H, N, ..]."""
        return {name: self.xp.concatenate([self.data[name][0], self.data[name][older + 1][0]], 1)
                for name in ("xa", "a", "next_x", "goes_on")}

    def weights(self, goes_on):
        """gamma^k of -J's share, k from a piece's start."""
        weight = [self.xp.ones(TRAJECTORIES)]
        for t in range(1, HORIZON):
            weight.append(self.xp.where(goes_on[t - 1], GAMMA * weight[-1], 1.0))
        return self.xp.stack(weight) / -ROWS

    def adjoint(self, policy, model, slopes, model_slopes, dpair, dnext, goes_on):
        """Backwards in time: derivatives of -J by the actions and by the policy's outputs."""
        das, dus = [], []
        for t in range(HORIZON - 1, -1, -1):
            rows = slice(t * TRAJECTORIES, (t + 1) * TRAJECTORIES)
            dnext = self.xp.where(goes_on[t][:, None], dnext, 0.0)
            dxa = self.pull(model, [s[rows] for s in model_slopes], self.data["scale"] * dnext)
            dxa = dxa + dpair[rows]
            das.insert(0, dxa[:, S:] * self.data["inverse"])
            dus.insert(0, das[0] * self.data["sd"])
            if t > 0:
                by_policy = self.pull(policy, [s[rows] for s in slopes], dus[0])
                dnext = dnext + dxa[:, :S] + by_policy
        return self.xp.stack(das), self.xp.concatenate(dus)

    def objective(self, policy, discriminator, model, target, batch):
        """Derivatives of -J by the policy's outputs and by log sigma, the rewards, -J."""
        xa, goes_on, weight = (batch["xa"].reshape(ROWS, S + A), batch["goes_on"],
                               self.weights(batch["goes_on"]))
        u, slopes = self.forward(policy, xa[:, :S], self.tanh)
        _, model_slopes = self.hidden(model, xa, self.swish)
        logit, logit_slopes = self.forward(discriminator, xa, self.tanh)
        logit = logit.reshape(HORIZON, TRAJECTORIES)
        reward, dlogit = self.o.softplus(logit), self.o.sigmoid(logit) * weight
        dpair = self.pull(discriminator, logit_slopes, dlogit.reshape(ROWS, 1))
        end, end_slopes = self.forward(target, batch["next_x"][-1], self.tanh)
        dend = GAMMA * weight[-1] * goes_on[-1]
        loss = (weight * reward).sum() + (dend * end[:, 0]).sum()
        dnext = self.pull(target, end_slopes, dend[:, None])
        da, du = self.adjoint(policy, model, slopes, model_slopes, dpair, dnext, goes_on)
        mean = (self.data["mean"] + self.data["sd"] * u).reshape(HORIZON, TRAJECTORIES, A)
        return du, (da * (batch["a"] - mean)).sum((0, 1)), reward, loss

    def returns(self, target, batch, reward):
        """TD(lambda)."""
        future = self.plain(target, batch["next_x"].reshape(ROWS, S), self.xp.tanh)
        future, returns = future.reshape(HORIZON, TRAJECTORIES), []
        for t in range(HORIZON - 1, -1, -1):
            ahead = future[t]
            if returns:
                ahead = (1 - TD_LAMBDA) * ahead + TD_LAMBDA * returns[0]
            ahead = self.xp.where(batch["goes_on"][t], ahead, 0.0)
            returns.insert(0, reward[t] + GAMMA * ahead)
        return self.xp.concatenate(returns)

    def policy(self, theta, x, du, dsigma):
        """Gradient of -J + beta L."""
        def through_head(net):
            return (self.plain(net, x, self.xp.tanh) * du).sum(),
        net = theta[:6]
        *gradient, dsigma = self.clip([*self.o.gradient(through_head, net)[0], dsigma])
        by_clone, (loss,) = self.clone(net)
        return [g + CLONE_WEIGHT * c for g, c in zip(gradient, by_clone)] + [dsigma], loss


# ---- JAX ----

def jax_round(jax, algorithm):
    jnp, scan = jax.numpy, jax.lax.scan

    def step(name, state, gradient):
        theta, m, v, steps = state
        return (*algorithm.adam(name, theta, m, v, steps + 1, gradient), steps + 1)

    def track(share, theta, follower):
        return [f + share * (p - f) for p, f in zip(theta, follower)]

    def forward_step(state, rows):
        gradient, (loss,) = algorithm.forward_model(state[0], rows)
        return step("forward", state, algorithm.clip(gradient)), loss

    def round_of(state, draw):
        gradient, (_, cross, penalty) = algorithm.discriminator(state["discriminator"][0], draw)
        discriminator = step("discriminator", state["discriminator"], gradient)
        model, errors = scan(forward_step, state["forward"], draw["replay_rows"])
        batch = algorithm.batch(draw["older"])
        x = batch["xa"].reshape(ROWS, S + A)[:, :S]
        du, dsigma, reward, loss = algorithm.objective(
            state["policy"][0], discriminator[0], model[0], state["target"], batch)
        gradient, cloned = algorithm.policy(state["policy"][0], x, du, dsigma)
        policy = step("policy", state["policy"], algorithm.clip(gradient))
        returns = algorithm.returns(state["target"], batch, reward)

        def value_step(state, _):
            gradient, (fit,) = algorithm.value(state[0], x, returns)
            return step("value", state, algorithm.clip(gradient)), fit
        value, fits = scan(value_step, state["value"], length=V_UPDATES)
        losses = jnp.stack([cross, penalty, errors.mean(), loss, cloned, fits.mean()])
        return {"discriminator": discriminator, "forward": model, "policy": policy, "value": value,
                "target": track(TAU, value[0], state["target"]),
                "average": track(AVERAGE_SHARE, policy[0], state["average"])}, losses
    return round_of


def jaxpr_flops(jaxpr):
    """Of the matrix products of a traced function."""
    flops = 0
    for equation in jaxpr.eqns:
        if equation.primitive.name == "dot_general":
            inner = equation.params["dimension_numbers"][0][0]
            depth = math.prod(equation.invars[0].aval.shape[k] for k in inner)
            flops += 2 * depth * math.prod(equation.outvars[0].aval.shape)
        times = equation.params["length"] if equation.primitive.name == "scan" else 1
        for part in equation.params.values():
            part = getattr(part, "jaxpr", part)
            flops += times * jaxpr_flops(part) if hasattr(part, "eqns") else 0
    return flops


def make_jax(seed, kind):
    """An iteration, which returns its losses; the losses of a given one; its flops."""
    import jax
    jnp = jax.numpy

    def gradient(loss, net):
        def with_parts(net):
            parts = loss(net)
            return parts[0], parts
        return jax.grad(with_parts, has_aux=True)(net)
    data, nets, draws = jax.tree.map(jnp.asarray, make_data(seed))
    functions = SimpleNamespace(xp=jnp, affine=lambda x, w, b: x @ w + b, gradient=gradient,
                                square=lambda g: jnp.vdot(g, g), sigmoid=jax.nn.sigmoid,
                                silu=jax.nn.silu, softplus=jax.nn.softplus)
    round_of = jax_round(jax, Algorithm(functions, data))

    def given(state, draws):
        return jax.lax.scan(round_of, state, draws)

    def drawn(state, key):
        key, mix, *keys = jax.random.split(key, 2 + len(DRAWS))
        draws = {name: jax.random.randint(k, shape, 0, most)
                 for k, (name, (shape, most)) in zip(keys, DRAWS.items())}
        draws["mix"] = jax.random.uniform(mix, (ROUNDS, D_BATCH))
        state, losses = given(state, draws)
        return state, key, losses

    def first():
        state = {name: (*(jax.tree.map(f, net) for f in (jnp.copy, jnp.zeros_like, jnp.zeros_like)),
                        jnp.zeros(())) for name, net in nets.items()}
        return state | {"target": jax.tree.map(jnp.copy, nets["value"]),
                        "average": jax.tree.map(jnp.copy, nets["policy"])}
    compiled = jax.jit(drawn, donate_argnums=(0, 1))
    held = [first(), jax.random.key(seed)]

    def iterate():
        *held[:], losses = compiled(*held)
        return jax.block_until_ready(losses)
    return iterate, jax.jit(given)(first(), draws)[1], \
        jaxpr_flops(jax.make_jaxpr(given)(first(), draws).jaxpr)


# ---- torch ----

def torch_round(torch, algorithm, nets, compiled):
    theta = {name: [p.requires_grad_() for p in net] for name, net in nets.items()}
    target, average = ([p.detach().clone() for p in theta[k]] for k in ("value", "policy"))
    moments = {name: [[torch.zeros_like(p) for p in net] for _ in range(2)] + [torch.zeros(())]
               for name, net in theta.items()}
    optimiser = {name: torch.optim.Adam(net, RATE[name], (BETA1, BETA2), EPSILON, fused=True)
                 for name, net in theta.items()}

    def values(name):
        return [p.detach() for p in theta[name]]

    def optimise(name, gradient):
        """In place; inductor makes loops of this."""
        m, v, steps = moments[name]
        steps += 1
        for old, new in zip((values(name), m, v),
                            algorithm.adam(name, values(name), m, v, steps, gradient)):
            for p, q in zip(old, new):
                p.copy_(q)

    def step(name, gradient, clipped=True):
        with torch.no_grad():
            if compiled:
                optimise(name, algorithm.clip(gradient) if clipped else gradient)
                return
            for p, g in zip(theta[name], gradient):
                p.grad = g
            if clipped:
                torch.nn.utils.clip_grad_norm_(theta[name], CLIP, foreach=True)
            optimiser[name].step()

    def round_of(draw):
        gradient, (_, cross, penalty) = algorithm.discriminator(theta["discriminator"], draw)
        step("discriminator", gradient, clipped=False)
        errors, fits = [], []
        for rows in draw["replay_rows"]:
            gradient, (error,) = algorithm.forward_model(theta["forward"], rows)
            step("forward", gradient)
            errors.append(error)
        batch = algorithm.batch(draw["older"])
        x = batch["xa"].reshape(ROWS, S + A)[:, :S]
        with torch.no_grad():
            du, dsigma, reward, loss = algorithm.objective(
                values("policy"), values("discriminator"), values("forward"), target, batch)
            returns = algorithm.returns(target, batch, reward)
        gradient, cloned = algorithm.policy(theta["policy"], x, du, dsigma)
        step("policy", gradient)
        for _ in range(V_UPDATES):
            gradient, (fit,) = algorithm.value(theta["value"], x, returns)
            step("value", gradient)
            fits.append(fit)
        torch._foreach_lerp_(target, values("value"), TAU)
        torch._foreach_lerp_(average, values("policy"), AVERAGE_SHARE)
        return torch.stack([cross, penalty, sum(errors) / F_UPDATES, loss, cloned,
                            sum(fits) / V_UPDATES])
    return torch.compile(round_of, fullgraph=True) if compiled else round_of


def make_torch(seed, kind):
    """As make_jax."""
    import torch
    from torch.nn import functional
    from torch.utils.flop_counter import FlopCounterMode
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    torch._dynamo.config.trace_autograd_ops = True
    data, nets, draws = make_data(seed)
    data, draws = ({name: torch.from_numpy(x) for name, x in part.items()}
                   for part in (data, draws))
    nets = {name: [torch.from_numpy(x) for x in net] for name, net in nets.items()}

    def gradient(loss, net):
        parts = loss(net)
        return torch.autograd.grad(parts[0], net), [part.detach() for part in parts]
    functions = SimpleNamespace(xp=torch, affine=lambda x, w, b: torch.addmm(b, x, w),
                                gradient=gradient, square=lambda g: (g * g).sum(),
                                sigmoid=torch.sigmoid, silu=functional.silu,
                                softplus=functional.softplus)
    round_of = torch_round(torch, Algorithm(functions, data), nets, kind != "eager")

    def given(draws):
        return torch.stack([round_of({name: x[k] for name, x in draws.items()})
                            for k in range(ROUNDS)])

    def iterate():
        drawn = {name: torch.randint(most, shape) for name, (shape, most) in DRAWS.items()}
        return given(drawn | {"mix": torch.rand(ROUNDS, D_BATCH)})
    with FlopCounterMode(display=False) if kind == "eager" else contextlib.nullcontext() as counter:
        losses = given(draws)
    return iterate, losses, counter.get_total_flops() if counter else None


# ---- processes that take turns ----

def work(kind, seed):
    """Answers each line of seconds with seconds of processor time an iteration, the median."""
    import numpy as np
    iterate, first, flops = (make_jax if kind == "jax" else make_torch)(seed, kind)
    for _ in range(5):
        last = iterate()
    losses = [np.asarray(x, np.float64).tolist() for x in (first, last)]
    print(json.dumps({"losses": losses, "flops": flops}), flush=True)
    for line in sys.stdin:
        taken, began = [], time.monotonic()
        while len(taken) < 5 or time.monotonic() - began < float(line):
            before = time.process_time()
            last = iterate()
            taken.append(time.process_time() - before)
        print(json.dumps({"seconds": statistics.median(taken),
                          "losses": np.asarray(last, np.float64).tolist()}), flush=True)


class Worker:
    def __init__(self, kind, seed, folder):
        environment = {name: x for name, x in os.environ.items() if "OPENBLAS" not in name}
        environment.update(CUDA_VISIBLE_DEVICES="", JAX_PLATFORMS="cpu", OMP_NUM_THREADS="1",
                           MKL_NUM_THREADS="1", TORCHINDUCTOR_CACHE_DIR=f"{folder}/inductor")
        environment.setdefault("XLA_FLAGS", "--xla_cpu_prefer_vector_width=512")
        if kind == "avx512":
            environment["LD_PRELOAD"] = f"{folder}/intel.so"
        self.kind, self.errors = kind, open(f"{folder}/{kind}.txt", "w+")
        self.process = subprocess.Popen(
            [sys.executable, "-W", "ignore", __file__, "--work", kind, "--seed", str(seed)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors, text=True,
            env=environment)
        self.made = self.answer()

    def answer(self):
        line = self.process.stdout.readline()
        if not line:
            self.errors.seek(0)
            lines = self.errors.read().strip().splitlines() or ["no message"]
            sys.exit(f"{NAMES[self.kind]}: {lines[-1]}")
        return json.loads(line)

    def turn(self, seconds):
        self.process.stdin.write(f"{seconds}\n")
        self.process.stdin.flush()
        return self.answer()

    def end(self):
        self.process.stdin.close()
        self.process.wait()
        self.errors.close()


def own(program, expert, seconds, seed):
    """Seconds of processor time and flops of an iteration's updates."""
    command = [program, "bench", "update", "--config", PRESET, "--expert", expert, "--seed",
               str(seed), "--set", "mgail.warmup=0", "--set", f"mgail.updates={ROUNDS}", "--seconds", str(seconds), "--json"]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{program}: exit code {done.returncode}: {done.stderr.strip()}")
    rate = {row["unit"]: row["rate"] for row in json.loads(done.stdout)["update"]["rows"]}
    return rate["ms"] / 1e3, rate["GFLOP"] * 1e9


def override_mkl(folder):
    """Whether MKL can be told to do as on Intel's processors, and need be."""
    try:
        with open("/proc/cpuinfo") as file:
            text = file.read()
    except OSError:
        return False
    compiler = shutil.which("cc")
    if "AuthenticAMD" not in text or "avx512f" not in text or not compiler:
        return False
    with open(f"{folder}/intel.c", "w") as file:
        file.write("int mkl_serv_intel_cpu_true(void) { return 1; }\n")
    return subprocess.run([compiler, "-shared", "-fPIC", "-o", f"{folder}/intel.so",
                           f"{folder}/intel.c"]).returncode == 0


# ---- report ----

def describe(program):
    version = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
    lines = version.stdout.splitlines()
    print(f"{datetime.date.today()}, {processor()}, {os.cpu_count()} cores of which one is used, "
          f"Python {platform.python_version()}")
    print("ours: " + ", ".join(lines[:1] + [x for x in lines if "BLAS" in x]) + "; theirs: " +
          ", ".join(f"{name} {importlib.metadata.version(name)}" for name in PACKAGES))


def check(workers, flops, last):
    """A line for each framework; exits where one does not do our work."""
    reference = workers["jax"].made["losses"][0]
    for kind, worker in workers.items():
        first, warm = worker.made["losses"]
        apart = max(abs(a - b) / max(abs(b), 1e-3) for rows in zip(first, reference)
                    for a, b in zip(*rows))
        losses = ", ".join(f"{name} {a:.3g} to {b:.3g}"
                           for name, a, b in zip(LOSSES, first[0], last[kind][-1]))
        products = worker.made["flops"]
        text = f"; products {products / 1e9:.2f} GFLOP, ours {flops / 1e9:.2f}" if products else ""
        print(f"{NAMES[kind]}: {losses}{text}; first iteration within {apart:.0e} of JAX's")
        if apart > 0.01 or products and abs(products / flops - 1) > 0.05 or \
                not all(warm[-1][k] < first[0][k] for k in FALLING) or \
                not all(math.isfinite(x) for row in last[kind] for x in row):
            sys.exit(f"{NAMES[kind]}: does not do the work of this program")


def report(seconds, flops):
    print(f"\n{'':24}{'ms':>8}{'GFLOP/s':>9}{'ratio':>8}{'min':>7}{'max':>7}")
    for kind, row in seconds.items():
        ratios = [a / b for a, b in zip(row, seconds["ours"])]
        median = statistics.median(row)
        print(f"{NAMES[kind]:24}{1e3 * median:8.1f}{flops / median / 1e9:9.1f}"
              f"{statistics.median(ratios):8.2f}{min(ratios):7.2f}{max(ratios):7.2f}")


def missing():
    return [name for name in PACKAGES if not importlib.util.find_spec(name)]


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mgail", default="build/release/mgail", help="the program")
    parser.add_argument("--expert", default=f"{ROOT}/experiments/data/hopper-v4-expert.h5",
                        help="demonstrations of Hopper-v4")
    parser.add_argument("--rounds", type=int, default=7, help="of one turn of each (default 7)")
    parser.add_argument("--seconds", type=float, default=3, help="of a turn (default 3)")
    parser.add_argument("--core", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--work", choices=NAMES, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.work:
        work(args.work, args.seed)
        return
    if not shutil.which(args.mgail):
        sys.exit(f"{args.mgail}: no such program; expected one by --mgail")
    absent = missing()
    if absent:
        sys.exit(f"{sys.executable}: no {', '.join(absent)}; expected a Python with JAX and torch, "
                 "see --help for how to make one")
    if args.rounds < 1:
        sys.exit(f"--rounds {args.rounds}: expected at least 1")
    os.sched_setaffinity(0, [args.core])
    os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1",
                      OMPI_ALLOW_RUN_AS_ROOT="1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1")
    describe(args.mgail)
    with tempfile.TemporaryDirectory() as folder:
        kinds = ["jax", "compiled", "eager"] + ["avx512"] * override_mkl(folder)
        workers = {kind: Worker(kind, args.seed, folder) for kind in kinds}
        seconds, last = {kind: [] for kind in ["ours", *kinds]}, {}
        for turn in range(args.rounds):
            taken, flops = own(args.mgail, args.expert, args.seconds, args.seed + turn)
            seconds["ours"].append(taken)
            for kind, worker in workers.items():
                answer = worker.turn(args.seconds)
                seconds[kind].append(answer["seconds"])
                last[kind] = answer["losses"]
            print(f"round {turn + 1}: " + ", ".join(
                f"{NAMES[k]} {1e3 * v[-1]:.1f}" for k, v in seconds.items()) + " ms", flush=True)
        for worker in workers.values():
            worker.end()
    check(workers, flops, last)
    report(seconds, flops)


if __name__ == "__main__":
    main()
