"""States and decisions of reductions, on disk: a table as Arrow, everything else as JSON. Never as a pickle.

What is written by one runner is read by all, so a state is the same whether it crossed a process boundary or not.
"""

import json
from pathlib import Path

import pyarrow as pa

from auditor.errors import UsageError
from auditor.store.files import replacing

State = object

_ARROW = b"ARROW1"


def save(path: Path, state: State) -> None:
    """Write a state.

    Raises:
        UsageError: it is neither a table nor plain data.
    """
    with replacing(path) as part:
        if isinstance(state, pa.Table):
            with pa.ipc.new_file(str(part), state.schema) as writer:
                writer.write_table(state.combine_chunks())
        else:
            part.write_text(_text(state), "utf-8")


def load(path: Path) -> State:
    """Read a state."""
    with path.open("rb") as file:
        is_table = file.read(len(_ARROW)) == _ARROW
    if not is_table:
        return json.loads(path.read_text("utf-8"))
    with pa.memory_map(str(path)) as source:
        return pa.ipc.open_file(source).read_all()


def _text(state: State) -> str:
    try:
        text = json.dumps(state, ensure_ascii=False, sort_keys=True)
    except (TypeError, ValueError):
        text = ""
    if not text or json.loads(text) != state:
        remedy = "Use a pyarrow.Table, or what JSON can hold: dicts with text as keys, lists, text, numbers, None."
        raise UsageError(f"the state of a reduction is not plain data: {str(state)[:100]}", remedy=remedy)
    return text
