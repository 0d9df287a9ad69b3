"""Faults of the machine: killed processes, full disks, read-only places, clocks that jump."""
