"""Tests of the feeds: public events, the paged log, the tail, streams, and those who follow."""
