"""What actors ask of the outside: the ports, and the envoys that carry requests there and bring answers back."""
