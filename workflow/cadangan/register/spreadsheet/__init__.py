"""The asset register as a spreadsheet: one that an office has, read; and the register, written."""
