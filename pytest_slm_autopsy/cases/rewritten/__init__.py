"""Documents that exist: values found, pages rewritten, files checked."""
