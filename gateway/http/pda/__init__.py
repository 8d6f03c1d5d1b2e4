"""What collectors and inspectors do with their devices on the street, and who supervises them."""
