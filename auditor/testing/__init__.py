"""What every loader, pass and probe promises, as tests that plugins can run on their own.

The checks raise ``AssertionError``, naming the promise that was broken, so that they serve under any test runner::

    from auditor.testing import check_pass


    def test_promises():
        check_pass(my_pass)
"""

from auditor.testing.loaders import check_loader
from auditor.testing.passes import check_pass
from auditor.testing.probes import check_probe
from auditor.testing.subjects import findings, sample, table, word_model

__all__ = ["check_loader", "check_pass", "check_probe", "findings", "sample", "table", "word_model"]
