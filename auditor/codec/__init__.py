"""Reading and writing the file formats: every one is a dataclass, checked by pydantic."""

from auditor.codec.checking import check, key_path, parse, shown
from auditor.codec.formats import json_value, plain, read_json, read_text, read_yaml, schema, to_json, yaml_value
from auditor.codec.yaml_text import to_yaml

__all__ = [
    "check",
    "json_value",
    "key_path",
    "parse",
    "plain",
    "read_json",
    "read_text",
    "read_yaml",
    "schema",
    "shown",
    "to_json",
    "to_yaml",
    "yaml_value",
]
