"""A plugin for tests: a package of the same shape as auditor."""
