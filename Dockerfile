# One image for gateway and worker; the command decides.
FROM python:3.13-slim AS build
WORKDIR /src
RUN python -m venv /venv
COPY requirements.runtime.lock ./
RUN /venv/bin/pip install --no-cache-dir --require-hashes -r requirements.runtime.lock
COPY pyproject.toml README.md LICENSE ./
COPY bots bots
COPY adapters adapters
COPY workers workers
COPY simulators simulators
# Not editable: the packages' names are common words, and only what lies in the environment must be found.
RUN /venv/bin/pip install --no-cache-dir --no-deps .

FROM python:3.13-slim
RUN useradd --system --uid 10001 --home-dir /data --create-home glimmer
COPY --from=build /venv /venv
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    HOST=0.0.0.0 \
    PORT=8321 \
    GLIMMER_DATA_DIR=/data
USER glimmer
WORKDIR /data
EXPOSE 8321
HEALTHCHECK --interval=10s --timeout=3s --start-period=15s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as u; u.urlopen(f'http://127.0.0.1:{os.environ[\"PORT\"]}/healthz', timeout=2)"]
CMD ["glimmer", "gateway"]
