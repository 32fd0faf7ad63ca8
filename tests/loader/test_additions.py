"""What AWS has added since: for all but a botocore whose own models have payments without it."""

from __future__ import annotations

import pytest

from boto3_agentcore_payments import loader as hook
from boto3_agentcore_payments.errors import AgentCorePaymentsWarning

DATA = "bedrock-agentcore-payments"
MINE = {"metadata": {"apiVersion": "2024-02-28"}, "shapes": {}}


@pytest.fixture
def payment_types(copy_of_loaders, extend):
    """Return a function from botocore's version to the payment types that its loader finds."""

    def payment_types(version):
        module = copy_of_loaders(version)
        extend(module)
        model = module.Loader().load_service_model(DATA, "service-2")
        return model["shapes"]["PaymentType"]["enum"]

    return payment_types


@pytest.mark.parametrize("version", ["1.31.0", "1.43.5", "1.44.7", "1.44.8", "1.45.0", "2.0"])
def test_additions_are_there(payment_types, version):
    assert payment_types(version) == ["CRYPTO_X402", "MPP", "AWS_BILLING_X402"]


@pytest.mark.parametrize("version", ["1.43.6", "1.43.127", "1.44.5", "1.44.6"])
def test_additions_are_left_out_where_botocores_own_models_lack_them(payment_types, version):
    assert payment_types(version) == ["CRYPTO_X402", "MPP"]


def test_additions_are_not_made_to_a_users_copy(extended, models):
    loader = extended.create_loader(str(models(service_2=MINE)))
    assert loader.load_service_model(DATA, "service-2") == MINE


@pytest.mark.parametrize("default_paths", [True, False])
def test_additions_are_left_out_of_copies_too(copy_of_loaders, extend, own_data, default_paths):
    module = copy_of_loaders("1.44.5")
    extend(module)
    loader = module.Loader([str(own_data)], include_default_search_paths=default_paths)
    model = loader.load_service_model(DATA, "service-2")
    assert model["shapes"]["PaymentType"]["enum"] == ["CRYPTO_X402", "MPP"]


def test_additions_of_a_users_own_are_made(copy_of_loaders, extend, models):
    module = copy_of_loaders("1.44.5")
    extend(module)
    extras = {"version": 1.0, "merge": {"metadata": {"tags": "extra"}}}
    loader = module.create_loader(str(models(service_2__sdk_extras=extras)))
    assert loader.load_service_model(DATA, "service-2")["metadata"]["tags"] == "extra"


def test_extras_may_be_switched_off(extended):
    model = extended.Loader(include_default_extras=False).load_service_model(DATA, "service-2")
    assert model["shapes"]["PaymentType"]["enum"] == ["CRYPTO_X402", "MPP"]


def test_damaged_additions_are_named(extended, own_data):
    path = own_data / DATA / "2024-02-28" / f"{hook.ADDITIONS}.json"
    path.write_text("{")
    with pytest.warns(AgentCorePaymentsWarning, match=r"service-2\.sdk-extras\.json is damaged"):  # noqa: SIM117
        with pytest.raises(extended.UnknownServiceError):
            extended.Loader().load_service_model(DATA, "service-2")
