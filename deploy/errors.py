"""What stops a deployment."""


class DeployError(Exception):
    """A step failed; the message says which, and what to do."""


class NotReady(DeployError):
    """Something is missing before the first step; nothing was touched."""
