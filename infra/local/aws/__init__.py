"""AWS on a loopback port: moto with what it lacks."""
