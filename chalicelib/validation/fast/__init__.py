"""The engines that check a file faster than the reference and return the same report; README.md describes them."""
