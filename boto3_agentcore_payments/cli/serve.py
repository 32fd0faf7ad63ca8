"""``agentcore-payments serve``: the emulator, and the rest of moto, as a server."""

from __future__ import annotations

import argparse
import contextlib
import ipaddress
import os
import signal
import threading
from typing import TYPE_CHECKING

from boto3_agentcore_payments.loader import CONTROL_PLANE, DATA_PLANE

if TYPE_CHECKING:
    from boto3_agentcore_payments.cli.server.connections import Server

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 5005
SDK_VARIABLES = ("BEDROCK_AGENTCORE_CP_ENDPOINT", "BEDROCK_AGENTCORE_DP_ENDPOINT")
SOME_CREDENTIALS = "AWS_DEFAULT_REGION=us-west-2 AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test"
_LARGEST_PORT = 65535
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.add_argument(
        "--host",
        type=_host,
        default=DEFAULT_HOST,
        help="name or address to listen on (default: %(default)s, this machine only)",
    )
    parser.add_argument(
        "--port",
        type=_port,
        default=DEFAULT_PORT,
        help="port to listen on, 0 for a free one (default: %(default)s)",
    )
    parser.add_argument("--quiet", action="store_true", help="do not log requests")


def run(arguments: argparse.Namespace) -> int:
    """Serve until SIGINT or SIGTERM.

    Raises:
        CommandError: If the address cannot be listened on.
        MissingExtraError: If the extra ``emulator`` is not installed.
    """
    _end_on_signals()
    from boto3_agentcore_payments.cli.server import application, connections

    log = None if arguments.quiet else connections.log_to_standard_error
    server = connections.Server(arguments.host, arguments.port, application.create(), log)
    stopping = _stop_on_signals()  # before anybody can see that it listens, and stop it
    server.listen()
    # moto sends itself requests in some services, at this port.
    os.environ.setdefault("MOTO_PORT", str(server.bind_addr[1]))
    try:
        with contextlib.suppress(BrokenPipeError):  # a server does not need to be read
            print(introduction(server.url, arguments.host), flush=True)
        _serve(server, stopping)
    finally:
        server.stop()  # its threads would keep this process alive
    return 0


def introduction(url: str, host: str) -> str:
    """What is printed once the server listens: how to point clients at it.

    Args:
        url: The server's address.
        host: What it was told to listen on.
    """
    lines = [
        f"Serving AgentCore payments, and the rest of moto, at {url} (Ctrl-C stops it)",
        "",
        f'boto3:      boto3.client("{DATA_PLANE}", endpoint_url="{url}")',
        f"AWS CLI:    aws {CONTROL_PLANE} list-payment-managers --endpoint-url {url}",
        f"AWS's SDK:  export {SDK_VARIABLES[0]}={url} {SDK_VARIABLES[1]}={url}",
        f"all:        export AWS_ENDPOINT_URL={url} {SOME_CREDENTIALS}",
    ]
    if not _is_loopback(host):
        lines.append(
            f"warning:    {host} can be reached from other machines, and asks nobody who they are"
        )
    return "\n".join(lines)


def _end_on_signals() -> None:
    """End this process at once on SIGINT and SIGTERM: nothing has begun that could be stopped.

    A KeyboardInterrupt would end in a traceback from some library's import, or be lost there.
    """

    def end(_signal: int, _frame: object) -> None:
        os._exit(0)

    for number in _SIGNALS:
        signal.signal(number, end)


def _stop_on_signals() -> threading.Event:
    """Return an event that SIGINT and SIGTERM set."""
    stopping = threading.Event()

    def stop(_signal: int, _frame: object) -> None:
        stopping.set()
        # A second signal does what it does without us.
        for number in _SIGNALS:
            signal.signal(number, signal.SIG_DFL)

    for number in _SIGNALS:
        signal.signal(number, stop)
    return stopping


def _serve(server: Server, stopping: threading.Event) -> None:
    def serve() -> None:
        try:
            server.serve()
        finally:
            stopping.set()

    thread = threading.Thread(target=serve, name="serve")
    thread.start()
    stopping.wait()
    server.stop()
    thread.join()


def _host(text: str) -> str:
    if text:
        return text
    message = "a name or an address is needed; 0.0.0.0 is every address of this machine"
    raise argparse.ArgumentTypeError(message)


def _port(text: str) -> int:
    if text.isascii() and text.isdigit() and int(text) <= _LARGEST_PORT:
        return int(text)
    message = f"{text!r} is no port number from 0 to {_LARGEST_PORT}"
    raise argparse.ArgumentTypeError(message)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
