#!/bin/sh
# chown and sync of an embedded device: its files belong to whoever started the fleet, and nothing
# there has to survive a power cut of the real machine.
exit 0
