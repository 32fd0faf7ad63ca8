"""The emulated service itself: state, money, ownership, idempotency, paging.

Nothing here knows of HTTP, of moto or of botocore. ``operations.perform`` is the way in.
"""
