"""The targets of the fuzzer, replayed without it."""
