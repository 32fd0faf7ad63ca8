"""The HTTP server behind ``agentcore-payments serve``.

cheroot carries the connections. Of the threaded WSGI servers, waitress answers a fifth more
requests to an empty application; but cheroot lets its gateway be replaced, which is needed to close
a connection without an answer and to keep the spelling of S3's metadata headers, and next to the
work of a real request the difference is a few hundredths of a millisecond.
"""
