"""Owns what two or more pages share: state, words, caches, figures and browser parts; never imported by mnistcore."""
