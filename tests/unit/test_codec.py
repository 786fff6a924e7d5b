import dataclasses
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import numpy as np
import pytest

from auditor import codec
from auditor.errors import ConfigError
from auditor.types import Group, Measurement, Roles, Run, Threshold


@dataclasses.dataclass(frozen=True, slots=True)
class Probe:
    use: str
    favourable: str | None = None
    edges: tuple[float, ...] = ()
    limits: Mapping[str, int] = dataclasses.field(default_factory=dict)
    side: Literal["left", "right"] = "left"


@dataclasses.dataclass(frozen=True, slots=True)
class File:
    probes: tuple[Probe, ...]
    seed: int = 0
    strict: bool = False
    between: tuple[str | None, str | None] = (None, None)


def error_of(call, *args, **kwargs) -> str:
    with pytest.raises(ConfigError) as caught:
        call(*args, **kwargs)
    return str(caught.value)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (
            {"probes": [{"use": "a"}, {"use": "b", "favorable": "yes"}]},
            "audit.yaml, probes[1].favorable: unknown; did you mean 'favourable'?",
        ),
        ({"probes": [], "zzz": 1}, "audit.yaml, zzz: unknown; the keys are probes, seed, strict, between"),
        (
            {"probes": [{"use": "a", "zzz": 1}]},
            "audit.yaml, probes[0].zzz: unknown; the keys are use, favourable, edges, limits, side",
        ),
        ({}, "audit.yaml, probes: missing"),
        ({"probes": [{}]}, "audit.yaml, probes[0].use: missing"),
        ({"probes": [{"use": 3}]}, "audit.yaml, probes[0].use: expected text, found 3"),
        ({"probes": [{"use": "a", "edges": [1, "x"]}]}, "audit.yaml, probes[0].edges[1]: expected a number, found 'x'"),
        (
            {"probes": [{"use": "a", "edges": [float("inf")]}]},
            "audit.yaml, probes[0].edges[0]: expected a finite number, found inf",
        ),
        ({"probes": [{"use": "a", "edges": 1}]}, "audit.yaml, probes[0].edges: expected a list, found 1"),
        (
            {"probes": [{"use": "a", "limits": {"k": 1.5}}]},
            "audit.yaml, probes[0].limits.k: expected a whole number, found 1.5",
        ),
        ({"probes": [{"use": "a", "limits": [1]}]}, "audit.yaml, probes[0].limits: expected a mapping, found [1]"),
        (
            {"probes": [{"use": "a", "side": "lfet"}]},
            "audit.yaml, probes[0].side: expected 'left' or 'right', found 'lfet'; did you mean 'left'?",
        ),
        ({"probes": ["a"]}, "audit.yaml, probes[0]: expected a mapping, found 'a'"),
        ({"probes": [], "strict": "perhaps"}, "audit.yaml, strict: expected true or false, found 'perhaps'"),
        ({"probes": [], "between": ["a", 1]}, "audit.yaml, between[1]: expected text, found 1"),
        ([], "audit.yaml: expected a mapping, found []"),
        (None, "audit.yaml: expected a mapping, found nothing"),
        ({"probes": [], "seed": "x" * 500}, "audit.yaml, seed: expected a whole number, found '" + "x" * 56 + "..."),
    ],
)
def test_an_error_names_place_value_and_what_was_expected(value, message):
    assert error_of(codec.parse, value, File, place="audit.yaml") == message


def test_a_wrong_key_is_named_before_what_follows_from_it():
    message = error_of(codec.parse, {"probs": [], "seed": "x"}, File, place="f")
    assert message == "f, probs: unknown; did you mean 'probes'? (and 2 more)"


def test_a_group_inside_roles_is_checked_as_deep_as_it_is():
    message = error_of(codec.parse, {"groups": [{"column": "age", "reference": None, "bin": [1]}]}, Roles, place="f")
    assert message == "f, groups[0].bin: unknown; did you mean 'bins'?"


def test_lists_stand_for_tuples():
    assert codec.parse({"groups": [{"column": "age", "bins": [25, 45]}]}, Roles, place="f") == Roles(
        groups=(Group("age", (25.0, 45.0)),)
    )


