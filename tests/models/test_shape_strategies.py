"""The random values that property tests draw are valid by the models they are drawn from."""

from __future__ import annotations

from typing import Any

import pytest
import regex
from botocore.validate import ParamValidator
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from model_pairs import SERVICES, each_operation, model, operation
from shape_strategies import input_values, shape_values

CONSTRAINED = [
    (service, name)
    for service in SERVICES
    for name in model(service).shape_names
    if "pattern" in model(service).shape_for(name).metadata
]
few = settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.mark.parametrize(("service", "name"), CONSTRAINED, ids=[name for _, name in CONSTRAINED])
@few
@given(data=st.data())
def test_text_matches_pattern_and_length(service: str, name: str, data: Any) -> None:
    shape = model(service).shape_for(name)
    value = data.draw(shape_values(shape))
    assert regex.fullmatch(shape.metadata["pattern"], value)
    assert shape.metadata.get("min", 0) <= len(value) <= shape.metadata.get("max", len(value))


@each_operation
@few
@given(data=st.data())
def test_input_passes_the_check_of_botocore(service: str, name: str, data: Any) -> None:
    shape = operation(service, name).input_shape
    report = ParamValidator().validate(data.draw(input_values(operation(service, name))), shape)
    assert not report.has_errors(), report.generate_report()
