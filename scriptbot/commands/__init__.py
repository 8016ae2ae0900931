"""The ``:`` commands of the interactive session."""

from scriptbot.commands import conversation, general, inspecting, models, sampling, saving
from scriptbot.commands.registry import Registry

REGISTRY = Registry()
REGISTRY.add(
    *general.commands(REGISTRY),
    *conversation.COMMANDS,
    *saving.COMMANDS,
    *sampling.COMMANDS,
    *models.COMMANDS,
    *inspecting.COMMANDS,
)
