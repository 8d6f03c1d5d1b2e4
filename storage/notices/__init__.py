"""What people are told: which fact means which notice (`table`), in which words (`templates`), kept until it is sent
(`outbox`), and where it ends up: messages in the app (`inbox`) or a provider's sandbox.
"""
