"""Every function of moto that the emulator rests on, by the hash of its source.

A failure here means that this moto changed one of them, not that anything is broken. Then:

1. read what changed (``git log -p`` of that file in moto), against the reason given below;
2. run ``tests/backend`` and ``tests/sdk`` under this moto, and adapt the emulator if need be;
3. ``python tests/backend/test_moto_fingerprints.py`` adds this moto's fingerprints to the file
   ``moto_fingerprints.json`` beside this one; commit it together with the change.
"""

from __future__ import annotations

import hashlib
import importlib
import inspect
import json
from pathlib import Path
from typing import Any

import pytest

KNOWN = Path(__file__).with_name("moto_fingerprints.json")

_DISPATCHER = "moto.moto_server.werkzeug_app:DomainDispatcherApplication"
TOUCHED = {
    # In-process requests: the order of patterns and routes, and a handler's arguments.
    "moto.core.botocore_stubber:BotocoreStubber.__call__": "raised errors reach botocore",
    "moto.core.botocore_stubber:BotocoreStubber.process_request": "our routes are asked first",
    "moto.core.models:MockAWS._enable_patching": "install() inside a running mock_aws",
    "moto.core.base_backend:BaseBackend.urls": "url_bases x url_paths, in order",
    "moto.core.base_backend:BaseBackend.url_paths": "the same for the server",
    "moto.core.base_backend:BaseBackend._url_module": "stand-ins override it",
    "moto.core.base_backend:BaseBackend.reset": "PaymentsBackend.reset replaces it",
    "moto.core.base_backend:BackendDict.reset": "joins moto's reset",
    "moto.core.base_backend:BackendDict._create_account_specific_backend": "joins moto's reset",
    "moto.core.base_backend:AccountSpecificBackend.__getitem__": "KeyError for an unknown region",
    "moto.backends:_import_backend": "finds the stand-ins",
    # What BaseResponse does for a service and backend.identity restates.
    "moto.core.responses:BaseResponse.get_region_from_url": "restated in backend.identity",
    "moto.core.responses:BaseResponse.get_access_key": "restated in backend.identity",
    "moto.core.responses:BaseResponse.get_current_account": "restated in backend.identity",
    "moto.core.responses:BaseResponse.setup_class": "restated in backend.identity",
    "moto.core.responses:BaseResponse.call_action": "IAM before the operation",
    "moto.iam.models:get_account_id_from": "called",
    "moto.iam.models:mark_account_as_visited": "called",
    # IAM.
    "moto.core.responses:ActionAuthenticatorMixin._authenticate_and_authorize_action": "called",
    "moto.iam.access_control:IAMRequestBase.__init__": "reads the attributes we give",
    "moto.iam.access_control:IAMRequestBase.check_action_permitted": "overridden",
    "moto.iam.access_control:IAMPolicy.is_action_permitted": "called",
    "moto.iam.access_control:IAMRequestBase._create_aws_request": "reads the attributes we give",
    # Server mode.
    "moto.core.utils:convert_to_flask_response.__call__": "what a handler is called with",
    "moto.core.utils:convert_regex_to_flask_path": "our routes go through it",
    f"{_DISPATCHER}.infer_service_region_host": "wrapped",
    f"{_DISPATCHER}.get_application": "calls it",
    "moto.moto_server.werkzeug_app:create_backend_app": "debug lets dropped connections through",
    # Transitions, randomness, recorder, dashboard, secrets.
    "moto.moto_api._internal.managed_state_model:ManagedState": "subclassed",
    "moto.moto_api._internal.state_manager:StateManager": "called",
    "moto.moto_api._internal.moto_random:MotoRandom": "called",
    "moto.moto_api._internal.recorder.models:Recorder._record_request": "moto calls it for us",
    "moto.moto_api._internal.responses:MotoAPIResponse.model_data": "reads our views",
    "moto.core.model_instances:reset_model_data": "must not empty our views",
    "moto.secretsmanager.models:SecretsManagerBackend.get_secret_value": "called",
    # CloudFormation.
    "moto.cloudformation.parsing:get_model_list": "finds our types among direct subclasses",
    "moto.cloudformation.parsing:get_model_map": "its memory is emptied",
    "moto.cloudformation.parsing:get_name_type_map": "its memory is emptied",
    "moto.cloudformation.parsing:clean_json": "asks for Ref and Fn::GetAtt",
    "moto.cloudformation.parsing:parse_and_create_resource": "calls ours",
    "moto.cloudformation.parsing:parse_and_update_resource": "calls ours, and we call it",
    "moto.cloudformation.parsing:parse_and_delete_resource": "calls ours",
    "moto.cloudformation.parsing:ResourceMap.update": "changes what the template changed",
    "moto.cloudformation.parsing:ResourceMap.delete": "tries again what others still need",
    "moto.cloudformation.parsing:ResourceMap._delete_resource": "must not find a method delete",
    "moto.core.common_models:CloudFormationModel": "subclassed",
    "moto.core.base_backend:InstanceTrackerMeta": "its entries for our types are removed",
    # CloudWatch and its logs.
    "moto.cloudwatch.models:CloudWatchBackend.aws_metric_data": "asks direct subclasses",
    "moto.cloudwatch.models:CloudWatchBackend.get_all_metrics": "shows ours with the others",
    "moto.cloudwatch.models:MetricAggregatedDatum": "subclassed",
    "moto.core.common_models:CloudWatchMetricProvider": "subclassed",
    "moto.logs.models:LogsBackend.put_delivery_source": "wrapped, and restated for our ARNs",
    "moto.logs.models:LogsBackend.create_delivery": "its deliveries are read",
    "moto.logs.models:LogsBackend.put_log_events": "called",
    "moto.logs.models:LogsBackend.create_log_stream": "called",
    "moto.logs.models:DeliverySource": "made and read",
    "moto.logs.models:DeliveryDestination": "read",
    # The services whose routes stand behind ours.
    "moto.bedrockagentcore.urls": "extended",
    "moto.bedrockagentcorecontrol.urls": "extended",
}
"""Function, class or module, and what the emulator expects of it."""


