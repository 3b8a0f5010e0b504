#!/bin/sh
# Install into /opt/riskfleet what the extras named here need, each file checked against the lock's
# hash, then our own wheel; fail if anything is missing.
set -eu
python ops/image/locked.py "$@" > /tmp/requirements.txt
python -m venv /opt/riskfleet
/opt/riskfleet/bin/pip install --no-cache-dir --no-deps --require-hashes -r /tmp/requirements.txt
/opt/riskfleet/bin/pip install --no-cache-dir --no-deps --no-index /wheels/*.whl
/opt/riskfleet/bin/pip check
