"""What should hold. Each assertion measures, judges through the interval, and affirms or fails.

Undecided fails, unless ``--slm-undecided`` says otherwise: a gate that proves nothing is not green.
Every assertion returns its verdict.
"""
