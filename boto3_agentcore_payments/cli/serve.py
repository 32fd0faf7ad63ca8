"""``agentcore-payments serve``: the emulator, and the rest of moto, as a server."""

from __future__ import annotations

import argparse
import contextlib
import ipaddress
import os
import pathlib
import re
import signal
import sys
from typing import TYPE_CHECKING, Any

from boto3_agentcore_payments.loader import CONTROL_PLANE, DATA_PLANE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from boto3_agentcore_payments.cli.web.connections import Server

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 5005
SDK_VARIABLES = ("BEDROCK_AGENTCORE_CP_ENDPOINT", "BEDROCK_AGENTCORE_DP_ENDPOINT")
SOME_CREDENTIALS = "AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test"
SOME_REGION = "us-west-2"
"""Region printed for clients if the server itself has none."""
_LARGEST_PORT = 65535
_SWITCH_SECONDS = 0.0005
"""How long a thread may keep the interpreter with ``--state`` while another waits for it."""
_NAME = r"(?:\[[0-9a-f:.]+\]|[a-z0-9_](?:[a-z0-9._-]*[a-z0-9_])?)"
_HOST = re.compile(rf"(?:\*\.)?{_NAME}|[0-9a-f:.]+", re.ASCII)
_ORIGIN = re.compile(rf"https?://{_NAME}(?::[0-9]{{1,5}})?", re.ASCII)
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
    parser.add_argument(
        "--public-url",
        metavar="URL",
        type=_public_url,
        help="where clients find this server, if not where it listens (containers, proxies)",
    )
    parser.add_argument(
        "--allow-host",
        metavar="NAME",
        type=_allowed_host,
        action="append",
        default=[],
        help="also answer requests for this host, *.NAME for its subdomains; may be repeated",
    )
    parser.add_argument(
        "--allow-origin",
        metavar="ORIGIN",
        type=_origin,
        action="append",
        default=[],
        help="let web pages of this origin use the server, such as http://localhost:3000; may be "
        "repeated",
    )
    parser.add_argument(
        "--state",
        metavar="FILE",
        type=pathlib.Path,
        help="keep the payments' state in this file, so that it survives the end of the process",
    )
    parser.add_argument(
        "--seed-file",
        metavar="FILE",
        type=pathlib.Path,
        help="begin with the managers, wallets, sessions and merchants of this JSON or YAML file, "
        "and return to them at a reset",
    )
    parser.add_argument(
        "--new-account",
        action="store_true",
        help="let accounts begin as fresh AWS accounts: nothing granted or subscribed to",
    )
    parser.add_argument("--quiet", action="store_true", help="do not log requests")


def run(arguments: argparse.Namespace) -> int:
    """Serve until SIGINT or SIGTERM.

    Raises:
        CommandError: if the address cannot be listened on, or the state file not be used.
        MissingExtraError: if the extra ``emulator`` is not installed.
    """
    _end_on_signals()
    from boto3_agentcore_payments.cli.web import (
        access_log,
        application,
        connections,
        guard,
        hand_over,
    )

    log = None if arguments.quiet else access_log.to_standard_error
    admitted = guard.Guard(
        arguments.host,
        hosts=arguments.allow_host,
        origins=arguments.allow_origin,
        public_url=arguments.public_url,
    )
    if arguments.new_account:
        os.environ["BOTO3_AGENTCORE_PAYMENTS_ACCOUNT"] = "new"
    # The control surface follows it where a request to it names no region.
    os.environ.setdefault("AWS_DEFAULT_REGION", _region())
    answering = application.create(admitted)
    file = None
    if arguments.state is not None:
        from boto3_agentcore_payments.cli.web.state_file import StateFile

        file = StateFile(arguments.state)
    merchants: list[dict[str, Any]] = []
    if arguments.seed_file is not None:
        from boto3_agentcore_payments.cli.web import seed_file

        go_on = file is not None and not file.is_new
        merchants = seed_file.plant(arguments.seed_file, go_on=go_on)
    if file is not None:
        from boto3_agentcore_payments.cli.web.state_file import keeping

        file.begin()
        # Each write gives up the interpreter's lock, and would wait 5 ms to have it again.
        sys.setswitchinterval(_SWITCH_SECONDS)
        answering = keeping(file, answering)
    server = connections.Server(arguments.host, arguments.port, answering, log)
    _stop_on_signals(server)  # before anybody can see that it listens, and stop it
    # moto sends itself requests in some services, at this port.
    os.environ.setdefault("MOTO_PORT", str(server.port))
    url = arguments.public_url or server.url
    with contextlib.suppress(BrokenPipeError):  # a server does not need to be read
        if arguments.public_url:
            print(f"Listening at {server.url}")
        print(introduction(url, arguments.host, arguments.state, merchants), flush=True)
    with hand_over.leading_to(url):
        server.run()
    if file is not None:
        file.close()
    return 0


