"""Tests of the rehearsal and its parts."""
