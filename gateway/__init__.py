"""The doors of the house: MQTT in, HTTP and live screens out, and the command that opens them."""
