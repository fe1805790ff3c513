"""Lists: rows that are searched, narrowed by facets, sorted, added up and paged."""
