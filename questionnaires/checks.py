"""System checks: the definitions in the repository load and pass the static checks."""
