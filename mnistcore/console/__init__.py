"""Owns what the command line prints: tables, progress, JSON documents, in every encoding; decides nothing."""
