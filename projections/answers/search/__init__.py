"""The one search: parts of numbers and names, in any case, of whatever the shop has."""
