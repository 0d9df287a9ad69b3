"""How we reach a model: specification, prompts, decoding, and back ends behind one interface."""
