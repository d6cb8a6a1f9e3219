"""What a source captured is turned into facts here: one pure module per check."""
