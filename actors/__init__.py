"""The city as actors: values, messages, kinds and the engine that carries them."""
