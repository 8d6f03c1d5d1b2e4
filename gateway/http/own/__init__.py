"""What owners do over HTTP: their account, their stays, paying, paying by a typed plate, and their messages."""
