"""HTTP in front of the engine: find the operation, parse, validate, perform, serialize.

``service.answer`` is the whole surface a transport needs. Nothing here knows moto, and nothing in
the engine knows HTTP.
"""
