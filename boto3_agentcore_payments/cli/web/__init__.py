"""The HTTP server behind ``agentcore-payments serve``: waitress, and who is answered.

Why waitress: while 40 clients have stopped in a request, another is answered within 0.03 s, at
whichever of nine points they stopped; under cheroot, which gives a thread to every connection, it
gave up after 5 s at all nine. waitress can refuse a body before it is read, has no dependencies and
keeps the path as it was sent. It is as fast: ``benchmarks/serve_load.py --cheroot`` had, in one run
on two busy processors, reading a session,

=========== ============== ==================
under       requests/s     CPU a request
=========== ============== ==================
waitress    1,831          0.39 ms
cheroot     1,493          0.39 ms
moto_server 281            2.36 ms
=========== ============== ==================

What waitress lacks is in ``parsing`` and ``connections``, each with its reason.

``guard`` decides which requests are answered, ``application`` answers them, ``parsing`` and
``connections`` carry them, ``access_log`` writes them down.
"""
