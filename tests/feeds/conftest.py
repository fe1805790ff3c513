"""What tests of the feeds may ask for."""

from tests.store.conftest import workers as workers
