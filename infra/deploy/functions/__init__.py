"""What Chalice deploys: its command line, its record, and what a stage sets that Chalice cannot."""
