"""The jobs: audit a model or a data set, clean a data set."""
