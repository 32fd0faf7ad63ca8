"""The HTTP server behind ``agentcore-payments serve``: waitress, and who is answered.

Why waitress: while 40 clients have stopped somewhere in a request, another is answered within
0.01 s, whichever of nine points they stopped at; under cheroot, which gives a thread to every
connection, it waits for over 5 s at all nine. It refuses a body that is too long before it is read,
has no dependencies and keeps the path as it was sent. It is as fast: in the same run on a busy
machine with two processors 1,880 requests a second against 2,030 under cheroot and 470 under
moto_server, for 0.39, 0.42 and 2.2 ms of processor time each. ``benchmarks/serve_load.py
--cheroot`` measures all of this.

``guard`` decides which requests are answered, ``application`` answers them, ``parsing`` and
``connections`` carry them, ``access_log`` writes them down.
"""
