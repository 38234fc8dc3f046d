"""A contender in plain PyTorch as a child process: python3 serve.py [WORK JSON_OPTIONS].

Says first which torch this is, as one line of JSON: alone without a work. Then answers each line `{"repeats": 20}` with the seconds that so many units of
work took: `{"wall": ..., "cpu": ...}`. Ends when its input does.
"""
import importlib
import json
import platform
import sys
import time

import torch

works = {
    'sinusoid': 'sinusoid', 'adapt-sinusoid': 'sinusoid', 'adapt-sinusoid-clone': 'sinusoid',
    'convolution': 'convolution', 'protonet': 'convolution', 'adapt-convolution': 'convolution',
    'hypernetwork': 'hypernetwork',
}


def blas():
    """The library that multiplies matrices: Debian's PyTorch uses whichever is installed."""
    names = ('openblas', 'mkl', 'blis', 'atlas', 'libblas')
    files = {line.split('/')[-1].strip() for line in open('/proc/self/maps') if any(name in line for name in names)}
    return ' '.join(sorted(files)) or 'unknown'


def main():
    versions = {'torch': torch.__version__, 'python': platform.python_version(), 'blas': blas()}
    if len(sys.argv) == 1:
        return answer(versions)
    work, options = sys.argv[1], json.loads(sys.argv[2])
    torch.set_num_threads(1)
    torch.set_num_interop_threads(1)
    torch.manual_seed(options['seed'])
    run = importlib.import_module(works[work]).works[work](options)
    run()
    answer(versions)
    for line in sys.stdin:
        repeats = json.loads(line)['repeats']
        wall, cpu = time.perf_counter(), time.process_time()
        for _ in range(repeats):
            run()
        answer({'wall': time.perf_counter() - wall, 'cpu': time.process_time() - cpu})


def answer(record):
    print(json.dumps(record), flush=True)


main()
