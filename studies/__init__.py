"""Human simulatability studies: did an explanation help a person foretell the model's next answer? See README.md for what is built."""
