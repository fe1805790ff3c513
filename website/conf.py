"""What Sphinx is told: which files are pages, how they look, and that nothing is fetched.

The folder that it reads is the repository, so a link to a file that is no page (a module, a schema)
leads to a copy of that file, and the site needs no other.
"""

from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

from website.links import without_links_to_folders
from website.navigation import INDEX, chapters, with_navigation
from website.sidebar import sidebar

ROOT = Path(__file__).parents[1]
MARK = ROOT / "interfaces" / "dashboard" / "assets" / "mark.svg"
READ = ("docs", "examples")
"""The folders whose Markdown files are pages; those at the top of the repository are too."""

project = "stocktrail"
root_doc = INDEX
extensions = ["myst_parser"]
exclude_patterns = sorted(
    each.name for each in ROOT.iterdir() if each.is_dir() and each.name not in READ
)
include_patterns = ["*.md", *(f"{folder}/**.md" for folder in READ)]
smartquotes = False
suppress_warnings = ["myst.header"]       # questions are listed below a chapter of no level between
myst_heading_anchors = 6
myst_enable_extensions = ["html_image"]      # pictures that have a width

html_theme = "furo"
html_title = "stocktrail"
html_logo = html_favicon = str(MARK)
html_static_path = ["static"]
html_css_files = ["site.css"]
html_theme_options = {
    "light_css_variables": {"color-brand-primary": "#1f6354", "color-brand-content": "#1f6354"},
    "dark_css_variables": {"color-brand-primary": "#7fcab6", "color-brand-content": "#7fcab6"},
}
html_copy_source = False
html_show_copyright = False
html_use_index = False
html_additional_pages = {"index": "first.html"}
templates_path = ["templates"]


def setup(app: Sphinx) -> None:
    """Let every page be prepared when it is read, and shown with the navigation."""
    app.connect("source-read", _prepare)
    app.connect("html-page-context", _show_sidebar, priority=400)      # before the theme's


def _prepare(app: Sphinx, page: str, source: list[str]) -> None:
    text = without_links_to_folders(source[0], (ROOT / page).parent)
    source[0] = with_navigation(page, text, sorted(app.env.found_docs))


def _show_sidebar(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: object
) -> None:
    titles = {name: title.astext() for name, title in app.env.titles.items()}
    found = chapters((ROOT / f"{INDEX}.md").read_text(encoding="utf-8"), titles)
    context["toctree"] = lambda **_: sidebar(found, titles, page, context["pathto"])
