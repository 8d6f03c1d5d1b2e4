"""The city on screens: topics folded from committed pages, carried to every screen over one websocket."""
