"""A generated 784-100-100-10 network on batches of 128 in plain PyTorch: forward, backward, Adam.

`family` 'full': a trunk and one linear layer for each tensor (as hypnettorch's HMLP); 'chunked': pieces of `chunkSize`
values from the task's embedding and one of each chunk, all in one pass, the last one's tail cut off (ChunkedHMLP).
"""
import math

import torch
import torch.nn.functional as F

SHAPES = [(100, 784), (100,), (100, 100), (100,), (10, 100), (10,)]
SIZES = [math.prod(shape) for shape in SHAPES]
BATCH, IMAGES = 128, 2000


def linear(inputs, outputs, deviation=None):
    """Weight and bias; the layers that generate start so that the generated network is of an ordinary scale."""
    weight = torch.randn(outputs, inputs) * (math.sqrt(2 / inputs) if deviation is None else deviation / math.sqrt(inputs))
    return [weight.requires_grad_(), torch.zeros(outputs).requires_grad_()]


def trunk(sizes):
    return [linear(inputs, outputs) for inputs, outputs in zip(sizes, sizes[1:])]


def run_trunk(layers, x):
    for weight, bias in layers:
        x = torch.relu(F.linear(x, weight, bias))
    return x


def deviation_of(shape):
    return math.sqrt(1 / shape[1]) if len(shape) > 1 else 0.5


def full(options):
    embedding = torch.randn(1, options['embeddingSize']).requires_grad_()
    sizes = [options['embeddingSize'], *options['hidden']]
    layers = trunk(sizes)
    heads = [linear(sizes[-1], size, deviation_of(shape)) for size, shape in zip(SIZES, SHAPES)]

    def generate():
        hidden = run_trunk(layers, embedding)
        return [F.linear(hidden, weight, bias).view(shape) for (weight, bias), shape in zip(heads, SHAPES)]

    return generate, [embedding, *flatten(layers), *flatten(heads)]


def chunked(options):
    chunk_size, chunk_embedding_size = options['chunkSize'], options['chunkEmbeddingSize']
    count = -(-sum(SIZES) // chunk_size)
    embedding = torch.randn(1, options['embeddingSize']).requires_grad_()
    chunks = torch.randn(count, chunk_embedding_size).requires_grad_()
    sizes = [options['embeddingSize'] + chunk_embedding_size, *options['hidden']]
    layers = trunk(sizes)
    head = linear(sizes[-1], chunk_size, 0.05)

    def generate():
        hidden = run_trunk(layers, torch.cat([embedding.expand(count, -1), chunks], 1))
        values = F.linear(hidden, *head).view(-1)[: sum(SIZES)]
        return [value.view(shape) for value, shape in zip(values.split(SIZES), SHAPES)]

    return generate, [embedding, chunks, *flatten(layers), *head]


def flatten(layers):
    return [value for layer in layers for value in layer]


def train(options):
    generate, params = {'full': full, 'chunked': chunked}[options['family']](options)
    optimizer = torch.optim.Adam(params, 1e-3)
    pool, classes = torch.rand(IMAGES, 784), torch.randint(0, 10, (IMAGES,))

    def run():
        chosen = torch.randint(0, IMAGES, (BATCH,))
        x, y = pool[chosen], classes[chosen]
        weights = generate()
        for layer in range(3):
            x = F.linear(x, weights[2 * layer], weights[2 * layer + 1])
            x = torch.relu(x) if layer < 2 else x
        loss = F.cross_entropy(x, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss.item()

    return run


works = {'hypernetwork': train}
