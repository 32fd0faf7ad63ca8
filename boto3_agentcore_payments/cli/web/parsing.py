"""Reading of requests: waitress's parser, stricter where waitress would wait, guess or fail.

A request that can't be answered is refused as soon as that is known, before its body is read.
"""

# waitress has no types, and what pyright infers from its code is not what it means.
# pyright: reportArgumentType=false, reportAttributeAccessIssue=false
# pyright: reportIncompatibleVariableOverride=false, reportOptionalMemberAccess=false

from __future__ import annotations

import re
import time
from typing import Any

from waitress.parser import HTTPRequestParser, ParsingError
from waitress.utilities import BadRequest, Error, RequestEntityTooLarge

from boto3_agentcore_payments.emulator.backend.inference import PREFIXES, is_signed_for_another

LARGEST_HEAD = 64 * 1024
"""Bytes of the request line and the headers together; more is refused with 431."""

LARGEST_BODY = 64 * 1024 * 1024
"""Bytes of a body, for the services of moto: S3 takes whole objects. More is refused with 413."""

LARGEST_PAYMENTS_BODY = 1024 * 1024
"""Bytes of the body of a payments operation [decided]: the longest by the models is far shorter."""

_LONGEST_CHUNK_LINE = 1024
_UNREPRESENTABLE = 2**63
_METADATA = re.compile(rb"(?im)^(x-amz-meta-[^:\s]*_[^:\s]*):[ \t]*(.*?)[ \t]*\r?$")
_FIRST_BYTES = re.compile(rb"(?:\r\n)*[!-~]|(?:\r\n)*\r?\Z")


class _VersionNotSupported(Error):  # type: ignore[misc]  # waitress has no types
    code = 505
    reason = "HTTP Version Not Supported"


class RequestParser(HTTPRequestParser):  # type: ignore[misc]  # waitress has no types
    """Collects one request.

    Attributes:
        began: When its first bytes came, in seconds of :func:`time.time`.
        metadata: Headers of S3's object metadata with an underscore in the name, which WSGI can't
            tell from a dash: spelling and value.
    """

    completed: bool
    error: Any

    def __init__(self, adjustments: Any) -> None:
        super().__init__(adjustments)
        self.began = time.time()
        self.metadata: dict[str, str] = {}
        self._largest_body = LARGEST_BODY

    def received(self, data: bytes) -> int:
        """Take bytes from the connection; return how many were of use."""
        consumed: int = super().received(data)
        if not self.completed:
            self._check_progress(data)
        if self.error is None:
            return consumed
        if not hasattr(self, "request_uri") or self.error.code == _HEAD_TOO_LARGE:
            self.command = self.request_uri = "-"
        self.expect_continue = False  # waitress would ask for the body of a refused request
        self.completed = True
        return len(data)  # what follows is the rest of the refused request, not another one

    def parse_header(self, header_plus: bytes) -> None:
        """Parse request line and headers.

        Raises:
            ParsingError: if they are malformed.
            TransferEncodingNotImplemented: if the body's coding is not ``chunked``.
        """
        try:
            super().parse_header(header_plus)
        except (ParsingError, ValueError):
            # waitress's texts quote what was sent. int() and urlsplit() refuse some that match its
            # patterns.
            message = "Malformed request line or header"
            raise ParsingError(message) from None
        if self.version not in {"1.0", "1.1"}:
            if not self.version:
                message = "The request line names no version"
                raise ParsingError(message)
            self.error = _VersionNotSupported("This server speaks HTTP/1.1")
            return
        self._check_framing()
        if b"_" in header_plus:
            for name, value in _METADATA.findall(header_plus):
                self.metadata[name.decode("latin-1")] = value.decode("latin-1")

    def _check_framing(self) -> None:
        headers = self.headers
        if self.version == "1.1" and "HOST" not in headers:
            message = "HTTP/1.1 needs a Host header"
            raise ParsingError(message)
        # Two ways to say where a body ends are how requests are smuggled past a proxy (RFC 9112).
        if "TRANSFER_ENCODING" in headers or (self.chunked and "CONTENT_LENGTH" in headers):
            message = "Transfer-Encoding with Content-Length, or in HTTP/1.0"
            raise ParsingError(message)
        if self.path.startswith(PREFIXES) and not is_signed_for_another(
            {
                "HTTP_AUTHORIZATION": headers.get("AUTHORIZATION", ""),
                "QUERY_STRING": self.query,
            }
        ):
            self._largest_body = LARGEST_PAYMENTS_BODY
        self._check_size(self.content_length)

    def _check_progress(self, data: bytes) -> None:
        """Refuse what will never become a request, and would be waited for."""
        if not self.headers_finished:
            begun = self.header_plus
            if not _FIRST_BYTES.match(begun):  # such as TLS
                self.error = BadRequest("Not HTTP")
            elif b"\n" in data and begun.count(b"\n") != begun.count(b"\r\n"):
                self.error = BadRequest("Lines must end with CR LF")
        elif self.chunked:
            receiver = self.body_rcv
            lines = max(len(receiver.control_line), len(receiver.trailer))
            if lines > _LONGEST_CHUNK_LINE:
                self.error = BadRequest("A line between chunks is too long")
            else:
                self._check_size(len(receiver) + receiver.chunk_remainder)

    def _check_size(self, announced: int) -> None:
        if announced >= _UNREPRESENTABLE:
            self.error = BadRequest("No body has this length")
        elif announced > self._largest_body:
            self.error = RequestEntityTooLarge(f"exceeds {self._largest_body} bytes")


_HEAD_TOO_LARGE = 431