def _source(name: str) -> str | None:
    """Return the source text, ``None`` for a service this moto does not have."""
    module_name, _, attribute = name.partition(":")
    found: Any = importlib.import_module(module_name)
    for part in attribute.split(".") if attribute else ():
        found = inspect.getattr_static(found, part)
    if isinstance(found, property):
        found = found.fget
    if isinstance(found, (classmethod, staticmethod)):
        found = found.__func__
    try:
        return inspect.getsource(inspect.unwrap(found))
    except (OSError, TypeError):  # a stand-in has no source
        return None


def _fingerprint(name: str) -> str:
    source = _source(name)
    return "absent" if source is None else hashlib.sha256(source.encode()).hexdigest()[:16]


def _known() -> dict[str, dict[str, str]]:
    known: dict[str, dict[str, str]] = json.loads(KNOWN.read_text(encoding="utf-8"))
    return known


@pytest.mark.parametrize("name", TOUCHED)
def test_function_of_moto_is_one_we_know(name: str) -> None:
    import moto

    fingerprint = _fingerprint(name)
    assert fingerprint in _known()[name], (
        f"moto {moto.__version__} changed {name} ({TOUCHED[name]}); "
        f"what to do is written at the top of {Path(__file__).name}"
    )


def test_no_fingerprint_is_left_over() -> None:
    assert set(_known()) == set(TOUCHED)


def main() -> None:
    """Add the fingerprints of the installed moto to the file."""
    import moto

    from boto3_agentcore_payments.emulator import install

    install()
    known = _known() if KNOWN.exists() else {}
    updated = {}
    for name in sorted(TOUCHED):
        updated[name] = known.get(name, {})
        updated[name].setdefault(_fingerprint(name), f"first seen in moto {moto.__version__}")
    KNOWN.write_text(json.dumps(updated, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
