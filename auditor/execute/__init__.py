"""The shard plane: passes over data of any size, in shards that are done once, with a ledger of every row they touched."""

from auditor.execute.bind import fitted
from auditor.execute.compare import identity
from auditor.execute.plane import apply

__all__ = ["apply", "fitted", "identity"]
