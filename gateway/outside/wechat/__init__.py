"""WeChat Pay, APIv3: its seals, its certificates, a client, and the provider made of them."""
