"""The office and its asset register: files read, checked and written."""
