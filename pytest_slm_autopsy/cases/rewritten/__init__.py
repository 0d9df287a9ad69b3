"""Documents that exist: their values are found, their pages rewritten, their files checked."""
