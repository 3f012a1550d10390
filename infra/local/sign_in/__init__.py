"""Sign-in on this machine, by a real OpenID provider."""
