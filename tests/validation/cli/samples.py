"""Files that the tests of the command line check."""

from pathlib import Path

ROOT = Path(__file__).parents[3]
GOOD = "ID,Name,Email,Amount\n1,Ada,ada@example.com,9.50\n"
BAD = "id,name,email,amount\n1,Ada,ada@example.com,9.50\nx,,ada@example.com,1e5\n"
