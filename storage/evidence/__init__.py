"""Pictures and video, kept apart from events: where their bytes lie, how they come in, what each is of."""
