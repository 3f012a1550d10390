"""Where Assay runs: the local stack, and Terraform for what Chalice does not deploy."""
