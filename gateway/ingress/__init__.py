"""The door for devices: MQTT frames in, readings to their actors, acknowledged when durable."""
