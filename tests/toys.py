"""The toys under their former name, until nobody names them so."""

from toys import *  # noqa: F403
