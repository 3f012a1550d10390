"""Files for the person who corrects a file: its errors as a table, and its rows with the errors marked."""
