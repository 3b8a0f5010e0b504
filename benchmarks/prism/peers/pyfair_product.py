"""pyfair from the package index, with its own sampling and its own tree."""

from __future__ import annotations

import pyfair

from benchmarks.prism.models import LEAVES
from benchmarks.prism.peers.answering import Answer, answer, summarise

_NODES = {
    "contactFrequency": "Contact Frequency",
    "probabilityOfAction": "Probability of Action",
    "threatCapability": "Threat Capability",
    "resistanceStrength": "Control Strength",
    "primaryLoss": "Primary Loss",
    "secondaryFrequency": "Secondary Loss Event Frequency",
    "secondaryMagnitude": "Secondary Loss Event Magnitude",
}


def product(trials: int, seed: int) -> Answer:
    """Build the model, calculate it, and summarise its risk."""
    model = pyfair.FairModel(name="A", n_simulations=trials, random_seed=seed)
    for name, (low, mode, high) in LEAVES.items():
        model.input_data(_NODES[name], low=low, mode=mode, high=high)
    model.calculate_all()
    return summarise(model.export_results()["Risk"].to_numpy())


if __name__ == "__main__":
    answer({"product": product})