def introduction(
    url: str,
    host: str,
    state: pathlib.Path | None = None,
    merchants: Iterable[Mapping[str, Any]] = (),
) -> str:
    """Return what is printed once the server listens: how to point clients at it.

    Args:
        url: The server's address.
        host: What it was told to listen on.
        state: The file that payments are kept in, if they are.
        merchants: Those that the seed file had opened.
    """
    place = f"AWS_DEFAULT_REGION={_region()}"
    kept = (
        "everything ends with this process; --state FILE keeps payments"
        if state is None
        else f"payments are kept in {state}; IAM roles, secrets and the rest of moto are not"
    )
    lines = [
        f"Serving AgentCore payments, and the rest of moto, at {url} (Ctrl-C stops it)",
        "",
        f'boto3:      boto3.client("{DATA_PLANE}", endpoint_url="{url}")',
        f"AWS CLI:    aws {CONTROL_PLANE} list-payment-managers --endpoint-url {url}",
        f"AWS's SDK:  export {SDK_VARIABLES[0]}={url} {SDK_VARIABLES[1]}={url}",
        f"page:       {url}/agentcore-payments/",
        f"state:      {kept}",
        *(f"merchant:   {each['url']} ({each['kind']})" for each in merchants),
        f"all:        export AWS_ENDPOINT_URL={url} {place} {SOME_CREDENTIALS}",
    ]
    if not _is_loopback(host):
        lines.append(
            f"warning:    {host} can be reached from other machines, and asks nobody who they are"
        )
    return "\n".join(lines)


def _region() -> str:
    return os.environ.get("AWS_DEFAULT_REGION") or SOME_REGION


def _end_on_signals() -> None:
    """End this process at once on SIGINT and SIGTERM: nothing has begun that could be stopped.

    A KeyboardInterrupt would end in a traceback from some library's import, or be lost there.
    """

    def end(_signal: int, _frame: object) -> None:
        os._exit(0)

    for number in _SIGNALS:
        signal.signal(number, end)


def _stop_on_signals(server: Server) -> None:
    """Stop the server on SIGINT and SIGTERM."""

    def stop(_signal: int, _frame: object) -> None:
        server.stop()
        # A second signal has its default effect.
        for number in _SIGNALS:
            signal.signal(number, signal.SIG_DFL)

    for number in _SIGNALS:
        signal.signal(number, stop)


def _host(text: str) -> str:
    if text:
        return text
    message = "a name or an address is needed; 0.0.0.0 is every address of this machine"
    raise argparse.ArgumentTypeError(message)


def _port(text: str) -> int:
    if text.isascii() and text.isdigit() and int(text) <= _LARGEST_PORT:
        return int(text)
    message = f"{text!r} is not a port number (0 to {_LARGEST_PORT})"
    raise argparse.ArgumentTypeError(message)


def _public_url(text: str) -> str:
    """Return a URL without a slash at its end; one that is refused may hold a secret."""
    if not _ORIGIN.fullmatch(text.rstrip("/").lower()):
        message = "http://NAME[:PORT] or https://NAME[:PORT] is needed, with no path, query or user"
        raise argparse.ArgumentTypeError(message)
    return text.rstrip("/")


def _origin(text: str) -> str:
    if not _ORIGIN.fullmatch(text.lower()):
        message = (
            "an origin is needed, as browsers write it: http://NAME[:PORT] with no slash after"
        )
        raise argparse.ArgumentTypeError(message)
    return text


def _allowed_host(text: str) -> str:
    if not _HOST.fullmatch(text.lower()):
        message = "a name or an address is needed, without a port; *.NAME for its subdomains"
        raise argparse.ArgumentTypeError(message)
    return text


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
