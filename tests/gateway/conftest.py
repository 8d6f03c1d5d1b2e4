"""What the tests of the doors share: keys of a sandbox of providers, which take a second to make."""

import pytest

from gateway.outside.sandbox.keys import Keys, new_keys


@pytest.fixture(scope="session")
def keys() -> Keys:
    """Both sides' secrets; a sandbox adds to them in a list of its own."""
    return new_keys()
