"""MAML on sine waves in plain PyTorch: 1-40-40-1, second order, Adam; the data are drawn within the step."""
import math

import torch

HIDDEN, SHOTS = 40, 10


def start():
    shapes = [(1, HIDDEN), (HIDDEN,), (HIDDEN, HIDDEN), (HIDDEN,), (HIDDEN, 1), (1,)]
    values = [torch.randn(*s) * math.sqrt(2 / s[0]) if len(s) > 1 else torch.zeros(*s) for s in shapes]
    return [value.requires_grad_() for value in values]


def draw(tasks):
    amplitude, phase = torch.rand(tasks, 1, 1) * 4.9 + 0.1, torch.rand(tasks, 1, 1) * math.pi
    x = torch.rand(tasks, 2 * SHOTS, 1) * 10 - 5
    y = amplitude * torch.sin(x - phase)
    return x[:, :SHOTS], y[:, :SHOTS], x[:, SHOTS:], y[:, SHOTS:]


def apply(params, x):
    hidden = torch.relu(x @ params[0] + params[1])
    hidden = torch.relu(hidden @ params[2] + params[3])
    return hidden @ params[4] + params[5]


def adapt(params, loss, rate):
    gradients = torch.autograd.grad(loss, params, create_graph=True)
    return [value - rate * gradient for value, gradient in zip(params, gradients)]


def train(options):
    """`form`: 'loop' over tasks, as learn2learn and higher are used, or 'batched' by hand."""
    tasks, steps, rate = options['tasks'], options['innerSteps'], options['innerLearningRate']
    meta = start()
    optimizer = torch.optim.Adam(meta, 1e-3)

    def loop():
        support_x, support_y, query_x, query_y = draw(tasks)
        total = 0
        for task in range(tasks):
            params = meta
            for _ in range(steps):
                params = adapt(params, ((apply(params, support_x[task]) - support_y[task]) ** 2).mean(), rate)
            total = total + ((apply(params, query_x[task]) - query_y[task]) ** 2).mean()
        return total / tasks

    def batched():
        support_x, support_y, query_x, query_y = draw(tasks)
        rows = [value if value.dim() > 1 else value.view(1, -1) for value in meta]
        params = [value.expand(tasks, *value.shape).contiguous() for value in rows]
        for _ in range(steps):
            params = adapt(params, ((apply(params, support_x) - support_y) ** 2).mean((1, 2)).sum(), rate)
        return ((apply(params, query_x) - query_y) ** 2).mean((1, 2)).mean()

    meta_loss = {'loop': loop, 'batched': batched}[options['form']]

    def run():
        loss = meta_loss()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss.item()

    return run


def adapt_once(_options):
    """One gradient step on ten points: the adapted weights are all there is to show."""
    meta = start()
    x, y, _, _ = draw(1)

    def run():
        gradients = torch.autograd.grad(((apply(meta, x[0]) - y[0]) ** 2).mean(), meta)
        with torch.no_grad():
            return [value - 0.01 * gradient for value, gradient in zip(meta, gradients)]

    return run


def clone(module):
    """A module of the same kind whose parameters are copies within the graph of gradients."""
    copy = module.__new__(type(module))
    copy.__dict__ = module.__dict__.copy()
    copy._parameters = {name: value.clone() for name, value in module._parameters.items()}
    copy._modules = {name: clone(child) for name, child in module._modules.items()}
    return copy


def adapt_clone(_options):
    """The same with a module that is cloned and updated in place, through which gradients can be taken, as learn2learn's users do."""
    linear, relu = torch.nn.Linear, torch.nn.ReLU
    module = torch.nn.Sequential(linear(1, HIDDEN), relu(), linear(HIDDEN, HIDDEN), relu(), linear(HIDDEN, 1))
    x, y, _, _ = draw(1)

    def run():
        learner = clone(module)
        values = list(learner.parameters())
        gradients = torch.autograd.grad(((learner(x[0]) - y[0]) ** 2).mean(), values, create_graph=True)
        updates = iter(gradients)
        for part in learner.modules():
            for name, value in part._parameters.items():
                part._parameters[name] = value - 0.01 * next(updates)
        return learner

    return run


works = {'sinusoid': train, 'adapt-sinusoid': adapt_once, 'adapt-sinusoid-clone': adapt_clone}
