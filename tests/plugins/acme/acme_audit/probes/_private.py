"""Files that start with an underscore are not in the catalogue; this one cannot even be imported."""

raise RuntimeError("imported")
