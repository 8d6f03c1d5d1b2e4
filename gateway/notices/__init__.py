"""Telling people: notices that facts left in the table are rendered and sent by app, WeChat and SMS."""
