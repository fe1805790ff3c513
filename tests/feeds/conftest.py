"""What tests of the feeds may ask for."""

from tests.interfaces.api.conftest import api as api
from tests.interfaces.api.conftest import quiet as quiet
from tests.store.conftest import workers as workers
