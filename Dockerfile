# syntax=docker/dockerfile:1
# Three stages: the packages, the assets (the only place with Node), and the image that runs, which has neither tools
# nor Node, and an account that owns nothing in it.

FROM python:3.13-slim AS tools
ENV UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never
WORKDIR /app
COPY locks/uv.txt locks/
RUN pip install --no-cache-dir --require-hashes -r locks/uv.txt

FROM tools AS packages
COPY locks/production.txt locks/
RUN --mount=type=cache,target=/root/.cache/uv \
    uv venv /venv && \
    uv pip sync --python /venv/bin/python --require-hashes --compile-bytecode locks/production.txt

FROM tools AS assets
COPY locks/build.txt locks/
RUN --mount=type=cache,target=/root/.cache/uv \
    uv venv /build-venv && uv pip sync --python /build-venv/bin/python --require-hashes locks/build.txt
COPY . .
RUN --mount=type=cache,target=/root/.npm /build-venv/bin/python -m devstack assets
RUN CHORUS_MANIFEST=1 SECRET_KEY=build DATABASE_URL=postgresql://build@localhost/build REDIS_URL=redis://localhost/0 \
    /build-venv/bin/python manage.py collectstatic --noinput
# What only builds or tests stays behind.
RUN rm -rf node_modules build/static frontend devstack sandbox tests locks scripts bootstrap.py conftest.py && \
    mkdir -p build/static

FROM python:3.13-slim
RUN useradd --system --uid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin chorus && \
    install -d -o chorus -g chorus /var/lib/chorus/media
COPY --from=packages /venv /venv
COPY --from=assets /app /app
WORKDIR /app
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 CHORUS_MEDIA_ROOT=/var/lib/chorus/media
USER chorus
EXPOSE 8000
VOLUME /var/lib/chorus/media
ENTRYPOINT ["sh", "docker/entrypoint.sh"]
CMD ["web"]
HEALTHCHECK --interval=15s --timeout=6s --start-period=60s CMD ["python", "docker/healthcheck.py"]
