"""Evidence: stores, uploads, and what is kept."""