def test_check_takes_any_annotation():
    assert codec.check(["a"], tuple[str, ...], place="f") == ("a",)
    assert codec.check(None, float | None, place="f") is None
    assert error_of(codec.check, "a", int | None, place="f") == "f: expected a whole number, found 'a'"
    assert error_of(codec.check, ["a", 1], tuple[str, ...], place="f") == "f[1]: expected text, found 1"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: no", {"a": "no"}),
        ("a: 2024-01-01", {"a": "2024-01-01"}),
        ("a: 0123", {"a": "0123"}),
        ("a: 1e-3", {"a": 0.001}),
        ("a: 12:30", {"a": "12:30"}),
        ("a: [1, -2, .5, 1., 'x']", {"a": [1, -2, 0.5, 1.0, "x"]}),
        ("a: true\nb: False\nc: yes", {"a": True, "b": False, "c": "yes"}),
        ("a:\nb: ~\nc: null\nd: ''", {"a": None, "b": None, "c": None, "d": ""}),
        ("", None),
        ("a: é\n", {"a": "é"}),
    ],
)
def test_yaml_reads_as_people_mean_it(text, value):
    assert codec.yaml_value(text, place="f") == value


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\nb: 2\na: 3", "f, line 3, column 1: not readable as YAML: the key 'a' is there twice"),
        ("a: {x: 1, x: 1}", "f, line 1, column 11: not readable as YAML: the key 'x' is there twice"),
        ("a: [1,\nb: {", "f, line 3, column 1: not readable as YAML: "),
        ("a: &x 1\nb: *x", "f, line 2, column 4: not readable as YAML: aliases are not read; write the value out"),
        (
            "!!python/object/apply:os.system [ls]",
            "f, line 1, column 1: not readable as YAML: could not determine a constructor",
        ),
        ("a\n---\nb", "f, line 2, column 1: not readable as YAML: expected a single document in the stream but found another"),
        ("a: \x00", "f: not readable as YAML: "),
        ("a: " + "9" * 5000, "f: not readable as YAML: "),
        ("[" * 200_000, "f, line 1, column 101: not readable as YAML: nested too deeply"),
    ],
)
def test_yaml_that_does_not_read_is_refused_with_line_and_column(text, message):
    assert error_of(codec.yaml_value, text, place="f").startswith(message)


def test_a_tag_builds_nothing(tmp_path):
    error_of(codec.yaml_value, f"!!python/object/apply:os.mkdir ['{tmp_path / 'made'}']", place="f")
    assert not (tmp_path / "made").exists()


def test_files_are_read_with_or_without_a_mark(tmp_path):
    (tmp_path / "a.yaml").write_bytes(b"\xef\xbb\xbfuse: a")
    assert codec.read_yaml(tmp_path / "a.yaml", Probe) == Probe("a")
    (tmp_path / "a.json").write_text('{"use": "a"}')
    assert codec.read_json(tmp_path / "a.json", Probe) == Probe("a")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"\xff\xfe", "byte 0 is not UTF-8. Save the file as UTF-8."),
        (b'{"use": ', ", line 1, column 9: not readable as JSON: Expecting value"),
        (b"[" * 200_000, "not readable as JSON: "),
        (b'{"use": "a", "edges": [NaN]}', ", edges[0]: expected a finite number, found nan"),
        (b'{"use": "a", "seed": ' + b"1" * 5000 + b"}", "not readable as JSON: "),
    ],
)
def test_json_that_does_not_read_is_refused(tmp_path, data, message):
    path = tmp_path / "a.json"
    path.write_bytes(data)
    found = error_of(codec.read_json, path, Probe)
    assert found.startswith(str(path))
    assert message in found


def test_a_missing_file_is_named(tmp_path):
    assert (
        error_of(codec.read_yaml, tmp_path / "no.yaml", Probe)
        == f"{tmp_path / 'no.yaml'}: cannot be read: No such file or directory"
    )
    assert "Is a directory" in error_of(codec.read_text, tmp_path)


def test_numbers_of_numpy_become_pythons():
    measured = Measurement("m", np.float64(0.5), "fraction", np.int64(3), counts={"x": np.int32(1)})
    written = json.loads(codec.to_json(measured))
    assert (written["value"], written["n"], written["counts"]) == (0.5, 3, {"x": 1})


def test_numbers_that_are_not_finite_are_not_written():
    with pytest.raises(ValueError, match="not JSON compliant"):
        codec.to_json(Measurement("m", float("nan"), "fraction", 1))


def test_what_is_not_data_is_not_written():
    with pytest.raises(Exception, match="not data that can be written as JSON"):
        codec.plain(Measurement("m", 1.0, "fraction", 1, where={"a": object()}))


def test_json_ends_with_one_line_end_and_keeps_letters():
    text = codec.to_json(Threshold("<=", 0.2, "law", "§ 5"))
    assert text.endswith("}\n")
    assert "§ 5" in text


def test_the_schema_of_a_run_says_what_it_is():
    made = codec.schema(Run)
    assert made["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert made["$id"] == "urn:auditor:run:1"
    assert made["title"] == "Run"
    assert made["type"] == "object"
    assert made["additionalProperties"] is False
    assert set(made["required"]) == {field.name for field in dataclasses.fields(Run)}
    assert set(made["$defs"]["Measurement"]["properties"]) == {field.name for field in dataclasses.fields(Measurement)}
    references = json.dumps(made).count('"$ref": "#/$defs/')
    assert references > 10
    assert all(name in made["$defs"] for name in ("Outcome", "Verdict", "Gate", "LedgerEntry"))


def test_the_schema_of_a_plain_record_is_named_for_it():
    made = codec.schema(Probe)
    assert (made["$id"], made["title"], made["$defs"]) == ("urn:auditor:probe", "Probe", {})


def test_a_path_is_written_as_one(tmp_path):
    assert codec.key_path(("probes", 1, "favourable")) == "probes[1].favourable"
    assert codec.key_path(()) == ""
    assert isinstance(tmp_path, Path)
