#!/bin/sh
# numba and Matplotlib read what was prepared for them only where they may also write, and the image
# is read-only: give them a copy. Then become the command, so that it gets the signals.
set -eu
mkdir -p /tmp/warm
cp -R /opt/warm/. /tmp/warm
exec "$@"
