"""The four blocks of few-shot learning in plain PyTorch: MAML task by task, and ProtoNet; episodes are drawn within the step.

Batch norm is torch's fused one, with the statistics of the batch at hand. Strided: the mean over positions before the head.
"""
import math

import torch
import torch.nn.functional as F

CLASSES, EXAMPLES, SIZE, FILTERS, WAYS, SHOTS, QUERY_SHOTS = 100, 20, 28, 64, 5, 1, 15


def start_body():
    values = []
    for layer in range(4):
        inputs = FILTERS if layer else 1
        kernel = torch.randn(FILTERS, inputs, 3, 3) * math.sqrt(2 / (9 * inputs))
        values += [kernel, torch.ones(FILTERS), torch.zeros(FILTERS)]
    return [value.requires_grad_() for value in values]


def start():
    head = [torch.randn(FILTERS, WAYS) * math.sqrt(2 / FILTERS), torch.zeros(WAYS)]
    return start_body() + [value.requires_grad_() for value in head]


def features(network, params, x):
    for layer in range(4):
        kernel, scale, shift = params[3 * layer : 3 * layer + 3]
        x = F.conv2d(x, kernel, stride=2 if network == 'strided' else 1, padding=1)
        x = torch.relu(F.batch_norm(x, None, None, scale, shift, training=True, eps=1e-3))
        if network == 'pooled':
            x = F.max_pool2d(x, 2)
    return x.mean((2, 3)) if network == 'strided' else x.flatten(1)


def logits(network, params, x):
    return features(network, params, x) @ params[12] + params[13]


def images():
    return torch.rand(CLASSES, EXAMPLES, 1, SIZE, SIZE)


def draw(pool):
    classes = torch.randperm(CLASSES)[:WAYS]
    chosen = torch.stack([pool[index][torch.randperm(EXAMPLES)[: SHOTS + QUERY_SHOTS]] for index in classes])
    labels = torch.arange(WAYS)
    support, query = chosen[:, :SHOTS].flatten(0, 1), chosen[:, SHOTS:].flatten(0, 1)
    return support, labels.repeat_interleave(SHOTS), query, labels.repeat_interleave(QUERY_SHOTS)


def train(options):
    """A loop over tasks, each with a backward pass of its own, as learn2learn is used."""
    network, tasks, rate = options['network'], options['tasks'], options['innerLearningRate']
    meta, pool = start(), images()
    optimizer = torch.optim.Adam(meta, 1e-3)

    def run():
        optimizer.zero_grad()
        total = 0
        for _ in range(tasks):
            support_x, support_y, query_x, query_y = draw(pool)
            params = meta
            for _ in range(options['innerSteps']):
                loss = F.cross_entropy(logits(network, params, support_x), support_y)
                gradients = torch.autograd.grad(loss, params, create_graph=True)
                params = [value - rate * gradient for value, gradient in zip(params, gradients)]
            loss = F.cross_entropy(logits(network, params, query_x), query_y) / tasks
            loss.backward()
            total += loss.item()
        optimizer.step()
        return total

    return run


def protonet(options):
    """Squared distances to the class means; support and query are normalized apart, as ours are."""
    network, tasks = options['network'], options['tasks']
    meta, pool = start_body(), images()
    optimizer = torch.optim.Adam(meta, 1e-3)

    def run():
        optimizer.zero_grad()
        total = 0
        for _ in range(tasks):
            support_x, _, query_x, query_y = draw(pool)
            means = features(network, meta, support_x).view(WAYS, SHOTS, -1).mean(1)
            query = features(network, meta, query_x)
            scores = -((query.unsqueeze(1) - means) ** 2).sum(-1)
            loss = F.cross_entropy(scores, query_y) / tasks
            loss.backward()
            total += loss.item()
        optimizer.step()
        return total

    return run


def adapt_once(options):
    """One gradient step on five images: the adapted weights are all there is to show."""
    network, meta = options['network'], start()
    x, y = torch.rand(WAYS, 1, SIZE, SIZE), torch.arange(WAYS)

    def run():
        gradients = torch.autograd.grad(F.cross_entropy(logits(network, meta, x), y), meta)
        with torch.no_grad():
            return [value - 0.4 * gradient for value, gradient in zip(meta, gradients)]

    return run


works = {'convolution': train, 'protonet': protonet, 'adapt-convolution': adapt_once}
