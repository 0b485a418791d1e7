# syntax=docker/dockerfile:1
# A release names its base by digest: --build-arg PYTHON_IMAGE=python:3.13-slim-bookworm@sha256:…
ARG PYTHON_IMAGE=python:3.13-slim-bookworm

FROM ${PYTHON_IMAGE} AS packages
WORKDIR /build
COPY requirements.lock .
# Wheels alone, so nothing is compiled; localstack-client is pure Python, and comes as source only.
RUN python3 -m venv /venv \
    && /venv/bin/pip install --no-cache-dir --only-binary :all: --no-binary localstack-client \
        --require-hashes --requirement requirements.lock \
    && /venv/bin/pip uninstall --yes pip setuptools

FROM ${PYTHON_IMAGE} AS base
ARG PYTHON_IMAGE
ARG VERSION=0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Touchlake" \
      org.opencontainers.image.description="Product events from HTTP through SQS into an S3 data lake, exactly once" \
      org.opencontainers.image.base.name="${PYTHON_IMAGE}" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /touchlake
COPY --from=packages /venv /venv
COPY shared shared
# A number, so that a host can tell without the image's /etc/passwd that it is not root.
USER 10001:10001

FROM base AS api
COPY api api
ENV TOUCHLAKE_API_HOST=0.0.0.0 TOUCHLAKE_API_PORT=8000
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s \
    CMD ["python", "-c", "import os, urllib.request as u; u.build_opener(u.ProxyHandler({})).open(f'http://127.0.0.1:{os.environ[\"TOUCHLAKE_API_PORT\"]}/healthz', timeout=2)"]
ENTRYPOINT ["python", "-m", "api"]

FROM base AS ops
COPY ops ops
ENTRYPOINT ["python", "-m", "ops"]

FROM base AS worker
COPY worker worker
ENV TOUCHLAKE_WORKER_METRICS_HOST=0.0.0.0 TOUCHLAKE_WORKER_METRICS_PORT=9100
EXPOSE 9100
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s \
    CMD ["python", "-c", "import os, urllib.request as u; u.build_opener(u.ProxyHandler({})).open(f'http://127.0.0.1:{os.environ[\"TOUCHLAKE_WORKER_METRICS_PORT\"]}/metrics', timeout=2)"]
ENTRYPOINT ["python", "-m", "worker"]
