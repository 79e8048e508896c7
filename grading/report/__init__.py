"""What people look at after grading: tables on the terminal, CSV files."""
