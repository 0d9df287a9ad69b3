"""How values are printed, and read back from print; knows no cases and no models."""
