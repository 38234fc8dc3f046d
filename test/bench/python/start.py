"""From nothing to a task adapted: imports PyTorch, takes one gradient step on ten points, and says what it cost."""
import json
import resource
import time

import torch

torch.set_num_threads(1)
from sinusoid import adapt_once  # noqa: E402  after torch, whose import is what is measured

adapt_once({})()
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({'cpu': time.process_time(), 'peakMb': peak, 'torch': torch.__version__}), flush=True)
