"""Executes notebooks: `python3 execute.py FOLDER OUT NOTEBOOK...`.

The cells run in FOLDER, where the packages are; the notebooks with their outputs are written to OUT, which may be the folder they
came from. What differs from run to run, such as times, is left out. Ends with a cell's error, and then writes nothing.
Needs nbclient (Debian: python3-nbclient) and a kernel named tslab on JUPYTER_PATH.
"""

import pathlib
import sys

import nbformat
from nbclient import NotebookClient



def join_streams(outputs):
    """Lines arrive in as many pieces as chance has it: one output of what a stream said without a break."""
    joined = []
    for output in outputs:
        last = joined[-1] if joined else None
        if last and output.output_type == last.output_type == "stream" and output.name == last.name:
            last.text += output.text
        else:
            joined.append(output)
    return joined


folder, out, *notebooks = sys.argv[1:]
for path in notebooks:
    notebook = nbformat.read(path, as_version=4)
    resources = {"metadata": {"path": folder}}
    NotebookClient(notebook, kernel_name="tslab", timeout=600, resources=resources, record_timing=False).execute()
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = join_streams(cell.outputs)
    nbformat.validate(notebook)
    nbformat.write(notebook, pathlib.Path(out) / pathlib.Path(path).name)
