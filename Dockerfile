# syntax=docker/dockerfile:1
ARG PYTHON_IMAGE=python:3.13-slim-bookworm

FROM ${PYTHON_IMAGE} AS packages
COPY requirements.lock .
RUN python -m venv /venv \
    && /venv/bin/pip install --no-cache-dir --require-hashes --requirement requirements.lock

FROM ${PYTHON_IMAGE} AS base
LABEL org.opencontainers.image.title="Touchlake" \
      org.opencontainers.image.description="Product events from HTTP through SQS into an S3 data lake, exactly once"
RUN useradd --system --uid 10001 --no-create-home touchlake
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /touchlake
COPY --from=packages /venv /venv
COPY shared shared
USER 10001

FROM base AS api
COPY api api
COPY ops ops
ENV TOUCHLAKE_API_HOST=0.0.0.0
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=2)"]
ENTRYPOINT ["python", "-m", "api"]

FROM base AS worker
COPY worker worker
ENV TOUCHLAKE_WORKER_METRICS_HOST=0.0.0.0
EXPOSE 9100
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:9100/metrics', timeout=2)"]
ENTRYPOINT ["python", "-m", "worker"]
