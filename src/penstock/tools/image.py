"""A container image, built by the engine that answers on this machine."""

from __future__ import annotations

from penstock.ports import ToolContext
from penstock.tools.special import SpecialTool, encoded


class Image(SpecialTool):
    """One process that calls the engine."""

    def words(self, context: ToolContext) -> tuple[str, ...]:
        """The engine, then the options."""
        spec = context.spec
        settings = dict(spec.options) | {"job": f"{context.project.name}/{spec.name}"}
        return (context.engine, encoded(settings))


IMAGE = Image("image", "penstock_image.py")
