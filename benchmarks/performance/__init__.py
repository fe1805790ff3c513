"""The performance that stays: a fixed set of figures, compared with those accepted before."""
