# One image for every Matchbeat container; the command says which part it is.
FROM python:3.11-slim-bookworm AS build
WORKDIR /app
RUN python -m venv /app/.venv
COPY requirements ./requirements
COPY requirements.lock ./
RUN /app/.venv/bin/pip install --no-cache-dir --require-hashes -r requirements/bootstrap.lock \
    && /app/.venv/bin/uv pip install --no-cache --python /app/.venv/bin/python --require-hashes -r requirements.lock

FROM python:3.11-slim-bookworm
# XGBoost's CPU build needs the OpenMP runtime.
RUN apt-get update \
    && apt-get install -y --no-install-recommends libgomp1=12.* \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home --uid 10001 matchbeat
WORKDIR /app
COPY --from=build /app/.venv /app/.venv
COPY pyproject.toml README.md celeryconfig.py ./
COPY src ./src
ENV PATH=/app/.venv/bin:$PATH PYTHONPATH=/app PYTHONUNBUFFERED=1
USER 10001
CMD ["python", "-m", "src.cli.main", "--help"]
