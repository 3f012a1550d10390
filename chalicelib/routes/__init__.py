"""HTTP routes: each decodes a request, calls a use case, and encodes its result. `app.py` registers them."""
