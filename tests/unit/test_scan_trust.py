"""Which names a pickle may use."""

import pytest

from auditor.scan.trust import _names, trust


def test_the_allow_list_is_torchs_own():
    from torch._weights_only_unpickler import _get_allowed_globals

    ours = {f"{module}.{name}" for module, names in _names("torch_globals").items() for name in names}
    assert ours == set(_get_allowed_globals())


@pytest.mark.parametrize(
    ("module", "name", "level"),
    [
        ("collections", "OrderedDict", "allowed"),
        ("torch._utils", "_rebuild_tensor_v2", "allowed"),
        ("numpy._core.multiarray", "_reconstruct", "review"),
        ("sklearn.ensemble._forest", "RandomForestClassifier", "review"),
        ("sklearn.metrics._classification", "balanced_accuracy_score", "review"),
        ("numpy.dtypes", "Float64DType", "review"),
        ("sklearn.datasets._base", "Bunch", "unsafe"),
        ("sklearn.externals._arff", "ArffEncoder", "unsafe"),
        ("sklearn", "Pipeline", "unsafe"),
        ("sklearn.utils", "os", "unsafe"),
        ("my.models", "Net", "unsafe"),
        ("torch", "OrderedDict", "unsafe"),
        ("os", "system", "malicious"),
        ("multiprocessing.pool", "Pool", "malicious"),
        ("os.path", "join", "malicious"),
        ("builtins", "eval", "malicious"),
        ("builtins", "set.__class__", "malicious"),
        ("pandas", "read_csv", "malicious"),
        ("pandas.io.common", "get_handle", "malicious"),
        ("torch", "load.x", "malicious"),
        ("osmosis", "system", "unsafe"),
    ],
)
def test_levels(module, name, level):
    assert trust(module, name) == level


def test_no_allowed_name_is_dangerous():
    listed = [
        (module, name)
        for which in ("torch_globals", "review_globals")
        for module, names in _names(which).items()
        for name in names
    ]
    dangerous = _names("dangerous_globals")
    assert [
        f"{module}.{name}" for module, name in listed if name in dangerous.get(module, ()) or "*" in dangerous.get(module, ())
    ] == []
