"""What the doors promise."""
