# One image for each kind of process: docker build --target cpu .
# A pool's image has the extras that its queues need, in versions and hashes of requirements.lock.

ARG PYTHON=python:3.11-slim-bookworm
# Kernels are compiled for a level of x86-64, not for the machine that happens to build. v3 is any
# server of the last ten years; with v4 (AVX-512) a simulation takes a third less. On ARM: generic.
ARG CPU=x86-64-v3

# -- What all images have in common
FROM ${PYTHON} AS python
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1

# -- Our own wheel, built without a look at any index but for the build tool
FROM python AS wheel
WORKDIR /src
COPY pyproject.toml requirements.lock ./
COPY ops/image/locked.py ops/image/
RUN python ops/image/locked.py build > /tmp/build.txt \
    && pip install --no-cache-dir --no-deps --require-hashes -r /tmp/build.txt
COPY README.md ./
COPY config config
COPY engines engines
COPY queues queues
COPY tasks tasks
COPY workers workers
RUN pip wheel --no-cache-dir --no-deps --no-build-isolation --no-index --wheel-dir /wheels .

# -- One environment for each set of extras
FROM python AS environment
WORKDIR /src
COPY pyproject.toml requirements.lock ./
COPY ops/image/locked.py ops/image/install.sh ops/image/
COPY --from=wheel /wheels /wheels

FROM environment AS core-environment
RUN ops/image/install.sh s3 metrics tracing

FROM environment AS flower-environment
RUN ops/image/install.sh flower tracing

FROM environment AS gateway-environment
RUN ops/image/install.sh gateway s3 metrics tracing

FROM environment AS cpu-environment
ARG CPU
ENV NUMBA_CPU_NAME=${CPU} \
    NUMBA_CPU_FEATURES=""
RUN ops/image/install.sh prism s3 metrics tracing
RUN NUMBA_CACHE_DIR=/opt/warm/kernels /opt/riskfleet/bin/fleet warm-up \
    && MPLCONFIGDIR=/opt/warm/matplotlib /opt/riskfleet/bin/python -c "import matplotlib.font_manager"

# -- What runs: an ordinary user, nothing to write to but /tmp and the artifacts
FROM python AS runtime
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="riskfleet" \
      org.opencontainers.image.description="Workers for risk mathematics" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
RUN useradd --uid 10001 --user-group --no-create-home --home-dir /tmp --shell /usr/sbin/nologin riskfleet \
    && mkdir -p /opt/warm /var/lib/riskfleet/artifacts \
    && chown 10001:10001 /var/lib/riskfleet/artifacts
ENV PATH=/opt/riskfleet/bin:$PATH \
    HOME=/tmp \
    NUMBA_CACHE_DIR=/tmp/warm/kernels \
    MPLCONFIGDIR=/tmp/warm/matplotlib \
    RISKFLEET_ARTIFACTS=/var/lib/riskfleet/artifacts
COPY ops/image/start.sh /usr/local/bin/
WORKDIR /tmp
USER 10001:10001
ENTRYPOINT ["start.sh"]

# -- The images
FROM runtime AS core
COPY --from=core-environment /opt/riskfleet /opt/riskfleet
CMD ["fleet", "worker", "housekeeping"]

FROM core AS gpu
CMD ["fleet", "worker", "gpu"]

FROM core AS etl
CMD ["fleet", "worker", "etl"]

FROM core AS security
CMD ["fleet", "worker", "security"]

FROM runtime AS cpu
ARG CPU
ENV NUMBA_CPU_NAME=${CPU} \
    NUMBA_CPU_FEATURES=""
COPY --from=cpu-environment /opt/riskfleet /opt/riskfleet
COPY --from=cpu-environment /opt/warm /opt/warm
CMD ["fleet", "worker", "cpu"]

FROM runtime AS flower
COPY --from=flower-environment /opt/riskfleet /opt/riskfleet
CMD ["fleet", "flower"]

FROM runtime AS gateway
COPY --from=gateway-environment /opt/riskfleet /opt/riskfleet
CMD ["fleet", "gateway"]
