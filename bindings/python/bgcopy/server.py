"""Set-up of the upload server of this machine: uploads to its directories, enabled and disabled.

For programs that install or manage ``bgcopy-server``. They need no queue, and the right to write beside the server's
configuration::

    orders = ExtensionSetupFactory().get_object("/orders")
    orders.enable_bits_uploads()
"""

from __future__ import annotations

from bgcopy._bgcopy import CleanupTask, ExtensionSetup, ExtensionSetupFactory

__all__ = ["CleanupTask", "ExtensionSetup", "ExtensionSetupFactory"]
