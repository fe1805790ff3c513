"""Who reads, acts and administers: the ways in which a page asks for its visitor."""

from typing import Annotated

from fastapi import Depends

from interfaces.dashboard.visit import Visit, visiting

Reader = Annotated[Visit, Depends(visiting("read"))]
"""A visitor who may see pages."""

Actor = Annotated[Visit, Depends(visiting("command"))]
"""A visitor who may change something."""

Administrator = Annotated[Visit, Depends(visiting("admin"))]
"""A visitor who may do everything."""
