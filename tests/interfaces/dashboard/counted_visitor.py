"""A visitor whose effort is counted by the browser: clicks on the page, and fields filled in."""

from playwright.sync_api import Page

from tests.interfaces.api.serving import Served
from tests.interfaces.dashboard.visitor import Visitor

# Session storage outlives the page. A key pressed on a button, or Enter that sends a form by its
# button, is a click for the browser too, and counts; a tick counts as its click.
_COUNT = """
for (const [event, name] of [["click", "clicks"], ["change", "fields"]])
  addEventListener(event, ({isTrusted, target}) => {
    if (!isTrusted || (event === "change" && target.type === "checkbox")) return;
    sessionStorage.setItem(name, Number(sessionStorage.getItem(name)) + 1);
  }, true);
"""


class CountedVisitor(Visitor):
    """Does a job from the first page, and knows what it took."""

    def __init__(self, page: Page, shop: Served) -> None:
        super().__init__(page, shop)
        page.add_init_script(_COUNT)
        self.open("/")

    def effort(self) -> tuple[int, int]:
        """Return how many clicks were made and how many fields filled in since the first page."""
        clicks, fields = self.page.evaluate(
            "['clicks', 'fields'].map(name => Number(sessionStorage.getItem(name)))"
        )
        return int(clicks), int(fields)
