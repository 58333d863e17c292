"""Ids → model: the network, the ways of cutting ids, training, scoring. Torch; no disk, no clock, no screen."""
