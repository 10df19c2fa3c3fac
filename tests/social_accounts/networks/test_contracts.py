"""A network's tests are in ``test_<its name>``: a class there runs the contract of each protocol its adapter speaks."""

from __future__ import annotations

from importlib import import_module

import pytest

from social_accounts.networks.base import Choices, Comment, Edit, Measure, Prepare
from social_accounts.networks.registry import FACTORIES, NetworksConfig

from .contract import AdapterContract
from .contract_before import ChoicesContract, PrepareContract
from .contract_followups import CommentContract, EditContract, MeasureContract

CONTRACTS: dict[type, type[AdapterContract]] = {
    Prepare: PrepareContract,
    Choices: ChoicesContract,
    Comment: CommentContract,
    Edit: EditContract,
    Measure: MeasureContract,
}


def classes_of(network: str) -> list[type[AdapterContract]]:
    """Return the classes of a network's tests that pytest collects and that run a contract."""
    module = import_module(f"{__package__}.test_{network}")
    return [
        found
        for name, found in vars(module).items()
        if name.startswith("Test")
        and isinstance(found, type)
        and issubclass(found, AdapterContract)
        and found.__module__ == module.__name__
    ]


@pytest.mark.parametrize("network", FACTORIES)
def test_every_adapter_is_held_to_the_contract_of_each_protocol_it_speaks(network: str) -> None:
    adapter = FACTORIES[network](NetworksConfig())
    spoken = {contract for protocol, contract in CONTRACTS.items() if isinstance(adapter, protocol)}
    assert MeasureContract in spoken
    classes = classes_of(network)
    assert classes
    for found in classes:
        assert not spoken - set(found.__mro__), f"{found.__name__} leaves out a contract"
