"""The site shows pages from outside of docs/, and their links lead where they lead on GitHub.

A page keeps its place in the repository; pages of docs/ stand at the top, beside README.md.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.plugins import get_plugin_logger
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).parents[2]
DOCS = "docs/"
START, ALL_PAGES = "README.md", "index.md"
LINK = re.compile(r"(!?)\[([^\[\]]*)\]\(([^()\s#:]+)(#[^()\s]*)?\)")
log = get_plugin_logger("links")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages that the navigation names outside of docs/; the README becomes the start."""
    for uri in named(config.nav):
        if files.get_file_from_path(uri) is None and (ROOT / uri).is_file():
            files.append(File.generated(config, uri, abs_src_path=str(ROOT / uri)))
    start, pages = (files.get_file_from_path(uri) for uri in (START, ALL_PAGES))
    if start and pages:
        pages.dest_uri = pages.url = "pages.html"
        pages.abs_dest_path = str(Path(config.site_dir, pages.dest_uri))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Let each link to a file of the repository lead to its page, or name the file."""
    folder = posixpath.dirname(page.file.src_uri)
    place = folder if page.file.generated_by else posixpath.join(DOCS, folder)

    def link(found: re.Match[str]) -> str:
        mark, text, target, anchor = found.groups("")
        path = posixpath.normpath(posixpath.join(place, target))
        uri = path.removeprefix(DOCS)
        if files.get_file_from_path(uri):
            return f"{mark}[{text}]({posixpath.relpath(uri, folder or '.')}{anchor})"
        if (ROOT / path).is_file():
            return f"{text} (`{path}` in the repository)"
        return found[0]  # strict mode says that it leads nowhere

    return LINK.sub(link, markdown)


def named(nav: object) -> list[str]:
    """Return the files that a navigation names."""
    if isinstance(nav, str):
        return [nav]
    parts = nav.values() if isinstance(nav, dict) else nav if isinstance(nav, list) else []
    return [uri for part in parts for uri in named(part)]
