"""The emulator as moto runs it: routes, accounts, permissions, transitions, dashboard.

A thin layer. What a payment is lives in ``emulator.engine``, how it travels in ``emulator.wire``.
Nothing here is imported before a request for it arrives.
"""
