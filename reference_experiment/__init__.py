"""A model that passes its evaluation and dies in production, and its autopsy."""
