"""The public timeline: where a newcomer sees his posts go out."""
