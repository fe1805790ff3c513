"""Reports: one module for each question that can be asked, answered in plain JSON values."""
