#!/bin/sh
# An environment with TextAttack as its users get it today, with the least pins that let it import.
# usage: benchmarks/peers/setup.sh FOLDER
set -eu
python3 -m venv "$1"
"$1/bin/pip" install -q uv torch==2.13.0
version=$("$1/bin/python" -c 'import importlib.metadata as m; print(m.version("torch"))')
"$1/bin/uv" pip install -q --python "$1/bin/python" ${PIP_FIND_LINKS:+--find-links "$PIP_FIND_LINKS"} \
    "torch==$version" textattack==0.3.11 'flair>=0.13' 'datasets>=3,<4'
