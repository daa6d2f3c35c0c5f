"""The site of the documentation: `make docs`. The pages are those of docs/, as they are."""

import os
import pathlib
import re

from docutils import nodes

_ROOT = pathlib.Path(os.environ["OTBRIDGE_ROOT"])

project = "otbridge"
copyright = "the otbridge authors"
version = release = re.search(r"project\(otbridge VERSION ([0-9.]+)",
                              (_ROOT / "CMakeLists.txt").read_text(encoding="utf-8"))[1]

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.autosummary", "sphinx.ext.napoleon",
              "sphinx.ext.mathjax", "sphinx_gallery.gen_gallery"]
source_suffix = {".md": "markdown", ".rst": "restructuredtext"}
exclude_patterns = ["tutorials/*", "README.md"]
html_theme = "furo"
html_extra_path = ["playground.html"]
html_title = f"otbridge {version}"
nitpicky = False

myst_heading_anchors = 4
myst_enable_extensions = ["colon_fence"]
# Links out of the pages into the tree (data/, tests/), which the site does not hold.
suppress_warnings = ["myst.xref_missing", "config.cache"]

autodoc_typehints = "none"  # the docstrings say them with their units
autosummary_generate = True
napoleon_google_docstring = False

sphinx_gallery_conf = {
    "examples_dirs": ["tutorials"],
    "gallery_dirs": ["tutorial"],
    "filename_pattern": r"/plot_",
    "within_subsection_order": "FileNameSortKey",
    "download_all_examples": False,
    "remove_config_comments": True,
    "abort_on_example_error": True,
    "show_memory": False,
    "min_reported_time": 1e9,
    # A page of times would ask the network for its script.
    "write_computation_times": False,
}


def _words_of_links_out_of_the_site(app, doctree, name):
    """A link to a file of the tree that the site does not hold would lead nowhere: its words stay."""
    for link in list(doctree.findall(nodes.reference)):
        if link.get("refid", "").startswith("../") or link.get("refuri", "").startswith("#../"):
            link.replace_self(link.children)


def setup(app):
    app.connect("doctree-resolved", _words_of_links_out_of_the_site)
