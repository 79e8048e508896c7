"""Take the zip of a whole class, as an LMS gives it, into `submitted/`."""
