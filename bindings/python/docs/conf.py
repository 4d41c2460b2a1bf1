"""The manual of the Python package; written by docs.sh."""

import bgcopy

project = "bgcopy"
author = "the bgcopy authors"
copyright = author
version = release = bgcopy.__version__
extensions = ["sphinx.ext.autodoc", "sphinx.ext.viewcode"]
html_theme = "furo"
html_title = f"bgcopy {release} for Python"
html_show_copyright = False
html_show_sourcelink = False
autodoc_member_order = "bysource"
autodoc_typehints = "description"
# Classes are documented under the names that programs use.
add_module_names = False
python_use_unqualified_type_names = True
