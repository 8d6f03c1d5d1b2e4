"""A provider of payments to try things with: a server that behaves as real ones do, and misbehaves when asked to."""
